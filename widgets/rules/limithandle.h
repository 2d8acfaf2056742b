#pragma once

#include <QWidget>

namespace sg {

// The grip of one limit line on a chart: as wide as the plot, dragged up and down by the mouse or moved by Up, Down, Page Up and Page Down
// while it has the focus. Knows pixels and steps, no values. UI thread.
class LimitHandle : public QWidget
{
    Q_OBJECT

public:
    static constexpr int Height = 15; // pixels around the line that can be taken

    explicit LimitHandle(QWidget *parent);
    void setLabel(const QString &label); // "high 80 °C", at the right end
    void place(int left, int right, double y); // of the plot and of the line, in the parent's pixels
    void setRange(int top, int bottom); // where the line may be dragged to

Q_SIGNALS:
    void grabbed();
    void draggedTo(double y); // of the parent
    void stepped(int steps); // upwards
    void released();

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void enterEvent(QEnterEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    QString m_label;
    int m_top = 0, m_bottom = 0;
    double m_grip = 0; // below the line, where it was taken
    bool m_isDragged = false, m_isHovered = false;
};

}
