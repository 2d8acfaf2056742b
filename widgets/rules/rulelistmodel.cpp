#include "widgets/rules/rulelistmodel.h"

#include "items/rulesentence.h"
#include "items/texts.h"
#include "widgets/main/desk.h"
#include "widgets/rules/watched.h"

namespace sg {

RuleListModel::RuleListModel(Desk &desk, QObject *parent)
    : QAbstractTableModel(parent)
    , m_desk(desk)
{
    reload();
    connect(&desk, &Desk::workspaceChanged, this, &RuleListModel::reload);
    connect(&desk.feed(), &SnapshotFeed::second, this, &RuleListModel::recount);
}

void RuleListModel::reload()
{
    std::vector<Row> rows;
    if (const auto &set = m_desk.workspace()->rules) {
        for (const auto &rule : set->rules) {
            rows.push_back({rule,
                            textOf(rule->id),
                            ruleSentence(rule->settings, subjectOf(*rule, m_desk)),
                            textOf(rule->file) + u':' + QString::number(rule->line),
                            {}});
        }
        for (const auto &refused : set->refused)
            rows.push_back({nullptr,
                            textOf(refused.id),
                            refused.errors.empty() ? tr("refused") : tr("Refused: %1").arg(errorText(refused.errors.front())),
                            {},
                            {}});
    }
    // A rule that changed keeps its row, so that selection and focus stay where they are.
    const auto isSame = std::equal(rows.begin(), rows.end(), m_rows.begin(), m_rows.end(),
                                   [](const Row &a, const Row &b) { return a.id == b.id && (a.rule == nullptr) == (b.rule == nullptr); });
    if (isSame) {
        m_rows = std::move(rows);
        if (!m_rows.empty())
            Q_EMIT dataChanged(index(0, 0), index(static_cast<int>(m_rows.size()) - 1, Columns - 1));
    } else {
        beginResetModel();
        m_rows = std::move(rows);
        endResetModel();
    }
    recount();
}

void RuleListModel::recount()
{
    const auto snapshot = m_desk.feed().current(); // what runs says how much it watches
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        auto &row = m_rows[i];
        QString text;
        if (row.rule && !row.rule->isEnabled)
            text = tr("off");
        else if (row.rule && snapshot->watches)
            for (const auto &watch : *snapshot->watches)
                if (watch.rule->id == row.rule->id)
                    text = QString::number(watch.watched);
        if (text == row.watches)
            continue;
        row.watches = text;
        const auto at = index(static_cast<int>(i), WatchesColumn);
        Q_EMIT dataChanged(at, at);
    }
}

int RuleListModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int RuleListModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : Columns;
}

QVariant RuleListModel::data(const QModelIndex &index, int role) const
{
    const auto &row = m_rows[static_cast<std::size_t>(index.row())];
    if (role == Qt::CheckStateRole && index.column() == EnabledColumn && row.rule)
        return row.rule->isEnabled ? Qt::Checked : Qt::Unchecked;
    if (role == Qt::ToolTipRole)
        return row.sentence;
    if (role == Qt::TextAlignmentRole && index.column() == WatchesColumn)
        return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    if (role == Qt::AccessibleTextRole && index.column() == EnabledColumn)
        return !row.rule ? tr("refused") : row.rule->isEnabled ? tr("enabled") : tr("disabled");
    if (role != Qt::DisplayRole)
        return {};
    switch (static_cast<Column>(index.column())) {
    case EnabledColumn:
        return {};
    case IdColumn:
        return row.id;
    case PriorityColumn:
        return row.rule ? priorityText(row.rule->priority) : QString();
    case WatchesColumn:
        return row.watches;
    case SentenceColumn:
        return row.sentence;
    case FileColumn:
        return row.place;
    case Columns:
        break;
    }
    return {};
}

QVariant RuleListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (static_cast<Column>(section)) {
    case EnabledColumn:
        return tr("On");
    case IdColumn:
        return tr("Rule");
    case PriorityColumn:
        return tr("Priority");
    case WatchesColumn:
        return tr("Watches");
    case SentenceColumn:
        return tr("What it does");
    case FileColumn:
        return tr("File");
    case Columns:
        break;
    }
    return {};
}

Qt::ItemFlags RuleListModel::flags(const QModelIndex &index) const
{
    auto out = QAbstractTableModel::flags(index);
    if (index.isValid() && index.column() == EnabledColumn && m_rows[static_cast<std::size_t>(index.row())].rule)
        out |= Qt::ItemIsUserCheckable;
    return out;
}

bool RuleListModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    const auto rule = index.isValid() ? this->rule(index.row()) : nullptr;
    if (role != Qt::CheckStateRole || !rule)
        return false;
    setRuleEnabled(m_desk, *rule, value.toInt() == Qt::Checked);
    return true;
}

std::shared_ptr<const Rule> RuleListModel::rule(int row) const
{
    return row < 0 || row >= rowCount() ? nullptr : m_rows[static_cast<std::size_t>(row)].rule;
}

QString RuleListModel::id(int row) const
{
    return row < 0 || row >= rowCount() ? QString() : m_rows[static_cast<std::size_t>(row)].id;
}

int RuleListModel::rowOf(const QString &id) const
{
    const auto found = std::find_if(m_rows.begin(), m_rows.end(), [&](const Row &row) { return row.id == id; });
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

void setRuleEnabled(Desk &desk, const Rule &rule, bool isEnabled)
{
    if (rule.isEnabled == isEnabled)
        return;
    const auto id = textOf(rule.id);
    desk.edits().edit(
        rule.file,
        [file = rule.file, id = rule.id, isEnabled](const std::string &text) {
            return isEnabled ? removeKey(file, text, "rules", id, "enabled") : setValue(file, text, "rules", id, "enabled", "false");
        },
        isEnabled ? RuleListModel::tr("Enable rule %1").arg(id) : RuleListModel::tr("Disable rule %1").arg(id));
}

}
