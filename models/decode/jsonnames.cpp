#include "decode/jsonnames.h"

#include "core/text.h"
#include "decode/sametext.h"

namespace sg {

using simdjson::dom::element;
using simdjson::dom::element_type;

namespace {

constexpr std::size_t DeepestLearned = 8;

// {"scale": 2, "value": "AQ=="}
Value variableDecimal(const element &at, TextPool &texts)
{
    std::int64_t places = 0;
    std::string_view unscaled;
    if (at["scale"].get(places) == simdjson::SUCCESS && at["value"].get(unscaled) == simdjson::SUCCESS && places >= 0 && places < 1000)
        if (const auto number = decimalIn(unscaled, static_cast<unsigned>(places), texts))
            return *number;
    return Value::ofKind(Value::Kind::Container);
}

inline Value plainValue(const element &at)
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

}

Value valueOf(const element &at)
{
    return plainValue(at);
}

Value valueOf(const element &at, const ConnectType *type, TextPool &texts)
{
    if (!type || type->meaning == ConnectType::Meaning::Plain)
        return valueOf(at);
    if (type->meaning == ConnectType::Meaning::VariableDecimal && at.is_object())
        return variableDecimal(at, texts);
    return type->meant(valueOf(at), texts);
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

std::optional<element> elementAt(element at, const std::vector<std::string> &tokens, const ConnectType **type)
{
    for (const std::string &token : tokens) {
        element next;
        if (at.is_array()) {
            const auto index = numberIn(token);
            if (!index || index->kind != Value::Kind::Integer || index->integer < 0
                || at.at(static_cast<std::size_t>(index->integer)).get(next) != simdjson::SUCCESS)
                return std::nullopt;
        } else if (at.at_key(token).get(next) != simdjson::SUCCESS) {
            return std::nullopt;
        }
        at = next;
        if (type && *type)
            *type = (*type)->field(token);
    }
    return at;
}

Result<element> parseJson(simdjson::dom::parser &parser, std::string_view bytes)
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

JsonNames::Branch *JsonNames::Branch::add(std::string_view child)
{
    auto branch = std::make_unique<Branch>();
    branch->name = child;
    branch->path = path.empty() ? branch->name : path + "." + branch->name;
    branch->type = type ? type->field(child) : nullptr;
    Branch *made = branch.get();
    byName.emplace(made->name, made);
    children.push_back(std::move(branch));
    return made;
}

JsonNames::Branch *JsonNames::Branch::find(std::string_view child) const
{
    const auto found = byName.find(child);
    return found == byName.end() ? nullptr : found->second;
}

void JsonNames::Branch::setType(const ConnectType *its)
{
    type = its;
    for (const auto &child : children)
        child->setType(its ? its->field(child->name) : nullptr);
}

void JsonNames::addPlace(const std::vector<std::string> &tokens, std::size_t slot)
{
    Branch *branch = &m_root;
    for (const std::string &token : tokens) {
        Branch *child = branch->find(token);
        branch = child ? child : branch->add(token);
    }
    branch->slots.push_back(slot);
}

void JsonNames::setType(const std::shared_ptr<const ConnectType> &schema, const ConnectType *type)
{
    if (m_schema == schema && m_root.type == type)
        return;
    m_schema = schema;
    m_root.setType(type);
}

Result<Done> JsonNames::read(const element &at, Shape &shape, bool isLearning)
{
    ++m_document;
    return m_root.slots.empty() ? readObject(at, m_root, shape, isLearning, 0) : take(at, m_root, shape, isLearning, 0);
}

Result<Done> JsonNames::readObject(const element &at, Branch &branch, Shape &shape, bool isLearning, std::size_t depth)
{
    if (at.type() == element_type::ARRAY)
        return readArray(at, branch, shape);
    if (at.type() != element_type::OBJECT)
        return Done();
    std::size_t expected = 0;
    for (const auto member : simdjson::dom::object(at)) {
        const std::string_view name = member.key;
        Branch *child = nullptr;
        if (expected < branch.order.size() && isSameText(branch.order[expected]->name, name)) {
            child = branch.order[expected];
        } else {
            child = branch.find(name);
            if (!child) {
                // Names that nobody asks for are kept too, so that the next message finds every name in order; up to a bound.
                if (m_names >= MostKnownNames || name.size() > LongestName) {
                    if (isLearning)
                        noteUnlearned(branch, name, member.value, shape);
                    continue;
                }
                ++m_names;
                child = branch.add(name);
                child->isUndecided = isLearning;
            }
            if (expected < branch.order.size())
                branch.order[expected] = child;
            else
                branch.order.push_back(child);
        }
        ++expected;
        if (child->seen == m_document)
            return Error{SG_TR("key '%1' stands twice in one object"), {shown(child->path, 60)}, {}};
        child->seen = m_document;
        if (child->children.empty() && !child->isUndecided) {
            if (child->slots.empty())
                continue; // nobody asks for it
            if (!child->type) { // what nearly every member is
                const Value value = plainValue(member.value);
                for (const std::size_t slot : child->slots)
                    shape.values[slot] = value;
                if (!isLearning || value.kind != Value::Kind::Container)
                    continue;
            }
        }
        if (auto done = take(member.value, *child, shape, isLearning, depth); !done)
            return done;
    }
    return Done();
}

Result<Done> JsonNames::take(const element &at, Branch &branch, Shape &shape, bool isLearning, std::size_t depth)
{
    const Value value = branch.type ? valueOf(at, branch.type, shape.texts) : plainValue(at);
    if (branch.isUndecided && !value.isMissing() && value.kind != Value::Kind::Container) {
        branch.isUndecided = false;
        // A date is another one every day, like a stamp.
        const bool isState = !branch.type || !branch.type->isDateText();
        if (const auto slot = isState ? shape.learn(branch.path, value) : std::nullopt)
            branch.slots.push_back(*slot);
    }
    for (const std::size_t slot : branch.slots)
        shape.values[slot] = value;
    if (value.kind == Value::Kind::Container && (!branch.children.empty() || (isLearning && depth < DeepestLearned)))
        return readObject(at, branch, shape, isLearning, depth + 1);
    return Done();
}

// Arrays are read where a pointer asks for an item; their items are never learned, because their number is not bounded.
Result<Done> JsonNames::readArray(const element &at, Branch &branch, Shape &shape)
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

void JsonNames::noteUnlearned(const Branch &branch, std::string_view name, const element &at, Shape &shape)
{
    const Value value = valueOf(at);
    if (!value.isMissing() && value.kind != Value::Kind::Container && shape.unlearned.size() < MostKnownNames)
        shape.unlearned.insert((branch.path.empty() ? std::string() : branch.path + ".") + std::string(name.substr(0, LongestName)));
}

}
