#pragma once

#include "engine/advisor.h"

#include <QWidget>

namespace sg {

// What each delay and deadband removes (up) against how much later alarms are found (to the right). The ones that nothing beats are joined
// by a line; one that takes away a raise somebody acted on is a cross. A click or the arrow keys choose a point, a double click or Enter
// takes it. UI thread.
class AdviceChart : public QWidget
{
    Q_OBJECT

public:
    explicit AdviceChart(QWidget *parent);
    void show(std::shared_ptr<const Advice> advice); // null: nothing
    void setCurrent(int row); // of Advice::rows; -1: none
    [[nodiscard]] int current() const { return m_current; }
    [[nodiscard]] QPointF placeOf(int row) const;
    QSize sizeHint() const override { return {420, 300}; }

Q_SIGNALS:
    void currentChanged(int row);
    void taken(int row);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    [[nodiscard]] QRectF plot() const;
    [[nodiscard]] int nearest(QPointF at) const; // -1: nothing is close
    void paintAxes(QPainter &painter) const;
    void paintPoints(QPainter &painter) const;
    void choose(int row); // by a person

    std::shared_ptr<const Advice> m_advice;
    std::vector<int> m_order; // rows from the left to the right
    std::vector<double> m_ticks; // seconds
    int m_current = -1;
};

QString secondsText(Micros span); // "10 s", "0.35 s": as exact as somebody chooses a delay

}
