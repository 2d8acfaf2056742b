#pragma once

#include "workspace/textedit.h"
#include "workspace/yamlplaces.h"

// The single cuts that the makers of textedit.h are made of. Private to this folder.
namespace sg {

// One file as it is, parsed twice: places from libyaml for the cut, nodes from yaml-cpp for the proof afterwards.
struct Document
{
    std::string file;
    std::string_view text;
    Place root;
    Node node;
    std::string eol; // as the file writes it
};

Result<Document> openDocument(const std::string &file, std::string_view text);
// The proof: the file still parses, for both parsers alike, and says what it said but for the one change.
bool saysNow(const Document &document, const TextEdit &edit, const Node &expected);
TextEdit replaced(const Document &document, std::size_t begin, std::size_t end, std::string after); // the bytes begin..end become `after`

Error cannotEdit(const Document &document, std::string_view id);
Error noSuchItem(const Document &document, std::string_view list, std::string_view id);
const Place *itemOf(const Document &document, std::string_view list, std::string_view id); // null: there is none

// "a: 1\r\nb: 2" with every line but the first indented, in the file's own line ends.
std::string indented(std::string_view yaml, std::size_t indent, const std::string &eol);
std::size_t behindColon(std::string_view text, const Place &key);

TextEdit valueReplaced(const Document &document, const std::pair<Place, Place> &entry, std::string_view value);
// A new line behind the entry with this number.
TextEdit lineAdded(const Document &document, const Place &map, std::size_t behind, const std::string &line);
// `lastEnd` 0: the collection is empty.
TextEdit entryAddedToFlow(const Document &document, const Place &place, std::size_t lastEnd, const std::string &entry);
TextEdit linesRemoved(const Document &document, std::size_t begin, std::size_t end);
// One entry out of many in [ ] or { }; `previousEnd` 0: it is the first.
TextEdit removedFromFlow(const Document &document, std::size_t begin, std::size_t end, std::size_t previousEnd, std::size_t nextBegin);
TextEdit entryRemoved(const Document &document, const Place &map, std::size_t number);

}
