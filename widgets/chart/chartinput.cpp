#include "widgets/chart/chartview.h"

#include "widgets/chart/cursoritem.h"
#include "widgets/chart/serieslayer.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>

// What mouse and keys mean on a chart: wheel zooms the time at the pointer (over the value axis: values), Shift+wheel and middle or
// Ctrl drag pan, drag zooms into a box, double click goes live, Space freezes.
namespace sg {

namespace {

constexpr double ZoomStep = 1.25;
constexpr int LeastBox = 6; // pixels; a shorter drag is a click

}

void ChartView::wheelEvent(QWheelEvent *event)
{
    // Alt and Shift turn a wheel sideways on some platforms.
    const auto turn = event->angleDelta().y() != 0 ? event->angleDelta().y() : event->angleDelta().x();
    const auto notches = turn / 120.0;
    if (notches == 0)
        return;
    event->accept();
    const auto at = event->position();
    if (event->modifiers() & Qt::ShiftModifier)
        Q_EMIT panned(-notches * 0.1);
    else if (at.x() < m_plot.left())
        Q_EMIT zoomedValues(std::pow(ZoomStep, -notches), m_layer->valueAt(at.y()));
    else
        Q_EMIT zoomed(std::pow(ZoomStep, -notches), shareOf(at.x()));
}

void ChartView::mousePressEvent(QMouseEvent *event)
{
    setFocus(Qt::MouseFocusReason);
    const auto isPan
        = event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && event->modifiers() & Qt::ControlModifier);
    if (isPan || (event->button() == Qt::LeftButton && m_plot.contains(event->pos()))) {
        m_drag = isPan ? Drag::Pan : Drag::Box;
        m_dragFrom = event->position();
        event->accept();
        return;
    }
    QChartView::mousePressEvent(event);
}

void ChartView::mouseMoveEvent(QMouseEvent *event)
{
    const auto at = event->position();
    switch (m_drag) {
    case Drag::None:
        if (m_plot.contains(event->pos()))
            Q_EMIT hovered(at);
        else
            Q_EMIT left();
        break;
    case Drag::Pan:
        Q_EMIT panned((m_dragFrom.x() - at.x()) / std::max(1, m_plot.width()));
        m_dragFrom = at;
        break;
    case Drag::Box: {
        auto box = QRectF(m_dragFrom, at).normalized();
        if (box.height() < LeastBox * 3) // sideways: time only
            box = QRectF(box.left(), m_plot.top(), box.width(), m_plot.height());
        m_cursor->setBox(box.width() < LeastBox ? QRectF() : box.intersected(m_plot));
        break;
    }
    }
    event->accept();
}

void ChartView::mouseReleaseEvent(QMouseEvent *event)
{
    const auto was = std::exchange(m_drag, Drag::None);
    if (was == Drag::Box) {
        const auto box = QRectF(m_dragFrom, event->position()).normalized().intersected(m_plot);
        m_cursor->setBox({});
        if (box.width() >= LeastBox) {
            const auto hasHeight = box.height() >= LeastBox * 3;
            const auto nan = std::numeric_limits<double>::quiet_NaN();
            Q_EMIT boxed(m_layer->timeAt(box.left()), m_layer->timeAt(box.right()), hasHeight ? m_layer->valueAt(box.bottom()) : nan,
                         hasHeight ? m_layer->valueAt(box.top()) : nan);
        }
        event->accept();
        return;
    }
    QChartView::mouseReleaseEvent(event);
}

void ChartView::mouseDoubleClickEvent(QMouseEvent *event)
{
    m_drag = Drag::None;
    Q_EMIT liveWanted();
    event->accept();
}

void ChartView::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Space:
        Q_EMIT freezeToggled();
        return;
    case Qt::Key_End:
        Q_EMIT liveWanted();
        return;
    case Qt::Key_Home:
        Q_EMIT oldestWanted();
        return;
    case Qt::Key_Left:
    case Qt::Key_A:
        Q_EMIT panned(-0.1);
        return;
    case Qt::Key_Right:
    case Qt::Key_D:
        Q_EMIT panned(0.1);
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
    case Qt::Key_W:
        Q_EMIT zoomed(1 / ZoomStep, 0.5);
        return;
    case Qt::Key_Minus:
    case Qt::Key_S:
        Q_EMIT zoomed(ZoomStep, 0.5);
        return;
    case Qt::Key_Up:
        Q_EMIT zoomedValues(1 / ZoomStep, m_layer->valueAt(m_plot.center().y()));
        return;
    case Qt::Key_Down:
        Q_EMIT zoomedValues(ZoomStep, m_layer->valueAt(m_plot.center().y()));
        return;
    case Qt::Key_F:
        Q_EMIT fitWanted();
        return;
    default:
        QChartView::keyPressEvent(event);
    }
}

void ChartView::leaveEvent(QEvent *event)
{
    Q_EMIT left();
    QChartView::leaveEvent(event);
}

}
