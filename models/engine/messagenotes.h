#pragma once

#include "core/batch.h"
#include "core/notes.h"

#include <deque>
#include <unordered_map>

namespace sg {

// The sets of notes that samples carry by number, so that one which waits for its order or for a delay keeps those of its own message.
// Bounded: a set is forgotten when as many newer ones came as any that wait can need. Ingest thread only.
class NoteSets
{
public:
    std::uint32_t add(std::string joined); // never 0
    [[nodiscard]] const std::string *find(std::uint32_t set) const; // null: none, or forgotten

private:
    static constexpr std::size_t MostSets = 65'536, MostBytes = std::size_t(16) << 20U;
    std::deque<std::string> m_sets;
    std::uint32_t m_first = 1; // number of the front one; goes round
    std::size_t m_bytes = 0;
};

// What the messages of one source said last of each of its keys. Nothing is kept, and no sample looks, where a source declares no notes.
class SourceNotes
{
public:
    void use() { m_areUsed = true; }
    [[nodiscard]] bool areUsed() const { return m_areUsed; }
    void add(LocalId series, std::string_view key);
    void take(const Note &note);
    std::uint32_t of(LocalId series, NoteSets &sets); // what a sample of it carries now; 0: none

private:
    static constexpr std::uint32_t NoKey = static_cast<std::uint32_t>(-1);
    struct Key
    {
        NoteList notes; // by name
        std::uint32_t set = 0; // they as a set; 0: they changed since
    };
    bool m_areUsed = false;
    std::unordered_map<std::string, std::uint32_t> m_numbers;
    std::vector<Key> m_keys;
    std::vector<std::uint32_t> m_keyOf; // by LocalId
};

}
