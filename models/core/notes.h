#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What a message says beside its values, a lot number for instance: shown and journaled, never identity.
namespace sg {

constexpr std::size_t MostNotes = 8; // of one source
constexpr std::size_t LongestNote = 200; // bytes of one text; the rest is cut off

using NoteList = std::vector<std::pair<std::string, std::string>>; // name, text

// As a journal keeps them: a line each, "lot=L-4711". A name is a label's, so the first = ends it, and no text holds a line break.
std::string joinedNotes(const NoteList &notes);
NoteList splitNotes(std::string_view joined);
std::string notesJson(std::string_view joined); // {"lot":"L-4711","order":"88"}
// "lot L-4711, order 88", safe to show and to log; "" for none.
std::string notesText(std::string_view joined);

std::string_view cutNote(std::string_view text); // at a character of UTF-8, so that it is no longer than a note may be
std::string boundedNote(std::string_view text); // also without control characters

}
