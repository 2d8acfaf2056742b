#include "engine/clocknotes.h"

#include "core/selector.h"

#include <algorithm>

namespace sg {

void ClockNotes::add(LocalId series, std::string_view key)
{
    if (areUsed())
        m_keys[std::string(key)].series.push_back(series);
}

const std::vector<LocalId> *ClockNotes::take(const Note &note)
{
    const auto name = std::find(m_names.begin(), m_names.end(), note.name);
    if (name == m_names.end())
        return nullptr;
    Key &key = m_keys[note.key];
    key.texts.resize(m_names.size());
    std::string &text = key.texts[static_cast<std::size_t>(name - m_names.begin())];
    if (text == note.text)
        return nullptr;
    text = note.text;
    return &key.series;
}

std::string ClockNotes::of(std::string_view key) const
{
    std::string name;
    const auto found = m_keys.find(std::string(key));
    if (found == m_keys.end())
        return name;
    for (const std::string &text : found->second.texts) {
        if (text.empty())
            return {};
        name += (name.empty() ? "" : "/") + encodeSegment(text);
    }
    return name;
}

}
