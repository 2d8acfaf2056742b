#include "widgets/chart/olderdata.h"

#include "items/texts.h"
#include "store/columns.h"
#include "widgets/main/desk.h"
#include "widgets/main/posting.h"

#include <QPointer>

namespace sg {

std::vector<LoadOlder> lackingBefore(const std::vector<const SeriesRow *> &rows, Time from, Time to)
{
    std::map<std::string, Time, std::less<>> oldest; // by source, of the series that begins last
    for (const SeriesRow *row : rows) {
        if (row == nullptr || !row->path)
            continue;
        const auto extent = extentOf(row->view);
        const Time begin = extent ? std::min(extent->first, to) : to;
        const auto [known, isNew] = oldest.try_emplace(std::string(sourceOf(*row->path)), begin);
        if (!isNew)
            known->second = std::max(known->second, begin);
    }
    std::vector<LoadOlder> out;
    for (const auto &[source, begin] : oldest)
        if (from < begin)
            out.push_back({source, from, begin});
    return out;
}

void loadOlder(Desk &desk, std::vector<LoadOlder> demands)
{
    for (LoadOlder &demand : demands) {
        const QString source = textOf(demand.source);
        desk.session().submit({std::move(demand), [&desk, self = QPointer<QObject>(&desk), source](const Outcome &outcome) {
                                   postTo(self, [&desk, outcome, source] {
                                       if (outcome.isDone)
                                           Q_EMIT desk.said(
                                               Desk::tr("Loading older data of %1; its source says how far it is.").arg(source), false);
                                       else
                                           Q_EMIT desk.said(errorText(outcome.says), true);
                                   });
                               }});
    }
}

}
