#include "widgets/chart/axislabels.h"

#include "widgets/theme/theme.h"

#include <QPainter>

namespace sg {

AxisLabels::AxisLabels(QGraphicsItem *parent)
    : QGraphicsObject(parent)
{
    setZValue(4);
    setAcceptedMouseButtons(Qt::NoButton);
}

void AxisLabels::set(const QRectF &plot, std::vector<TimeLabel> times, std::vector<ValueLabel> values, const QString &unit)
{
    prepareGeometryChange();
    m_plot = plot;
    m_times = std::move(times);
    m_values = std::move(values);
    m_unit = unit;
    update();
}

void AxisLabels::paint(QPainter *painter, const QStyleOptionGraphicsItem *, QWidget *)
{
    const auto line = painter->fontMetrics().height();
    for (const auto &label : m_times) {
        if (label.hasLine) {
            painter->setPen(QPen(label.isMajor ? theme().line : theme().grid, 1));
            painter->drawLine(QPointF(label.x, m_plot.top()), QPointF(label.x, m_plot.bottom()));
        }
        painter->setPen(theme().line);
        painter->drawLine(QPointF(label.x, m_plot.bottom()), QPointF(label.x, m_plot.bottom() + 4));
        painter->setPen(label.isMajor ? theme().text : theme().faint);
        // A label at the right end stays within the tile, beside its tick if need be.
        const auto half = painter->boundingRect(QRectF(0, 0, 140, 2 * line), Qt::AlignHCenter | Qt::AlignTop, label.text).width() / 2;
        const auto x = std::min(label.x, m_plot.right() + Right - half);
        painter->drawText(QRectF(x - 70, m_plot.bottom() + 4, 140, 2 * line), Qt::AlignHCenter | Qt::AlignTop, label.text);
    }
    painter->setPen(theme().faint);
    for (const auto &label : m_values)
        painter->drawText(QRectF(m_plot.left() - Left, label.y - line / 2.0, Left - 6, line), Qt::AlignRight | Qt::AlignVCenter,
                          label.text);
    painter->setPen(theme().text);
    painter->drawText(QRectF(m_plot.left() - Left + 4, m_plot.top() - line - 3, Left + 40, line), Qt::AlignLeft | Qt::AlignVCenter, m_unit);
}

}
