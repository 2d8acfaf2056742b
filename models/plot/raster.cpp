#include "plot/raster.h"

#include "plot/palette.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace sg {

namespace {

constexpr double FarY = 1 << 22; // rows beyond are drawn as if they were here: far outside, and safe to multiply
constexpr double FarX = 1 << 30;
constexpr int HatchReach = 4; // pixels that the hatch of doubtful values stands out above and below them

// The rows that a stroke covers in one column: always one run, because a column's own span and the lines into it and out of it touch.
struct Span
{
    std::int64_t top = std::numeric_limits<std::int64_t>::max();
    std::int64_t bottom = std::numeric_limits<std::int64_t>::min();

    [[nodiscard]] bool isEmpty() const { return top > bottom; }
    void cover(std::int64_t y0, std::int64_t y1)
    {
        top = std::min({top, y0, y1});
        bottom = std::max({bottom, y0, y1});
    }
};

struct Canvas
{
    QImage &image;
    double yMin, yMax;

    [[nodiscard]] int row(double value) const { return pixelRow(value, yMin, yMax, image.height()); }
    void set(int x, int y, QRgb colour) const
    {
        if (x >= 0 && x < image.width() && y >= 0 && y < image.height())
            reinterpret_cast<QRgb *>(image.scanLine(y))[x] = colour;
    }
    // Source over.
    void blend(int x, int y, QRgb premultiplied) const
    {
        if (x < 0 || x >= image.width() || y < 0 || y >= image.height())
            return;
        QRgb &under = reinterpret_cast<QRgb *>(image.scanLine(y))[x];
        const int rest = 255 - qAlpha(premultiplied);
        const auto over = [rest](int top, int below) { return top + (below * rest + 127) / 255; };
        under = qRgba(over(qRed(premultiplied), qRed(under)), over(qGreen(premultiplied), qGreen(under)),
                      over(qBlue(premultiplied), qBlue(under)), over(qAlpha(premultiplied), qAlpha(under)));
    }
};

// Where a stroke was last, in pixels: x may lie left of the picture.
struct Pen
{
    std::int64_t x = 0, y = 0;
    bool isDown = false;
};

std::int64_t columnOf(const Columns &columns, Time t, int width)
{
    const double share = static_cast<double>((t - columns.from).count()) / static_cast<double>((columns.to - columns.from).count());
    return static_cast<std::int64_t>(std::floor(std::clamp(share * width, -FarX, FarX)));
}

class Spans
{
public:
    Spans(const Stroke &stroke, int width)
        : m_spans(static_cast<std::size_t>(width))
        , m_isStep(stroke.style == Stroke::Style::Step)
    {
    }

    void lineTo(Pen &pen, std::int64_t x, std::int64_t y)
    {
        if (pen.isDown && m_isStep) {
            holdUntil(pen, x);
            cover(x, pen.y, y);
        } else if (pen.isDown) {
            forEachSpan(pen.x, pen.y, x, y, width(), [this](int at, std::int64_t from, std::int64_t to) { cover(at, from, to); });
        }
        pen = {x, y, true};
    }
    // A step keeps its value up to, but not in, column x.
    void holdUntil(const Pen &pen, std::int64_t x)
    {
        for (std::int64_t at = std::max<std::int64_t>(pen.x, 0); at < std::min<std::int64_t>(x, width()); ++at)
            cover(at, pen.y, pen.y);
    }
    void cover(std::int64_t x, std::int64_t y0, std::int64_t y1)
    {
        if (x >= 0 && x < width())
            m_spans[static_cast<std::size_t>(x)].cover(y0, y1);
    }
    [[nodiscard]] int width() const { return static_cast<int>(m_spans.size()); }
    [[nodiscard]] const Span &operator[](int x) const { return m_spans[static_cast<std::size_t>(x)]; }

private:
    std::vector<Span> m_spans;
    const bool m_isStep;
};

Spans spansOf(const Stroke &stroke, const Canvas &canvas)
{
    const int width = canvas.image.width();
    const Columns &columns = stroke.columns;
    Spans spans(stroke, width);
    Pen pen;
    if (columns.before)
        pen = {columnOf(columns, columns.before->t, width), canvas.row(columns.before->value), true};
    const auto count = static_cast<std::int64_t>(columns.columns.size());
    for (std::int64_t i = 0; i < count; ++i) {
        const Column &column = columns.columns[static_cast<std::size_t>(i)];
        const std::int64_t x = i * width / count;
        if (column.samples > 0) {
            if (column.breaksBefore) {
                if (pen.isDown && stroke.style == Stroke::Style::Step)
                    spans.holdUntil(pen, x);
                pen.isDown = false;
            }
            spans.lineTo(pen, x, canvas.row(column.first));
            spans.cover(x, canvas.row(column.max), canvas.row(column.min));
            pen.y = canvas.row(column.last);
        }
        if (column.endsInGap) {
            if (pen.isDown && stroke.style == Stroke::Style::Step)
                spans.holdUntil(pen, x + 1);
            pen.isDown = false;
        }
    }
    if (columns.after)
        spans.lineTo(pen, columnOf(columns, columns.after->t, width), canvas.row(columns.after->value));
    return spans;
}

// Is the dash drawn here? Only nearly level parts are dashed: a dash must never hide a spike.
bool isDashOn(const Stroke &stroke, int x, const Span &span)
{
    const auto pattern = dashPattern(stroke.dash);
    if (pattern.empty() || span.bottom - span.top > 2)
        return true;
    int length = 0;
    for (const int part : pattern)
        length += part * stroke.thickness;
    int at = x % length;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        at -= pattern[i] * stroke.thickness;
        if (at < 0)
            return i % 2 == 0;
    }
    return true;
}

void hatch(const Canvas &canvas, int x, const Span &span, Quality worst, QRgb colour)
{
    const QRgb faint = qPremultiply(qRgba(qRed(colour), qGreen(colour), qBlue(colour), worst == Quality::Bad ? 170 : 110));
    const int height = canvas.image.height();
    const int from = static_cast<int>(std::clamp<std::int64_t>(span.top - HatchReach, 0, height));
    const int to = static_cast<int>(std::clamp<std::int64_t>(span.bottom + HatchReach + 1, 0, height));
    for (int y = from; y < to; ++y) {
        // Diagonals one way for uncertain values, crossed for bad ones: told apart without colour.
        if ((x + y) % 4 == 0 || (worst == Quality::Bad && (x - y + height * 4) % 4 == 0))
            canvas.blend(x, y, faint);
    }
}

void paintSpans(const Canvas &canvas, const Stroke &stroke)
{
    const Spans spans = spansOf(stroke, canvas);
    const int width = spans.width();
    const QRgb colour = stroke.colour | 0xff000000u;
    const auto count = static_cast<std::int64_t>(stroke.columns.columns.size());
    for (std::int64_t i = 0; i < count; ++i) {
        const Column &column = stroke.columns.columns[static_cast<std::size_t>(i)];
        const int x = static_cast<int>(i * width / count);
        if (column.worst != Quality::Good && column.samples > 0)
            hatch(canvas, x, spans[x], column.worst, colour);
    }
    const int reach = std::max(stroke.thickness, 1);
    const int before = (reach - 1) / 2;
    const std::int64_t lowest = canvas.image.height() - 1;
    for (int x = 0; x < width; ++x) {
        const Span &span = spans[x];
        if (span.isEmpty() || !isDashOn(stroke, x, span))
            continue;
        const auto top = static_cast<int>(std::max<std::int64_t>(span.top - before, 0));
        const auto bottom = static_cast<int>(std::min<std::int64_t>(span.bottom - before + reach - 1, lowest));
        for (int y = top; y <= bottom; ++y) {
            for (int side = 0; side < reach; ++side)
                canvas.set(x - before + side, y, colour);
        }
    }
}

// What is known of the values of a column is drawn as points: its first, last, least and greatest.
void paintPoints(const Canvas &canvas, const Stroke &stroke)
{
    const int reach = std::max(stroke.thickness, 1) + 1;
    const auto count = static_cast<std::int64_t>(stroke.columns.columns.size());
    for (std::int64_t i = 0; i < count; ++i) {
        const Column &column = stroke.columns.columns[static_cast<std::size_t>(i)];
        if (column.samples == 0)
            continue;
        const int x = static_cast<int>(i * canvas.image.width() / count);
        for (const double value : {column.first, column.last, column.min, column.max}) {
            const int y = canvas.row(value);
            for (int part = 0; part < reach * reach; ++part)
                canvas.set(x + part % reach, y + part / reach, stroke.colour | 0xff000000u);
        }
    }
}

// Few rows: each of them, exactly where it is.
void paintRows(const Canvas &canvas, const Stroke &stroke)
{
    const Columns &columns = stroke.columns;
    const double width = canvas.image.width();
    const double span = static_cast<double>((columns.to - columns.from).count());
    const double scale = canvas.yMax > canvas.yMin ? (canvas.image.height() - 1) / (canvas.yMax - canvas.yMin) : 0;
    const auto place = [&](const Row &row) {
        const double x = static_cast<double>((row.t - columns.from).count()) / span * width;
        const double y = scale > 0 ? (canvas.yMax - row.value) * scale + 0.5 : canvas.image.height() / 2.0;
        return QPointF(std::clamp(x, -FarX, FarX), std::clamp(y, -FarY, FarY));
    };
    std::vector<Row> rows;
    if (columns.before)
        rows.push_back(*columns.before);
    rows.insert(rows.end(), columns.rows.begin(), columns.rows.end());
    if (columns.after)
        rows.push_back(*columns.after);

    QPainter painter(&canvas.image);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor colour = QColor::fromRgb(stroke.colour);
    QPen solid(colour, stroke.thickness);
    if (const auto pattern = dashPattern(stroke.dash); !pattern.empty())
        solid.setDashPattern(QList<qreal>(pattern.begin(), pattern.end()));
    const QPen doubtful(colour, stroke.thickness, Qt::DotLine);
    for (std::size_t i = 1; i < rows.size() && stroke.style != Stroke::Style::Points; ++i) {
        const Row &left = rows[i - 1];
        const Row &right = rows[i];
        // A gap keeps a step's value up to its beginning, but no line leads into it.
        const bool isStep = stroke.style == Stroke::Style::Step;
        if (!std::isfinite(left.value) || (!isStep && !std::isfinite(right.value)))
            continue;
        const bool isGood = left.quality == Quality::Good && (isStep || right.quality == Quality::Good);
        painter.setPen(isGood ? solid : doubtful);
        const QPointF from = place(left);
        if (!isStep) {
            painter.drawLine(from, place(right));
            continue;
        }
        const QPointF corner(std::isfinite(right.value) ? place(right).x() : place({right.t, left.value, right.quality}).x(), from.y());
        painter.drawLine(from, corner);
        if (std::isfinite(right.value))
            painter.drawLine(corner, place(right));
    }
    const double radius = stroke.thickness + 1.0;
    // Markers tell samples apart while there is room between them; nearer together they would be beads on the line. A value that
    // stands alone between gaps has no line and keeps its marker.
    const bool hasRoom = columns.rows.size() * 8 <= columns.columns.size() || stroke.style == Stroke::Style::Points;
    const auto isLine = [&](std::size_t i) { return i < rows.size() && std::isfinite(rows[i].value); };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Row &row = rows[i];
        const bool isInside = i >= (columns.before ? 1U : 0U) && i < columns.rows.size() + (columns.before ? 1U : 0U);
        if (!isInside || !std::isfinite(row.value))
            continue;
        if (!hasRoom && row.quality == Quality::Good && (isLine(i + 1) || (i > 0 && isLine(i - 1))))
            continue;
        painter.setPen(row.quality == Quality::Good ? Qt::NoPen : QPen(colour, 1));
        painter.setBrush(row.quality == Quality::Good ? QBrush(colour) : QBrush(colour, Qt::BDiagPattern));
        const double size = row.quality == Quality::Good ? radius : radius + 2;
        painter.drawEllipse(place(row), size, size);
    }
}

}

int pixelRow(double value, double yMin, double yMax, int height)
{
    if (!(yMax > yMin) || !std::isfinite(yMin) || !std::isfinite(yMax))
        return height / 2;
    // Halved first: the difference of two finite numbers may be infinite.
    const double share = (yMax / 2 - value / 2) / (yMax / 2 - yMin / 2);
    return static_cast<int>(std::lround(std::clamp(share * (height - 1), -FarY, FarY)));
}

void forEachSpan(std::int64_t x0, std::int64_t y0, std::int64_t x1, std::int64_t y1, int width,
                 const std::function<void(int, std::int64_t, std::int64_t)> &use)
{
    const std::int64_t dx = x1 - x0;
    const std::int64_t dy = y1 - y0;
    if (dx == 0) {
        if (x0 >= 0 && x0 < width)
            use(static_cast<int>(x0), y0, y1);
        return;
    }
    // The line changes from column k to k+1 at its height halfway between their centres, rounded down; the column right of it begins
    // one row on, so that no row is drawn twice and none is left out.
    const auto halfway = [&](std::int64_t k) {
        const std::int64_t top = (2 * k + 1) * dy;
        const std::int64_t bottom = 2 * dx;
        return y0 + top / bottom - (top % bottom < 0 ? 1 : 0);
    };
    const std::int64_t first = std::max<std::int64_t>(0, -x0);
    const std::int64_t last = std::min(dx, width - 1 - x0);
    for (std::int64_t k = first; k <= last; ++k) {
        std::int64_t from = k == 0 ? y0 : halfway(k - 1);
        const std::int64_t to = k == dx ? y1 : halfway(k);
        if (k > 0 && from != to)
            from += from < to ? 1 : -1;
        use(static_cast<int>(x0 + k), from, to);
    }
}

QImage raster(const RasterJob &job, std::stop_token stop)
{
    if (job.width < 1 || job.height < 1)
        return {};
    QImage image(job.width, job.height, QImage::Format_ARGB32_Premultiplied);
    if (image.isNull())
        return {};
    image.fill(Qt::transparent);
    const Canvas canvas{image, job.yMin, job.yMax};
    for (const Stroke &stroke : job.strokes) {
        if (stop.stop_requested())
            return {};
        if (stroke.columns.columns.empty())
            continue;
        if (stroke.columns.samples <= stroke.columns.columns.size() / 2)
            paintRows(canvas, stroke);
        else if (stroke.style == Stroke::Style::Points)
            paintPoints(canvas, stroke);
        else
            paintSpans(canvas, stroke);
    }
    return image;
}

}
