#pragma once

#include <QColor>
#include <QGraphicsObject>

namespace sg {

// Bands of values and the selected range of time, as grounds below the lines. Places are in pixels; ChartView knows the scales.
// Paints only.
class BandsItem : public QGraphicsObject
{
    Q_OBJECT

public:
    struct Band
    {
        double top = 0, bottom = 0; // y
        QString label;
    };

    explicit BandsItem(QGraphicsItem *parent = nullptr);
    void setPlot(const QRectF &plot);
    void setBands(std::vector<Band> bands);
    void setRange(std::optional<std::pair<double, double>> range); // x
    [[nodiscard]] const std::vector<Band> &bands() const { return m_bands; }
    [[nodiscard]] const std::optional<std::pair<double, double>> &range() const { return m_range; }

    QRectF boundingRect() const override { return m_plot; }
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

private:
    QRectF m_plot;
    std::vector<Band> m_bands;
    std::optional<std::pair<double, double>> m_range;
};

}
