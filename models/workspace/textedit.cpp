#include "workspace/textedit.h"

#include "core/text.h"
#include "workspace/editnodes.h"
#include "workspace/itemtext.h"
#include "workspace/textcuts.h"
#include "workspace/workspace.h"

#include <algorithm>

namespace sg {

namespace {

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

}

Result<TextEdit> setValue(const std::string &file, std::string_view text, std::string_view list, std::string_view id, std::string_view key,
                          std::string_view value)
{
    const auto document = openDocument(file, text);
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
            rest = "{ " + sg::quoted(path[j]) + ": " + rest + " }";
        if (!entry)
            return titled(keyAdded(*document, *place, id, sg::quoted(path[i]) + ": " + rest, expected));
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
    const auto document = openDocument(file, text);
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
    const auto dashed = [&](std::size_t indent) { return std::string(indent, ' ') + "- " + indented(itemYaml, indent + 2, document.eol); };
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
        return replaced(document, begin, lineEnd,
                        std::string(document.text.substr(end, lineEnd - end)) + document.eol + dashed(key.column + 2));
    }
    if (place.kind != Place::Kind::List)
        return Error{SG_TR("'%1' is no list"), {shown(list)}, document.file};
    if (place.isFlow)
        return entryAddedToFlow(document, place, place.items.back().end, flowText(item));
    const std::size_t at = endOfLine(document.text, place.end);
    return replaced(document, at, at, document.eol + dashed(place.column));
}

// With a line end: a | text at its end has one in the file as well.
Result<Node> parsedEntry(const std::string &file, std::string_view entryYaml)
{
    auto entry = parseYaml(std::string(entryYaml) + "\n", file);
    if (entry && entry->kind != Node::Kind::Map)
        return Error{SG_TR("the new item is no map"), {}, file};
    return entry;
}

Result<Node> parsedItem(const std::string &file, std::string_view itemYaml)
{
    auto item = parsedEntry(file, itemYaml);
    if (item && item->text("id").empty())
        return Error{SG_TR("the new item is no map with an 'id'"), {}, file};
    return item;
}

Result<TextEdit> addedTo(const Document &document, std::string_view list, std::string_view itemYaml, const Node &item)
{
    auto edit = addToList(document, list, itemYaml, item);
    if (!edit)
        return edit;
    Node expected = document.node;
    addToNode(expected, list, item);
    if (!saysNow(document, *edit, expected))
        return cannotEdit(document, list);
    return edit;
}

}

Result<TextEdit> addItem(const std::string &file, std::string_view text, std::string_view list, std::string_view itemYaml)
{
    const auto document = openDocument(file, text);
    if (!document)
        return document.error();
    const auto item = parsedItem(file, itemYaml);
    if (!item)
        return item.error();
    if (itemOf(*document, list, item->text("id")))
        return Error{SG_TR("'%1' is in the list '%2' already"), {item->text("id"), shown(list)}, file};
    auto edit = addedTo(*document, list, itemYaml, *item);
    if (edit)
        edit->title = "Add " + item->text("id");
    return edit;
}

Result<TextEdit> addEntry(const std::string &file, std::string_view text, std::string_view list, std::string_view entryYaml)
{
    const auto entry = parsedEntry(file, entryYaml);
    if (!entry)
        return entry.error();
    const auto document = openDocument(file, text);
    if (!document)
        return document.error();
    auto edit = addedTo(*document, list, entryYaml, *entry);
    if (edit)
        edit->title = "Add to " + std::string(list);
    return edit;
}

Result<TextEdit> replaceItem(const std::string &file, std::string_view text, std::string_view list, std::string_view id,
                             std::string_view itemYaml)
{
    const auto document = openDocument(file, text);
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
    TextEdit edit
        = replaced(*document, place->begin, end, isInFlowList ? flowText(*item) : indented(itemYaml, place->column, document->eol));
    if (!saysNow(*document, edit, expected))
        return cannotEdit(*document, id);
    edit.title = "Change " + std::string(id);
    return edit;
}

Result<TextEdit> removeItem(const std::string &file, std::string_view text, std::string_view list, std::string_view id)
{
    const auto document = openDocument(file, text);
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
    const auto document = openDocument({}, text);
    if (!document)
        return document.error();
    const Place *place = itemOf(*document, list, id);
    if (!place)
        return noSuchItem(*document, list, id);
    return textOfPlace(text, *place);
}

}
