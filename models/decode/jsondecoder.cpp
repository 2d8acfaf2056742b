#include "decode/decoder.h"

#include "core/text.h"
#include "decode/jsonparser.h"

namespace sg {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::size_t DeepestLearned = 8;
constexpr std::size_t NoSlot = static_cast<std::size_t>(-1);

// One name of the documents of a topic. Members come in the same order nearly always: each name is first looked for where it
// stood last time, and only then by search.
struct Branch
{
    std::string name;
    std::string path; // tokens joined by '.', the name of a learned field
    std::vector<std::size_t> slots; // places that point here; one learned slot
    bool isUndecided = false; // learned when it first holds a number, a truth value or a short text
    std::uint64_t seen = 0; // in this message already: a duplicate key
    std::vector<std::unique_ptr<Branch>> children;
    std::vector<Branch *> order; // as the last object had them
    std::map<std::string_view, Branch *> byName;

    Branch *add(std::string_view child)
    {
        auto branch = std::make_unique<Branch>();
        branch->name = child;
        branch->path = path.empty() ? branch->name : path + "." + branch->name;
        Branch *made = branch.get();
        byName.emplace(made->name, made);
        children.push_back(std::move(branch));
        return made;
    }
    Branch *find(std::string_view child) const
    {
        const auto found = byName.find(child);
        return found == byName.end() ? nullptr : found->second;
    }
};

struct JsonShape : Shape
{
    using Shape::Shape;
    Branch value; // what unwrap leaves
    Branch envelope; // the whole document
    Branch key;
    std::size_t names = 0; // branches made while reading, bounded
    std::uint64_t message = 0;
};

Value valueOf(const element &at)
{
    switch (at.type()) {
    case element_type::INT64:
        return Value::ofInteger(at.get_int64().value_unsafe());
    case element_type::UINT64: // beyond int64 only
        return Value::ofNumber(static_cast<double>(at.get_uint64().value_unsafe()));
    case element_type::DOUBLE:
        return Value::ofNumber(at.get_double().value_unsafe());
    case element_type::BOOL:
        return Value::ofBool(at.get_bool().value_unsafe());
    case element_type::STRING:
        return Value::ofText(at.get_string().value_unsafe());
    case element_type::NULL_VALUE:
        return Value::ofKind(Value::Kind::Null);
    case element_type::ARRAY:
    case element_type::OBJECT:
        return Value::ofKind(Value::Kind::Container);
#if SIMDJSON_VERSION_MAJOR > 3 || (SIMDJSON_VERSION_MAJOR == 3 && SIMDJSON_VERSION_MINOR > 13)
    default: // kinds of number that later versions add
        return Value::ofKind(Value::Kind::Container);
#endif
    }
    return Value::ofKind(Value::Kind::Container);
}

const char *nameOf(element_type type)
{
    switch (type) {
    case element_type::OBJECT:
        return "an object";
    case element_type::ARRAY:
        return "an array";
    case element_type::STRING:
        return "a text";
    case element_type::NULL_VALUE:
        return "null";
    case element_type::BOOL:
        return "true or false";
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
        return "a number";
#if SIMDJSON_VERSION_MAJOR > 3 || (SIMDJSON_VERSION_MAJOR == 3 && SIMDJSON_VERSION_MINOR > 13)
    default:
        return "a number";
#endif
    }
    return "";
}

class JsonDecoder : public Decoder
{
public:
    explicit JsonDecoder(const Declaration &declaration)
        : m_declaration(declaration)
        , m_parser(LargestPayload)
        , m_keyParser(LargestPayload)
    {
        for (const Where &where : declaration.places)
            m_readsKey
                = m_readsKey || where.kind == Where::Kind::KeyPointer || (where.kind == Where::Kind::Key && declaration.isUnwrapping);
    }

    std::unique_ptr<Shape> makeShape() const override
    {
        auto shape = std::make_unique<JsonShape>(m_declaration);
        for (std::size_t slot = 0; slot < m_declaration.places.size(); ++slot) {
            const Where &where = m_declaration.places[slot];
            Branch *branch = where.kind == Where::Kind::Pointer ? &shape->value
                : where.kind == Where::Kind::Envelope           ? &shape->envelope
                : where.kind == Where::Kind::KeyPointer         ? &shape->key
                                                                : nullptr;
            if (!branch)
                continue;
            for (const std::string &token : where.tokens) {
                Branch *child = branch->find(token);
                branch = child ? child : branch->add(token);
            }
            branch->slots.push_back(slot);
        }
        return shape;
    }

    Result<Done> decode(const Message &message, Shape &shape) override
    {
        if (auto keyDone = decodeKey(message, shape); !keyDone)
            return keyDone;
        auto &json = static_cast<JsonShape &>(shape);
        // The DOM parser reads to the end before it answers; On-Demand would accept what it does not visit.
        auto parsed = parse(m_parser, message.payload);
        if (!parsed)
            return parsed.error();
        element root = *parsed;
        if (!json.envelope.children.empty())
            if (auto done = read(root, json.envelope, json, false, 0); !done)
                return done;
        if (m_declaration.isUnwrapping)
            root = unwrapped(root);
        if (root.type() != element_type::OBJECT && (m_declaration.isLearning || root.type() != element_type::ARRAY))
            return Error{SG_TR("the document is %1; expected an object"), {nameOf(root.type())}, {}};
        return read(root, json.value, json, m_declaration.isLearning, 0);
    }

    Result<Done> decodeKey(const Message &message, Shape &shape) override
    {
        auto &json = static_cast<JsonShape &>(shape);
        json.clear();
        ++json.message;
        if (!m_readsKey || message.key.empty())
            return Done();
        const bool isJson = !json.key.children.empty() || message.key.front() == '{';
        if (!isJson)
            return Done(); // a plain text key: Intake takes it as it is
        auto parsed = parse(m_keyParser, message.key);
        if (!parsed)
            return Error{SG_TR("record key: %1"), {parsed.error().plain()}, {}};
        element root = *parsed;
        if (m_declaration.isUnwrapping)
            root = unwrapped(root);
        // A key that unwraps to one value is that value; any other `key:` is the text as it came.
        const Value whole = valueOf(root);
        for (std::size_t slot = 0; slot < m_declaration.places.size() && whole.kind != Value::Kind::Container; ++slot)
            if (m_declaration.places[slot].kind == Where::Kind::Key)
                json.values[slot] = whole;
        return read(root, json.key, json, false, 0);
    }

private:
    static Result<element> parse(simdjson::dom::parser &parser, std::string_view bytes)
    {
        if (bytes.size() > LargestPayload)
            return Error{
                SG_TR("a payload of %1 bytes; at most %2 are read"), {std::to_string(bytes.size()), std::to_string(LargestPayload)}, {}};
        if (bytes.empty())
            return Error{SG_TR("an empty payload; expected a JSON object"), {}, {}};
        element root;
        const auto error = parser.parse(bytes.data(), bytes.size()).get(root);
        if (error != simdjson::SUCCESS)
            return Error{SG_TR("no JSON: %1"), {simdjson::error_message(error)}, {}};
        return root;
    }

    // Kafka Connect's converter writes {"schema": ..., "payload": ...}; anything else is left as it is.
    static element unwrapped(const element &root)
    {
        simdjson::dom::object object;
        if (root.get_object().get(object) != simdjson::SUCCESS || object.size() != 2)
            return root;
        std::optional<element> payload;
        bool hasSchema = false;
        for (const auto member : object) {
            if (member.key == "payload")
                payload = member.value;
            hasSchema = hasSchema || member.key == "schema";
        }
        return payload && hasSchema ? *payload : root;
    }

    Result<Done> read(const element &at, Branch &branch, JsonShape &shape, bool isLearning, std::size_t depth)
    {
        if (at.type() == element_type::ARRAY)
            return readArray(at, branch, shape);
        if (at.type() != element_type::OBJECT)
            return Done();
        std::size_t expected = 0;
        for (const auto member : simdjson::dom::object(at)) {
            const std::string_view name = member.key;
            Branch *child = nullptr;
            if (expected < branch.order.size() && branch.order[expected]->name == name) {
                child = branch.order[expected];
            } else {
                child = branch.find(name);
                if (!child) {
                    // Names that nobody asks for are kept too, so that the next message finds every name in order; up to a bound.
                    if (shape.names >= MostKnownNames || name.size() > LongestName) {
                        noteUnlearned(branch, name, member.value, shape, isLearning);
                        continue;
                    }
                    ++shape.names;
                    child = branch.add(name);
                    child->isUndecided = isLearning;
                }
                if (expected < branch.order.size())
                    branch.order[expected] = child;
                else
                    branch.order.push_back(child);
            }
            ++expected;
            if (child->seen == shape.message)
                return Error{SG_TR("key '%1' stands twice in one object"), {shown(child->path, 60)}, {}};
            child->seen = shape.message;
            if (child->slots.empty() && child->children.empty() && !child->isUndecided)
                continue; // nobody asks for it
            if (auto done = take(member.value, *child, shape, isLearning, depth); !done)
                return done;
        }
        return Done();
    }

    Result<Done> take(const element &at, Branch &branch, JsonShape &shape, bool isLearning, std::size_t depth)
    {
        const Value value = valueOf(at);
        if (branch.isUndecided && value.kind != Value::Kind::Null && value.kind != Value::Kind::Container) {
            branch.isUndecided = false;
            if (const auto slot = shape.learn(branch.path, value))
                branch.slots.push_back(*slot);
        }
        for (const std::size_t slot : branch.slots)
            shape.values[slot] = value;
        if (value.kind == Value::Kind::Container && (!branch.children.empty() || (isLearning && depth < DeepestLearned)))
            return read(at, branch, shape, isLearning, depth + 1);
        return Done();
    }

    // Arrays are read where a pointer asks for an item; their items are never learned, because their number is not bounded.
    Result<Done> readArray(const element &at, Branch &branch, JsonShape &shape)
    {
        const simdjson::dom::array array(at);
        for (const auto &child : branch.children) {
            const auto index = numberIn(child->name);
            if (!index || index->kind != Value::Kind::Integer || index->integer < 0)
                continue;
            element item;
            if (array.at(static_cast<std::size_t>(index->integer)).get(item) != simdjson::SUCCESS)
                continue;
            if (auto done = take(item, *child, shape, false, 0); !done)
                return done;
        }
        return Done();
    }

    static void noteUnlearned(const Branch &branch, std::string_view name, const element &at, JsonShape &shape, bool isLearning)
    {
        const Value value = valueOf(at);
        if (isLearning && value.kind != Value::Kind::Null && value.kind != Value::Kind::Container
            && shape.unlearned.size() < MostKnownNames)
            shape.unlearned.insert((branch.path.empty() ? std::string() : branch.path + ".") + std::string(name.substr(0, LongestName)));
    }

    const Declaration &m_declaration;
    simdjson::dom::parser m_parser;
    simdjson::dom::parser m_keyParser;
    bool m_readsKey = false;
};

}

std::unique_ptr<Decoder> makeJsonDecoder(const Declaration &declaration)
{
    return std::make_unique<JsonDecoder>(declaration);
}

}
