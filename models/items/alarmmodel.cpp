#include "items/alarmmodel.h"

#include "items/alarmtexts.h"
#include "items/texts.h"

namespace sg {

namespace {

bool isUnacknowledged(AlarmState state)
{
    switch (state) {
    case AlarmState::Unacknowledged:
    case AlarmState::ReturnedUnacknowledged:
    case AlarmState::LatchedUnacknowledged:
        return true;
    case AlarmState::Normal:
    case AlarmState::Acknowledged:
    case AlarmState::LatchedAcknowledged:
    case AlarmState::Shelved:
    case AlarmState::Suppressed:
    case AlarmState::OutOfService:
    case AlarmState::Disabled:
        return false;
    }
    return false;
}

// What is shelved, suppressed, out of service or disabled is not on the operator's list.
bool isListed(AlarmState state)
{
    return isUnacknowledged(state) || state == AlarmState::Acknowledged || state == AlarmState::LatchedAcknowledged;
}

}

bool AlarmModel::Entry::operator<(const Entry &other) const
{
    if (isUnacknowledged != other.isUnacknowledged)
        return isUnacknowledged;
    if (priority != other.priority)
        return priority > other.priority;
    if (raised != other.raised)
        return raised > other.raised;
    return instance < other.instance;
}

AlarmModel::AlarmModel(SnapshotFeed &feed, QObject *parent)
    : QAbstractTableModel(parent)
    , m_feed(feed)
{
    connect(&feed, &SnapshotFeed::changed, this, &AlarmModel::take);
    take(std::make_shared<Snapshot>(), feed.current());
}

void AlarmModel::setArea(const QString &area)
{
    m_area = area;
    for (std::size_t i = 0; i < m_feed.current()->alarms.size(); ++i)
        place(static_cast<std::uint32_t>(i), entryOf(static_cast<std::uint32_t>(i)).has_value());
    settle();
}

const AlarmView *AlarmModel::view(std::uint32_t instance) const
{
    const auto &alarms = m_feed.current()->alarms;
    if (instance >= alarms.size() || !alarms.at(instance).alarm.rule)
        return nullptr;
    return &alarms.at(instance).alarm;
}

std::optional<AlarmModel::Entry> AlarmModel::entryOf(std::uint32_t instance) const
{
    const auto *alarm = view(instance);
    if (alarm == nullptr || !isListed(project(alarm->regions)))
        return std::nullopt;
    if (!m_area.isEmpty() && textOf(alarm->rule->area) != m_area)
        return std::nullopt;
    return Entry{instance, isUnacknowledged(project(alarm->regions)), alarm->priority, alarm->regions.raised};
}

int AlarmModel::rowOf(std::uint32_t instance) const
{
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        if (m_rows[i].instance == instance)
            return static_cast<int>(i);
    return -1;
}

void AlarmModel::take(const SnapshotPtr &before, const SnapshotPtr &after)
{
    const auto waitingBefore = m_waiting.size();
    bool isChanged = false;
    after->alarms.changedSince(before->alarms, [&](std::size_t begin, std::size_t end) {
        isChanged = true;
        for (auto i = begin; i < end; ++i) {
            const auto instance = static_cast<std::uint32_t>(i);
            place(instance, entryOf(instance).has_value());
        }
    });
    if (!isChanged)
        return;
    if (!m_isHeld)
        settle();
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, 0), index(static_cast<int>(m_rows.size()) - 1, ColumnCount - 1));
    if (m_waiting.size() != waitingBefore)
        Q_EMIT waitingChanged(waiting());
    Q_EMIT countsChanged();
}

// Brings one instance in or out. Its place among the others is settle()'s.
void AlarmModel::place(std::uint32_t instance, bool isShown)
{
    const auto row = rowOf(instance);
    if (m_isHeld) {
        const auto waits = std::find(m_waiting.begin(), m_waiting.end(), instance);
        if (isShown && row < 0 && waits == m_waiting.end())
            m_waiting.push_back(instance);
        else if (!isShown && waits != m_waiting.end())
            m_waiting.erase(waits);
        return;
    }
    if (isShown && row < 0) {
        const auto entry = *entryOf(instance);
        const auto at = std::lower_bound(m_rows.begin(), m_rows.end(), entry);
        const auto to = static_cast<int>(at - m_rows.begin());
        beginInsertRows({}, to, to);
        m_rows.insert(at, entry);
        endInsertRows();
    } else if (!isShown && row >= 0) {
        beginRemoveRows({}, row, row);
        m_rows.erase(m_rows.begin() + row);
        endRemoveRows();
    }
}

void AlarmModel::settle()
{
    for (auto &row : m_rows)
        if (const auto entry = entryOf(row.instance))
            row = *entry;
    // Insertion sort by moves: few rows change place at a time.
    for (std::size_t i = 1; i < m_rows.size(); ++i) {
        if (!(m_rows[i] < m_rows[i - 1]))
            continue;
        const auto at = std::upper_bound(m_rows.begin(), m_rows.begin() + static_cast<std::ptrdiff_t>(i), m_rows[i]);
        const auto to = at - m_rows.begin();
        beginMoveRows({}, static_cast<int>(i), static_cast<int>(i), {}, static_cast<int>(to));
        std::rotate(at, m_rows.begin() + static_cast<std::ptrdiff_t>(i), m_rows.begin() + static_cast<std::ptrdiff_t>(i) + 1);
        endMoveRows();
    }
}

void AlarmModel::hold(bool isHeld)
{
    if (isHeld == m_isHeld)
        return;
    m_isHeld = isHeld;
    if (isHeld)
        return;
    const auto late = std::exchange(m_waiting, {});
    std::vector<std::uint32_t> gone;
    for (const auto &row : m_rows)
        if (!entryOf(row.instance))
            gone.push_back(row.instance);
    for (const auto instance : gone)
        place(instance, false);
    settle();
    for (const auto instance : late)
        place(instance, entryOf(instance).has_value());
    if (!late.empty())
        Q_EMIT waitingChanged(0);
    Q_EMIT countsChanged();
}

const AlarmView *AlarmModel::alarm(int row) const
{
    return row >= 0 && static_cast<std::size_t>(row) < m_rows.size() ? view(m_rows[static_cast<std::size_t>(row)].instance) : nullptr;
}

ShownOccurrence AlarmModel::shown(int row) const
{
    const auto *there = alarm(row);
    return there != nullptr ? ShownOccurrence{there->regions.occurrence, there->regions.seq} : ShownOccurrence{};
}

int AlarmModel::unacknowledged() const
{
    auto count = static_cast<int>(m_waiting.size());
    for (const auto &row : m_rows)
        if (const auto *there = view(row.instance); there != nullptr && isUnacknowledged(project(there->regions)))
            ++count;
    return count;
}

int AlarmModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int AlarmModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant AlarmModel::display(const AlarmView &alarm, int column) const
{
    const auto &snapshot = *m_feed.current();
    switch (column) {
    case StateColumn:
        return stateText(project(alarm.regions));
    case PriorityColumn:
        return priorityText(alarm.priority);
    case NameColumn:
        return filledIn(alarm.rule->name, alarm, *m_feed.workspace());
    case KeyColumn: {
        const auto key = keyText(alarm.key);
        const auto source = textOf(decodeSegment(sourceOf(alarm.key)));
        return key.isEmpty() ? source : source + QStringLiteral(" · ") + key;
    }
    case ValueColumn:
        return alarm.valueText.empty() ? valueText(alarm.value, nullptr) : textOf(alarm.valueText);
    case LimitColumn:
        return std::isfinite(alarm.limit) ? valueText(alarm.limit, nullptr) : QStringLiteral("—");
    case TimeColumn:
        return clockText(alarm.regions.raised);
    case AgeColumn:
        return alarm.regions.raised == NoTime ? QString() : ageText(std::max(snapshot.reference, m_feed.now()) - alarm.regions.raised);
    default:
        return {};
    }
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
        return display(*there, index.column());
    case Qt::ToolTipRole: {
        auto text = stateText(state) + u'\n' + textOf(there->rule->id) + u'\n' + textOf(there->path);
        if (!there->rule->area.empty())
            text += u'\n' + tr("Area: %1").arg(textOf(there->rule->area));
        if (there->regions.reoccurrences > 0)
            text += u'\n' + tr("Raised again %n time(s) without acknowledgement", nullptr, static_cast<int>(there->regions.reoccurrences));
        return text;
    }
    case Qt::TextAlignmentRole:
        if (index.column() == ValueColumn || index.column() == LimitColumn || index.column() == AgeColumn)
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
        return state == AlarmState::Unacknowledged || state == AlarmState::Acknowledged;
    case PathRole:
        return textOf(there->path);
    case RuleRole:
        return textOf(there->rule->id);
    case OccurrenceRole:
        return QVariant::fromValue<quint64>(there->regions.occurrence);
    case RaisedRole:
        return QVariant::fromValue<qint64>(there->regions.raised.time_since_epoch().count());
    default:
        return {};
    }
}

QVariant AlarmModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case StateColumn:
        return tr("State");
    case PriorityColumn:
        return tr("Priority");
    case NameColumn:
        return tr("Name");
    case KeyColumn:
        return tr("Key");
    case ValueColumn:
        return tr("Value");
    case LimitColumn:
        return tr("Limit");
    case TimeColumn:
        return tr("Time");
    case AgeColumn:
        return tr("Age");
    default:
        return {};
    }
}

}
