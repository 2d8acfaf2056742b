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
        QString difference; // from the reference; empty without one
    };

    explicit CursorItem(QGraphicsItem *parent = nullptr);
    void setPlot(const QRectF &plot);
    void showAt(double x, const QString &time, std::vector<Line> lines, const QString &foot); // foot: of the pixel; may be empty
    void setReference(std::optional<double> x);
    void setBox(const QRectF &box); // of a box zoom under way; null: none
    [[nodiscard]] const std::vector<Line> &lines() const { return m_lines; }
    [[nodiscard]] const QString &time() const { return m_time; }
    [[nodiscard]] const QString &foot() const { return m_foot; }
    [[nodiscard]] const std::optional<double> &reference() const { return m_reference; }
    [[nodiscard]] double at() const { return m_x; } // negative: no cursor
    void clear();

    QRectF boundingRect() const override { return m_plot; }
    void paint(QPainter *painter, const QStyleOptionGraphicsItem *option, QWidget *widget) override;

private:
    void paintReadout(QPainter &painter) const;

    QRectF m_plot, m_box;
    double m_x = -1;
    std::optional<double> m_reference;
    QString m_time, m_foot;
    std::vector<Line> m_lines;
};

}
