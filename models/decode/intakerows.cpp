#include "decode/intakeprivate.h"

#include "core/notes.h"
#include "core/signoflife.h"
#include "core/text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sg {

namespace {

constexpr std::size_t MostReadFields = 1000; // names that messages tell, of one kind of them

// What is told of a thing and not of a value.
bool isOfWhole(const Message &message)
{
    return message.told == Message::Told::Unchanged || message.told == Message::Told::Gone;
}

}

// Every value of the message, or of one item, into `rows`, or the error that refuses the message.
Result<Done> Intake::Private::readFields(const Message &message, const Topic &topic, KeyEntry &key, Time stamp)
{
    if (key.series.size() < topic.columns.size())
        key.series.resize(topic.columns.size());
    for (std::uint32_t i = 0; i < topic.columns.size(); ++i) {
        const Topic::Column &column = topic.columns[i];
        Value beside;
        if (!column.isDecoded)
            beside = valueAt(column.slot, message, *topic.shape);
        const Value &value = column.isDecoded ? topic.shape->values[column.slot] : beside;
        if (value.kind == Value::Kind::Absent || readQuickly(value, key, i, *column.field, stamp))
            continue;
        if (auto done = readValue(value, key, i, *column.field, stamp); !done)
            return done;
    }
    return Done();
}

// What nearly every value is: a number or a text of a series that is known as one, without a rule.
bool Intake::Private::readQuickly(const Value &value, KeyEntry &key, std::uint32_t column, FieldState &field, Time stamp)
{
    const SeriesRef &series = key.series[column];
    if (!field.isPlain || series.id == SeriesRef::None)
        return false;
    const bool isNumber = value.kind == Value::Kind::Integer || value.kind == Value::Kind::Number;
    if (isNumber && series.kind == ValueKind::Number && std::isfinite(value.number))
        rows.push_back({&key, column, &field, {FieldValue::Kind::Number, value.number, {}, value.isRounded}, stamp});
    else if (value.kind == Value::Kind::Text && series.kind == ValueKind::State)
        rows.push_back({&key, column, &field, {FieldValue::Kind::State, 0, value.text}, stamp});
    else
        return false;
    return true;
}

Result<Done> Intake::Private::readValue(const Value &decoded, KeyEntry &key, std::uint32_t column, FieldState &field, Time stamp)
{
    SeriesRef &series = key.series[column];
    const FieldRule &rule = field.rule;
    std::string &text = pool.next();
    const auto value = meaningOf(decoded, rule, text);
    if (!value)
        return value.error();
    if (value->text.data() != text.data())
        pool.giveBack();
    if (series.id == SeriesRef::None) {
        const SeriesRef known = cache.lookUp(key, field);
        if (known.id != SeriesRef::None)
            series = known;
    }
    const auto message = static_cast<std::uint32_t>(messages);
    const bool isKnown = series.id != SeriesRef::None || series.foretold == message;
    switch (value->kind) {
    case FieldValue::Kind::None:
        return Done();
    case FieldValue::Kind::Bad:
        if (isKnown) // of a series that never had a value not even its kind is known
            rows.push_back({&key, column, &field, *value, stamp});
        return Done();
    case FieldValue::Kind::Number:
        if (isKnown && series.kind != ValueKind::Number)
            return Error{
                SG_TR("field '%1': the number %2 came where texts came before"), {shown(rule.name, 60), formatNumber(value->number)}, {}};
        break;
    case FieldValue::Kind::State:
        if (isKnown && series.kind != ValueKind::State)
            return Error{
                SG_TR("field '%1': the text '%2' came where numbers came before"), {shown(rule.name, 60), shown(value->text, 60)}, {}};
        break;
    }
    if (!isKnown) {
        series.kind = value->kind == FieldValue::Kind::State ? ValueKind::State : ValueKind::Number;
        series.foretold = message;
        if (value->kind == FieldValue::Kind::State)
            noteNumberText(field, value->text);
    }
    rows.push_back({&key, column, &field, *value, stamp});
    return Done();
}

// A text that looks like a number stays one until somebody says otherwise; that it does is told.
void Intake::Private::noteNumberText(FieldState &field, std::string_view text)
{
    if (field.isPlain && parseNumber(text) && !std::exchange(field.isNumberTextTold, true))
        ledger.remark(numberTextRemark(field.rule.name, text));
}

Intake::Private::ReadField *Intake::Private::readFieldNamed(CaseState &state, std::string_view name)
{
    if (const auto found = state.read.find(name); found != state.read.end())
        return found->second.field ? &found->second : nullptr;
    const Case &kind = *state.kind;
    const auto named = kind.named.find(name);
    const bool isAsked = named != kind.named.end() || kind.isLearning || (kind.named.empty() && kind.fields.empty());
    if (state.read.size() >= MostReadFields) {
        if (isAsked && !std::exchange(state.isReadFullTold, true))
            ledger.remark({SG_TR("more than %1 fields by a reading; '%2' is not read. Name the fields you need"),
                           {std::to_string(MostReadFields), shown(name, 60)},
                           {}});
        return nullptr;
    }
    ReadField &made = state.read[std::string(name)];
    if (!isAsked)
        return nullptr; // fields given: only these
    FieldRule rule = named == kind.named.end() ? FieldRule() : named->second;
    rule.name = name;
    made = {++numbers, fieldNamed(state, rule)};
    return &made;
}

// A name and a value beside each other: the field is what the name says.
Result<Done> Intake::Private::readReading(const Message &message, CaseState &state, const Shape &shape, Time stamp)
{
    const Case::Reading &reading = *shape.kind.reading;
    const auto name = valueAt(reading.field, message, shape).asText(buffer);
    if (!name || name->empty())
        return ledger.bad(message, Error{SG_TR("reading: the name of the field is missing"), {}, {}});
    if (name->size() > LongestName || !isUtf8(*name))
        return ledger.bad(message, Error{SG_TR("reading: '%1' is no name of a field"), {shown(*name, 60)}, {}});
    const ReadField *field = readFieldNamed(state, *name);
    if (!field)
        return Done();
    Value value = valueAt(reading.value, message, shape);
    if (reading.quality && value.kind != Value::Kind::Absent) {
        const auto quality = valueAt(*reading.quality, message, shape).asText(buffer);
        if (!quality || !reading.good.contains(*quality))
            value = Value::ofKind(Value::Kind::Null);
    }
    auto key = keyOf(message, shape, field->number);
    if (!key)
        return key.error();
    if ((*key)->series.empty())
        (*key)->series.resize(1);
    const std::size_t before = rows.size();
    if (!readQuickly(value, **key, 0, *field->field, stamp))
        if (auto done = readValue(value, **key, 0, *field->field, stamp); !done)
            return ledger.bad(message, done.error());
    if (!shape.kind.notes.empty() && rows.size() > before)
        readNotes(message, shape, **key, before);
    return Done();
}

void Intake::Private::append(const Message &message, const Case &kind)
{
    if (!rows.empty() && (batch.runs.empty() || batch.runs.back().second != message.stream))
        batch.runs.emplace_back(static_cast<std::uint32_t>(batch.rows()), std::string(message.stream));
    auto note = notes.begin();
    for (const Row &row : rows) {
        while (note != notes.end() && note->row <= static_cast<std::size_t>(&row - rows.data()))
            tellNote(*note++, kind);
        SeriesRef &series = row.key->series[row.column];
        if (series.id == SeriesRef::None) {
            if (const SeriesRef known = cache.lookUp(*row.key, *row.field); known.id != SeriesRef::None) {
                if (known.kind != series.kind)
                    continue; // another key of this message, beyond all limits, made it of another kind
                series = known;
            }
        }
        if (series.id == SeriesRef::None) {
            const auto fresh = cache.create(*row.key, *row.field, series.kind, batch);
            if (!fresh) {
                if (!isFullTold) {
                    isFullTold = true;
                    const auto [label, values] = cache.widestLabel(kind.labels);
                    ledger.remark({SG_TR("more than %1 series, new ones are refused; %2: %3 values"),
                                   {std::to_string(declaration.maxSeries), label, std::to_string(values)},
                                   {}});
                }
                continue;
            }
            series = *fresh;
        }
        if (!isOfWhole(message))
            appendRow(message, series, row.value, *row.field, row.stamp);
    }
    if (isOfWhole(message))
        appendWhole(message);
}

// What is the same as before is not told again.
void Intake::Private::tellNote(const NewNote &note, const Case &kind)
{
    std::string &newest = note.key->notes[note.note];
    if (newest == note.text)
        return;
    newest = note.text;
    batch.notes.push_back({note.key->path, kind.notes[note.note].name, newest, static_cast<std::uint32_t>(batch.rows())});
}

// Every series of the things that the message is about, also those that it left out.
void Intake::Private::appendWhole(const Message &message)
{
    const KeyEntry *newest = nullptr;
    for (const Row &row : rows) {
        if (std::exchange(newest, row.key) == row.key)
            continue;
        for (SeriesRef &series : row.key->series)
            if (series.id != SeriesRef::None)
                appendRow(message, series, {}, *row.field, row.stamp);
    }
}

void Intake::Private::appendRow(const Message &message, SeriesRef &series, const FieldValue &value, FieldState &field, Time stamp)
{
    double number = std::numeric_limits<double>::quiet_NaN();
    Quality quality = Quality::Bad;
    if (value.kind == FieldValue::Kind::Number) {
        number = value.number;
        quality = value.isRounded ? Quality::Uncertain : Quality::Good;
    } else if (value.kind == FieldValue::Kind::State) {
        if (const auto code = codeOf(value.text, series, field)) {
            number = *code;
            quality = Quality::Good;
        }
    }
    using Told = Message::Told;
    const bool isGone = message.told == Told::Gone, isReturned = message.told == Told::Returned;
    batch.series.push_back(LocalId{series.id});
    batch.stamp.push_back(isGone || isReturned ? message.databaseTime.value_or(NoTime) : stamp);
    batch.value.push_back(number);
    batch.quality.push_back(quality);
    batch.isLive.push_back(message.told == Told::Unchanged ? LifeOnly : message.isLive && !isGone && !isReturned ? 1 : 0);
    batch.offset.push_back(isGone ? -1 : message.offset); // no message brought it
}

// Past its bounds a text becomes a bad value, and a remark names the field: memory is bounded, nothing is quiet.
std::optional<std::uint32_t> Intake::Private::codeOf(std::string_view text, SeriesRef &series, FieldState &field)
{
    if (texts.is(series.lastText, text))
        return series.lastText;
    if (text.size() > LongestStateText) {
        ledger.remark({SG_TR("field '%1' holds texts longer than %2 bytes; they count as bad values"),
                       {shown(field.rule.name, 60), std::to_string(LongestStateText)},
                       {}});
        return std::nullopt;
    }
    const bool isFull = field.texts.size() >= MostTextsPerField;
    const auto code = isFull ? texts.find(text) : texts.code(text, batch);
    if (!code || (isFull && !field.texts.contains(*code))) {
        ledger.remark({SG_TR("field '%1' has more than %2 texts; further ones count as bad values. Is it a note?"),
                       {shown(field.rule.name, 60), std::to_string(MostTextsPerField)},
                       {}});
        return std::nullopt;
    }
    field.texts.insert(*code);
    series.lastText = *code;
    return code;
}

void Intake::Private::readNotes(const Message &message, const Shape &shape, KeyEntry &key, std::size_t firstRow)
{
    const Case &kind = shape.kind;
    key.notes.resize(kind.notes.size());
    for (std::size_t i = 0; i < kind.notes.size(); ++i) {
        std::string &text = pool.next();
        const auto found = valueAt(kind.notes[i].slot, message, shape).asText(text);
        const std::string_view said = found ? cutNote(*found) : std::string_view();
        // An item before this one may have said another text of the same key.
        const bool isNew = found && (key.notes[i] != said || !notes.empty()) && isUtf8(said);
        if (!isNew || found->data() != text.data())
            pool.giveBack();
        if (isNew)
            notes.push_back({&key, i, said, firstRow});
    }
}

}
