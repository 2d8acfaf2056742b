#include "workspace/textedit.h"

#include "core/text.h"
#include "workspace/editnodes.h"
#include "workspace/itemtext.h"
#include "workspace/workspace.h"

#include <algorithm>

namespace sg {

namespace {

// One file as it is, parsed twice: places from libyaml for the cut, nodes from yaml-cpp for the proof afterwards.
struct Document
{
    std::string file;
    std::string_view text;
    Place root;
    Node node;
    std::string eol; // as the file writes it
};

Result<Document> open(const std::string &file, std::string_view text)
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

std::string textAfter(const Document &document, const TextEdit &edit)
{
    std::string out(document.text.substr(0, edit.at));
    return out.append(edit.after).append(document.text.substr(edit.at + edit.before.size()));
}

// The proof: the file still parses, for both parsers alike, and says what it said but for the one change.
bool saysNow(const Document &document, const TextEdit &edit, const Node &expected)
{
    const std::string text = textAfter(document, edit);
    const auto now = parseYaml(text, document.file);
    return now && placesOf(text) && now->saysTheSame(expected);
}

Error cannotEdit(const Document &document, std::string_view id)
{
    return {SG_TR("'%1' cannot be changed here without changing something else in the file; please edit the file itself"), {shown(id)}, document.file};
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

// "a: 1\r\nb: 2" with every line but the first indented, in the file's own line ends.
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

// `key:` and below it a block: the value becomes `value` on the key's own line, whose comment stays.
TextEdit valueForBlock(const Document &document, const Place &key, const Place &old, std::string_view value)
{
    const std::size_t colon = behindColon(document.text, key);
    const std::size_t lineEnd = endOfLine(document.text, colon);
    if (old.begin < lineEnd)
        return replaced(document, old.begin, old.end, std::string(value));
    return replaced(document, colon, old.end, " " + std::string(value) + std::string(document.text.substr(colon, lineEnd - colon)));
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

// A new line behind the entry with this number.
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

Result<TextEdit> keyAdded(const Document &document, const Place &map, std::string_view id, const std::string &line, const Node &expected)
{
    if (map.isFlow) {
        const std::size_t last = map.entries.empty() ? 0 : std::max(map.entries.back().first.end, map.entries.back().second.end);
        const TextEdit edit = entryAddedToFlow(document, map, last, line);
        if (saysNow(document, edit, expected))
            return edit;
        return cannotEdit(document, id);
    }
    // At the end of the item; behind the first line where the end is a text block that would take the line in.
    for (const std::size_t behind : {map.entries.size() - 1, std::size_t{0}}) {
        const TextEdit edit = lineAdded(document, map, behind, line);
        Node wanted = expected;
        if (behind == 0)
            moveLastEntryBehindFirst(wanted, document.node);
        if (saysNow(document, edit, wanted))
            return edit;
    }
    return cannotEdit(document, id);
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

// One entry out of many in [ ] or { }.
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

Result<TextEdit> setValue(const std::string &file, std::string_view text, std::string_view list, std::string_view id, std::string_view key,
                          std::string_view value)
{
    const auto document = open(file, text);
    if (!document)
        return document.error();
    const auto newValue = parseYaml(value, file);
    if (!newValue || value.find_first_of("\r\n") != std::string_view::npos)
        return Error{SG_TR("the new value of '%1' is not a YAML value on one line"), {shown(key)}, file};
    const Place *place = itemOf(*document, list, id);
    if (!place)
        return noSuchItem(*document, list, id);
    const std::vector<std::string> path = splitKey(key);
    Node expected = document->node;
    if (!setInItem(expected, list, id, path, *newValue))
        return Error{SG_TR("'%1' is no map in '%2'"), {shown(key), shown(id)}, file};

    const std::string title = "Change " + path.back() + " of " + std::string(id);
    const auto titled = [&](Result<TextEdit> edit) {
        if (edit)
            edit->title = title;
        return edit;
    };
    for (std::size_t i = 0; i < path.size(); ++i) {
        const auto *entry = place->entry(path[i]);
        std::string rest(value);
        for (std::size_t j = path.size(); j-- > i + 1;)
            rest = "{ " + quoted(path[j]) + ": " + rest + " }";
        if (!entry)
            return titled(keyAdded(*document, *place, id, quoted(path[i]) + ": " + rest, expected));
        if (i + 1 == path.size() || entry->second.kind != Place::Kind::Map) {
            const TextEdit edit = valueReplaced(*document, *entry, rest);
            if (!saysNow(*document, edit, expected))
                return cannotEdit(*document, id);
            return titled(edit);
        }
        place = &entry->second;
    }
    return cannotEdit(*document, id);
}

Result<TextEdit> removeKey(const std::string &file, std::string_view text, std::string_view list, std::string_view id, std::string_view key)
{
    const auto document = open(file, text);
    if (!document)
        return document.error();
    const Place *place = itemOf(*document, list, id);
    if (!place)
        return noSuchItem(*document, list, id);
    std::vector<std::string> path = splitKey(key);
    if (path.front() == "id")
        return Error{SG_TR("the id of '%1' cannot be removed"), {shown(id)}, file};
    // Maps that would become empty go as a whole.
    const Place *map = place;
    const Place *outerMap = place;
    std::size_t outerDepth = 0;
    for (std::size_t i = 0; i < path.size(); ++i) {
        const auto *entry = map->entry(path[i]);
        if (!entry)
            return Error{SG_TR("there is no '%1' in '%2'"), {shown(key), shown(id)}, file};
        if (map->entries.size() > 1) {
            outerMap = map;
            outerDepth = i;
        }
        map = &entry->second;
    }
    path.resize(outerDepth + 1);
    Node expected = document->node;
    removeFromItem(expected, list, id, path);
    std::size_t number = 0;
    while (outerMap->entries[number].first.scalar != path.back())
        ++number;
    TextEdit edit = entryRemoved(*document, *outerMap, number);
    if (!saysNow(*document, edit, expected))
        return cannotEdit(*document, id);
    edit.title = "Remove " + path.back() + " of " + std::string(id);
    return edit;
}

namespace {

Result<TextEdit> addToList(const Document &document, std::string_view list, std::string_view itemYaml, const Node &item)
{
    const auto dashed = [&](std::size_t indent) {
        return std::string(indent, ' ') + "- " + indented(itemYaml, indent + 2, document.eol);
    };
    const auto *entry = document.root.entry(list);
    if (!entry) {
        if (document.root.kind == Place::Kind::Map && document.root.isFlow)
            return cannotEdit(document, list);
        std::string after;
        if (document.root.kind != Place::Kind::Map)
            after = "format: 1" + document.eol;
        if (!document.text.empty() && !document.text.ends_with('\n') && document.text != "\xEF\xBB\xBF")
            after = document.eol + after;
        after += std::string(list) + ":" + document.eol + dashed(2) + document.eol;
        return replaced(document, document.text.size(), document.text.size(), after);
    }
    const auto &[key, place] = *entry;
    if (place.isNothing() || (place.isFlow && place.items.empty())) {
        // `rules:` or `rules: []`; the comment on that line stays on it.
        const std::size_t colon = behindColon(document.text, key);
        const std::size_t begin = place.isNothing() ? colon : std::min(colon, place.begin);
        const std::size_t end = place.isNothing() ? colon : place.end;
        const std::size_t lineEnd = endOfLine(document.text, end);
        return replaced(document, begin, lineEnd, std::string(document.text.substr(end, lineEnd - end)) + document.eol + dashed(key.column + 2));
    }
    if (place.kind != Place::Kind::List)
        return Error{SG_TR("'%1' is no list"), {shown(list)}, document.file};
    if (place.isFlow)
        return entryAddedToFlow(document, place, place.items.back().end, flowText(item));
    const std::size_t at = endOfLine(document.text, place.end);
    return replaced(document, at, at, document.eol + dashed(place.column));
}

Result<Node> parsedItem(const std::string &file, std::string_view itemYaml)
{
    // With a line end: a | text at its end has one in the file as well.
    auto item = parseYaml(std::string(itemYaml) + "\n", file);
    if (!item)
        return item;
    if (item->kind != Node::Kind::Map || item->text("id").empty())
        return Error{SG_TR("the new item is no map with an 'id'"), {}, file};
    return item;
}

}

Result<TextEdit> addItem(const std::string &file, std::string_view text, std::string_view list, std::string_view itemYaml)
{
    const auto document = open(file, text);
    if (!document)
        return document.error();
    const auto item = parsedItem(file, itemYaml);
    if (!item)
        return item.error();
    if (itemOf(*document, list, item->text("id")))
        return Error{SG_TR("'%1' is in the list '%2' already"), {item->text("id"), shown(list)}, file};
    auto edit = addToList(*document, list, itemYaml, *item);
    if (!edit)
        return edit;
    Node expected = document->node;
    addToNode(expected, list, *item);
    if (!saysNow(*document, *edit, expected))
        return cannotEdit(*document, list);
    edit->title = "Add " + item->text("id");
    return edit;
}

Result<TextEdit> replaceItem(const std::string &file, std::string_view text, std::string_view list, std::string_view id, std::string_view itemYaml)
{
    const auto document = open(file, text);
    if (!document)
        return document.error();
    const auto item = parsedItem(file, itemYaml);
    if (!item)
        return item.error();
    const Place *place = itemOf(*document, list, id);
    if (!place)
        return noSuchItem(*document, list, id);
    Node expected = document->node;
    replaceInNode(expected, list, id, *item);
    const bool isInFlowList = document->root.entry(list)->second.isFlow;
    const std::size_t end = place->isFlow ? place->end : endOfLine(text, place->end);
    TextEdit edit = replaced(*document, place->begin, end, isInFlowList ? flowText(*item) : indented(itemYaml, place->column, document->eol));
    if (!saysNow(*document, edit, expected))
        return cannotEdit(*document, id);
    edit.title = "Change " + std::string(id);
    return edit;
}

Result<TextEdit> removeItem(const std::string &file, std::string_view text, std::string_view list, std::string_view id)
{
    const auto document = open(file, text);
    if (!document)
        return document.error();
    const Place *place = itemOf(*document, list, id);
    if (!place)
        return noSuchItem(*document, list, id);
    const auto &[key, items] = *document->root.entry(list);
    const auto number = static_cast<std::size_t>(place - items.items.data());
    TextEdit edit;
    if (items.items.size() == 1) {
        const std::size_t colon = behindColon(text, key);
        const std::size_t lineBegin = beginOfLine(text, items.begin);
        if (items.isFlow)
            edit = replaced(*document, items.begin, items.end, "[]");
        else // comments between the key and its only item stay
            edit = replaced(*document, colon, endOfLine(text, place->end),
                            " []" + std::string(text.substr(colon, lineBegin - (document->eol.size()) - colon)));
    } else if (items.isFlow) {
        edit = removedFromFlow(*document, place->begin, place->end, number ? items.items[number - 1].end : 0,
                               number + 1 < items.items.size() ? items.items[number + 1].begin : 0);
    } else {
        edit = linesRemoved(*document, place->begin, place->end);
    }
    Node expected = document->node;
    removeFromNode(expected, list, id);
    if (!saysNow(*document, edit, expected))
        return cannotEdit(*document, id);
    edit.title = "Remove " + std::string(id);
    return edit;
}

Result<std::string> textOfItem(std::string_view text, std::string_view list, std::string_view id)
{
    const auto document = open({}, text);
    if (!document)
        return document.error();
    const Place *place = itemOf(*document, list, id);
    if (!place)
        return noSuchItem(*document, list, id);
    return textOfPlace(text, *place);
}

}
