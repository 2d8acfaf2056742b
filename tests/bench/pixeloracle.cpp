#include "bench/pixeloracle.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace oracle {

namespace {

using Int = std::int64_t;

Int floorDivided(Int a, Int b) // b > 0
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

// Everything of one trace: which pixels its line covers, column by column.
class Sheet
{
public:
    Sheet(const Picture &picture, const Trace &trace)
        : m_picture(picture)
        , m_trace(trace)
        , m_isCovered(static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height), false)
        , m_top(static_cast<std::size_t>(picture.width), Far)
        , m_bottom(static_cast<std::size_t>(picture.width), -Far)
        , m_worst(static_cast<std::size_t>(picture.width), 0)
        , m_hasValue(static_cast<std::size_t>(picture.width), false)
    {
        drawAll();
    }

    void putOn(QImage &image) const
    {
        const int base
            = static_cast<int>(std::clamp<Int>(m_trace.isLog ? m_picture.height - 1 : std::lround(exactRow(0)), 0, m_picture.height - 1));
        for (int x = 0; x < m_picture.width; ++x) {
            const auto at = static_cast<std::size_t>(x);
            if (m_top[at] > m_bottom[at])
                continue;
            if (m_trace.style == Style::Area) {
                const Int first = std::max<Int>(std::min<Int>(m_top[at], base), 0);
                const Int last = std::min<Int>(std::max<Int>(m_bottom[at], base), m_picture.height - 1);
                for (Int y = first; y <= last; ++y)
                    blend(image, x, y, 60);
            }
            if (m_hasValue[at] && m_worst[at] > 0) {
                for (Int y = std::max<Int>(m_top[at] - 4, 0); y <= std::min<Int>(m_bottom[at] + 4, m_picture.height - 1); ++y) {
                    const Int column = x + m_picture.firstColumn;
                    const bool isRising = (column + y) % 4 == 0;
                    const bool isFalling = (column - y) % 4 == 0;
                    if (isRising || (m_worst[at] == 2 && isFalling))
                        blend(image, x, y, m_worst[at] == 2 ? 170 : 110);
                }
            }
        }
        const int before = (m_trace.thickness - 1) / 2;
        for (int x = 0; x < m_picture.width; ++x) {
            if (!isInDash(x))
                continue;
            for (int y = -m_trace.thickness; y < m_picture.height + before; ++y) { // a thick line reaches in from outside
                if (!isCovered(x, y))
                    continue;
                for (int part = 0; part < m_trace.thickness * m_trace.thickness; ++part) {
                    const QPoint pixel(x - before + part % m_trace.thickness, y - before + part / m_trace.thickness);
                    if (image.rect().contains(pixel))
                        image.setPixel(pixel, m_trace.colour | 0xff000000u);
                }
            }
        }
    }

private:
    static constexpr Int Far = 1 << 24;

    [[nodiscard]] double exactRow(double value) const
    {
        const double share = (m_trace.high / 2 - value / 2) / (m_trace.high / 2 - m_trace.low / 2);
        return std::clamp(share * (m_picture.height - 1), -4194304.0, 4194304.0);
    }
    [[nodiscard]] Int rowOf(double value) const { return std::lround(exactRow(m_trace.isLog ? std::log10(value) : value)); }
    // floor((t - from) * width / span) in integers wide enough.
    [[nodiscard]] Int columnOf(Int t) const
    {
        const Int offset = t - m_picture.from;
        const Int span = m_picture.to - m_picture.from;
        const Int whole = floorDivided(offset, span);
        const Int column = whole * m_picture.width + floorDivided((offset - whole * span) * m_picture.width, span);
        return std::clamp<Int>(column, -(Int(1) << 37), Int(1) << 37);
    }

    void cover(Int x, Int y0, Int y1)
    {
        if (x < 0 || x >= m_picture.width)
            return;
        const auto at = static_cast<std::size_t>(x);
        m_top[at] = std::min({m_top[at], y0, y1});
        m_bottom[at] = std::max({m_bottom[at], y0, y1});
        for (Int y = std::max<Int>(std::min(y0, y1), 0); y <= std::min<Int>(std::max(y0, y1), m_picture.height - 1); ++y)
            m_isCovered[at * static_cast<std::size_t>(m_picture.height) + static_cast<std::size_t>(y)] = true;
    }
    [[nodiscard]] bool isCovered(int x, int y) const
    {
        if (y >= 0 && y < m_picture.height)
            return m_isCovered[static_cast<std::size_t>(x) * static_cast<std::size_t>(m_picture.height) + static_cast<std::size_t>(y)];
        return m_top[static_cast<std::size_t>(x)] <= y && y <= m_bottom[static_cast<std::size_t>(x)];
    }
    [[nodiscard]] bool isInDash(int x) const
    {
        const auto at = static_cast<std::size_t>(x);
        if (m_trace.dashes.empty() || m_bottom[at] - m_top[at] + 1 > 3)
            return true;
        std::vector<bool> pattern;
        for (std::size_t i = 0; i < m_trace.dashes.size(); ++i)
            pattern.insert(pattern.end(), static_cast<std::size_t>(m_trace.dashes[i] * m_trace.thickness), i % 2 == 0);
        const auto length = static_cast<Int>(pattern.size());
        const Int column = x + m_picture.firstColumn;
        return pattern[static_cast<std::size_t>(column - floorDivided(column, length) * length)];
    }

    void joinLine(Int x0, Int y0, Int x1, Int y1)
    {
        if (x0 == x1) {
            cover(x0, y0, y1);
            return;
        }
        // Halfway between two columns, rounded down, the line passes from one to the other.
        const auto edge = [&](Int right) { return y0 + floorDivided((2 * (right - x0) - 1) * (y1 - y0), 2 * (x1 - x0)); };
        for (Int x = std::max<Int>(x0, 0); x <= std::min<Int>(x1, m_picture.width - 1); ++x) {
            Int begin = x == x0 ? y0 : edge(x);
            const Int end = x == x1 ? y1 : edge(x + 1);
            if (x > x0 && begin != end)
                begin += begin < end ? 1 : -1;
            cover(x, begin, end);
        }
    }
    void hold(Int x0, Int y, Int until) // up to, not in, column `until`
    {
        for (Int x = std::max<Int>(x0, 0); x < std::min<Int>(until, m_picture.width); ++x)
            cover(x, y, y);
    }

    void drawAll()
    {
        const Signal &signal = *m_trace.signal;
        bool hasBefore = false; // a finite sample came before
        bool isGap = false; // and none without value since
        Int x0 = 0;
        Int y0 = 0;
        for (std::size_t i = 0; i < signal.times.size(); ++i) {
            const Int x = columnOf(signal.times[i]);
            const bool isFinite = std::isfinite(signal.values[i]);
            if (x >= 0 && x < m_picture.width) {
                auto &worst = m_worst[static_cast<std::size_t>(x)];
                worst = std::max(worst, signal.qualities[i]);
                if (isFinite)
                    m_hasValue[static_cast<std::size_t>(x)] = true;
            }
            if (!isFinite) {
                if (hasBefore && !isGap && m_trace.style == Style::Step) {
                    std::size_t next = i;
                    while (next < signal.times.size() && columnOf(signal.times[next]) == x && !std::isfinite(signal.values[next]))
                        ++next;
                    const bool isValueBehind = next < signal.times.size() && columnOf(signal.times[next]) == x;
                    hold(x0, y0, isValueBehind ? x : x + 1);
                }
                isGap = true;
                continue;
            }
            const Int y = rowOf(signal.values[i]);
            cover(x, y, y);
            if (hasBefore && (!isGap || x == x0)) {
                if (m_trace.style == Style::Step) {
                    hold(x0, y0, x);
                    cover(x, y0, y);
                } else {
                    joinLine(x0, y0, x, y);
                }
            }
            hasBefore = true;
            isGap = false;
            x0 = x;
            y0 = y;
        }
    }

    void blend(QImage &image, int x, Int row, int alpha) const
    {
        const QRgb over = qPremultiply(qRgba(qRed(m_trace.colour), qGreen(m_trace.colour), qBlue(m_trace.colour), alpha));
        QRgb &under = reinterpret_cast<QRgb *>(image.scanLine(static_cast<int>(row)))[x];
        const int rest = 255 - qAlpha(over);
        const auto add = [rest](int top, int below) { return top + (below * rest + 127) / 255; };
        under = qRgba(add(qRed(over), qRed(under)), add(qGreen(over), qGreen(under)), add(qBlue(over), qBlue(under)),
                      add(qAlpha(over), qAlpha(under)));
    }

    const Picture &m_picture;
    const Trace &m_trace;
    std::vector<bool> m_isCovered;
    std::vector<Int> m_top, m_bottom; // of what is covered, outside the picture too
    std::vector<int> m_worst;
    std::vector<bool> m_hasValue;
};

// Few samples: every one of them at its exact place, joined by QPainter.
void drawFew(QImage &image, const Picture &picture, const Trace &trace)
{
    const Signal &signal = *trace.signal;
    std::size_t begin = 0;
    while (begin < signal.times.size() && signal.times[begin] < picture.from)
        ++begin;
    std::size_t end = begin;
    while (end < signal.times.size() && signal.times[end] < picture.to)
        ++end;
    const auto isValue = [&](std::size_t i) { return i < signal.times.size() && std::isfinite(signal.values[i]); };
    const auto rowOf = [&](double placed) {
        const double share = (trace.high / 2 - placed / 2) / (trace.high / 2 - trace.low / 2);
        return std::clamp(share * (picture.height - 1), -4194304.0, 4194304.0);
    };
    const auto placeAt = [&](std::size_t i, double value) {
        const double x
            = static_cast<double>(signal.times[i] - picture.from) / static_cast<double>(picture.to - picture.from) * picture.width;
        return QPointF(std::clamp(x, -1073741824.0, 1073741824.0), rowOf(trace.isLog ? std::log10(value) : value) + 0.5);
    };
    // From the neighbour on the left to the one on the right.
    const std::size_t first = begin > 0 ? begin - 1 : begin;
    const std::size_t last = std::min(end + 1, signal.times.size());

    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor colour = QColor::fromRgb(trace.colour);
    if (trace.style == Style::Area) {
        QColor faint = colour;
        faint.setAlpha(60);
        painter.setPen(Qt::NoPen);
        painter.setBrush(faint);
        const double base = (trace.isLog ? picture.height - 1 : std::clamp(rowOf(0), 0.0, picture.height - 1.0)) + 0.5;
        for (std::size_t i = first; i < last;) {
            QPolygonF area;
            for (; i < last && isValue(i); ++i)
                area << placeAt(i, signal.values[i]);
            if (area.size() > 1) {
                area.prepend(QPointF(area.first().x(), base));
                area << QPointF(area.last().x(), base);
                painter.drawPolygon(area);
            }
            ++i;
        }
    }
    QPen good(colour, trace.thickness);
    if (!trace.dashes.empty())
        good.setDashPattern(QList<qreal>(trace.dashes.begin(), trace.dashes.end()));
    for (std::size_t i = first + 1; i < last; ++i) {
        if (!isValue(i - 1))
            continue;
        const bool isStep = trace.style == Style::Step;
        const bool isGood = signal.qualities[i - 1] == 0 && (isStep || signal.qualities[i] == 0);
        painter.setPen(isGood ? good : QPen(colour, trace.thickness, Qt::DotLine));
        const QPointF from = placeAt(i - 1, signal.values[i - 1]);
        if (!isStep) {
            if (isValue(i))
                painter.drawLine(from, placeAt(i, signal.values[i]));
            continue;
        }
        const QPointF corner = placeAt(i, signal.values[i - 1]);
        painter.drawLine(from, corner);
        if (isValue(i))
            painter.drawLine(corner, placeAt(i, signal.values[i]));
    }
    const bool hasRoom = (end - begin) * 8 <= static_cast<std::size_t>(picture.width);
    for (std::size_t i = begin; i < end; ++i) {
        if (!isValue(i))
            continue;
        const bool isGood = signal.qualities[i] == 0;
        const bool isAlone = !(i > 0 && isValue(i - 1)) && !isValue(i + 1);
        if (!hasRoom && isGood && !isAlone)
            continue;
        painter.setPen(isGood ? QPen(Qt::NoPen) : QPen(colour, 1));
        painter.setBrush(isGood ? QBrush(colour) : QBrush(colour, Qt::BDiagPattern));
        const double radius = trace.thickness + (isGood ? 1.0 : 3.0);
        painter.drawEllipse(placeAt(i, signal.values[i]), radius, radius);
    }
}

}

std::size_t visible(const Signal &signal, const Picture &picture)
{
    return static_cast<std::size_t>(
        std::count_if(signal.times.begin(), signal.times.end(), [&](std::int64_t t) { return t >= picture.from && t < picture.to; }));
}

QImage draw(const Picture &picture)
{
    QImage image(picture.width, picture.height, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    for (const Trace &trace : picture.traces) {
        if (visible(*trace.signal, picture) * 2 <= static_cast<std::size_t>(picture.width))
            drawFew(image, picture, trace);
        else
            Sheet(picture, trace).putOn(image);
    }
    return image;
}

}
