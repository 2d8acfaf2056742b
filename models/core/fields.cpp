#include "core/fields.h"

#include "core/text.h"
#include "core/times.h"

#include <algorithm>

namespace sg {

namespace {

std::size_t editDistance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row.back();
}

std::string joined(std::span<const char *const> texts)
{
    std::string out;
    for (const char *text : texts)
        out += (out.empty() ? "" : ", ") + std::string(text);
    return out;
}

void checkValue(const std::string &key, const Node &value, const Field &field, std::vector<Error> &out)
{
    const auto mustBeScalar = [&] {
        if (value.kind == Node::Kind::Scalar)
            return true;
        out.push_back(value.error(SG_TR("%1 takes a single value, not a map or a list"), {key}));
        return false;
    };
    const auto addError = [&](const auto &result) {
        if (!result)
            out.push_back(result.error());
    };
    switch (field.type) {
    case FieldType::Any:
        return;
    case FieldType::Text:
    case FieldType::Selector:
    case FieldType::Path:
        mustBeScalar();
        return;
    case FieldType::Where:
        if (value.kind != Node::Kind::Scalar && !(value.kind == Node::Kind::Map && value.has("value")))
            out.push_back(value.error(SG_TR("%1 takes a place in the message such as /temp, or { value: TEXT }"), {key}));
        return;
    case FieldType::Texts:
        if (value.kind == Node::Kind::Map
            || (value.kind == Node::Kind::List
                && std::any_of(value.list.begin(), value.list.end(), [](const Node &n) { return n.kind != Node::Kind::Scalar; })))
            out.push_back(value.error(SG_TR("%1 takes a text or a list of texts"), {key}));
        return;
    case FieldType::Number:
        if (mustBeScalar())
            addError(readNumber(value, key));
        return;
    case FieldType::Integer:
        if (mustBeScalar()) {
            const auto number = readNumber(value, key);
            if (!number)
                out.push_back(number.error());
            else if (*number != static_cast<double>(static_cast<std::int64_t>(*number)))
                out.push_back(value.error(SG_TR("%1: '%2' is not a whole number"), {key, value.scalar}));
        }
        return;
    case FieldType::Percent:
        if (mustBeScalar())
            addError(readShare(value, key));
        return;
    case FieldType::Duration:
        if (mustBeScalar())
            addError(readDuration(value, key));
        return;
    case FieldType::Bool:
        if (mustBeScalar())
            addError(readBool(value, key));
        return;
    case FieldType::Choice:
        if (mustBeScalar() && std::none_of(field.choices.begin(), field.choices.end(), [&](const char *c) { return value.scalar == c; }))
            out.push_back(value.error(SG_TR("%1: '%2' is not one of %3"), {key, shown(value.scalar), joined(field.choices)}));
        return;
    case FieldType::Secret:
        // The value itself is never quoted: it may be the secret.
        if (value.kind == Node::Kind::Map && value.has("keychain"))
            out.push_back(
                value.error(SG_TR("%1: a secret from a keychain is not in this version; { env: SG_NAME } or { file: PATH }"), {key}));
        else if (value.kind != Node::Kind::Map || value.map.size() != 1 || (value.map[0].first != "env" && value.map[0].first != "file"))
            out.push_back(value.error(SG_TR("%1 is a secret and is given by reference only: { env: SG_NAME } or { file: PATH }"), {key}));
        else if (value.has("env") && !value.text("env").starts_with("SG_"))
            out.push_back(
                value.error(SG_TR("%1: the environment variable '%2' of a secret must begin with SG_"), {key, shown(value.text("env"))}));
        return;
    case FieldType::Map:
        if (value.kind != Node::Kind::Map)
            out.push_back(value.error(SG_TR("%1 takes a map of keys"), {key}));
        else if (!field.nested.empty()) {
            const auto nested = check(value, field.nested);
            out.insert(out.end(), nested.begin(), nested.end());
        }
        return;
    }
}

}

std::vector<Error> check(const Node &node, Fields fields)
{
    std::vector<Error> out;
    if (node.kind != Node::Kind::Map) {
        out.push_back(node.error(SG_TR("expected a map of keys here")));
        return out;
    }
    std::vector<std::string> known;
    known.reserve(fields.size());
    for (const Field &field : fields)
        known.emplace_back(field.key);
    for (const auto &[key, value] : node.map) {
        const auto field = std::find_if(fields.begin(), fields.end(), [&key = key](const Field &f) { return key == f.key; });
        if (field == fields.end()) {
            const std::string nearest = nearestName(key, known);
            if (nearest.empty())
                out.push_back(value.error(SG_TR("unknown key '%1'"), {shown(key)}));
            else
                out.push_back(value.error(SG_TR("unknown key '%1'; did you mean '%2'?"), {shown(key), nearest}));
            continue;
        }
        checkValue(key, value, *field, out);
    }
    for (const Field &field : fields)
        if (field.isRequired && !node.has(field.key))
            out.push_back(node.error(SG_TR("'%1' is missing"), {field.key}));
    return out;
}

Result<double> readNumber(const Node &node, std::string_view key)
{
    if (const auto number = parseNumber(node.scalar))
        return *number;
    if (node.scalar.find(',') != std::string::npos)
        return node.error(SG_TR("%1: '%2' is not a number; the decimal sign is a point"), {std::string(key), shown(node.scalar)});
    return node.error(SG_TR("%1: '%2' is not a number"), {std::string(key), shown(node.scalar)});
}

Result<Micros> readDuration(const Node &node, std::string_view key)
{
    const auto duration = parseDuration(node.scalar);
    if (duration)
        return duration;
    return node.error(SG_TR("%1: %2"), {std::string(key), duration.error().plain()});
}

Result<bool> readBool(const Node &node, std::string_view key)
{
    if (node.scalar == "true")
        return true;
    if (node.scalar == "false")
        return false;
    return node.error(SG_TR("%1: '%2' is not true or false"), {std::string(key), shown(node.scalar)});
}

Result<Share> readShare(const Node &node, std::string_view key)
{
    std::string_view text = node.scalar;
    const bool isPercent = text.ends_with('%');
    if (isPercent)
        text.remove_suffix(1);
    while (text.ends_with(' '))
        text.remove_suffix(1);
    const auto number = parseNumber(text);
    if (!number)
        return node.error(SG_TR("%1: '%2' is neither a number nor a percentage such as 1%"), {std::string(key), shown(node.scalar)});
    return Share{isPercent ? *number / 100 : *number, isPercent};
}

std::vector<std::string> readTexts(const Node &node)
{
    std::vector<std::string> out;
    if (node.kind == Node::Kind::Scalar)
        out.push_back(node.scalar);
    for (const Node &item : node.list)
        if (item.kind == Node::Kind::Scalar)
            out.push_back(item.scalar);
    return out;
}

std::string nearestName(std::string_view name, std::span<const std::string> known)
{
    std::string best;
    // A third of the letters may be wrong: more, and the proposal would be a guess.
    std::size_t bestDistance = std::max<std::size_t>(1, name.size() / 3) + 1;
    if (name.size() > 64)
        return best;
    for (const std::string &candidate : known) {
        const std::size_t distance = editDistance(name, candidate);
        if (distance < bestDistance) {
            bestDistance = distance;
            best = candidate;
        }
    }
    return best;
}

}
