#include "widgets/rules/gridmodel.h"

#include "alarms/expectedkeys.h"
#include "items/texts.h"
#include "widgets/theme/theme.h"

#include <QFont>

#include <set>
#include <unordered_map>

namespace sg {

namespace {

bool isLevel(const std::string &column)
{
    const auto name = column.substr(0, column.find('.'));
    return name == "high_high" || name == "high" || name == "low" || name == "low_low";
}

bool isEmpty(const std::vector<std::string> &cells)
{
    return std::all_of(cells.begin(), cells.end(), [](const std::string &cell) { return cell.empty(); });
}

}

GridModel::GridModel(CsvText text, Reader reader, QObject *parent)
    : QAbstractTableModel(parent)
    , m_csv(std::move(text))
    , m_reader(std::move(reader))
{
    judgeAll();
}

int GridModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || m_csv.lines.empty() ? 0 : static_cast<int>(m_csv.lines.size()) - 1;
}

int GridModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() || m_csv.lines.empty() ? 0 : static_cast<int>(m_csv.lines.front().cells.size());
}

QVariant GridModel::data(const QModelIndex &index, int role) const
{
    const auto &cells = cellsOf(index.row());
    const auto column = static_cast<std::size_t>(index.column());
    const auto fault = m_faults.find(index.row());
    const auto isFaulty = fault != m_faults.end() && fault->second.column == index.column();
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
        return column < cells.size() ? textOf(cells[column]) : QString();
    case Qt::ToolTipRole:
    case Qt::AccessibleDescriptionRole:
        return isFaulty ? fault->second.text : QString();
    case Qt::FontRole: {
        QFont font;
        font.setBold(isFaulty);
        font.setUnderline(isFaulty);
        return font;
    }
    case Qt::BackgroundRole:
        return isFaulty ? QVariant(theme().line) : QVariant();
    default: // roles of Qt
        return {};
    }
}

QVariant GridModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole)
        return {};
    if (orientation == Qt::Vertical)
        return section + 1;
    return static_cast<std::size_t>(section) < m_csv.lines.front().cells.size()
        ? textOf(m_csv.lines.front().cells[static_cast<std::size_t>(section)])
        : QString();
}

Qt::ItemFlags GridModel::flags(const QModelIndex &index) const
{
    return index.isValid() ? QAbstractTableModel::flags(index) | Qt::ItemIsEditable : Qt::NoItemFlags;
}

bool GridModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (role != Qt::EditRole || !index.isValid())
        return false;
    auto &cells = cellsOf(index.row());
    const auto column = static_cast<std::size_t>(index.column());
    // No line break in a cell: the readers take none.
    const auto text = utf8Of(value.toString().simplified());
    if ((column < cells.size() ? cells[column] : std::string()) == text)
        return false;
    cells.resize(std::max(cells.size(), static_cast<std::size_t>(columnCount())));
    const auto wasKey = !isLevel(m_csv.lines.front().cells[column]);
    cells[column] = text;
    if (wasKey)
        judgeAll(); // another row may have had the same key
    else
        judge(index.row());
    Q_EMIT dataChanged(this->index(0, 0), this->index(rowCount() - 1, columnCount() - 1));
    return true;
}

bool GridModel::insertRows(int row, int count, const QModelIndex &parent)
{
    if (parent.isValid() || m_csv.lines.empty())
        return false;
    beginInsertRows(parent, row, row + count - 1);
    for (int i = 0; i < count; ++i)
        m_csv.insert(static_cast<std::size_t>(row) + 1, std::vector<std::string>(static_cast<std::size_t>(columnCount())));
    endInsertRows();
    judgeAll();
    return true;
}

bool GridModel::removeRows(int row, int count, const QModelIndex &parent)
{
    if (parent.isValid())
        return false;
    drop(row, count);
    judgeAll();
    return true;
}

void GridModel::drop(int row, int count)
{
    beginRemoveRows({}, row, row + count - 1);
    for (int i = count; i > 0; --i) // from the end: what stands behind is moved the least
        m_csv.remove(static_cast<std::size_t>(row) + static_cast<std::size_t>(i));
    endRemoveRows();
}

void GridModel::removeRowsOf(const QModelIndexList &cells)
{
    std::set<int, std::greater<>> rows;
    for (const auto &cell : cells)
        rows.insert(cell.row());
    m_faults.clear(); // their rows move
    for (auto at = rows.begin(); at != rows.end();) {
        auto first = *at;
        const auto last = first;
        while (++at != rows.end() && *at == first - 1)
            first = *at;
        drop(first, last - first + 1);
    }
    judgeAll();
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

void GridModel::clear(const QModelIndexList &cells)
{
    for (const auto &cell : cells)
        if (auto &texts = cellsOf(cell.row()); static_cast<std::size_t>(cell.column()) < texts.size())
            texts[static_cast<std::size_t>(cell.column())].clear();
    judgeAll();
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

void GridModel::begin(const std::vector<std::string> &columns)
{
    beginResetModel();
    m_csv.insert(0, columns);
    endResetModel();
    judgeAll();
}

void GridModel::addRows(const std::vector<std::vector<std::string>> &rows)
{
    const auto from = rowCount();
    if (rows.empty() || !insertRows(from, static_cast<int>(rows.size())))
        return;
    for (std::size_t i = 0; i < rows.size(); ++i)
        cellsOf(from + static_cast<int>(i)) = rows[i];
    judgeAll();
    Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

void GridModel::addColumn(const QString &name)
{
    beginInsertColumns({}, columnCount(), columnCount());
    const auto columns = m_csv.lines.empty() ? 0 : m_csv.lines.front().cells.size();
    for (auto &line : m_csv.lines) {
        line.cells.resize(std::max(columns, line.cells.size()));
        line.cells.push_back(&line == &m_csv.lines.front() ? utf8Of(name) : std::string());
    }
    endInsertColumns();
    judgeAll();
}

int GridModel::paste(const QModelIndex &at, const QString &text)
{
    int lost = 0;
    const auto from = at.isValid() ? at : index(0, 0);
    const auto lines = text.split(u'\n');
    const auto firstRow = at.isValid() ? from.row() : 0;
    const auto firstColumn = at.isValid() ? from.column() : 0;
    // Spreadsheets end the last line too.
    const auto last = static_cast<int>(lines.size()) - (lines.back().isEmpty() ? 1 : 0);
    if (firstRow + last > rowCount())
        insertRows(rowCount(), firstRow + last - rowCount());
    for (int i = 0; i < last; ++i) {
        auto line = lines[i];
        if (line.endsWith(u'\r'))
            line.chop(1);
        QStringList cells;
        if (line.contains(u'\t')) {
            cells = line.split(u'\t');
        } else {
            for (const auto &cell : csvCells(utf8Of(line)))
                cells << textOf(cell);
        }
        auto &target = cellsOf(firstRow + i);
        target.resize(std::max(target.size(), static_cast<std::size_t>(columnCount())));
        for (int c = 0; c < cells.size(); ++c) {
            if (firstColumn + c < columnCount())
                target[static_cast<std::size_t>(firstColumn + c)] = utf8Of(cells[c].simplified());
            else
                ++lost;
        }
    }
    judgeAll();
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    return lost;
}

QString GridModel::copied(const QModelIndexList &cells) const
{
    auto sorted = cells;
    std::sort(sorted.begin(), sorted.end(),
              [](const QModelIndex &a, const QModelIndex &b) { return std::pair(a.row(), a.column()) < std::pair(b.row(), b.column()); });
    QString out;
    for (qsizetype i = 0; i < sorted.size(); ++i) {
        if (i > 0)
            out += sorted[i].row() == sorted[i - 1].row() ? u'\t' : u'\n';
        out += sorted[i].data().toString();
    }
    return out;
}

std::vector<std::string> GridModel::row(int number) const
{
    return cellsOf(number);
}

QString GridModel::fault() const
{
    if (!m_headerFault.isEmpty())
        return m_headerFault;
    return m_faults.empty() ? QString() : tr("Row %1: %2").arg(QString::number(m_faults.begin()->first + 1), m_faults.begin()->second.text);
}

std::string GridModel::key(int row) const
{
    std::string out;
    const auto &cells = cellsOf(row);
    for (std::size_t c = 0; c < cells.size() && c < m_csv.lines.front().cells.size(); ++c)
        if (!isLevel(m_csv.lines.front().cells[c]))
            out += cells[c] + '\n';
    return out;
}

// The reader says which column it means by its name, and often the cell's text beside it.
std::optional<GridModel::Fault> GridModel::faultOf(const Error &error, int row) const
{
    const auto &names = m_csv.lines.front().cells;
    const auto &cells = cellsOf(row);
    Fault out{0, errorText({error.text, error.args, {}})};
    std::optional<int> named;
    for (std::size_t c = 0; c < names.size() && c < cells.size(); ++c) {
        const auto isNamed = !error.args.empty() && (names[c] == error.args.front() || names[c].starts_with(error.args.front() + "."));
        if (isNamed && (!named || (error.args.size() > 1 && cells[c] == error.args[1])))
            named = static_cast<int>(c);
    }
    out.column = named.value_or(0);
    return out;
}

void GridModel::judge(int row)
{
    m_faults.erase(row);
    if (isEmpty(cellsOf(row)) || !m_headerFault.isEmpty())
        return;
    if (const auto error = m_reader(csvLine(m_csv.lines.front().cells) + "\n" + csvLine(cellsOf(row)) + "\n"))
        m_faults.insert_or_assign(row, *faultOf(*error, row));
}

void GridModel::judgeAll()
{
    m_faults.clear();
    m_headerFault.clear();
    const auto header = m_csv.lines.empty() ? std::string() : csvLine(m_csv.lines.front().cells) + "\n";
    if (const auto error = m_reader(header))
        m_headerFault = errorText({error->text, error->args, {}});
    std::unordered_map<std::string, int> first;
    for (int row = 0; row < rowCount(); ++row) {
        judge(row);
        if (isEmpty(cellsOf(row)) || m_faults.contains(row))
            continue;
        const auto [known, isNew] = first.try_emplace(key(row), row);
        if (isNew)
            continue;
        // Blank lines between, so that the line it names is the one of the file.
        const auto both = header + std::string(static_cast<std::size_t>(known->second), '\n') + csvLine(cellsOf(known->second)) + "\n"
            + csvLine(cellsOf(row)) + "\n";
        if (const auto error = m_reader(both))
            m_faults.insert_or_assign(row, Fault{0, errorText({error->text, error->args, {}})});
    }
}

}
