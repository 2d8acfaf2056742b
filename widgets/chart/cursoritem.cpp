#include "widgets/chart/cursoritem.h"

#include "widgets/theme/theme.h"

#include <QPainter>

namespace sg {

CursorItem::CursorItem(QGraphicsItem *parent)
    : QGraphicsObject(parent)
{
    setZValue(20);
    setAcceptedMouseButtons(Qt::NoButton);
}

void CursorItem::setPlot(const QRectF &plot)
{
    if (plot == m_plot)
        return;
    prepareGeometryChange();
    m_plot = plot;
}

void CursorItem::showAt(double x, const QString &time, std::vector<Line> lines, const QString &foot)
{
    m_x = x;
    m_time = time;
    m_lines = std::move(lines);
    m_foot = foot;
    update();
}

void CursorItem::setReference(std::optional<double> x)
{
    if (x == m_reference)
        return;
    m_reference = x;
    update();
}

void CursorItem::setBox(const QRectF &box)
{
    m_box = box;
    update();
}

void CursorItem::clear()
{
    if (m_x < 0 && m_box.isNull())
        return;
    m_x = -1;
    m_box = {};
    m_lines.clear();
    m_foot.clear();
    update();
}

void CursorItem::paint(QPainter *painter, const QStyleOptionGraphicsItem *, QWidget *)
{
    if (!m_box.isNull()) {
        painter->setPen(QPen(theme().accent, 1));
        painter->setBrush(QColor(theme().accent.red(), theme().accent.green(), theme().accent.blue(), 50));
        painter->drawRect(m_box);
    }
    if (m_reference && *m_reference >= m_plot.left() && *m_reference <= m_plot.right()) {
        painter->setPen(QPen(theme().accent, 1, Qt::DashLine));
        painter->drawLine(QPointF(*m_reference, m_plot.top()), QPointF(*m_reference, m_plot.bottom()));
        painter->drawText(QPointF(*m_reference + 3, m_plot.bottom() - 4), QStringLiteral("R"));
    }
    if (m_x < m_plot.left() || m_x > m_plot.right() || m_time.isEmpty())
        return;
    painter->setPen(QPen(theme().text, 1, Qt::DotLine));
    painter->drawLine(QPointF(m_x, m_plot.top()), QPointF(m_x, m_plot.bottom()));
    if (!m_box.isNull())
        return;
    paintReadout(*painter);
}

// As many columns as the lines need to stay within the plot.
void CursorItem::paintReadout(QPainter &painter) const
{
    constexpr int Swatch = 18; // room of the colour
    constexpr int Gap = 10;
    const auto metrics = painter.fontMetrics();
    const auto line = metrics.height() + 1;
    const auto foot = m_foot.isEmpty() ? 0 : 1;
    const auto count = static_cast<int>(m_lines.size());
    const auto rows = std::clamp(static_cast<int>(m_plot.height() - 24) / line - 1 - foot, 1, std::max(1, count));
    const auto columns = (count + rows - 1) / rows;
    int nameWidth = 20, valueWidth = 40, differenceWidth = 0;
    for (const auto &entry : m_lines) {
        nameWidth = std::clamp(metrics.horizontalAdvance(entry.name), nameWidth, 220);
        valueWidth = std::max(valueWidth, metrics.horizontalAdvance(entry.value));
        if (!entry.difference.isEmpty())
            differenceWidth = std::max(differenceWidth, Gap + metrics.horizontalAdvance(entry.difference));
    }
    const auto columnWidth = Swatch + nameWidth + Gap + valueWidth + differenceWidth + 12;
    const auto width
        = std::max({columns * columnWidth + 6, metrics.horizontalAdvance(m_time) + 16, metrics.horizontalAdvance(m_foot) + 16});
    QRectF box(m_x + 12, m_plot.top() + 8, width, line * (rows + 1 + foot) + 8);
    if (box.right() > m_plot.right()) // to the other side of the line, never over the pointer
        box.moveRight(m_x - 12);
    if (box.left() < m_plot.left()) // no room on either side: beside the value axis
        box.moveLeft(m_plot.left() + 2);
    painter.setPen(theme().line);
    painter.setBrush(QColor(theme().raised.red(), theme().raised.green(), theme().raised.blue(), 240));
    painter.drawRect(box);
    painter.setPen(theme().text);
    painter.drawText(QRectF(box.left() + 8, box.top() + 4, box.width(), line), Qt::AlignVCenter, m_time);
    for (int i = 0; i < count; ++i) {
        const auto &entry = m_lines[static_cast<std::size_t>(i)];
        const auto x = box.left() + 8 + i / rows * columnWidth;
        const auto y = box.top() + 4 + (i % rows + 1) * line;
        painter.fillRect(QRectF(x, y + line / 2.0 - 1.5, 12, 3), entry.colour);
        painter.drawText(QRectF(x + Swatch, y, nameWidth, line), Qt::AlignVCenter,
                         metrics.elidedText(entry.name, Qt::ElideMiddle, nameWidth));
        painter.drawText(QRectF(x + Swatch + nameWidth + Gap, y, valueWidth, line), Qt::AlignVCenter | Qt::AlignRight, entry.value);
        painter.drawText(QRectF(x + Swatch + nameWidth + Gap + valueWidth, y, differenceWidth, line), Qt::AlignVCenter | Qt::AlignRight,
                         entry.difference);
    }
    if (foot == 1) {
        painter.setPen(theme().faint);
        painter.drawText(QRectF(box.left() + 8, box.bottom() - 4 - line, box.width() - 12, line), Qt::AlignVCenter, m_foot);
    }
}

}
