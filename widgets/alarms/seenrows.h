#pragma once

#include "core/batch.h"

#include <optional>
#include <unordered_map>

class QTableView;

namespace sg {

class AlarmModel;

// What of a list was on the screen: nobody acknowledges a row that nobody saw, and what is acknowledged is the occurrence that was
// painted. UI thread.
class SeenRows
{
public:
    void note(const QTableView &view, const AlarmModel &model); // as the view is being painted
    [[nodiscard]] std::optional<ShownOccurrence> of(std::uint32_t instance) const; // painted last
    static std::vector<int> page(const QTableView &view); // rows that are wholly visible

private:
    std::unordered_map<std::uint32_t, ShownOccurrence> m_seen; // by instance; no more than there are alarms
};

}
