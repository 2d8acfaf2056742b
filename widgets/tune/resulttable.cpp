#include "widgets/tune/resulttable.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QStyledItemDelegate>

#include <numeric>

namespace sg {

namespace {

constexpr int Padding = 6; // as the heads have it

// Texts stand below their heads, and a number does not touch the text beside it.
class PaddedDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        auto own = option;
        initStyleOption(&own, index);
        const auto *style = own.widget != nullptr ? own.widget->style() : QApplication::style();
        style->drawPrimitive(QStyle::PE_PanelItemViewItem, &own, painter, own.widget);
        own.rect.adjust(Padding - 3, 0, 3 - Padding, 0); // the style itself has 3
        own.state &= ~QStyle::State_HasFocus;
        style->drawControl(QStyle::CE_ItemViewItem, &own, painter, own.widget);
    }
};

}

void ResultModel::show(Content content)
{
    beginResetModel();
    m_content = std::move(content);
    endResetModel();
}

int ResultModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : m_content.rows;
}

int ResultModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_content.columns.size());
}

QVariant ResultModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const auto &column = m_content.columns[static_cast<std::size_t>(index.column())];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
        return m_content.text(index.row(), index.column());
    case KeyRole:
        return m_content.key ? m_content.key(index.row(), index.column()) : QVariant(m_content.text(index.row(), index.column()));
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment((column.isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    case Qt::FontRole: {
        const bool isLink = column.isLink && !m_content.text(index.row(), index.column()).isEmpty();
        const bool isStrong = m_content.isStrong && m_content.isStrong(index.row());
        if (!isLink && !isStrong)
            return {};
        QFont font = QApplication::font("QTableView");
        font.setUnderline(isLink);
        font.setBold(isStrong);
        return font;
    }
    default:
        return {};
    }
}

QVariant ResultModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section >= static_cast<int>(m_content.columns.size()))
        return {};
    const auto &column = m_content.columns[static_cast<std::size_t>(section)];
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment((column.isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    return role == Qt::DisplayRole ? QVariant(column.title) : QVariant();
}

void setUpTable(QTableView &view)
{
    view.setSelectionBehavior(QAbstractItemView::SelectRows);
    view.setShowGrid(false);
    view.setItemDelegate(new PaddedDelegate(&view));
    view.setWordWrap(false);
    view.setTabKeyNavigation(false);
    view.setEditTriggers(QAbstractItemView::NoEditTriggers);
    view.verticalHeader()->hide();
    view.verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    view.verticalHeader()->setDefaultSectionSize(view.fontMetrics().height() + 8);
    view.horizontalHeader()->setHighlightSections(false);
    view.horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    view.horizontalHeader()->setStretchLastSection(true);
}

ResultTable::ResultTable(const QString &name, const QString &accessible, QWidget *parent)
    : QTableView(parent)
{
    setObjectName(name);
    setAccessibleName(accessible);
    setUpTable(*this);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_sorted.setSourceModel(&m_content);
    m_sorted.setSortRole(ResultModel::KeyRole);
    setModel(&m_sorted);
    setSortingEnabled(true);
    m_sorted.sort(-1); // as the result has them, until a head is clicked
    horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this] { Q_EMIT rowChanged(currentRow()); });
    connect(&m_sorted, &QAbstractItemModel::modelReset, this, [this] { Q_EMIT rowChanged(-1); });
    const auto isLink = [this](const QModelIndex &index) {
        return m_links[static_cast<std::size_t>(index.column())] && !index.data().toString().isEmpty();
    };
    const auto take = [this](const QModelIndex &index) { Q_EMIT rowTaken(m_sorted.mapToSource(index).row(), index.column()); };
    connect(this, &QAbstractItemView::doubleClicked, this, [isLink, take](const QModelIndex &index) {
        if (!isLink(index)) // the first click took it
            take(index);
    });
    connect(this, &QAbstractItemView::clicked, this, [isLink, take](const QModelIndex &index) {
        if (isLink(index))
            take(index);
    });
}

void ResultTable::show(ResultModel::Content content)
{
    m_links.clear();
    for (const auto &column : content.columns)
        m_links.push_back(column.isLink);
    const bool isSame = m_content.columnCount() == static_cast<int>(content.columns.size());
    m_content.show(std::move(content));
    if (!isSame) {
        horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
        m_sorted.sort(-1);
    }
    resizeColumnsToContents();
    m_wanted.clear();
    for (int column = 0; column < m_content.columnCount(); ++column)
        m_wanted.push_back(columnWidth(column) + Padding);
    fitColumns();
}

// All columns are in sight: what there is no room for is taken from the widest, and is in their tool tips.
void ResultTable::fitColumns()
{
    constexpr int Narrowest = 110, Widest = 700;
    const auto widthAt = [this](int most) {
        return std::accumulate(m_wanted.begin(), m_wanted.end(), 0, [most](int sum, int wanted) { return sum + std::min(wanted, most); });
    };
    int most = Widest;
    while (most > Narrowest && widthAt(most) > viewport()->width())
        --most;
    for (std::size_t column = 0; column < m_wanted.size(); ++column)
        setColumnWidth(static_cast<int>(column), std::min(m_wanted[column], most));
}

void ResultTable::resizeEvent(QResizeEvent *event)
{
    QTableView::resizeEvent(event);
    if (event->size().width() != event->oldSize().width())
        fitColumns();
}

int ResultTable::currentRow() const
{
    const auto index = currentIndex();
    return index.isValid() ? m_sorted.mapToSource(index).row() : -1;
}

void ResultTable::setCurrentRow(int row)
{
    const auto index = m_sorted.mapFromSource(m_content.index(row, 0));
    if (index.isValid() && index.row() != currentIndex().row())
        setCurrentIndex(index);
}

void ResultTable::keyPressEvent(QKeyEvent *event)
{
    if (!event->matches(QKeySequence::Copy)) {
        if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && currentIndex().isValid()) {
            Q_EMIT rowTaken(currentRow(), currentIndex().column());
            return;
        }
        QTableView::keyPressEvent(event);
        return;
    }
    auto rows = selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end());
    QStringList lines;
    for (const auto &row : rows) {
        QStringList cells;
        for (int column = 0; column < m_sorted.columnCount(); ++column)
            cells << row.siblingAtColumn(column).data().toString();
        lines << cells.join(u'\t');
    }
    QApplication::clipboard()->setText(lines.join(u'\n'));
}

}
