#include "items/alarmmodel.h"

#include "core/selector.h"
#include "items/alarmtexts.h"
#include "items/texts.h"

#include <set>

namespace sg {

namespace {

template <class T> int threeWay(const T &a, const T &b)
{
    return a < b ? -1 : b < a ? 1 : 0;
}

int byNumber(double a, double b) // no number goes last
{
    if (std::isfinite(a) != std::isfinite(b))
        return std::isfinite(a) ? -1 : 1;
    return std::isfinite(a) ? threeWay(a, b) : 0;
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
    startOver();
}

void AlarmModel::setArea(const QString &area)
{
    m_area = utf8Of(area);
    startOver();
}

void AlarmModel::setWhose(Whose whose)
{
    if (std::exchange(m_whose, whose) != whose)
        startOver();
}

void AlarmModel::setList(AlarmList list)
{
    if (std::exchange(m_list, list) != list)
        startOver();
}

void AlarmModel::setFilter(const AlarmFilter &filter)
{
    if (filter == m_filter)
        return;
    m_filter = filter;
    m_filterArea = utf8Of(filter.area);
    m_words = foldedWords(filter.text);
    lookAgain();
}

void AlarmModel::setGrouping(AlarmGrouping grouping)
{
    if (std::exchange(m_grouping, grouping) == grouping)
        return;
    m_isUnsorted = true;
    settle(true);
}

void AlarmModel::sort(int column, Qt::SortOrder order)
{
    if (column == m_column && order == m_direction)
        return;
    m_column = column;
    m_direction = order;
    m_isUnsorted = true;
    settle(true);
}

const AlarmView *AlarmModel::view(std::uint32_t instance) const
{
    const auto &alarms = m_feed.current()->alarms;
    if (instance >= alarms.size() || !alarms.at(instance).alarm.rule)
        return nullptr;
    return &alarms.at(instance).alarm;
}

AlarmModel::Entry AlarmModel::entryOf(std::uint32_t instance) const
{
    const auto *alarm = view(instance);
    if (alarm == nullptr)
        return {instance, false, Priority::Low, NoTime};
    return {instance, isUnacknowledged(project(alarm->regions)), alarm->priority, alarm->regions.raised};
}

bool AlarmModel::isShown(std::uint32_t instance)
{
    auto &known = m_known[instance];
    if ((known.lists & bitOf(m_list)) == 0)
        return false;
    const auto &alarm = *view(instance);
    if (alarm.priority < m_filter.least || (!m_filterArea.empty() && alarm.area != m_filterArea))
        return false;
    if (m_words.empty())
        return true;
    if (known.text.empty() || known.textOf != alarm.rule->hash || known.textOfRaise != alarm.regions.occurrence) {
        known.text = searchText(alarm);
        known.textOf = alarm.rule->hash;
        known.textOfRaise = alarm.regions.occurrence;
    }
    return hasWords(known.text, m_words);
}

void AlarmModel::take(const SnapshotPtr &before, const SnapshotPtr &after)
{
    const auto waitingBefore = m_waiting;
    bool isChanged = false;
    after->alarms.changedSince(before->alarms, [&](std::size_t begin, std::size_t end) {
        isChanged = true;
        for (auto i = begin; i < end; ++i)
            note(static_cast<std::uint32_t>(i));
    });
    if (!isChanged)
        return;
    settle();
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, 0), index(static_cast<int>(m_rows.size()) - 1, ColumnCount - 1));
    if (m_waiting != waitingBefore)
        Q_EMIT waitingChanged(m_waiting);
    Q_EMIT countsChanged();
}

void AlarmModel::note(std::uint32_t instance)
{
    if (instance >= m_known.size())
        m_known.resize(std::max<std::size_t>(instance + 1, m_feed.current()->alarms.size()));
    auto &known = m_known[instance];
    const auto *alarm = view(instance);
    const auto isHere = alarm != nullptr && (m_area.empty() || alarm->area == m_area);
    const auto isTheirs = isHere && isOf(m_whose, *alarm->rule);
    const ListBits lists = isTheirs ? listsOf(*alarm) : ListBits{0};
    const auto isOthersWaiting = isHere && !isTheirs && isUnacknowledged(project(alarm->regions));
    m_othersWaiting += static_cast<int>(isOthersWaiting) - static_cast<int>(std::exchange(known.isOthersWaiting, isOthersWaiting));
    if (const ListBits changed = lists ^ known.lists; changed != 0)
        for (std::size_t list = 0; list < AlarmLists; ++list)
            if (changed & (1U << list))
                m_counts[list] += (lists & (1U << list)) ? 1 : -1;
    known.lists = lists;
    const auto is = isShown(instance);
    if (known.row >= 0) {
        if (known.isLeaving == is) {
            known.isLeaving = !is;
            m_leaving += is ? -1 : 1;
        }
        const auto isByMore
            = m_column == StateColumn || m_column == ValueColumn || m_column == WhyColumn || m_column == BadgesColumn; // than an Entry has
        if (is && (isByMore || !(entryOf(instance) == m_rows[static_cast<std::size_t>(known.row)])))
            m_isUnsorted = true;
    } else if (is && known.row == NoRow) {
        known.row = Waits;
        m_arriving.push_back(instance);
        ++m_waiting;
    } else if (!is && known.row == Waits) {
        known.row = NoRow; // its entry among those arriving is left out when they come
        --m_waiting;
    }
}

void AlarmModel::settle(bool isForced)
{
    if (m_isHeld && !isForced)
        return;
    std::erase_if(m_arriving, [this](std::uint32_t instance) { return m_known[instance].row != Waits; });
    // One that came, went and came again stands there twice.
    std::sort(m_arriving.begin(), m_arriving.end());
    m_arriving.erase(std::unique(m_arriving.begin(), m_arriving.end()), m_arriving.end());
    if (m_arriving.empty() && m_leaving == 0 && !m_isUnsorted)
        return;
    if (!m_arriving.empty()) {
        const auto first = static_cast<int>(m_rows.size());
        beginInsertRows({}, first, first + static_cast<int>(m_arriving.size()) - 1);
        for (const auto instance : m_arriving) {
            m_known[instance].row = static_cast<std::int32_t>(m_rows.size());
            m_rows.push_back(entryOf(instance));
        }
        m_arriving.clear();
        m_waiting = 0;
        endInsertRows();
    }
    order();
    if (m_leaving > 0) {
        const auto size = static_cast<int>(m_rows.size());
        beginRemoveRows({}, size - m_leaving, size - 1);
        for (auto row = size - m_leaving; row < size; ++row) {
            auto &known = m_known[m_rows[static_cast<std::size_t>(row)].instance];
            known.row = NoRow;
            known.isLeaving = false;
        }
        m_rows.resize(static_cast<std::size_t>(size - m_leaving));
        m_leaving = 0;
        endRemoveRows();
    }
}

void AlarmModel::order()
{
    m_isUnsorted = false;
    auto next = m_rows;
    for (auto &row : next)
        row = entryOf(row.instance);
    const auto leaving = std::stable_partition(next.begin(), next.end(), [this](const Entry &e) { return !m_known[e.instance].isLeaving; });
    sortRows({next.begin(), leaving});
    const auto isSame
        = std::equal(next.begin(), next.end(), m_rows.begin(), [](const Entry &a, const Entry &b) { return a.instance == b.instance; });
    if (isSame) {
        m_rows = std::move(next);
        return;
    }
    Q_EMIT layoutAboutToBeChanged({}, VerticalSortHint);
    const auto kept = persistentIndexList();
    std::vector<std::uint32_t> instances;
    for (const auto &index : kept)
        instances.push_back(m_rows[static_cast<std::size_t>(index.row())].instance);
    m_rows = std::move(next);
    for (std::size_t row = 0; row < m_rows.size(); ++row)
        m_known[m_rows[row].instance].row = static_cast<std::int32_t>(row);
    QModelIndexList moved;
    for (qsizetype i = 0; i < kept.size(); ++i)
        moved << index(m_known[instances[static_cast<std::size_t>(i)]].row, kept[i].column());
    changePersistentIndexList(kept, moved);
    Q_EMIT layoutChanged({}, VerticalSortHint);
}

void AlarmModel::lookAgain()
{
    for (std::size_t i = 0; i < m_known.size(); ++i)
        note(static_cast<std::uint32_t>(i));
    const auto hadWaiting = m_waiting > 0;
    settle(true);
    if (hadWaiting)
        Q_EMIT waitingChanged(m_waiting);
    Q_EMIT countsChanged();
}

void AlarmModel::startOver()
{
    beginResetModel();
    m_rows.clear();
    m_arriving.clear();
    m_known.clear();
    m_counts = {};
    m_othersWaiting = 0;
    m_leaving = m_waiting = 0;
    for (std::size_t i = 0; i < m_feed.current()->alarms.size(); ++i)
        note(static_cast<std::uint32_t>(i));
    for (const auto instance : m_arriving)
        m_rows.push_back(entryOf(instance));
    m_arriving.clear();
    m_waiting = 0;
    sortRows(m_rows);
    for (std::size_t row = 0; row < m_rows.size(); ++row)
        m_known[m_rows[row].instance].row = static_cast<std::int32_t>(row);
    m_isUnsorted = false;
    endResetModel();
    Q_EMIT waitingChanged(0);
    Q_EMIT countsChanged();
}

void AlarmModel::hold(bool isHeld)
{
    if (std::exchange(m_isHeld, isHeld) == isHeld || isHeld)
        return;
    const auto hadWaiting = m_waiting > 0;
    settle();
    if (hadWaiting)
        Q_EMIT waitingChanged(m_waiting);
    Q_EMIT countsChanged();
}

std::string_view AlarmModel::groupOf(const AlarmView &alarm) const
{
    switch (m_grouping) {
    case AlarmGrouping::None:
        return {};
    case AlarmGrouping::Area:
        return alarm.area;
    case AlarmGrouping::Source:
        return sourceOf(alarm.key);
    }
    return {};
}

int AlarmModel::compare(const AlarmView &a, const AlarmView &b) const
{
    switch (m_column) {
    case GroupColumn:
        return threeWay(groupOf(a), groupOf(b));
    case StateColumn:
        return threeWay(project(a.regions), project(b.regions));
    case PriorityColumn:
        return threeWay(b.priority, a.priority); // the highest first
    case TimeColumn:
        return threeWay(a.regions.raised, b.regions.raised);
    case AgeColumn:
        return threeWay(b.regions.raised, a.regions.raised);
    case NameColumn:
        return a.rule == b.rule ? 0 : threeWay<std::string_view>(a.rule->name, b.rule->name);
    case KeyColumn:
        return threeWay<std::string_view>(a.key, b.key);
    case ValueColumn:
        return byNumber(a.value, b.value);
    case WhyColumn:
        return byNumber(a.limit, b.limit);
    case BadgesColumn: // which shelf ends first; which is raised most often
        return a.shelvedUntil != b.shelvedUntil ? threeWay(a.shelvedUntil, b.shelvedUntil) : threeWay(b.raisesInMinute, a.raisesInMinute);
    default:
        return 0;
    }
}

void AlarmModel::sortRows(std::span<Entry> rows) const
{
    if (m_column < 0 && m_grouping == AlarmGrouping::None) {
        std::sort(rows.begin(), rows.end());
        return;
    }
    // Its page is looked up once for each row, not for each comparison.
    std::vector<std::pair<Entry, const AlarmView *>> both;
    both.reserve(rows.size());
    for (const auto &row : rows)
        both.emplace_back(row, view(row.instance));
    std::sort(both.begin(), both.end(), [this](const auto &a, const auto &b) {
        if (a.second == nullptr || b.second == nullptr)
            return a.second != b.second ? b.second == nullptr : a.first < b.first;
        if (m_grouping != AlarmGrouping::None)
            if (const auto group = threeWay(groupOf(*a.second), groupOf(*b.second)); group != 0)
                return group < 0;
        if (const auto by = compare(*a.second, *b.second); by != 0)
            return (by < 0) == (m_direction == Qt::AscendingOrder);
        return a.first < b.first;
    });
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i] = both[i].first;
}

bool AlarmModel::beginsGroup(int row) const
{
    if (m_grouping == AlarmGrouping::None)
        return false;
    const auto *here = alarm(row), *above = alarm(row - 1);
    return here != nullptr && (above == nullptr || groupOf(*here) != groupOf(*above));
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

QStringList AlarmModel::areas() const
{
    std::set<std::string_view> names;
    const auto &alarms = m_feed.current()->alarms;
    for (std::size_t i = 0; i < alarms.size(); ++i)
        if (const auto &alarm = alarms.at(i).alarm; alarm.rule && !alarm.area.empty())
            names.insert(alarm.area);
    QStringList out;
    for (const auto &name : names)
        out << textOf(name);
    return out;
}

}
