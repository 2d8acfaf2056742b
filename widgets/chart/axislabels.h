#pragma once

#include "plot/timeaxis.h"
#include "plot/valueaxis.h"

#include <QGraphicsObject>

namespace sg {

// The plot's ground, grid, axes and tick labels, in places of fixed size, so that a changing label never moves the plot. Paints only.
class AxisLabels : public QGraphicsObject
{
    Q_OBJECT

public:
    static constexpr int Left = 64; // room for value labels
    static constexpr int Right = 12; // what labels may take beside the plot
    static constexpr int Bottom = 34; // two lines of time labels

    explicit AxisLabels(QGraphicsItem *parent = nullptr);

    struct TimeLabel
    {
        double x = 0;
        QString text;
        bool isMajor = false;
    };
    struct ValueLabel
    {
        double y = 0;
        QString text;
        bool hasLine = false; // of the grid
    };
    struct Labels
    {
        std::vector<TimeLabel> times;
        std::vector<ValueLabel> left, right;
        QString leftUnit, rightUnit;
    };
    void set(const QRectF &plot, Labels labels);
    [[nodiscard]] const Labels &labels() const { return m_labels; }

    QRectF boundingRect() const override { return m_plot.adjusted(-Left, -20, Left, Bottom); }
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

private:
    void paintTimes(QPainter &painter) const;
    void paintValues(QPainter &painter, const std::vector<ValueLabel> &labels, bool isRight) const;

    QRectF m_plot;
    Labels m_labels;
};

}
