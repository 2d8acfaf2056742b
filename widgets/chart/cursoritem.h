#pragma once

#include <QColor>
#include <QGraphicsObject>

namespace sg {

// The vertical line under the pointer with what the series were there. Paints only.
class CursorItem : public QGraphicsObject
{
    Q_OBJECT

public:
    struct Line
    {
        QColor colour;
        QString name, value;
    };

    explicit CursorItem(QGraphicsItem *parent = nullptr);
    void setPlot(const QRectF &plot);
    void showAt(double x, const QString &time, std::vector<Line> lines);
    void setBox(const QRectF &box); // of a box zoom under way; null: none
    [[nodiscard]] const std::vector<Line> &lines() const { return m_lines; }
    [[nodiscard]] double x() const { return m_x; }
    void clear();

    QRectF boundingRect() const override { return m_plot; }
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

private:
    void paintReadout(QPainter &painter) const;

    QRectF m_plot, m_box;
    double m_x = -1;
    QString m_time;
    std::vector<Line> m_lines;
};

}
