#include "widgets/sources/seriesdelegate.h"

#include "widgets/main/desk.h"
#include "widgets/sources/sparkcache.h"
#include "widgets/theme/theme.h"

#include <QPainter>
#include <QPainterPath>

namespace sg {

namespace {

void paintSpark(QPainter &painter, const QRectF &in, const Columns &columns, const QColor &colour)
{
    auto low = std::numeric_limits<double>::infinity();
    auto high = -low;
    for (const auto &column : columns.columns)
        if (column.samples > 0) {
            low = std::min(low, column.min);
            high = std::max(high, column.max);
        }
    if (!(low <= high))
        return;
    const auto flat = high - low <= 0;
    const auto y = [&](double value) { return flat ? in.center().y() : in.bottom() - (value - low) / (high - low) * in.height(); };
    const auto step = in.width() / static_cast<double>(std::max<std::size_t>(1, columns.columns.size()));
    QPainterPath path;
    bool isOpen = false;
    for (std::size_t i = 0; i < columns.columns.size(); ++i) {
        const auto &column = columns.columns[i];
        if (column.samples == 0)
            continue;
        const auto x = in.left() + (static_cast<double>(i) + 0.5) * step;
        if (!isOpen || column.breaksBefore)
            path.moveTo(x, y(column.first));
        else
            path.lineTo(x, y(column.first));
        isOpen = true;
        if (column.samples > 1) {
            path.lineTo(x, y(column.min));
            path.lineTo(x, y(column.max));
            path.lineTo(x, y(column.last));
        }
    }
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(colour, 1.1));
    painter.drawPath(path);
}

}

SeriesDelegate::SeriesDelegate(Desk &desk, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_desk(desk)
{
}

void SeriesDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    const auto isSeries = index.data(SeriesTreeModel::SeriesRole).toLongLong() >= 0;
    if (!isSeries && index.column() == SeriesTreeModel::NameColumn)
        option->font.setBold(!index.parent().isValid());
    if (isSeries && index.data(SeriesTreeModel::IsStaleRole).toBool()) {
        option->palette.setColor(QPalette::Text, theme().faint);
        if (index.column() == SeriesTreeModel::ValueColumn || index.column() == SeriesTreeModel::AgeColumn)
            option->font.setItalic(true);
    }
    if (index.column() == SeriesTreeModel::UnitColumn)
        option->palette.setColor(QPalette::Text, theme().faint);
}

void SeriesDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const auto isStale = index.data(SeriesTreeModel::IsStaleRole).toBool();
    QStyledItemDelegate::paint(painter, option, index);
    if (isStale && index.column() == SeriesTreeModel::ValueColumn) {
        // A hatch as well: grey alone is easily overlooked.
        painter->fillRect(option.rect,
                          QBrush(QColor(theme().faint.red(), theme().faint.green(), theme().faint.blue(), 60), Qt::BDiagPattern));
        return;
    }
    if (index.column() != SeriesTreeModel::TrendColumn)
        return;
    const auto series = index.data(SeriesTreeModel::SeriesRole).toLongLong();
    if (series < 0 || index.data(SeriesTreeModel::KindRole).toInt() != static_cast<int>(ValueKind::Number))
        return;
    if (const auto *columns = m_desk.sparks().of(static_cast<std::size_t>(series))) {
        painter->save();
        const auto isSelected = (option.state & QStyle::State_Selected) != 0; // the selection's ground is the accent itself
        paintSpark(*painter, QRectF(option.rect).adjusted(4, 4, -4, -4), *columns,
                   isSelected    ? option.palette.color(QPalette::HighlightedText)
                       : isStale ? theme().line
                                 : theme().accent);
        painter->restore();
    }
}

QSize SeriesDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    auto size = QStyledItemDelegate::sizeHint(option, index);
    size.setHeight(std::max(size.height(), option.fontMetrics.height() + 6));
    return size;
}

}
