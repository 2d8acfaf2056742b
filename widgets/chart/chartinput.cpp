#include "widgets/chart/chartview.h"

#include "widgets/chart/cursoritem.h"
#include "widgets/chart/serieslayer.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>

// What mouse and keys mean on a chart: wheel zooms the time at the pointer (over a value axis: its values), Shift+wheel and middle or
// Ctrl drag pan, drag zooms into a box (along an axis: that axis only), Shift+drag selects a range, double click goes live. Every one of
// these has its keys, see keyPressEvent.
namespace sg {

namespace {

constexpr double ZoomStep = 1.25;
constexpr double PanStep = 0.1;
constexpr int LeastBox = 6; // pixels; a shorter drag is a click
constexpr int LeastHeight = 3 * LeastBox; // a flatter box is meant sideways: time only

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
    const auto factor = std::pow(ZoomStep, -notches);
    if (event->modifiers() & Qt::ShiftModifier)
        Q_EMIT panned(-notches * PanStep);
    else if (at.x() > m_plot.left() + m_plot.width() && m_hasRight)
        Q_EMIT zoomedValues(factor, heightShareOf(at.y()), RightAxis);
    else if (at.x() < m_plot.left() || event->modifiers() & Qt::ControlModifier)
        Q_EMIT zoomedValues(factor, heightShareOf(at.y()), LeftAxis);
    else
        Q_EMIT zoomed(factor, shareOf(at.x()));
}

ChartView::Drag ChartView::dragAt(const QMouseEvent &event) const
{
    if (event.button() == Qt::MiddleButton)
        return Drag::Pan;
    if (event.button() != Qt::LeftButton)
        return Drag::None;
    const auto at = event.position();
    if (event.modifiers() & Qt::ControlModifier)
        return Drag::Pan;
    if (m_plot.contains(at.toPoint()))
        return event.modifiers() & Qt::ShiftModifier ? Drag::Range : Drag::Box;
    if (at.y() > m_plot.bottom() && at.x() >= m_plot.left() && at.x() <= m_plot.right())
        return Drag::TimeBox;
    if (at.y() < m_plot.top() || at.y() > m_plot.bottom())
        return Drag::None;
    if (at.x() < m_plot.left())
        return m_hasLeft ? Drag::LeftBox : Drag::None;
    return m_hasRight ? Drag::RightBox : Drag::None;
}

QRectF ChartView::boxOf(const QPointF &at) const
{
    auto box = QRectF(m_dragFrom, at).normalized();
    const auto isFlat = m_drag == Drag::TimeBox || m_drag == Drag::Range || (m_drag == Drag::Box && box.height() < LeastHeight);
    const auto isWide = m_drag == Drag::LeftBox || m_drag == Drag::RightBox;
    if (isFlat)
        box = QRectF(box.left(), m_plot.top(), box.width(), m_plot.height());
    if (isWide)
        box = QRectF(m_plot.left(), box.top(), m_plot.width(), box.height());
    if ((isWide ? box.height() : box.width()) < LeastBox)
        return {};
    return box.intersected(QRectF(m_plot));
}

void ChartView::mousePressEvent(QMouseEvent *event)
{
    setFocus(Qt::MouseFocusReason);
    m_drag = dragAt(*event);
    if (m_drag == Drag::None) {
        QChartView::mousePressEvent(event);
        return;
    }
    m_dragFrom = event->position();
    event->accept();
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
    case Drag::Box:
    case Drag::TimeBox:
    case Drag::LeftBox:
    case Drag::RightBox:
    case Drag::Range:
        m_cursor->setBox(boxOf(at));
        break;
    }
    event->accept();
}

void ChartView::mouseReleaseEvent(QMouseEvent *event)
{
    const auto box = m_drag == Drag::None || m_drag == Drag::Pan ? QRectF() : boxOf(event->position());
    const auto isFlat = std::abs(event->position().y() - m_dragFrom.y()) < LeastHeight;
    const auto was = std::exchange(m_drag, Drag::None);
    m_cursor->setBox({});
    if (was == Drag::None) {
        QChartView::mouseReleaseEvent(event);
        return;
    }
    event->accept();
    if (box.isEmpty())
        return;
    constexpr auto None = std::numeric_limits<double>::quiet_NaN();
    const auto from = m_layer->timeAt(box.left()), to = m_layer->timeAt(box.right());
    const auto low = heightShareOf(box.bottom()), high = heightShareOf(box.top());
    switch (was) {
    case Drag::None:
    case Drag::Pan:
        break;
    case Drag::Box:
        Q_EMIT boxed(from, to, isFlat ? None : low, isFlat ? None : high);
        break;
    case Drag::TimeBox:
        Q_EMIT boxed(from, to, None, None);
        break;
    case Drag::LeftBox:
    case Drag::RightBox:
        Q_EMIT boxedValues(low, high, was == Drag::LeftBox ? LeftAxis : RightAxis);
        break;
    case Drag::Range:
        Q_EMIT rangeChosen(from, to);
        break;
    }
}

void ChartView::mouseDoubleClickEvent(QMouseEvent *event)
{
    m_drag = Drag::None;
    Q_EMIT liveWanted();
    event->accept();
}

// Arrows pan and zoom values; with Shift they move the cursor, with Ctrl and Shift they select a range on the way; with Alt they step
// through the zoom history.
void ChartView::keyPressEvent(QKeyEvent *event)
{
    constexpr int CursorStep = 4; // pixels
    const auto keys = event->modifiers() & (Qt::ShiftModifier | Qt::ControlModifier | Qt::AltModifier);
    const auto isSideways = event->key() == Qt::Key_Left || event->key() == Qt::Key_Right;
    const auto direction = event->key() == Qt::Key_Left ? -1 : 1;
    if (isSideways && keys == Qt::AltModifier) {
        if (direction < 0)
            Q_EMIT backWanted();
        else
            Q_EMIT forwardWanted();
        return;
    }
    if (isSideways && keys & Qt::ShiftModifier) {
        Q_EMIT cursorMoved(direction * CursorStep, (keys & Qt::ControlModifier) != 0);
        return;
    }
    if (keys & (Qt::ControlModifier | Qt::AltModifier)) {
        QChartView::keyPressEvent(event); // a shortcut of somebody else
        return;
    }
    const auto side = m_hasLeft || !m_hasRight ? LeftAxis : RightAxis;
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
        Q_EMIT panned(-PanStep);
        return;
    case Qt::Key_Right:
    case Qt::Key_D:
        Q_EMIT panned(PanStep);
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
        Q_EMIT zoomedValues(1 / ZoomStep, 0.5, side);
        return;
    case Qt::Key_Down:
        Q_EMIT zoomedValues(ZoomStep, 0.5, side);
        return;
    case Qt::Key_PageUp:
        Q_EMIT pannedValues(PanStep, side);
        return;
    case Qt::Key_PageDown:
        Q_EMIT pannedValues(-PanStep, side);
        return;
    case Qt::Key_F:
        Q_EMIT fitWanted();
        return;
    case Qt::Key_R:
        Q_EMIT referenceWanted();
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        Q_EMIT rangeZoomWanted();
        return;
    case Qt::Key_Escape:
        m_drag = Drag::None;
        m_cursor->setBox({});
        Q_EMIT marksDropped();
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
