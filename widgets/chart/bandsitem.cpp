#include "widgets/chart/bandsitem.h"

#include "widgets/theme/theme.h"

#include <QPainter>

namespace sg {

BandsItem::BandsItem(QGraphicsItem *parent)
    : QGraphicsObject(parent)
{
    setZValue(4.5); // above the grid, below the lines
    setAcceptedMouseButtons(Qt::NoButton);
}

void BandsItem::setPlot(const QRectF &plot)
{
    if (plot == m_plot)
        return;
    prepareGeometryChange();
    m_plot = plot;
}

void BandsItem::setBands(std::vector<Band> bands)
{
    m_bands = std::move(bands);
    update();
}

void BandsItem::setRange(std::optional<std::pair<double, double>> range)
{
    if (range == m_range)
        return;
    m_range = range;
    update();
}

void BandsItem::paint(QPainter *painter, const QStyleOptionGraphicsItem *, QWidget *)
{
    painter->save();
    painter->setClipRect(m_plot);
    auto ground = theme().faint;
    ground.setAlpha(theme().isDark ? 46 : 34);
    for (const auto &band : m_bands) {
        const QRectF area(QPointF(m_plot.left(), band.top), QPointF(m_plot.right(), band.bottom));
        painter->fillRect(area, ground);
        if (band.label.isEmpty() || !area.intersects(m_plot))
            continue;
        painter->setPen(theme().faint);
        painter->drawText(area.intersected(m_plot).adjusted(6, 1, -6, -1), Qt::AlignRight | Qt::AlignTop, band.label);
    }
    if (m_range) {
        const QRectF area(QPointF(m_range->first, m_plot.top()), QPointF(m_range->second, m_plot.bottom()));
        auto marked = theme().accent;
        marked.setAlpha(40);
        painter->fillRect(area, marked);
        painter->setPen(QPen(theme().accent, 1));
        painter->drawLine(area.topLeft(), area.bottomLeft());
        painter->drawLine(area.topRight(), area.bottomRight());
    }
    painter->restore();
}

}
