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

void CursorItem::showAt(double x, const QString &time, std::vector<Line> lines)
{
    m_x = x;
    m_time = time;
    m_lines = std::move(lines);
    update();
}

void CursorItem::setBox(const QRectF &box)
{
    m_box = box;
    update();
}

void CursorItem::clear()
{
    m_x = -1;
    m_box = {};
    update();
}

void CursorItem::paint(QPainter *painter, const QStyleOptionGraphicsItem *, QWidget *)
{
    if (!m_box.isNull()) {
        painter->setPen(QPen(theme().accent, 1));
        painter->setBrush(QColor(theme().accent.red(), theme().accent.green(), theme().accent.blue(), 50));
        painter->drawRect(m_box);
    }
    if (m_x < m_plot.left() || m_x > m_plot.right() || m_time.isEmpty())
        return;
    painter->setPen(QPen(theme().text, 1, Qt::DotLine));
    painter->drawLine(QPointF(m_x, m_plot.top()), QPointF(m_x, m_plot.bottom()));
    if (!m_box.isNull())
        return;
    const auto metrics = painter->fontMetrics();
    const auto line = metrics.height() + 1;
    auto nameWidth = metrics.horizontalAdvance(m_time) - 60;
    auto valueWidth = 40;
    for (const auto &entry : m_lines) {
        nameWidth = std::max(nameWidth, metrics.horizontalAdvance(entry.name));
        valueWidth = std::max(valueWidth, metrics.horizontalAdvance(entry.value));
    }
    nameWidth = std::min(nameWidth, 260);
    QRectF box(m_x + 12, m_plot.top() + 10, nameWidth + valueWidth + 40, line * (static_cast<double>(m_lines.size()) + 1) + 8);
    if (box.right() > m_plot.right()) // to the other side of the line, never over the pointer
        box.moveRight(m_x - 12);
    painter->setPen(theme().line);
    painter->setBrush(QColor(theme().raised.red(), theme().raised.green(), theme().raised.blue(), 240));
    painter->drawRect(box);
    painter->setPen(theme().text);
    auto y = box.top() + 4;
    painter->drawText(QRectF(box.left() + 8, y, box.width(), line), Qt::AlignVCenter, m_time);
    for (const auto &entry : m_lines) {
        y += line;
        painter->fillRect(QRectF(box.left() + 8, y + line / 2.0 - 1.5, 12, 3), entry.colour);
        painter->drawText(QRectF(box.left() + 26, y, nameWidth, line), Qt::AlignVCenter,
                          metrics.elidedText(entry.name, Qt::ElideMiddle, nameWidth));
        painter->drawText(QRectF(box.left() + 26 + nameWidth, y, valueWidth + 8, line), Qt::AlignVCenter | Qt::AlignRight, entry.value);
    }
}

}
