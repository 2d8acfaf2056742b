#include "widgets/alarms/seenrows.h"

#include "items/alarmmodel.h"

#include <QTableView>

namespace sg {

std::vector<int> SeenRows::page(const QTableView &view)
{
    std::vector<int> rows;
    const auto height = view.viewport()->height();
    const auto count = view.model()->rowCount();
    for (auto row = view.rowAt(0); row >= 0 && row < count; ++row) {
        const auto top = view.rowViewportPosition(row);
        if (top >= height)
            break;
        if (top >= 0 && top + view.rowHeight(row) <= height)
            rows.push_back(row);
    }
    return rows;
}

void SeenRows::note(const QTableView &view, const AlarmModel &model)
{
    for (const auto row : page(view))
        if (model.alarm(row) != nullptr)
            m_seen[model.instance(row)] = model.shown(row);
}

std::optional<ShownOccurrence> SeenRows::of(std::uint32_t instance) const
{
    const auto seen = m_seen.find(instance);
    return seen != m_seen.end() ? std::optional(seen->second) : std::nullopt;
}

}
