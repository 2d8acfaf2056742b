#include "workspace/textcuts.h"

#include "core/text.h"
#include "workspace/itemtext.h"
#include "workspace/workspace.h"

#include <algorithm>

namespace sg {

Result<Document> openDocument(const std::string &file, std::string_view text)
{
    auto node = parseYaml(text, file);
    if (!node)
        return node.error();
    auto root = placesOf(text);
    if (!root)
        return Error{root.error().text, root.error().args, file};
    return Document{file, text, std::move(*root), std::move(*node), text.find("\r\n") != std::string_view::npos ? "\r\n" : "\n"};
}

TextEdit replaced(const Document &document, std::size_t begin, std::size_t end, std::string after)
{
    return {document.file, begin, std::string(document.text.substr(begin, end - begin)), std::move(after), {}};
}

namespace {

std::string textAfter(const Document &document, const TextEdit &edit)
{
    std::string out(document.text.substr(0, edit.at));
    return out.append(edit.after).append(document.text.substr(edit.at + edit.before.size()));
}

}

bool saysNow(const Document &document, const TextEdit &edit, const Node &expected)
{
    const std::string text = textAfter(document, edit);
    const auto now = parseYaml(text, document.file);
    return now && placesOf(text) && now->saysTheSame(expected);
}

Error cannotEdit(const Document &document, std::string_view id)
{
    return {SG_TR("'%1' cannot be changed here without changing something else in the file; please edit the file itself"),
            {shown(id)},
            document.file};
}

Error noSuchItem(const Document &document, std::string_view list, std::string_view id)
{
    return {SG_TR("there is no '%1' in the list '%2'"), {shown(id), shown(list)}, document.file};
}

const Place *itemOf(const Document &document, std::string_view list, std::string_view id)
{
    const auto *entry = document.root.entry(list);
    if (!entry)
        return nullptr;
    for (const Place &item : entry->second.items)
        if (const auto *found = item.entry("id"); found && found->second.scalar == id)
            return &item;
    return nullptr;
}

std::string indented(std::string_view yaml, std::size_t indent, const std::string &eol)
{
    while (yaml.ends_with('\n') || yaml.ends_with('\r'))
        yaml.remove_suffix(1);
    std::string out;
    for (std::size_t begin = 0; begin <= yaml.size();) {
        const std::size_t end = std::min(yaml.find('\n', begin), yaml.size());
        std::string_view line = yaml.substr(begin, end - begin);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (begin > 0)
            out.append(eol).append(line.empty() ? 0 : indent, ' ');
        out += line;
        begin = end + 1;
    }
    return out;
}

std::size_t behindColon(std::string_view text, const Place &key)
{
    return std::min(text.find(':', key.end), text.size() - 1) + 1;
}

namespace {

// `key:` and below it a block: the value becomes `value` on the key's own line, whose comment stays.
TextEdit valueForBlock(const Document &document, const Place &key, const Place &old, std::string_view value)
{
    const std::size_t colon = behindColon(document.text, key);
    const std::size_t lineEnd = endOfLine(document.text, colon);
    if (old.begin < lineEnd)
        return replaced(document, old.begin, old.end, std::string(value));
    return replaced(document, colon, old.end, " " + std::string(value) + std::string(document.text.substr(colon, lineEnd - colon)));
}

}

TextEdit valueReplaced(const Document &document, const std::pair<Place, Place> &entry, std::string_view value)
{
    const auto &[key, old] = entry;
    if (old.isNothing()) {
        const std::size_t colon = behindColon(document.text, key);
        return replaced(document, colon, colon, " " + std::string(value));
    }
    if (old.kind == Place::Kind::Scalar || old.isFlow)
        return replaced(document, old.begin, old.end, std::string(value));
    return valueForBlock(document, key, old, value);
}

TextEdit lineAdded(const Document &document, const Place &map, std::size_t behind, const std::string &line)
{
    const auto &[key, value] = map.entries[behind];
    const std::size_t at = endOfLine(document.text, std::max(key.end, value.end));
    return replaced(document, at, at, document.eol + std::string(map.column, ' ') + line);
}

TextEdit entryAddedToFlow(const Document &document, const Place &place, std::size_t lastEnd, const std::string &entry)
{
    if (lastEnd == 0) // empty
        return replaced(document, place.begin + 1, place.end - 1, place.kind == Place::Kind::Map ? " " + entry + " " : entry);
    return replaced(document, lastEnd, lastEnd, ", " + entry);
}

TextEdit linesRemoved(const Document &document, std::size_t begin, std::size_t end)
{
    const std::string_view text = document.text;
    std::size_t from = beginOfLine(text, begin);
    std::size_t to = endOfLine(text, end);
    if (to < text.size()) {
        to = text.find('\n', to) + 1;
    } else if (from > 0) {
        from -= text.substr(0, from).ends_with("\r\n") ? 2 : 1; // the last line has no end; the one before it will have none
    }
    return replaced(document, from, to, {});
}

TextEdit removedFromFlow(const Document &document, std::size_t begin, std::size_t end, std::size_t previousEnd, std::size_t nextBegin)
{
    return previousEnd ? replaced(document, previousEnd, end, {}) : replaced(document, begin, nextBegin, {});
}

TextEdit entryRemoved(const Document &document, const Place &map, std::size_t number)
{
    const auto &[key, value] = map.entries[number];
    const auto endOf = [&](std::size_t i) { return std::max(map.entries[i].first.end, map.entries[i].second.end); };
    const std::size_t next = number + 1 < map.entries.size() ? map.entries[number + 1].first.begin : 0;
    if (map.isFlow)
        return removedFromFlow(document, key.begin, endOf(number), number ? endOf(number - 1) : 0, next);
    const std::size_t lineBegin = beginOfLine(document.text, key.begin);
    if (document.text.substr(lineBegin, key.begin - lineBegin).find_first_not_of(' ') == std::string_view::npos)
        return linesRemoved(document, key.begin, endOf(number));
    return replaced(document, key.begin, next, {}); // on the line of the dash: the next key moves up to it
}

}
