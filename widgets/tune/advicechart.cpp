#include "widgets/tune/advicechart.h"

#include "items/texts.h"
#include "widgets/theme/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <numeric>

namespace sg {

namespace {

constexpr double Reach = 18; // pixels around a point that belong to it

double secondsOf(Micros span)
{
    return std::chrono::duration<double>(span).count();
}

// 0 and four to six round steps that reach over the most.
std::vector<double> ticksUpTo(double most)
{
    const double rough = std::max(most, 1.0) / 5, power = std::pow(10, std::floor(std::log10(rough)));
    double step = power;
    for (const double times : {1.0, 2.0, 5.0, 10.0})
        if (times * power >= rough) {
            step = times * power;
            break;
        }
    std::vector<double> out{0};
    while (out.back() < most || out.size() < 2)
        out.push_back(out.back() + step);
    return out;
}

}

QString secondsText(Micros span)
{
    return QLocale().toString(secondsOf(span), 'g', 4) + QStringLiteral("\u00a0s");
}

AdviceChart::AdviceChart(QWidget *parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("adviceChart"));
    setAccessibleName(tr("Raises removed against the time of detection"));
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(300, 180);
}

void AdviceChart::show(std::shared_ptr<const Advice> advice)
{
    m_advice = std::move(advice);
    m_current = -1;
    m_order.clear();
    m_ticks = {0, 1};
    if (m_advice) {
        const auto &rows = m_advice->rows;
        m_order.resize(rows.size());
        std::iota(m_order.begin(), m_order.end(), 0);
        std::stable_sort(m_order.begin(), m_order.end(), [&](int a, int b) {
            const auto &x = rows[static_cast<std::size_t>(a)], &y = rows[static_cast<std::size_t>(b)];
            return std::pair(x.cost, x.removed) < std::pair(y.cost, y.removed);
        });
        Micros most{0};
        for (const auto &row : rows)
            most = std::max(most, row.cost);
        m_ticks = ticksUpTo(secondsOf(most));
    }
    update();
}

void AdviceChart::setCurrent(int row)
{
    if (row == m_current)
        return;
    m_current = row;
    update();
}

QRectF AdviceChart::plot() const
{
    const auto metrics = fontMetrics();
    const double left = metrics.horizontalAdvance(QStringLiteral("100 %")) + 14, bottom = 2 * metrics.height() + 12;
    return QRectF(left, metrics.height() + 10, std::max(10.0, width() - left - 20),
                  std::max(10.0, height() - bottom - metrics.height() - 10));
}

QPointF AdviceChart::placeOf(int row) const
{
    const auto &one = m_advice->rows[static_cast<std::size_t>(row)];
    const auto area = plot();
    return {area.left() + secondsOf(one.cost) / m_ticks.back() * area.width(), area.bottom() - one.removed * area.height()};
}

int AdviceChart::nearest(QPointF at) const
{
    if (!m_advice)
        return -1;
    // Of several at one place the one that nothing beats, with the shortest delay.
    const auto rankOf = [&](int row) {
        const auto off = placeOf(row) - at;
        const auto &one = m_advice->rows[static_cast<std::size_t>(row)];
        return std::tuple(std::round(std::hypot(off.x(), off.y())), !one.isBest, one.lost.size(), one.onDelay);
    };
    const auto best = std::min_element(m_order.begin(), m_order.end(), [&](int a, int b) { return rankOf(a) < rankOf(b); });
    return best != m_order.end() && std::get<0>(rankOf(*best)) <= Reach ? *best : -1;
}

void AdviceChart::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(plot(), theme().plot);
    paintAxes(painter);
    if (m_advice)
        paintPoints(painter);
    if (hasFocus()) {
        painter.setPen(QPen(theme().accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(plot());
    }
}

void AdviceChart::paintAxes(QPainter &painter) const
{
    const auto area = plot();
    const auto &t = theme();
    const int line = fontMetrics().height();
    for (int percent = 0; percent <= 100; percent += 25) {
        const double y = area.bottom() - percent / 100.0 * area.height();
        painter.setPen(t.grid);
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        painter.setPen(t.text);
        painter.drawText(QRectF(0, y - line / 2.0, area.left() - 6, line), Qt::AlignRight | Qt::AlignVCenter,
                         QLocale().toString(percent) + QStringLiteral("\u00a0%"));
    }
    for (const double tick : m_ticks) {
        const double x = area.left() + tick / m_ticks.back() * area.width();
        painter.setPen(t.grid);
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
        painter.setPen(t.text);
        painter.drawText(QRectF(x - 60, area.bottom() + 3, 120, line), Qt::AlignHCenter | Qt::AlignTop,
                         secondsText(Micros(static_cast<std::int64_t>(tick * 1e6))));
    }
    painter.setPen(t.faint);
    painter.drawText(QRectF(area.left(), 0, area.width(), area.top() - 4), Qt::AlignLeft | Qt::AlignVCenter, tr("raises removed"));
    painter.drawText(QRectF(area.left(), area.bottom() + line + 4, area.width(), line), Qt::AlignRight | Qt::AlignVCenter,
                     tr("found later, on average"));
}

void AdviceChart::paintPoints(QPainter &painter) const
{
    const auto &t = theme();
    QPainterPath front; // of those that nothing beats, as steps: between two of them nothing is promised
    for (const int row : m_order) {
        if (!m_advice->rows[static_cast<std::size_t>(row)].isBest)
            continue;
        const auto at = placeOf(row);
        if (front.elementCount() == 0) {
            front.moveTo(at);
            continue;
        }
        front.lineTo(at.x(), front.currentPosition().y());
        front.lineTo(at);
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(t.faint, 1.5));
    painter.drawPath(front);
    for (const int row : m_order) {
        const auto &one = m_advice->rows[static_cast<std::size_t>(row)];
        const auto at = placeOf(row);
        const auto color = one.isBest ? t.text : t.faint;
        const double size = one.isBest ? 5 : 3.5;
        painter.setPen(QPen(color, 2));
        if (!one.lost.empty()) {
            painter.drawLine(at - QPointF(size, size), at + QPointF(size, size));
            painter.drawLine(at - QPointF(size, -size), at + QPointF(size, -size));
            continue;
        }
        painter.setBrush(one.isBest ? QBrush(color) : QBrush(t.plot));
        painter.drawEllipse(at, size, size);
        painter.setBrush(Qt::NoBrush);
    }
    if (m_current >= 0) {
        painter.setPen(QPen(t.accent, 2.5));
        painter.drawEllipse(placeOf(m_current), 11, 11);
    }
}

void AdviceChart::choose(int row)
{
    if (row < 0 || row == m_current)
        return;
    setCurrent(row);
    Q_EMIT currentChanged(row);
}

void AdviceChart::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        choose(nearest(event->position()));
}

void AdviceChart::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (const int row = nearest(event->position()); row >= 0 && event->button() == Qt::LeftButton)
        Q_EMIT taken(row);
}

void AdviceChart::keyPressEvent(QKeyEvent *event)
{
    if (m_order.empty()) {
        QWidget::keyPressEvent(event);
        return;
    }
    const auto at = std::find(m_order.begin(), m_order.end(), m_current) - m_order.begin();
    const auto last = static_cast<std::ptrdiff_t>(m_order.size()) - 1;
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Down:
        choose(m_order[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(at - 1, 0, last))]);
        break;
    case Qt::Key_Right:
    case Qt::Key_Up:
        choose(m_order[static_cast<std::size_t>(m_current < 0 ? 0 : std::min(at + 1, last))]);
        break;
    case Qt::Key_Home:
        choose(m_order.front());
        break;
    case Qt::Key_End:
        choose(m_order.back());
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_current >= 0)
            Q_EMIT taken(m_current);
        break;
    default:
        QWidget::keyPressEvent(event);
    }
}

void AdviceChart::focusInEvent(QFocusEvent *event)
{
    QWidget::focusInEvent(event);
    update();
}

void AdviceChart::focusOutEvent(QFocusEvent *event)
{
    QWidget::focusOutEvent(event);
    update();
}

}
