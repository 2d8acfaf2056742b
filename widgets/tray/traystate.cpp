#include "widgets/tray/traystate.h"

#include "items/texts.h"
#include "widgets/theme/icons.h"

#include <QCoreApplication>
#include <QPainter>

namespace sg {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(sg::TrayWords)
};

void paintBlind(QPainter &painter, int side)
{
    painter.setPen(QPen(QColor(0x60, 0x60, 0x60), std::max(1.0, side / 16.0)));
    painter.setBrush(QColor(0xd0, 0xd0, 0xd0));
    const auto edge = side / 10.0;
    painter.drawRoundedRect(QRectF(edge, edge, side - 2 * edge, side - 2 * edge), side / 6.0, side / 6.0);
    auto font = painter.font();
    font.setBold(true);
    font.setPixelSize(std::max(6, side * 6 / 10));
    painter.setFont(font);
    painter.setPen(QColor(0x30, 0x30, 0x30));
    painter.drawText(QRectF(0, 0, side, side), Qt::AlignCenter, QStringLiteral("?"));
}

}

TrayState trayStateOf(const Snapshot &snapshot, Whose whose)
{
    TrayState state;
    state.isBlind = snapshot.isLost;
    std::optional<Priority> waiting, any;
    for (std::size_t i = 0; i < snapshot.alarms.size(); ++i) {
        const auto &alarm = snapshot.alarms.at(i).alarm;
        if (!alarm.rule || !isOf(whose, *alarm.rule))
            continue;
        const auto lists = listsOf(alarm);
        if (lists & bitOf(AlarmList::Unacknowledged)) {
            ++state.unacknowledged;
            waiting = std::max(waiting.value_or(Priority::Low), alarm.priority);
        }
        if (lists & bitOf(AlarmList::Open)) {
            ++state.active;
            any = std::max(any.value_or(Priority::Low), alarm.priority);
        }
    }
    state.worst = waiting ? waiting : any;
    state.isUnacknowledged = waiting.has_value();
    return state;
}

QString trayText(const TrayState &state)
{
    const auto name = Words::tr("Sightglass");
    if (state.isBlind)
        return name + u'\n' + Words::tr("nothing is known: no evaluator answers");
    if (!state.worst)
        return name + u'\n' + Words::tr("no alarm");
    return name + u'\n'
        + (state.isUnacknowledged ? Words::tr("%n unacknowledged, worst %1", nullptr, state.unacknowledged)
                                  : Words::tr("%n acknowledged alarm(s), worst %1", nullptr, state.active))
              .arg(priorityText(*state.worst));
}

QIcon trayIcon(const TrayState &state)
{
    if (!state.isBlind && !state.worst)
        return appIcon();
    QIcon icon;
    for (const auto side : {16, 22, 24, 32, 48, 64}) {
        QPixmap pixmap(side, side);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        if (state.isBlind)
            paintBlind(painter, side);
        else
            paintPriority(painter, QRectF(0, 0, side, side), *state.worst, state.isUnacknowledged);
        painter.end();
        icon.addPixmap(pixmap);
    }
    return icon;
}

}
