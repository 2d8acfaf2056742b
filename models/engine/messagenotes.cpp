#include "engine/messagenotes.h"

#include <algorithm>

namespace sg {

std::uint32_t NoteSets::add(std::string joined)
{
    if (m_first + static_cast<std::uint32_t>(m_sets.size()) == 0) // 0 is no set
        m_sets.emplace_back();
    m_bytes += joined.size();
    m_sets.push_back(std::move(joined));
    while (m_sets.size() > MostSets || m_bytes > MostBytes) {
        m_bytes -= m_sets.front().size();
        m_sets.pop_front();
        ++m_first;
    }
    return m_first + static_cast<std::uint32_t>(m_sets.size()) - 1;
}

const std::string *NoteSets::find(std::uint32_t set) const
{
    const std::uint32_t place = set - m_first;
    return set != 0 && place < m_sets.size() ? &m_sets[place] : nullptr;
}

void SourceNotes::add(LocalId series, std::string_view key)
{
    if (!m_areUsed)
        return;
    const auto [known, isNew] = m_numbers.try_emplace(std::string(key), static_cast<std::uint32_t>(m_keys.size()));
    if (isNew)
        m_keys.emplace_back();
    if (number(series) >= m_keyOf.size())
        m_keyOf.resize(number(series) + 1, NoKey);
    m_keyOf[number(series)] = known->second;
}

void SourceNotes::take(const Note &note)
{
    const auto known = m_numbers.find(note.key);
    if (known == m_numbers.end())
        return; // a key past the limits has no series
    Key &key = m_keys[known->second];
    const auto at = std::ranges::lower_bound(key.notes, note.name, {}, &NoteList::value_type::first);
    if (at != key.notes.end() && at->first == note.name)
        at->second = boundedNote(note.text);
    else if (key.notes.size() < MostNotes)
        key.notes.insert(at, {note.name, boundedNote(note.text)});
    key.set = 0;
}

std::uint32_t SourceNotes::of(LocalId series, NoteSets &sets)
{
    if (number(series) >= m_keyOf.size() || m_keyOf[number(series)] == NoKey)
        return 0;
    Key &key = m_keys[m_keyOf[number(series)]];
    if (!key.notes.empty() && sets.find(key.set) == nullptr)
        key.set = sets.add(joinedNotes(key.notes));
    return key.set;
}

}
