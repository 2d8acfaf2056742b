#pragma once

#include "core/batch.h"

#include <unordered_map>

namespace sg {

// Devices whose clock is named by a note and not by a label of the path: which gateway a key's messages come through is no part of what
// they are about. Of one source; nothing is kept where no note names a clock.
class ClockNotes
{
public:
    // Which notes name the clock, as ClockWatch::Settings has them.
    void setNames(const std::vector<std::string> &names) { m_names = names; }
    [[nodiscard]] bool areUsed() const { return !m_names.empty(); }
    void add(LocalId series, std::string_view key);
    // A note that came. The series whose clock is another one now; null when nothing changes.
    const std::vector<LocalId> *take(const Note &note);
    // What names the clock of this key: "G1"; empty while it is not known.
    [[nodiscard]] std::string of(std::string_view key) const;

private:
    struct Key
    {
        std::vector<LocalId> series;
        std::vector<std::string> texts; // by name
    };
    std::vector<std::string> m_names;
    std::unordered_map<std::string, Key> m_keys;
};

}
