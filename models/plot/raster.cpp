#include "plot/raster.h"

#include "plot/palette.h"
#include "plot/rasterparts.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <span>

namespace sg {

namespace {

constexpr int HatchReach = 4; // pixels that the hatch of doubtful values stands out above and below them
constexpr int Strip = 16; // columns that are painted together, one cache line of each pixel row
constexpr int MaxThickness = Strip;

template <class Use> void walkSpans(std::int64_t x0, std::int64_t y0, std::int64_t x1, std::int64_t y1, std::int64_t width, const Use &use)
{
    const std::int64_t dx = x1 - x0;
    const std::int64_t dy = y1 - y0;
    if (dx == 0) {
        if (x0 >= 0 && x0 < width)
            use(x0, y0, y1);
        return;
    }
    const auto useWithin = [&](std::int64_t x, std::int64_t from, std::int64_t to) {
        if (x >= 0 && x < width)
            use(x, from, to);
    };
    if (dx == 1) { // as nearly all are; the rule below, without its divisions
        const std::int64_t half = y0 + (dy >> 1);
        useWithin(x0, y0, half);
        useWithin(x1, half == y1 ? half : half + (half < y1 ? 1 : -1), y1);
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
        use(x0 + k, from, to);
    }
}

// floor((t - from) * width / (to - from)) without overflow, bounded. Only for neighbours outside; the query places all others.
std::int64_t columnOf(const Columns &columns, Time t, int width)
{
    const std::int64_t span = (columns.to - columns.from).count();
    const double guess = static_cast<double>((t - columns.from).count()) / static_cast<double>(span) * width;
    if (std::abs(guess) >= static_cast<double>(FarX))
        return guess < 0 ? -FarX : FarX;
    // A double is one off at most, just where a column begins; the first microsecond of column k is ceil(k * span / width).
    const auto startOf = [&](std::int64_t k) {
        const std::int64_t part = k * (span % width);
        return k * (span / width) + part / width + (part % width > 0 ? 1 : 0);
    };
    const std::int64_t offset = (t - columns.from).count();
    auto column = static_cast<std::int64_t>(std::floor(guess));
    if (startOf(column) > offset)
        --column;
    else if (startOf(column + 1) <= offset)
        ++column;
    return column;
}

// Where a stroke was last, in pixels: x may lie left of the picture.
struct Pen
{
    std::int64_t x = 0, y = 0;
    bool isDown = false;
};

// What a stroke covers: in each column one run of rows, because a column's own span and the lines into it and out of it touch.
class Runs
{
public:
    Runs(const Stroke &stroke, const ValueRange &range, int width, int height)
        : m_width(width)
        , m_isStep(stroke.style == Stroke::Style::Step)
        , m_top(static_cast<std::size_t>(width), Far)
        , m_bottom(static_cast<std::size_t>(width), -Far)
    {
        const Columns &columns = stroke.columns;
        Pen pen;
        if (columns.before)
            pen = {columnOf(columns, columns.before->t, width), pixelRow(columns.before->value, range, height), true};
        const auto count = static_cast<std::int64_t>(columns.columns.size());
        for (std::int64_t i = 0; i < count; ++i) {
            const Column &column = columns.columns[static_cast<std::size_t>(i)];
            const std::int64_t x = count == width ? i : i * width / count;
            if (column.samples > 0) {
                if (column.breaksBefore) {
                    if (pen.isDown && m_isStep)
                        holdUntil(pen, x);
                    pen.isDown = false;
                }
                lineTo(pen, x, pixelRow(column.first, range, height));
                cover(x, pixelRow(column.max, range, height), pixelRow(column.min, range, height));
                pen.y = pixelRow(column.last, range, height);
            }
            if (column.endsInGap) {
                if (pen.isDown && m_isStep)
                    holdUntil(pen, x + 1);
                pen.isDown = false;
            }
        }
        if (columns.after)
            lineTo(pen, columnOf(columns, columns.after->t, width), pixelRow(columns.after->value, range, height));
        else if (columns.gapAfter && pen.isDown && m_isStep)
            holdUntil(pen, width);
    }

    [[nodiscard]] bool isEmpty(int x) const { return m_top[static_cast<std::size_t>(x)] > m_bottom[static_cast<std::size_t>(x)]; }
    [[nodiscard]] int top(int x) const { return m_top[static_cast<std::size_t>(x)]; }
    [[nodiscard]] int bottom(int x) const { return m_bottom[static_cast<std::size_t>(x)]; }

private:
    static constexpr int Far = 1 << 24;

    void lineTo(Pen &pen, std::int64_t x, std::int64_t y)
    {
        if (pen.isDown && m_isStep) {
            holdUntil(pen, x);
            cover(x, pen.y, y);
        } else if (pen.isDown) {
            walkSpans(pen.x, pen.y, x, y, m_width, [this](std::int64_t at, std::int64_t from, std::int64_t to) { cover(at, from, to); });
        }
        pen = {x, y, true};
    }
    // A step keeps its value up to, but not in, column x.
    void holdUntil(const Pen &pen, std::int64_t x)
    {
        for (std::int64_t at = std::max<std::int64_t>(pen.x, 0); at < std::min<std::int64_t>(x, m_width); ++at)
            cover(at, pen.y, pen.y);
    }
    void cover(std::int64_t x, std::int64_t y0, std::int64_t y1)
    {
        if (x < 0 || x >= m_width)
            return;
        const auto at = static_cast<std::size_t>(x);
        m_top[at] = std::min(m_top[at], static_cast<int>(std::min(y0, y1)));
        m_bottom[at] = std::max(m_bottom[at], static_cast<int>(std::max(y0, y1)));
    }

    const int m_width;
    const bool m_isStep;
    std::vector<int> m_top, m_bottom;
};

// Is the dash drawn here? Only nearly level parts are dashed: a dash must never hide a spike.
bool isDashOn(const Stroke &stroke, std::int64_t column, int rows)
{
    const auto pattern = dashPattern(stroke.dash);
    if (pattern.empty() || rows > 3)
        return true;
    const int thickness = std::max(stroke.thickness, 1);
    int length = 0;
    for (const int part : pattern)
        length += part * thickness;
    auto at = static_cast<int>((column % length + length) % length);
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        at -= pattern[i] * thickness;
        if (at < 0)
            return i % 2 == 0;
    }
    return true;
}

// One dense stroke made ready: what is left is to fill runs of pixels, strip by strip.
class Paint
{
public:
    Paint(const RasterJob &job, const Stroke &stroke, const ValueRange &range)
        : m_runs(stroke, range, job.width, job.height)
        , m_colour(stroke.colour | 0xff000000u)
        , m_thickness(std::clamp(stroke.thickness, 1, MaxThickness))
        , m_isArea(stroke.style == Stroke::Style::Area)
        , m_base(static_cast<int>(std::lround(baseRow(stroke, range, job.height))))
        , m_firstColumn(job.firstColumn)
        , m_top(static_cast<std::size_t>(job.width + 2 * Margin), job.height)
        , m_bottom(static_cast<std::size_t>(job.width + 2 * Margin), -1)
        , m_worst(static_cast<std::size_t>(job.width), Quality::Good)
    {
        const int before = (m_thickness - 1) / 2;
        for (int x = 0; x < job.width; ++x) {
            if (m_runs.isEmpty(x) || !isDashOn(stroke, x + m_firstColumn, m_runs.bottom(x) - m_runs.top(x) + 1))
                continue;
            const auto at = static_cast<std::size_t>(x + Margin);
            m_top[at] = std::max(m_runs.top(x) - before, 0);
            m_bottom[at] = std::min(m_runs.bottom(x) - before + m_thickness - 1, job.height - 1);
        }
        const auto count = static_cast<std::int64_t>(stroke.columns.columns.size());
        for (std::int64_t i = 0; i < count; ++i) {
            const Column &column = stroke.columns.columns[static_cast<std::size_t>(i)];
            auto &worst = m_worst[static_cast<std::size_t>(i * job.width / count)];
            if (column.samples > 0)
                worst = std::max(worst, column.worst);
        }
    }

    void strip(const QImage &image, QRgb *bits, int begin, int end) const
    {
        for (int x = begin; x < end; ++x) {
            if (m_isArea && !m_runs.isEmpty(x))
                blendRun(image, bits, x, std::min(m_runs.top(x), m_base), std::max(m_runs.bottom(x), m_base), premultiplied(AreaAlpha));
            if (m_worst[static_cast<std::size_t>(x)] != Quality::Good && !m_runs.isEmpty(x))
                hatch(image, bits, x);
        }
        const int before = (m_thickness - 1) / 2;
        for (int side = 0; side < m_thickness; ++side) {
            const int from = begin + before - side + Margin;
            fill(bits + begin, image.width(), end - begin, m_top.data() + from, m_bottom.data() + from);
        }
    }

private:
    static constexpr int Margin = MaxThickness; // empty columns on either side, so that thickness needs no bounds

    [[nodiscard]] QRgb premultiplied(int alpha) const
    {
        return qPremultiply(qRgba(qRed(m_colour), qGreen(m_colour), qBlue(m_colour), alpha));
    }

    // The loop over a strip has a fixed length and no branch, so that it becomes vector code.
    void fill(QRgb *bits, int stride, int count, const int *top, const int *bottom) const
    {
        const int first = *std::min_element(top, top + count);
        const int last = *std::max_element(bottom, bottom + count);
        const QRgb colour = m_colour;
        if (count < Strip) {
            for (int y = first; y <= last; ++y) {
                for (int k = 0; k < count; ++k) {
                    if (top[k] <= y && y <= bottom[k])
                        bits[static_cast<std::ptrdiff_t>(y) * stride + k] = colour;
                }
            }
            return;
        }
        std::array<int, Strip> tops{};
        std::array<int, Strip> bottoms{};
        std::copy_n(top, Strip, tops.begin());
        std::copy_n(bottom, Strip, bottoms.begin());
        for (int y = first; y <= last; ++y) {
            QRgb *line = bits + static_cast<std::ptrdiff_t>(y) * stride;
            std::array<QRgb, Strip> pixels;
            std::copy_n(line, Strip, pixels.begin());
            for (std::size_t k = 0; k < Strip; ++k) {
                const QRgb isCovered = -static_cast<QRgb>((tops[k] <= y) & (y <= bottoms[k]));
                pixels[k] = (pixels[k] & ~isCovered) | (colour & isCovered);
            }
            std::copy_n(pixels.begin(), Strip, line);
        }
    }

    static void blend(QRgb &under, QRgb over)
    {
        if (under == 0) {
            under = over;
            return;
        }
        const int rest = 255 - qAlpha(over);
        const auto add = [rest](int top, int below) { return top + (below * rest + 127) / 255; };
        under = qRgba(add(qRed(over), qRed(under)), add(qGreen(over), qGreen(under)), add(qBlue(over), qBlue(under)),
                      add(qAlpha(over), qAlpha(under)));
    }
    static void blendRun(const QImage &image, QRgb *bits, int x, int top, int bottom, QRgb colour)
    {
        for (int y = std::max(top, 0); y <= std::min(bottom, image.height() - 1); ++y)
            blend(bits[static_cast<std::ptrdiff_t>(y) * image.width() + x], colour);
    }

    void hatch(const QImage &image, QRgb *bits, int x) const
    {
        const bool isBad = m_worst[static_cast<std::size_t>(x)] == Quality::Bad;
        const QRgb faint = premultiplied(isBad ? 170 : 110);
        const int from = std::max(m_runs.top(x) - HatchReach, 0);
        const int to = std::min(m_runs.bottom(x) + HatchReach, image.height() - 1);
        const auto phase = static_cast<int>(((x + m_firstColumn) % 4 + 4) % 4);
        for (int y = from; y <= to; ++y) {
            // Diagonals one way for uncertain values, crossed for bad ones: told apart without colour.
            if ((phase + y) % 4 == 0 || (isBad && (phase + 4 - y % 4) % 4 == 0))
                blend(bits[static_cast<std::ptrdiff_t>(y) * image.width() + x], faint);
        }
    }

    const Runs m_runs;
    const QRgb m_colour;
    const int m_thickness;
    const bool m_isArea;
    const int m_base;
    const std::int64_t m_firstColumn;
    std::vector<int> m_top, m_bottom; // of the line, within the picture; Margin columns more on either side
    std::vector<Quality> m_worst;
};

// What is known of the values of a column is drawn as points: its first, last, least and greatest.
void paintPoints(QImage &image, const Stroke &stroke, const ValueRange &range)
{
    const int reach = std::max(stroke.thickness, 1) + 1;
    const auto count = static_cast<std::int64_t>(stroke.columns.columns.size());
    const QRect bounds = image.rect();
    for (std::int64_t i = 0; i < count; ++i) {
        const Column &column = stroke.columns.columns[static_cast<std::size_t>(i)];
        if (column.samples == 0)
            continue;
        const int x = static_cast<int>(i * image.width() / count);
        for (const double value : {column.first, column.last, column.min, column.max}) {
            const int y = pixelRow(value, range, image.height());
            for (int part = 0; part < reach * reach; ++part) {
                if (bounds.contains(x + part % reach, y + part / reach))
                    image.setPixel(x + part % reach, y + part / reach, stroke.colour | 0xff000000u);
            }
        }
    }
}

// Memory of pictures that were let go of: fresh memory of this size costs more page faults than drawing costs. Any thread.
class Canvases
{
public:
    // A picture whose pixels are whatever they are; null when there is no memory for it.
    static QImage take(int width, int height)
    {
        const std::size_t bytes = static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * sizeof(QRgb);
        std::unique_ptr<Memory> memory = instance().reuse(bytes);
        if (!memory)
            memory = std::make_unique<Memory>(Memory{std::unique_ptr<uchar[]>(new (std::nothrow) uchar[bytes]), bytes});
        if (!memory->pixels)
            return {};
        auto *pixels = memory->pixels.get();
        return QImage(pixels, width, height, static_cast<qsizetype>(width) * 4, QImage::Format_ARGB32_Premultiplied, giveBack,
                      memory.release());
    }

private:
    struct Memory
    {
        std::unique_ptr<uchar[]> pixels;
        std::size_t bytes = 0;
    };
    static constexpr std::size_t MostBytes = 48u << 20u; // kept

    static Canvases &instance()
    {
        static auto *const only = new Canvases; // never deleted: a picture may be the last thing to go
        return *only;
    }
    static void giveBack(void *memory) { instance().keep(std::unique_ptr<Memory>(static_cast<Memory *>(memory))); }

    std::unique_ptr<Memory> reuse(std::size_t bytes)
    {
        const std::lock_guard guard(m_mutex);
        const auto found = std::find_if(m_free.begin(), m_free.end(), [bytes](const auto &memory) { return memory->bytes == bytes; });
        if (found == m_free.end())
            return {};
        auto out = std::move(*found);
        m_free.erase(found);
        m_bytes -= bytes;
        return out;
    }
    void keep(std::unique_ptr<Memory> memory)
    {
        const std::lock_guard guard(m_mutex);
        m_bytes += memory->bytes;
        m_free.push_back(std::move(memory));
        for (; m_bytes > MostBytes; m_free.erase(m_free.begin()))
            m_bytes -= m_free.front()->bytes; // sizes that are not asked for any more come to the front
    }

    std::mutex m_mutex;
    std::vector<std::unique_ptr<Memory>> m_free; // guarded by m_mutex
    std::size_t m_bytes = 0;
};

QRgb *pixelsOf(QImage &image)
{
    return reinterpret_cast<QRgb *>(image.bits()); // 32 bits a pixel: rows follow each other without padding
}

// Makes columns transparent. Strip by strip as well: then they are in the nearest cache when they are painted.
void clear(const QImage &image, QRgb *bits, int begin, int end)
{
    constexpr std::array<QRgb, Strip> nothing{};
    const int width = image.width(), height = image.height();
    for (int y = 0; y < height; ++y) {
        QRgb *line = bits + static_cast<std::ptrdiff_t>(y) * width + begin;
        if (end - begin == Strip)
            std::copy_n(nothing.begin(), Strip, line); // of a fixed length: vector code
        else
            std::fill(line, line + (end - begin), 0U);
    }
}

// Strip by strip, so that all strokes find their pixels in the nearest cache. `isFirst`: nothing was painted before.
bool paintDense(const QImage &image, QRgb *bits, std::span<const std::optional<Paint>> paints, int begin, int end, bool isFirst,
                const std::stop_token &stop)
{
    for (int x = begin; x < end && !stop.stop_requested(); x += Strip) {
        const int stripEnd = std::min(x + Strip, end);
        if (isFirst)
            clear(image, bits, x, stripEnd);
        for (const auto &paint : paints)
            paint->strip(image, bits, x, stripEnd);
    }
    return !stop.stop_requested();
}

bool isDense(const Stroke &stroke)
{
    return !drawsRows(stroke.columns) && stroke.style != Stroke::Style::Points;
}

ValueRange rangeOf(const RasterJob &job, const Stroke &stroke)
{
    return stroke.range.value_or(ValueRange{job.yMin, job.yMax});
}

}

double exactRow(double value, const ValueRange &range, int height)
{
    if (!(range.max > range.min) || !std::isfinite(range.min) || !std::isfinite(range.max))
        return height / 2; // NOLINT(bugprone-integer-division): a whole row
    // Halved first: the difference of two finite numbers may be infinite.
    const double share = (range.max / 2 - value / 2) / (range.max / 2 - range.min / 2);
    return std::clamp(share * (height - 1), -FarY, FarY);
}

double baseRow(const Stroke &stroke, const ValueRange &range, int height)
{
    return std::clamp(exactRow(stroke.base, range, height), 0.0, static_cast<double>(height - 1));
}

int pixelRow(double value, const ValueRange &range, int height)
{
    // std::lround(), which is a call for each of the four values of a column: what is behind the point is exact here too.
    const double exact = exactRow(value, range, height);
    const int whole = static_cast<int>(exact);
    const double rest = exact - whole;
    return whole + (rest >= 0.5 ? 1 : rest <= -0.5 ? -1 : 0);
}

int pixelRow(double value, double yMin, double yMax, int height)
{
    return pixelRow(value, ValueRange{yMin, yMax}, height);
}

void forEachSpan(std::int64_t x0, std::int64_t y0, std::int64_t x1, std::int64_t y1, int width,
                 const std::function<void(int, std::int64_t, std::int64_t)> &use)
{
    walkSpans(x0, y0, x1, y1, width, [&use](std::int64_t x, std::int64_t from, std::int64_t to) { use(static_cast<int>(x), from, to); });
}

QImage raster(const RasterJob &job, std::stop_token stop)
{
    if (job.width < 1 || job.height < 1)
        return {};
    QImage image = Canvases::take(job.width, job.height);
    if (image.isNull())
        return {};
    std::vector<std::optional<Paint>> paints; // that wait to be painted together
    bool isFirst = true;
    for (const Stroke &stroke : job.strokes) {
        if (stop.stop_requested())
            return {};
        if (stroke.columns.columns.empty())
            continue;
        const ValueRange range = rangeOf(job, stroke);
        if (isDense(stroke)) {
            paints.emplace_back(std::in_place, job, stroke, range);
            continue;
        }
        if (!paintDense(image, pixelsOf(image), paints, 0, job.width, std::exchange(isFirst, false), stop))
            return {};
        paints.clear();
        if (drawsRows(stroke.columns))
            paintRows(image, stroke, range);
        else
            paintPoints(image, stroke, range);
    }
    if (!paintDense(image, pixelsOf(image), paints, 0, job.width, isFirst, stop))
        return {};
    return image;
}

struct RasterWork::Private
{
    static constexpr int Portion = 8 * Strip; // columns that are taken at once

    RasterJob job;
    bool isShared = false; // all strokes are dense: columns are independent of each other; else one call paints everything
    QImage image;
    QRgb *bits = nullptr;
    std::vector<std::optional<Paint>> paints; // by stroke, when it is made ready
    std::atomic<std::size_t> nextStroke{0}; // to make ready
    std::atomic<std::size_t> strokesLeft{1}; // not ready
    std::atomic<int> next{0}; // portion to take
    std::atomic<int> left{1}; // portions not finished
    int portions = 1;
    std::atomic<bool> isStopped{false};
};

RasterWork::RasterWork(RasterJob job)
    : d(new Private)
{
    d->job = std::move(job);
    const RasterJob &own = d->job;
    if (own.width < 1 || own.height < 1 || !std::all_of(own.strokes.begin(), own.strokes.end(), isDense))
        return;
    d->image = Canvases::take(own.width, own.height);
    if (d->image.isNull())
        return;
    d->isShared = true;
    d->bits = pixelsOf(d->image);
    d->paints.resize(own.strokes.size());
    d->strokesLeft = own.strokes.size();
    d->portions = (own.width + Private::Portion - 1) / Private::Portion;
    d->left = d->portions;
}

RasterWork::~RasterWork() = default;

bool RasterWork::prepare(const std::stop_token &stop)
{
    if (d->paints.empty()) // nothing to make ready: the first call may begin
        return d->nextStroke.fetch_add(1) == 0;
    bool isLast = false;
    for (std::size_t i = d->nextStroke.fetch_add(1); i < d->paints.size(); i = d->nextStroke.fetch_add(1)) {
        const Stroke &stroke = d->job.strokes[i];
        if (!stop.stop_requested())
            d->paints[i].emplace(d->job, stroke, rangeOf(d->job, stroke));
        isLast = d->strokesLeft.fetch_sub(1) == 1;
    }
    return isLast && !stop.stop_requested();
}

bool RasterWork::paint(const std::stop_token &stop)
{
    bool isLast = false;
    for (int i = d->next.fetch_add(1); i < d->portions; i = d->next.fetch_add(1)) {
        const int begin = i * Private::Portion;
        if (!d->isShared)
            d->image = raster(d->job, stop);
        else if (!paintDense(d->image, d->bits, d->paints, begin, std::min(begin + Private::Portion, d->job.width), true, stop))
            d->isStopped = true;
        isLast = d->left.fetch_sub(1) == 1;
    }
    return isLast;
}

QImage RasterWork::take()
{
    return d->isStopped ? QImage() : std::move(d->image);
}

}
