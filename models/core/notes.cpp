#include "core/notes.h"

#include "core/cuttext.h"
#include "core/json.h"
#include "core/text.h"

#include <algorithm>

namespace sg {

std::string joinedNotes(const NoteList &notes)
{
    std::string out;
    for (const auto &[name, text] : notes)
        out += (out.empty() ? "" : "\n") + name + "=" + text;
    return out;
}

NoteList splitNotes(std::string_view joined)
{
    NoteList notes;
    while (!joined.empty() && notes.size() < MostNotes) {
        const std::string_view line = joined.substr(0, joined.find('\n'));
        joined.remove_prefix(std::min(joined.size(), line.size() + 1));
        if (const auto equals = line.find('='); equals != std::string_view::npos)
            notes.emplace_back(line.substr(0, equals), line.substr(equals + 1));
    }
    return notes;
}

std::string notesJson(std::string_view joined)
{
    std::string out;
    for (const auto &[name, text] : splitNotes(joined))
        out += (out.empty() ? "" : ",") + jsonText(name) + ":" + jsonText(text);
    return "{" + out + "}";
}

std::string notesText(std::string_view joined)
{
    std::string out;
    for (const auto &[name, text] : splitNotes(joined))
        out += (out.empty() ? "" : ", ") + shown(name) + " " + shown(text, LongestNote);
    return out;
}

std::string_view cutNote(std::string_view text)
{
    return cutText(text, LongestNote);
}

std::string boundedNote(std::string_view text)
{
    std::string out(cutNote(text));
    for (char &c : out)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            c = ' ';
    return out;
}

}
