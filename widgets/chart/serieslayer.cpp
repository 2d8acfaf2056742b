#include "widgets/chart/serieslayer.h"

#include "widgets/theme/theme.h"

#include <QPainter>

namespace sg {

namespace {

// One colour for one state, whatever the window shows of it and in whichever strip.
QColor stateColour(QStringView state)
{
    std::uint32_t hash = 2'166'136'261U; // FNV-1a
    for (const auto unit : state)
        hash = (hash ^ unit.unicode()) * 16'777'619U;
    const auto isDark = theme().isDark;
    return QColor::fromHslF(static_cast<float>(hash % 24) / 24, 0.28F,
                            (isDark ? 0.30F : 0.78F) + static_cast<float>(hash / 24 % 3) * 0.05F);
}

}

SeriesLayer::SeriesLayer(QGraphicsItem *parent)
    : QGraphicsObject(parent)
{
    setZValue(5); // above the grid, below the cursor
    setAcceptedMouseButtons(Qt::NoButton);
}

void SeriesLayer::setPlot(const QRectF &plot)
{
    if (plot == m_plot)
        return;
    prepareGeometryChange();
    m_plot = plot;
}

void SeriesLayer::setWindow(Time from, Time to, double yMin, double yMax)
{
    m_from = from;
    m_to = to;
    m_yMin = yMin;
    m_yMax = yMax;
    update();
}

void SeriesLayer::setFrame(Frame frame)
{
    m_frame = std::move(frame);
    update();
}

void SeriesLayer::setLimits(std::vector<LimitLine> limits)
{
    m_limits = std::move(limits);
    update();
}

void SeriesLayer::setAlarms(std::vector<AlarmSpans::Span> spans, Time now)
{
    m_alarms = std::move(spans);
    m_now = now;
    update();
}

void SeriesLayer::setStrips(std::vector<StateStrip> strips, bool fillsPlot)
{
    m_stripsFill = fillsPlot;
    m_strips = std::move(strips);
    update();
}

void SeriesLayer::setHint(const QString &hint)
{
    if (hint == m_hint)
        return;
    m_hint = hint;
    update();
}

double SeriesLayer::xOf(Time t) const
{
    const auto span = static_cast<double>(std::max<std::int64_t>(1, (m_to - m_from).count()));
    return m_plot.left() + static_cast<double>((t - m_from).count()) / span * m_plot.width();
}

double SeriesLayer::yOf(double value) const
{
    return m_plot.bottom() - (value - m_yMin) / std::max(m_yMax - m_yMin, std::numeric_limits<double>::min()) * m_plot.height();
}

Time SeriesLayer::timeAt(double x) const
{
    const auto share = m_plot.width() > 0 ? (x - m_plot.left()) / m_plot.width() : 0;
    return m_from + Micros(std::llround(share * static_cast<double>((m_to - m_from).count())));
}

double SeriesLayer::valueAt(double y) const
{
    return m_yMin + (m_plot.bottom() - y) / std::max(1.0, m_plot.height()) * (m_yMax - m_yMin);
}

void SeriesLayer::paint(QPainter *painter, const QStyleOptionGraphicsItem *, QWidget *)
{
    painter->save();
    painter->setClipRect(m_plot);
    paintAlarms(*painter);
    if (!m_frame.image.isNull())
        paintFrame(*painter);
    paintStrips(*painter);
    paintLate(*painter);
    paintLimits(*painter);
    if (!m_hint.isEmpty()) {
        painter->setPen(theme().faint);
        painter->drawText(m_plot.adjusted(12, 12, -12, -12), Qt::AlignCenter | Qt::TextWordWrap, m_hint);
    }
    painter->restore();
}

// At a fractional scale the plot's corner lies between device pixels; the picture begins at the nearest one, so that none of its pixels
// is spread over two.
void SeriesLayer::paintFrame(QPainter &painter) const
{
    if (m_frame.from != m_from || m_frame.to != m_to || m_frame.yMin != m_yMin || m_frame.yMax != m_yMax) {
        const QRectF target(QPointF(xOf(m_frame.from), yOf(m_frame.yMax)), QPointF(xOf(m_frame.to), yOf(m_frame.yMin)));
        painter.drawImage(target, m_frame.image);
        return;
    }
    const auto &shown = m_frame.image;
    const QImage picture(shown.constBits(), shown.width(), shown.height(), shown.bytesPerLine(), shown.format()); // without its scale
    const QTransform world = painter.worldTransform();
    const QTransform toDevice = painter.deviceTransform();
    const QPoint corner = toDevice.map(m_plot.topLeft()).toPoint();
    painter.save();
    painter.setClipping(false); // it clips itself, by whole pixels
    painter.setWorldTransform(toDevice.inverted() * world);
    painter.drawImage(corner, picture);
    painter.restore();
}

QRect SeriesLayer::devicePlot(const QRectF &plot, double scale)
{
    const auto at = [scale](double edge) { return qRound(edge * scale); };
    return {QPoint(at(plot.left()), at(plot.top())), QPoint(at(plot.right()) - 1, at(plot.bottom()) - 1)};
}

// A faint ground over the time in alarm, and a band of the priority's colour at the top.
void SeriesLayer::paintAlarms(QPainter &painter) const
{
    constexpr double Band = 5;
    for (const auto &span : m_alarms) {
        const auto left = xOf(span.from);
        const auto right = xOf(span.to == NoTime ? std::max(m_now, span.from) : span.to);
        if (right < m_plot.left() || left > m_plot.right())
            continue;
        const QRectF area(left, m_plot.top(), std::max(1.5, right - left), m_plot.height());
        auto colour = theme().priority(span.priority);
        auto ground = colour;
        ground.setAlpha(theme().isDark ? 34 : 40);
        painter.fillRect(area, ground);
        if (span.to != NoTime)
            colour.setAlpha(150);
        painter.fillRect(QRectF(area.left(), area.top(), area.width(), Band), colour);
    }
}

void SeriesLayer::paintLimits(QPainter &painter) const
{
    auto font = painter.font();
    font.setPointSizeF(std::max(6.0, font.pointSizeF() - 1));
    painter.setFont(font);
    const auto height = painter.fontMetrics().height();
    auto above = m_plot.right() - 4, below = above; // where the next name at an edge ends: lines have theirs on the left
    for (const auto &limit : m_limits) {
        const auto y = std::round(yOf(limit.value)) + 0.5;
        auto colour = theme().priority(limit.priority);
        if (y < m_plot.top() || y > m_plot.bottom()) {
            // A limit far from the values has no line, but one that is not named there would look like none at all.
            const auto isAbove = y < m_plot.top();
            const auto text = (isAbove ? QStringLiteral("▲ ") : QStringLiteral("▼ ")) + limit.label;
            auto &right = isAbove ? above : below;
            const auto width = painter.fontMetrics().horizontalAdvance(text) + 8;
            const QRectF label(right - width, isAbove ? m_plot.top() + 1 : m_plot.bottom() - height - 1, width, height);
            right = label.left() - 2;
            if (!m_plot.contains(label))
                continue;
            painter.fillRect(label, theme().plot);
            painter.setPen(colour);
            painter.drawText(label, Qt::AlignCenter, text);
            continue;
        }
        painter.setPen(QPen(colour, 1.2, Qt::DashLine));
        painter.drawLine(QPointF(m_plot.left(), y), QPointF(m_plot.right(), y));
        const auto width = painter.fontMetrics().horizontalAdvance(limit.label) + 8;
        const auto isBelow = y - height < m_plot.top();
        const QRectF label(m_plot.left() + 4, isBelow ? y + 1 : y - height, width, height);
        painter.fillRect(label, theme().plot);
        painter.setPen(theme().text);
        painter.drawText(label, Qt::AlignCenter, limit.label);
    }
}

// At the foot of the columns that have values which arrived late: a mark of the series' colour, one lane above the other.
void SeriesLayer::paintLate(QPainter &painter) const
{
    constexpr double Height = 5, Least = 3;
    const auto lanes = std::max(1, static_cast<int>(m_plot.height() / 3 / Height)); // more of them share the highest
    painter.save();
    painter.setPen(QPen(theme().plot, 1));
    for (const auto &span : m_frame.late) {
        const auto left = xOf(span.from), right = xOf(span.to);
        const auto width = std::max(right - left, Least);
        painter.setBrush(QColor::fromRgb(span.colour));
        painter.drawRect(
            QRectF((left + right - width) / 2, m_plot.bottom() - (std::min(span.lane, lanes - 1) + 1) * Height, width, Height));
    }
    painter.restore();
}

void SeriesLayer::paintStrips(QPainter &painter) const
{
    const auto count = static_cast<double>(std::max<std::size_t>(1, m_strips.size()));
    const auto height
        = m_stripsFill ? std::clamp(m_plot.height() / count, 8.0, 40.0) : std::min<double>(StripHeight, m_plot.height() / (2 * count));
    auto top = m_stripsFill ? m_plot.top() : m_plot.bottom() - height * count;
    for (const auto &strip : m_strips) {
        const auto nameLength = strip.name.size() + 2; // "Press: running"
        const QRectF lane(m_plot.left(), top, m_plot.width(), height - 2);
        painter.fillRect(lane, QColor(theme().panel.red(), theme().panel.green(), theme().panel.blue(), 220));
        for (const auto &[time, text] : strip.spans) {
            const QRectF span(QPointF(xOf(time.first), lane.top()), QPointF(xOf(time.second), lane.bottom()));
            painter.fillRect(span, stateColour(QStringView(text).mid(std::min(nameLength, text.size()))));
            painter.setPen(theme().line);
            painter.drawLine(span.topLeft(), span.bottomLeft());
            painter.setPen(theme().text);
            const auto seen = span.intersected(lane).adjusted(4, 0, -2, 0);
            if (seen.width() > 14)
                painter.drawText(seen, Qt::AlignVCenter | Qt::AlignLeft,
                                 painter.fontMetrics().elidedText(text, Qt::ElideRight, static_cast<int>(seen.width())));
        }
        top += height;
    }
}

}
