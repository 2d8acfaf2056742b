#include "widgets/tune/raiselanes.h"

#include "items/texts.h"
#include "widgets/theme/theme.h"

#include <QMouseEvent>
#include <QPainter>

#include <algorithm>

namespace sg {

namespace {

constexpr int Space = 4;

}

RaiseLanes::RaiseLanes(QWidget *parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("raiseLanes"));
    setAccessibleName(tr("When the rule was in alarm"));
    setToolTip(tr("Click: the chart shows this time"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void RaiseLanes::show(Time from, Time to, std::vector<Lane> lanes, std::vector<std::pair<Time, Time>> notHeard)
{
    m_from = from;
    m_to = to;
    m_lanes = std::move(lanes);
    m_notHeard = std::move(notHeard);
    updateGeometry();
    update();
}

void RaiseLanes::setSight(Time from, Time to)
{
    m_sight = {from, to};
    update();
}

QSize RaiseLanes::sizeHint() const
{
    const int line = fontMetrics().height() + Space;
    return {400, line * static_cast<int>(std::max<std::size_t>(1, m_lanes.size()) + 1) + Space};
}

double RaiseLanes::left() const
{
    int width = 0;
    for (const auto &lane : m_lanes)
        width = std::max(width, fontMetrics().horizontalAdvance(lane.name));
    return width + 2 * Space;
}

double RaiseLanes::xOf(Time t) const
{
    const auto span = static_cast<double>(std::max<std::int64_t>(1, (m_to - m_from).count()));
    const auto share = std::clamp(static_cast<double>((t - m_from).count()) / span, 0.0, 1.0);
    return left() + share * (width() - left() - 1);
}

void RaiseLanes::paintEvent(QPaintEvent *)
{
    if (m_lanes.empty() || m_from >= m_to)
        return;
    QPainter painter(this);
    const auto &t = theme();
    const int line = fontMetrics().height() + Space;
    const QRectF all(left(), 0, width() - left(), static_cast<double>(line) * static_cast<double>(m_lanes.size()));
    painter.fillRect(all, t.plot);
    for (const auto &[from, to] : m_notHeard)
        painter.fillRect(QRectF(QPointF(xOf(from), all.top()), QPointF(xOf(to), all.bottom())), QBrush(t.line, Qt::BDiagPattern));
    double top = 0;
    for (const auto &lane : m_lanes) {
        painter.setPen(t.text);
        painter.drawText(QRectF(0, top, left(), line), Qt::AlignLeft | Qt::AlignVCenter, lane.name);
        double drawn = -1; // up to here: of thousands in one column only one is painted
        for (const auto &[from, to] : lane.spans) {
            const double begin = std::floor(xOf(from)), end = std::max(begin + 1.5, xOf(to));
            if (end <= drawn)
                continue;
            painter.fillRect(QRectF(std::max(begin, drawn), top + 2, end - std::max(begin, drawn), line - 4), lane.color);
            drawn = end;
        }
        top += line;
    }
    painter.setPen(t.grid);
    painter.drawRect(all.adjusted(0, 0, -1, -1));
    if (m_sight.first < m_sight.second && m_sight.second > m_from && m_sight.first < m_to) {
        painter.setPen(QPen(t.accent, 2));
        const double begin = xOf(m_sight.first), end = std::max(begin + 3, xOf(m_sight.second));
        painter.drawRect(QRectF(begin, all.top() + 1, end - begin, all.height() - 2));
    }
    painter.setPen(t.faint);
    const QRectF foot(all.left(), all.bottom(), all.width(), line);
    painter.drawText(foot, Qt::AlignLeft | Qt::AlignVCenter, clockText(m_from));
    painter.drawText(foot, Qt::AlignRight | Qt::AlignVCenter, clockText(m_to));
    if (!m_notHeard.empty())
        painter.drawText(foot, Qt::AlignCenter, tr("hatched: not heard"));
}

void RaiseLanes::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || m_lanes.empty() || event->position().x() < left())
        return;
    const auto share = (event->position().x() - left()) / std::max(1.0, width() - left() - 1);
    Q_EMIT chosen(m_from + Micros(static_cast<std::int64_t>(share * static_cast<double>((m_to - m_from).count()))));
}

}
