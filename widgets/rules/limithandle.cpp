#include "widgets/rules/limithandle.h"

#include "widgets/theme/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

namespace sg {

LimitHandle::LimitHandle(QWidget *parent)
    : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::SizeVerCursor);
    setToolTip(tr("Drag the limit of the draft, or move it by Up and Down. The running rule stays as it is until you save."));
}

void LimitHandle::setLabel(const QString &label)
{
    m_label = label;
    setAccessibleName(tr("Limit of the draft: %1").arg(label));
    update();
}

void LimitHandle::place(int left, int right, double y)
{
    setGeometry(left, static_cast<int>(std::lround(y)) - Height / 2, right - left + 1, Height);
}

void LimitHandle::setRange(int top, int bottom)
{
    m_top = top;
    m_bottom = bottom;
}

void LimitHandle::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const auto isActive = hasFocus() || m_isHovered || m_isDragged;
    // The chart draws the line itself; here stands that it can be taken.
    painter.setPen(QPen(theme().text, isActive ? 1.5 : 1, isActive ? Qt::SolidLine : Qt::DotLine));
    painter.drawLine(QPointF(0, Height / 2.0), QPointF(width(), Height / 2.0));
    auto small = font();
    small.setPointSizeF(small.pointSizeF() * 0.85);
    painter.setFont(small);
    const auto text = QStringLiteral("⇕ ") + m_label;
    const auto room = painter.fontMetrics().horizontalAdvance(text) + 10;
    const QRectF tag(width() - room - 2, 0.5, room, Height - 1);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(isActive ? theme().text : theme().raised);
    painter.setPen(theme().text);
    painter.drawRoundedRect(tag, 3, 3);
    painter.setPen(isActive ? theme().ground : theme().text);
    painter.drawText(tag, Qt::AlignCenter, text);
}

void LimitHandle::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_isDragged = true;
    m_grip = event->position().y() - Height / 2.0;
    Q_EMIT grabbed();
    update();
}

void LimitHandle::mouseMoveEvent(QMouseEvent *event)
{
    if (m_isDragged)
        Q_EMIT draggedTo(std::clamp(mapToParent(event->position()).y() - m_grip, double(m_top), double(m_bottom)));
}

void LimitHandle::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || !m_isDragged)
        return;
    m_isDragged = false;
    Q_EMIT released();
    update();
}

void LimitHandle::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Up:
        Q_EMIT stepped(1);
        return;
    case Qt::Key_Down:
        Q_EMIT stepped(-1);
        return;
    case Qt::Key_PageUp:
        Q_EMIT stepped(10);
        return;
    case Qt::Key_PageDown:
        Q_EMIT stepped(-10);
        return;
    default: // a key, no enum of ours
        QWidget::keyPressEvent(event);
    }
}

void LimitHandle::focusInEvent(QFocusEvent *event)
{
    QWidget::focusInEvent(event);
    raise();
    update();
}

void LimitHandle::focusOutEvent(QFocusEvent *event)
{
    QWidget::focusOutEvent(event);
    update();
}

void LimitHandle::enterEvent(QEnterEvent *)
{
    m_isHovered = true;
    update();
}

void LimitHandle::leaveEvent(QEvent *)
{
    m_isHovered = false;
    update();
}

}
