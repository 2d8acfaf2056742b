#include "items/alarmmodel.h"

#include "core/selector.h"
#include "items/alarmtexts.h"
#include "items/texts.h"

// What the cells of the list say.
namespace sg {

int AlarmModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int AlarmModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant AlarmModel::display(const AlarmView &alarm, int row, int column) const
{
    const auto &workspace = *m_feed.workspace();
    switch (column) {
    case GroupColumn:
        if (!beginsGroup(row))
            return {};
        return groupOf(alarm).empty() ? tr("(no area)") : textOf(decodeSegment(groupOf(alarm)));
    case StateColumn:
        return stateOf(alarm);
    case PriorityColumn:
        return priorityText(alarm.priority);
    case TimeColumn:
        return raisedOf(alarm);
    case NameColumn:
        return filledIn(alarm.rule->name, alarm, workspace);
    case KeyColumn: {
        const auto key = keyText(alarm.key);
        const auto source = textOf(decodeSegment(sourceOf(alarm.key)));
        return key.isEmpty() ? source : source + QStringLiteral(" · ") + key;
    }
    case ValueColumn:
        return valueOf(alarm, workspace);
    case WhyColumn:
        return whyOf(alarm, workspace);
    case BadgesColumn:
        return badgesOf(alarm, std::max(m_feed.current()->reference, m_feed.now())).join(QStringLiteral(" · "));
    case AgeColumn:
        return alarm.regions.raised == NoTime ? QString()
                                              : ageText(std::max(m_feed.current()->reference, m_feed.now()) - alarm.regions.raised);
    default:
        return {};
    }
}

QString AlarmModel::toolTip(const AlarmView &alarm) const
{
    const auto &workspace = *m_feed.workspace();
    auto text = filledIn(alarm.rule->name, alarm, workspace) + u'\n' + stateOf(alarm);
    if (const auto why = whyOf(alarm, workspace); !why.isEmpty())
        text += QStringLiteral(": ") + why;
    text += u'\n' + tr("Rule %1, series %2").arg(textOf(alarm.rule->id), textOf(alarm.path));
    if (alarm.regions.raised != NoTime)
        text += u'\n' + tr("Raised: %1").arg(clockText(alarm.regions.raised));
    if (!alarm.area.empty())
        text += u'\n' + tr("Area: %1").arg(textOf(alarm.area));
    if (alarm.regions.reoccurrences > 0)
        text += u'\n' + tr("Raised again %n time(s) without acknowledgement", nullptr, static_cast<int>(alarm.regions.reoccurrences));
    for (const auto &badge : badgesOf(alarm, std::max(m_feed.current()->reference, m_feed.now())))
        text += u'\n' + badge;
    return tipText(text);
}

QVariant AlarmModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const auto *there = alarm(index.row());
    if (there == nullptr) // retired while the list is held
        return role == Qt::DisplayRole && index.column() == StateColumn ? tr("Gone") : QVariant();
    const auto state = project(there->regions);
    switch (role) {
    case Qt::DisplayRole:
        return display(*there, index.row(), index.column());
    case Qt::ToolTipRole:
        return toolTip(*there);
    case Qt::TextAlignmentRole:
        if (index.column() == ValueColumn || index.column() == AgeColumn)
            return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
        return {};
    case ShortStateRole:
        return shortStateText(state);
    case StateRole:
        return static_cast<int>(state);
    case PriorityRole:
        return static_cast<int>(there->priority);
    case IsUnacknowledgedRole:
        return isUnacknowledged(state);
    case IsActiveRole:
        return isActive(there->regions);
    case PathRole:
        return textOf(there->path);
    case RuleRole:
        return textOf(there->rule->id);
    case OccurrenceRole:
        return QVariant::fromValue<quint64>(there->regions.occurrence);
    case RaisedRole:
        return QVariant::fromValue<qint64>(there->regions.raised.time_since_epoch().count());
    case BadgesRole:
        return badgesOf(*there, std::max(m_feed.current()->reference, m_feed.now()));
    case ShortBadgesRole:
        return shortBadgesOf(*there, std::max(m_feed.current()->reference, m_feed.now()));
    case GroupBeginsRole:
        return beginsGroup(index.row());
    default:
        return {};
    }
}

QVariant AlarmModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(
            Qt::Alignment((section == ValueColumn || section == AgeColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case GroupColumn:
        return m_grouping == AlarmGrouping::Source ? tr("Source") : tr("Area");
    case StateColumn:
        return tr("State");
    case PriorityColumn:
        return tr("Priority");
    case TimeColumn:
        return tr("Time");
    case NameColumn:
        return tr("Name");
    case KeyColumn:
        return tr("Key");
    case ValueColumn:
        return tr("Value");
    case WhyColumn:
        return tr("Why");
    case BadgesColumn:
        return tr("Marks");
    case AgeColumn:
        return tr("Age");
    default:
        return {};
    }
}

}
