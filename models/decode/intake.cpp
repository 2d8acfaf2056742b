#include "decode/intakeprivate.h"

#include "core/selector.h"
#include "core/text.h"
#include "decode/declarationfields.h"

#include <algorithm>

namespace sg {

namespace {

constexpr std::size_t MostTopics = 1000; // that learn apart; further ones share a shape

Declaration readOrRefuse(const SourceSpec &spec)
{
    std::vector<Error> faults;
    Declaration declaration = Declaration::read(spec, faults);
    if (!faults.empty())
        throw Refusal{faults.front()};
    return declaration;
}

std::optional<std::string_view> find(std::span<const std::pair<std::string_view, std::string_view>> pairs, std::string_view name)
{
    for (const auto &[key, value] : pairs)
        if (key == name)
            return value;
    return std::nullopt;
}

}

Intake::Private::Private(const SourceSpec &spec)
    : declaration(readOrRefuse(spec))
    , decoder(makeDecoder(declaration))
    , cache(declaration.id, declaration.maxSeries)
    , buffers(1)
{
}

Topic &Intake::Private::topicOf(const Message &message)
{
    std::string_view name;
    if (!declaration.scalarCapture.empty())
        name = find(message.captures, declaration.scalarCapture).value_or(std::string_view());
    else if (declaration.isLearning)
        name = message.topic;
    if (newestTopic && newestTopicName == name)
        return *newestTopic;
    auto found = topics.find(name);
    if (found == topics.end()) {
        const bool isKept = topics.size() < MostTopics || !declaration.scalarCapture.empty();
        found = topics.try_emplace(isKept ? std::string(name) : std::string()).first;
        Topic &made = found->second;
        if (!made.shape) {
            made.number = static_cast<std::uint32_t>(topics.size());
            made.shape = decoder->makeShape();
            for (const auto &given : declaration.fields)
                made.columns.push_back({given.slot, fieldNamed(given.rule)});
            if (!declaration.scalarCapture.empty())
                made.shape->learned.front() = name;
        }
    }
    newestTopic = &found->second;
    newestTopicName = name;
    return *newestTopic;
}

FieldState *Intake::Private::fieldNamed(const FieldRule &rule)
{
    FieldState &field = fields[rule.name];
    if (field.segment.empty()) {
        field.rule = rule;
        field.segment = encodeSegment(rule.name);
        field.isPlain = rule.isPlain();
    }
    return &field;
}

void Intake::Private::growColumns(Topic &topic)
{
    while (topic.columns.size() < declaration.fields.size() + topic.shape->learned.size()) {
        const std::size_t i = topic.columns.size() - declaration.fields.size();
        FieldRule rule = declaration.format == Declaration::Format::Scalar ? declaration.scalar : FieldRule();
        rule.name = topic.shape->learned[i];
        topic.columns.push_back({declaration.places.size() + i, fieldNamed(rule)});
    }
    for (; topic.remarksTaken < topic.shape->remarks.size(); ++topic.remarksTaken)
        ledger.remark(topic.shape->remarks[topic.remarksTaken]);
}

Value Intake::Private::valueAt(std::size_t slot, const Message &message, const Shape &shape) const
{
    const Where &where = declaration.places[slot];
    const Value &decoded = shape.values[slot];
    std::optional<std::string_view> text;
    switch (where.kind) {
    case Where::Kind::Pointer:
    case Where::Kind::Envelope:
    case Where::Kind::KeyPointer:
    case Where::Kind::Column:
        return decoded;
    case Where::Kind::Key:
        if (decoded.kind != Value::Kind::Absent)
            return decoded;
        if (!message.key.empty())
            text = message.key;
        break;
    case Where::Kind::Topic:
        text = find(message.captures, where.name);
        break;
    case Where::Kind::Header:
        text = find(message.headers, where.name);
        break;
    case Where::Kind::Constant:
        return Value::ofText(where.name);
    case Where::Kind::Named:
        if (decoded.kind != Value::Kind::Absent)
            return decoded;
        text = find(message.captures, where.name);
        break;
    }
    return text ? Value::ofText(*text) : Value();
}

// Gives the cache every label of the path; an Error when one is missing.
std::optional<Error> Intake::Private::addLabels(const Message &message, const Shape &shape)
{
    for (const auto &label : declaration.labels) {
        const Value value = valueAt(label.slot, message, shape);
        const auto text = value.asText(buffers.front());
        if (!text || text->empty())
            return ledger.missingLabel(message, label.name);
        cache.addLabel(*text);
    }
    return std::nullopt;
}

Result<Done> Intake::Private::addMessage(const Message &message)
{
    if (declaration.format == Declaration::Format::Json && message.payload.size() >= 5 && message.payload.front() == '\0') {
        std::uint32_t schema = 0;
        for (std::size_t i = 1; i < 5; ++i)
            schema = schema << 8U | static_cast<unsigned char>(message.payload[i]);
        return ledger.framed(schema);
    }
    Topic &topic = topicOf(message);
    if (!declaration.scalarCapture.empty() && topic.shape->learned.front().empty())
        return ledger.bad(message, Error{SG_TR("the topic has no '%1' to name the field"), {declaration.scalarCapture}, {}});
    if (topics.size() > MostTopics && !declaration.scalarCapture.empty()) {
        // One topic level names the fields here: past the bound it is no field name but an identity.
        topics.erase(newestTopicName);
        newestTopic = nullptr;
        return ledger.bad(
            message, Error{SG_TR("more than %1 fields by the topic's '%2'"), {std::to_string(MostTopics), declaration.scalarCapture}, {}});
    }
    if (auto done = decoder->decode(message, *topic.shape); !done)
        return ledger.bad(message, done.error());
    if (topic.columns.size() < declaration.fields.size() + topic.shape->learned.size())
        growColumns(topic);

    Value at;
    if (declaration.timeSlot)
        at = valueAt(*declaration.timeSlot, message, *topic.shape);
    const auto stamp = declaration.time.stamp(message, declaration.timeSlot ? &at : nullptr);
    if (!stamp)
        return ledger.bad(message, stamp.error());
    cache.begin(topic.number);
    if (auto missing = addLabels(message, *topic.shape))
        return std::move(*missing);
    KeyEntry *key = cache.find();
    if (!key) {
        auto made = cache.make(declaration.labels);
        if (!made)
            return ledger.bad(message, made.error());
        key = *made;
    }
    if (auto done = readFields(topic, *key); !done)
        return ledger.bad(message, done.error());
    append(message, topic, *key, *stamp);
    addNotes(message, *topic.shape, *key);
    return Done();
}

Result<Done> Intake::Private::addTombstone(const Message &message)
{
    const bool isDerivable = std::all_of(declaration.labels.begin(), declaration.labels.end(),
                                         [&](const auto &label) { return declaration.places[label.slot].isOutsideValue(); });
    if (!isDerivable) {
        ledger.ignoredTombstone();
        return Done();
    }
    Topic &topic = topicOf(message);
    if (auto done = decoder->decodeKey(message, *topic.shape); !done)
        return ledger.bad(message, done.error());
    cache.begin(topic.number);
    if (auto missing = addLabels(message, *topic.shape))
        return std::move(*missing);
    auto path = cache.keyPath(declaration.labels);
    if (!path)
        return ledger.bad(message, path.error());
    batch.marks.emplace_back(static_cast<std::uint32_t>(batch.rows()), Retired{std::move(*path)});
    return Done();
}

Intake::Intake(const SourceSpec &spec)
    : d(std::make_unique<Private>(spec))
{
}

Intake::~Intake() = default;

std::vector<Error> Intake::check(const SourceSpec &spec)
{
    std::vector<Error> faults;
    Declaration::read(spec, faults);
    return faults;
}

Fields Intake::fields()
{
    return sourceItemFields();
}

Result<Done> Intake::add(const Message &message)
{
    ++d->messages;
    ++d->batch.messages;
    return message.isTombstone ? d->addTombstone(message) : d->addMessage(message);
}

void Intake::add(Mark mark)
{
    d->batch.marks.emplace_back(static_cast<std::uint32_t>(d->batch.rows()), std::move(mark));
}

std::size_t Intake::rows() const
{
    return d->batch.rows();
}

Batch Intake::seal(Positions after, Mono arrival)
{
    Batch sealed = std::move(d->batch);
    d->batch = Batch();
    sealed.arrival = arrival;
    sealed.after = std::move(after);
    // The next batch is mostly as large as this one.
    const std::size_t expected = sealed.rows();
    d->batch.series.reserve(expected);
    d->batch.stamp.reserve(expected);
    d->batch.value.reserve(expected);
    d->batch.quality.reserve(expected);
    d->batch.isLive.reserve(expected);
    d->batch.offset.reserve(expected);
    return sealed;
}

void Intake::describe(SourceStatus &status) const
{
    status.messages = d->messages;
    d->ledger.describe(status);
    std::size_t shownTopics = 0;
    for (const auto &[name, topic] : d->topics) {
        const std::size_t missed = topic.shape->unlearned.size();
        if (missed == 0 || ++shownTopics > 5)
            continue;
        const std::size_t learned = topic.shape->learned.size();
        status.notes.push_back({SG_TR("learned %1 of %2 fields of %3; '%4' is not among them: name the fields you need"),
                                {std::to_string(learned), std::to_string(learned + missed),
                                 name.empty() ? d->declaration.id : shown(name, 60), shown(*topic.shape->unlearned.begin(), 60)},
                                {}});
    }
}

}
