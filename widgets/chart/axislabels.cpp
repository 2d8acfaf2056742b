#include "widgets/chart/axislabels.h"

#include "widgets/theme/theme.h"

#include <QPainter>

#include <cmath>

namespace sg {

namespace {

// A pixel wide, as a rectangle: Qt draws a line pixel by pixel, and the grid is drawn with every picture.
void drawLevel(QPainter &painter, double left, double right, double y, const QColor &colour)
{
    painter.fillRect(QRectF(left, std::floor(y), right - left, 1), colour);
}

void drawUpright(QPainter &painter, double x, double top, double bottom, const QColor &colour)
{
    painter.fillRect(QRectF(std::floor(x), top, 1, bottom - top), colour);
}

}

AxisLabels::AxisLabels(QGraphicsItem *parent)
    : QGraphicsObject(parent)
{
    setZValue(4);
    setAcceptedMouseButtons(Qt::NoButton);
}

void AxisLabels::set(const QRectF &plot, Labels labels)
{
    prepareGeometryChange();
    m_plot = plot;
    m_labels = std::move(labels);
    update();
}

void AxisLabels::paint(QPainter *painter, const QStyleOptionGraphicsItem *, QWidget *)
{
    const auto line = painter->fontMetrics().height();
    painter->fillRect(m_plot, theme().plot);
    paintTimes(*painter);
    paintValues(*painter, m_labels.left, false);
    paintValues(*painter, m_labels.right, true);
    drawLevel(*painter, m_plot.left(), m_plot.right() + 1, m_plot.bottom(), theme().line);
    if (!m_labels.left.empty())
        drawUpright(*painter, m_plot.left(), m_plot.top(), m_plot.bottom(), theme().line);
    if (!m_labels.right.empty())
        drawUpright(*painter, m_plot.right(), m_plot.top(), m_plot.bottom(), theme().line);
    painter->setPen(theme().text);
    painter->drawText(QRectF(m_plot.left() - Left + 4, m_plot.top() - line - 3, Left + 40, line), Qt::AlignLeft | Qt::AlignVCenter,
                      m_labels.leftUnit);
    painter->drawText(QRectF(m_plot.right() - 40, m_plot.top() - line - 3, Left + 36, line), Qt::AlignRight | Qt::AlignVCenter,
                      m_labels.rightUnit);
}

// The date of the first tick stands still at the left end while the ticks move: a label that wandered with them would jump to the next
// tick each time the first one leaves.
void AxisLabels::paintTimes(QPainter &painter) const
{
    const auto line = painter.fontMetrics().height();
    double dateEnd = m_plot.left() - Left;
    for (std::size_t i = 0; i < m_labels.times.size(); ++i) {
        const auto &label = m_labels.times[i];
        drawUpright(painter, label.x, m_plot.top(), m_plot.bottom(), label.isMajor ? theme().line : theme().grid);
        drawUpright(painter, label.x, m_plot.bottom(), m_plot.bottom() + 4, theme().line);
        painter.setPen(label.isMajor ? theme().text : theme().faint);
        const auto clock = label.text.section(u'\n', 0, 0);
        const auto date = label.text.section(u'\n', 1);
        // A label at the right end stays within the tile, beside its tick if need be.
        const auto half = painter.fontMetrics().horizontalAdvance(clock) / 2.0;
        const auto x = std::min(label.x, m_plot.right() + Right - half);
        painter.drawText(QRectF(x - 70, m_plot.bottom() + 4, 140, line), Qt::AlignHCenter | Qt::AlignTop, clock);
        if (date.isEmpty())
            continue;
        const auto width = painter.fontMetrics().horizontalAdvance(date);
        const auto isPinned = i == 0 && !label.isMajor;
        const auto left = isPinned ? m_plot.left() : std::min(label.x - width / 2.0, m_plot.right() + Right - width);
        const auto next = std::find_if(m_labels.times.begin() + static_cast<std::ptrdiff_t>(i) + 1, m_labels.times.end(),
                                       [](const TimeLabel &other) { return other.text.contains(u'\n'); });
        if (left < dateEnd || (isPinned && next != m_labels.times.end() && next->x - width / 2.0 - 8 < left + width))
            continue; // the day that begins there says it
        painter.drawText(QRectF(left, m_plot.bottom() + 4 + line, width + 2, line), Qt::AlignLeft | Qt::AlignTop, date);
        dateEnd = left + width + 8;
    }
}

void AxisLabels::paintValues(QPainter &painter, const std::vector<ValueLabel> &labels, bool isRight) const
{
    const auto line = painter.fontMetrics().height();
    for (const auto &label : labels) {
        if (label.hasLine)
            drawLevel(painter, m_plot.left(), m_plot.right(), label.y, theme().grid);
        painter.setPen(theme().faint);
        const QRectF left(m_plot.left() - Left, label.y - line / 2.0, Left - 6, line);
        painter.drawText(isRight ? left.translated(m_plot.width() + Left + 6, 0) : left,
                         (isRight ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter, label.text);
    }
}

}
