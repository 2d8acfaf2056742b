#pragma once

#include "alarms/rule.h"
#include "core/text.h"

#include <unordered_map>

namespace sg {

// limits_from: other limits for single keys. Columns are label names, and LEVEL or LEVEL.deadband; an empty cell means the rule's own,
// `-` that this key has no such level. Immutable.
class LimitsTable
{
public:
    // CSV in UTF-8. `labels`: those that tell the rule's keys apart, empty when they are not known; `levels`: those of the rule.
    static Result<std::shared_ptr<const LimitsTable>> read(std::string_view text, const std::string &file,
                                                           const std::vector<std::string> &labels);

    // The rule's settings for this key; nothing where the table says nothing of it.
    [[nodiscard]] std::optional<Node> settingsFor(const Node &settings, const KeyLabels &labels) const;
    [[nodiscard]] std::size_t rows() const { return m_rows.size(); }
    // The first rows whose key is none of these: "not seen".
    [[nodiscard]] std::vector<std::string> notSeen(const std::vector<const KeyLabels *> &seen, std::size_t most) const;
    void addTo(StableHash &hash) const;

private:
    [[nodiscard]] std::string nameOf(const KeyLabels &labels) const;

    std::string m_file;
    std::vector<std::string> m_labels;
    std::vector<std::pair<std::string, std::string>> m_columns; // level, and "limit" or "deadband"
    std::map<std::string, std::pair<int, std::vector<std::string>>> m_rows; // by the labels' values; line and cells
};

}
