#include "widgets/alarms/journalmodel.h"

#include "core/notes.h"
#include "engine/explain.h"
#include "items/texts.h"
#include "widgets/main/desk.h"
#include "widgets/main/posting.h"

namespace sg {

namespace {

constexpr std::size_t PageRows = 1000;
constexpr std::size_t MostRows = 50'000; // older ones are in the export

QString joined(std::string_view first, const QString &between, std::string_view second)
{
    const auto a = textOf(first), b = textOf(second);
    return a.isEmpty() || b.isEmpty() ? a + b : a + between + b;
}

std::optional<Priority> priorityOf(const JournalRow &row)
{
    for (const auto priority : {Priority::Low, Priority::Medium, Priority::High, Priority::Urgent})
        if (row.priority == nameOf(priority))
            return priority;
    return std::nullopt;
}

QString stateWord(const std::string &name)
{
    return translated(name.c_str());
}

}

JournalModel::JournalModel(Desk &desk, QObject *parent)
    : QAbstractTableModel(parent)
    , m_desk(desk)
{
}

void JournalModel::refresh()
{
    const auto newest = m_desk.feed().current()->journalSeq;
    if (m_isReading || (!m_rows.empty() && m_rows.front().seq >= newest))
        return;
    JournalQuery query;
    query.limit = PageRows;
    query.isNewestFirst = true;
    query.afterSeq = m_rows.empty() ? 0 : m_rows.front().seq;
    ask(query, false);
}

void JournalModel::show(std::vector<JournalRow> rows)
{
    beginResetModel();
    m_rows.assign(std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
    m_isAtEnd = true;
    endResetModel();
}

bool JournalModel::canFetchMore(const QModelIndex &parent) const
{
    return !parent.isValid() && !m_isAtEnd && !m_rows.empty() && !m_isReading;
}

void JournalModel::fetchMore(const QModelIndex &)
{
    if (m_isReading || m_rows.empty())
        return;
    JournalQuery query;
    query.isNewestFirst = true;
    query.limit = PageRows;
    query.beforeSeq = m_rows.back().seq;
    ask(query, true);
}

void JournalModel::ask(JournalQuery query, bool isOlder)
{
    m_isReading = true;
    m_desk.session().journal(query,
                             [this, self = QPointer<QObject>(this), isOlder, limit = query.limit](Result<std::vector<JournalRow>> rows) {
                                 postTo(self, [this, isOlder, limit, rows = std::move(rows)]() mutable {
                                     m_isReading = false;
                                     if (rows)
                                         take(std::move(*rows), isOlder, limit);
                                     else
                                         Q_EMIT m_desk.said(errorText(rows.error()), true);
                                 });
                             });
}

void JournalModel::take(std::vector<JournalRow> rows, bool isOlder, std::size_t limit)
{
    const auto isFull = rows.size() >= limit;
    if (isOlder) {
        std::erase_if(rows, [this](const JournalRow &row) { return row.seq >= m_rows.back().seq; }); // the list began anew meanwhile
        m_isAtEnd = !isFull || m_rows.size() + rows.size() >= MostRows;
        if (rows.empty())
            return;
        const auto first = static_cast<int>(m_rows.size());
        beginInsertRows({}, first, first + static_cast<int>(rows.size()) - 1);
        m_rows.insert(m_rows.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
        endInsertRows();
        return;
    }
    if (rows.empty())
        return;
    if (m_rows.empty() || isFull) { // between what was shown and the newest page there may be a hole
        beginResetModel();
        m_rows.assign(std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
        m_isAtEnd = !isFull;
        endResetModel();
        return;
    }
    beginInsertRows({}, 0, static_cast<int>(rows.size()) - 1);
    m_rows.insert(m_rows.begin(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
    endInsertRows();
    if (m_rows.size() > MostRows) {
        beginRemoveRows({}, static_cast<int>(MostRows), static_cast<int>(m_rows.size()) - 1);
        m_rows.resize(MostRows);
        endRemoveRows();
    }
}

int JournalModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int JournalModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant JournalModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || (role != Qt::DisplayRole && role != Qt::ToolTipRole))
        return {};
    const auto &row = m_rows[static_cast<std::size_t>(index.row())];
    if (const auto meaning = translated(meaningOf(row.event));
        role == Qt::ToolTipRole && index.column() == EventColumn && !meaning.isEmpty())
        return QString(textOf(row.event).replace(u'_', u' ') + QStringLiteral(": ") + meaning);
    switch (index.column()) {
    case TimeColumn:
        return clockText(row.tEvent == NoTime ? row.tDetect : row.tEvent);
    case EventColumn:
        return textOf(row.event).replace(u'_', u' ');
    case PriorityColumn: {
        const auto priority = priorityOf(row);
        return priority ? priorityText(*priority) : QString();
    }
    case AlarmColumn:
        if (row.rule.empty())
            return joined(row.source, QStringLiteral(" "), row.key);
        return textOf(row.rule) + QStringLiteral(" · ") + joined(row.key, QStringLiteral("/"), row.field);
    case StateColumn:
        if (row.to.empty() || row.from == row.to)
            return stateWord(row.to.empty() ? row.from : row.to);
        return row.from.empty() ? stateWord(row.to) : stateWord(row.from) + QStringLiteral(" → ") + stateWord(row.to);
    case ValueColumn: {
        const auto value
            = row.valueText.empty() ? (std::isfinite(row.value) ? valueText(row.value, nullptr) : QString()) : textOf(row.valueText);
        return std::isfinite(row.limit) ? tr("%1, limit %2").arg(value, valueText(row.limit, nullptr)) : value;
    }
    case WhoColumn:
        return textOf(row.actor);
    case ReasonColumn:
        return joined(row.actor.empty() ? utf8Of(withLocalTimes(textOf(row.reason))) : row.reason, QStringLiteral(" · "),
                      notesText(row.notes));
    default:
        return {};
    }
}

QVariant JournalModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(Qt::AlignLeft | Qt::AlignVCenter));
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case TimeColumn:
        return tr("Time");
    case EventColumn:
        return tr("Event");
    case PriorityColumn:
        return tr("Priority");
    case AlarmColumn:
        return tr("Alarm");
    case StateColumn:
        return tr("State");
    case ValueColumn:
        return tr("Value");
    case WhoColumn:
        return tr("Who");
    case ReasonColumn:
        return tr("Reason");
    default:
        return {};
    }
}

const std::string &JournalModel::ruleName(const std::string &rule) const
{
    static const std::string none;
    if (const auto &rules = m_desk.workspace()->rules; rules != m_named) {
        m_named = rules;
        m_ruleNames.clear();
        for (const auto &one : rules ? rules->rules : std::vector<std::shared_ptr<const Rule>>())
            m_ruleNames.emplace(one->id, one->name);
    }
    const auto found = m_ruleNames.find(rule);
    return found == m_ruleNames.end() ? none : found->second;
}

JournalFilter::JournalFilter(JournalModel &model, const QString &area, QObject *parent)
    : QSortFilterProxyModel(parent)
    , m_model(model)
    , m_ownArea(utf8Of(area))
{
    setSourceModel(&model);
}

void JournalFilter::setFilter(const AlarmFilter &filter)
{
    m_area = utf8Of(filter.area);
    m_least = filter.least;
    m_words = foldedWords(filter.text);
    invalidateFilter();
}

bool JournalFilter::filterAcceptsRow(int n, const QModelIndex &) const
{
    const auto &row = m_model.row(n);
    if ((!m_ownArea.empty() && row.area != m_ownArea) || (!m_area.empty() && row.area != m_area))
        return false;
    if (m_least != Priority::Low && priorityOf(row).value_or(Priority::Low) < m_least)
        return false;
    if (m_words.empty())
        return true;
    return hasWords(folded(row.event + '\n' + row.rule + '\n' + m_model.ruleName(row.rule) + '\n' + row.key + '/' + row.field + '\n'
                           + row.source + '\n' + row.area + '\n' + row.actor + '\n' + row.reason + '\n' + row.notes),
                    m_words);
}

}
