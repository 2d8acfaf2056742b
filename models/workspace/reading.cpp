#include "workspace/reading.h"

#include "core/platform.h"
#include "core/text.h"

#include <algorithm>

namespace sg {

namespace {

bool isLower(char c)
{
    return c >= 'a' && c <= 'z';
}
bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

// "ko" of "ko_KR.UTF-8"; asked in the order of setlocale().
std::string language()
{
    for (const char *name : {"LC_ALL", "LC_MESSAGES", "LANG"})
        if (const std::string value = environment(name); !value.empty())
            return value.substr(0, value.find_first_of("_.@"));
    return "en";
}

}

bool Reading::add(std::vector<Error> errors)
{
    const bool isClean = errors.empty();
    for (Error &error : errors)
        add(std::move(error));
    return isClean;
}

Result<std::string> Reading::text(const std::string &name) const
{
    auto text = files.read(name);
    if (!text)
        return Error{text.error().text, text.error().args, name};
    return text;
}

Result<Node> Reading::document(const std::string &name, const std::string &text, Fields fields)
{
    auto root = parseYaml(text, name);
    if (!root)
        return root;
    if (root->kind != Node::Kind::Map)
        return root->error(SG_TR("the file must begin with 'format: 1' and hold keys with values"));
    const Node &format = (*root)["format"];
    if (format.isMissing())
        return root->error(SG_TR("'format: 1' is missing"));
    if (format.kind != Node::Kind::Scalar || format.scalar != "1")
        return format.error(SG_TR("format '%1' is not known to this version; it reads format 1"), {shown(format.scalar)});
    // A list of the wrong kind is named where it is read; only the names of keys matter here.
    add(check(*root, fields));
    return root;
}

std::optional<Error> Reading::checkSelector(const Node &node) const
{
    const auto selector = Selector::parse(node.scalar);
    if (!selector)
        return Error{selector.error().text, selector.error().args, node.place()};
    if (!declared.contains(selector->source())) {
        const std::vector<std::string> known(declared.begin(), declared.end());
        const std::string nearest = nearestName(selector->source(), known);
        if (nearest.empty())
            return node.error(SG_TR("selector '%1': there is no source '%2'"), {shown(node.scalar), shown(selector->source())});
        return node.error(SG_TR("selector '%1': there is no source '%2'; did you mean '%3'?"),
                          {shown(node.scalar), shown(selector->source()), nearest});
    }
    const auto labels = workspace.pathLabels.find(selector->source());
    if (labels == workspace.pathLabels.end())
        return std::nullopt;
    if (auto error = selector->checkAgainst(labels->second)) {
        error->place = node.place();
        return error;
    }
    return std::nullopt;
}

std::vector<std::string> Reading::namesBelow(std::string_view folder) const
{
    std::vector<std::string> out;
    for (const std::string &name : files.names)
        if (name.starts_with(folder) && name.ends_with(".yaml"))
            out.push_back(name);
    return out;
}

std::optional<Error> chooseLanguage(Node &item, std::string_view key)
{
    const auto found = std::find_if(item.map.begin(), item.map.end(), [&](const auto &entry) { return entry.first == key; });
    if (found == item.map.end() || found->second.kind == Node::Kind::Scalar)
        return std::nullopt;
    Node &node = found->second;
    const auto isText = [](const auto &entry) {
        return (entry.first == "en" || entry.first == "ko" || entry.first == "ja") && entry.second.kind == Node::Kind::Scalar;
    };
    if (node.kind != Node::Kind::Map || node.map.empty() || !std::all_of(node.map.begin(), node.map.end(), isText))
        return node.error(SG_TR("%1 takes a text, or one text per language: { en: TEXT, ko: TEXT, ja: TEXT }"), {std::string(key)});
    const std::string wanted = language();
    const Node *chosen = &node.map.front().second;
    if (node.has("en"))
        chosen = &node["en"];
    if (node.has(wanted))
        chosen = &node[wanted];
    Node text = *chosen;
    node = std::move(text);
    return std::nullopt;
}

bool isId(std::string_view text)
{
    return !text.empty() && text.size() <= 64 && isLower(text.front())
        && std::all_of(text.begin(), text.end(), [](char c) { return isLower(c) || isDigit(c) || c == '_' || c == '-'; });
}

bool isLabelName(std::string_view text)
{
    return isId(text) && text.find('-') == std::string_view::npos;
}

std::optional<Error> checkIsList(const Node &root, std::string_view key)
{
    const Node &node = root[key];
    if (node.isMissing() || node.kind == Node::Kind::List || (node.kind == Node::Kind::Scalar && node.scalar.empty()))
        return std::nullopt;
    return node.error(SG_TR("%1 takes a list; each item begins with '- '"), {std::string(key)});
}

}
