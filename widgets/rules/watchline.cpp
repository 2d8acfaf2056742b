#include "widgets/rules/watchline.h"

#include "items/texts.h"
#include "widgets/main/desk.h"
#include "widgets/theme/theme.h"

namespace sg {

WatchLine::WatchLine(Desk &desk, QWidget *parent)
    : QLabel(parent)
    , m_desk(desk)
{
    setObjectName(QStringLiteral("watchLine"));
    setTextFormat(Qt::PlainText);
    connect(&desk.feed(), &SnapshotFeed::second, this, &WatchLine::refresh);
    refresh();
}

void WatchLine::refresh()
{
    const auto &snapshot = *m_desk.feed().current();
    std::size_t watched = 0, unknown = 0;
    int rules = 0, idle = 0;
    QStringList idleNames;
    if (snapshot.watches)
        for (const auto &watch : *snapshot.watches) {
            ++rules;
            watched += watch.watched;
            unknown += watch.unknown;
            if (watch.watched == 0) {
                ++idle;
                idleNames << textOf(watch.rule->id);
            }
        }
    QStringList parts{rules == 1 ? tr("1 rule watches %1 series").arg(watched) : tr("%1 rules watch %2 series").arg(rules).arg(watched)};
    if (idle > 0)
        parts << (idle == 1 ? tr("1 watches nothing") : tr("%1 watch nothing").arg(idle));
    if (unknown > 0)
        parts << tr("%1 unknown").arg(unknown);
    if (const auto refused = m_desk.workspace()->rules ? m_desk.workspace()->rules->refused.size() : 0; refused > 0)
        parts << tr("%1 refused").arg(refused);
    auto text = parts.join(QStringLiteral(", "));
    if (rules == 0)
        text = tr("No rules: nothing raises an alarm");
    setText(text);
    setAccessibleName(text);
    setToolTip(idleNames.isEmpty() ? QString() : tr("Watch nothing: %1").arg(idleNames.join(QStringLiteral(", "))));
    auto bold = font();
    bold.setBold(idle > 0 || rules == 0);
    setFont(bold);
}

}
