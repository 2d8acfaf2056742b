#include "widgets/chart/chartframe.h"

#include "plot/raster.h"
#include "plot/valueaxis.h"

#include <atomic>
#include <deque>

namespace sg {

namespace {

struct Job
{
    FrameRequest request;
    std::stop_token stop;
    std::function<void(Frame)> done;
    struct Query // of one series
    {
        std::optional<ColumnParts> parts;
        std::atomic<std::size_t> left{0};
    };
    std::deque<Query> queries; // by series
    std::vector<Columns> columns;
    std::vector<std::shared_ptr<const CachedColumns>> cached;
    std::atomic<std::size_t> left{0}; // series
    Frame frame;
    std::unique_ptr<RasterWork> picture;
};

bool isOn(const ChartSeries &series, AxisSide side)
{
    return series.kind == ValueKind::Number && series.isRight == (side == RightAxis);
}

struct Reach
{
    double low = std::numeric_limits<double>::infinity();
    double high = -low;

    void cover(double value)
    {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    [[nodiscard]] bool isEmpty() const { return low > high; }
};

Reach reachOf(const Job &job, AxisSide side)
{
    Reach out;
    const auto isLog = job.request.axes[side].isLog;
    for (std::size_t i = 0; i < job.columns.size(); ++i) {
        if (!isOn(job.request.series[i], side))
            continue;
        for (const auto &column : job.columns[i].columns) {
            if (column.samples == 0)
                continue;
            for (const auto value : {column.min, column.max, column.first, column.last})
                if (!isLog || value > 0)
                    out.cover(axisValue(value, isLog));
        }
    }
    return out;
}

// Fits all values and limits; keeps the last range while the data fills enough of it.
std::pair<double, double> rangeOf(const Job &job, AxisSide side, bool &hasValues)
{
    const auto &axis = job.request.axes[side];
    auto [low, high] = reachOf(job, side);
    const auto isKnown = low <= high;
    hasValues = hasValues || isKnown;
    if (axis.fixed)
        return *axis.fixed;
    if (!isKnown)
        return axis.last.first < axis.last.second ? axis.last : std::pair(0.0, 1.0);
    if (side == LeftAxis) {
        // A limit far away would press the data into a line at the edge: it is shown when it lies within two heights of the data.
        const auto reach = std::max(2 * (high - low), std::abs(high) * 0.25);
        const auto dataLow = low, dataHigh = high;
        for (const auto value : job.request.limits)
            if (const auto limit = axisValue(value, axis.isLog); limit > dataLow - reach && limit < dataHigh + reach) {
                low = std::min(low, limit);
                high = std::max(high, limit);
            }
    }
    const auto fresh = paddedRange(low, high);
    const auto &last = axis.last;
    const auto isWithin = last.first <= low && high <= last.second;
    if (last.first < last.second && isWithin && (fresh.second - fresh.first) > 0.7 * (last.second - last.first))
        return last;
    return fresh;
}

// log10 is monotone, so a column's first, last, least and greatest stay what they are.
Columns placed(Columns columns, bool isLog)
{
    if (!isLog)
        return columns;
    for (auto &column : columns.columns)
        for (auto *value : {&column.first, &column.last, &column.min, &column.max})
            *value = axisValue(*value, isLog);
    for (auto *row : {&columns.before, &columns.after})
        if (*row)
            (*row)->value = axisValue((*row)->value, isLog);
    for (auto &row : columns.rows)
        if (std::isfinite(row.value))
            row.value = axisValue(row.value, isLog);
    return columns;
}

Stroke::Style strokeStyle(SeriesStyle style)
{
    switch (style) {
    case SeriesStyle::Line:
        return Stroke::Style::Line;
    case SeriesStyle::Step:
        return Stroke::Style::Step;
    case SeriesStyle::Points:
        return Stroke::Style::Points;
    case SeriesStyle::Area:
        return Stroke::Style::Area;
    }
    return Stroke::Style::Line;
}

RasterJob pictureOf(const Job &job, const Frame &frame)
{
    const auto &request = job.request;
    RasterJob picture;
    picture.width = request.width;
    picture.height = request.height;
    picture.yMin = frame.yMin;
    picture.yMax = frame.yMax;
    picture.firstColumn = static_cast<std::int64_t>(std::floor(static_cast<double>(request.from.time_since_epoch().count())
                                                               / static_cast<double>((request.to - request.from).count()) * request.width));
    for (std::size_t i = 0; i < job.columns.size(); ++i) {
        const auto &series = request.series[i];
        if (series.kind != ValueKind::Number)
            continue;
        const auto isLog = request.axes[series.isRight ? RightAxis : LeftAxis].isLog;
        Stroke stroke;
        stroke.columns = placed(job.columns[i], isLog);
        stroke.colour = series.colour.rgb();
        stroke.dash = series.dash;
        stroke.style = strokeStyle(series.style);
        // The common width is one device pixel, whatever the scale: the line that is exact.
        stroke.thickness = series.width <= 1 ? 1 : static_cast<int>(std::lround(series.width * request.scale));
        if (series.isRight)
            stroke.range = ValueRange{frame.right.first, frame.right.second};
        if (isLog)
            stroke.base = axisValue(0, true); // an area stands on the lower edge
        picture.strokes.push_back(std::move(stroke));
    }
    return picture;
}

std::vector<LateSpan> lateSpans(const Job &job)
{
    std::vector<LateSpan> out;
    int lane = 0;
    for (std::size_t i = 0; i < job.columns.size(); ++i) {
        const auto &columns = job.columns[i];
        const auto count = columns.columns.size();
        const auto startOf = [&](std::size_t column) {
            return columns.from
                + Micros(std::llround(static_cast<double>((columns.to - columns.from).count()) * static_cast<double>(column)
                                      / static_cast<double>(count)));
        };
        const auto before = out.size();
        for (std::size_t c = 0; c < count; ++c) {
            if (!columns.columns[c].hasLate)
                continue;
            const auto first = c;
            while (c < count && columns.columns[c].hasLate)
                ++c;
            out.push_back({startOf(first), startOf(c), job.request.series[i].colour.rgb(), lane});
        }
        lane += out.size() > before ? 1 : 0;
    }
    return out;
}

// Whoever finishes the picture hands it over.
void paint(Job &job)
{
    if (!job.picture->paint(job.stop) || job.stop.stop_requested())
        return;
    job.frame.image = job.picture->take();
    job.done(std::move(job.frame));
}

void prepare(Session &session, const std::shared_ptr<Job> &job)
{
    if (!job->picture->prepare(job->stop))
        return;
    session.run([job] { paint(*job); }); // beside this thread, if another one is free
    paint(*job);
}

void draw(Session &session, const std::shared_ptr<Job> &job)
{
    Frame &frame = job->frame;
    frame.generation = job->request.generation;
    frame.from = job->request.from;
    frame.to = job->request.to;
    frame.isUnknown = std::any_of(job->columns.begin(), job->columns.end(), [](const Columns &columns) { return columns.isUnknown; });
    if (frame.isUnknown) {
        if (!job->stop.stop_requested())
            job->done(std::move(frame));
        return;
    }
    std::tie(frame.yMin, frame.yMax) = rangeOf(*job, LeftAxis, frame.hasValues);
    frame.right = rangeOf(*job, RightAxis, frame.hasValues);
    job->picture = std::make_unique<RasterWork>(pictureOf(*job, frame));
    frame.late = lateSpans(*job);
    frame.columns = std::move(job->columns);
    frame.cached = std::move(job->cached);
    if (job->stop.stop_requested())
        return;
    session.run([&session, job] { prepare(session, job); });
    prepare(session, job);
}

// The last part of a series takes it together, the last series draws, where it is.
void query(Session &session, const std::shared_ptr<Job> &job, std::size_t series, std::size_t part)
{
    Job::Query &query = job->queries[series];
    query.parts->run(part, job->stop);
    if (query.left.fetch_sub(1) > 1)
        return;
    job->cached[series] = query.parts->take();
    job->columns[series] = job->cached[series]->columns();
    if (job->left.fetch_sub(1) == 1 && !job->stop.stop_requested())
        draw(session, job);
}

// What is taken over is found out first; where much is left, another thread may do its share of it.
void begin(Session &session, const std::shared_ptr<Job> &job, std::size_t series)
{
    const auto &asked = job->request;
    if (job->stop.stop_requested())
        return;
    const auto *earlier = series < asked.earlier.size() ? asked.earlier[series].get() : nullptr;
    Job::Query &made = job->queries[series];
    made.parts.emplace(asked.views[series], asked.from, asked.to, asked.width, earlier);
    made.left = made.parts->parts();
    for (std::size_t part = 1; part < made.parts->parts(); ++part)
        session.run([&session, job, series, part] { query(session, job, series, part); });
    query(session, job, series, 0);
}

}

void drawFrame(Session &session, FrameRequest request, std::stop_token stop, std::function<void(Frame)> done)
{
    auto job = std::make_shared<Job>();
    job->request = std::move(request);
    job->stop = stop;
    job->done = std::move(done);
    job->columns.resize(job->request.views.size());
    job->cached.resize(job->columns.size());
    job->left = job->columns.size();
    if (job->columns.empty()) {
        session.run([&session, job] { draw(session, job); });
        return;
    }
    for (std::size_t i = 0; i < job->columns.size(); ++i)
        job->queries.emplace_back();
    for (std::size_t i = 0; i < job->columns.size(); ++i)
        session.run([&session, job, i] { begin(session, job, i); });
}

}
