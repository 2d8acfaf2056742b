#include "widgets/chart/chartframe.h"

#include "plot/raster.h"
#include "plot/valueaxis.h"

namespace sg {

namespace {

struct Job
{
    FrameRequest request;
    std::stop_token stop;
    std::function<void(Frame)> done;
    std::vector<Columns> columns;
    std::atomic<std::size_t> left{0};
};

// Fits all values and limits; keeps the last range while the data fills enough of it.
std::pair<double, double> rangeOf(const Job &job, bool &hasValues)
{
    auto low = std::numeric_limits<double>::infinity();
    auto high = -low;
    for (std::size_t i = 0; i < job.columns.size(); ++i) {
        if (job.request.series[i].kind != ValueKind::Number)
            continue;
        for (const auto &column : job.columns[i].columns)
            if (column.samples > 0) {
                low = std::min(low, column.min);
                high = std::max(high, column.max);
            }
    }
    hasValues = low <= high;
    if (job.request.fixedY)
        return *job.request.fixedY;
    if (!hasValues)
        return job.request.lastY.first < job.request.lastY.second ? job.request.lastY : std::pair(0.0, 1.0);
    // A limit far away would press the data into a line at the edge: it is shown when it lies within two heights of the data.
    const auto reach = std::max(2 * (high - low), std::abs(high) * 0.25);
    const auto dataLow = low, dataHigh = high;
    for (const auto limit : job.request.limits)
        if (limit > dataLow - reach && limit < dataHigh + reach) {
            low = std::min(low, limit);
            high = std::max(high, limit);
        }
    const auto fresh = paddedRange(low, high);
    const auto &last = job.request.lastY;
    const auto isWithin = last.first <= low && high <= last.second;
    if (last.first < last.second && isWithin && (fresh.second - fresh.first) > 0.7 * (last.second - last.first))
        return last;
    return fresh;
}

void draw(const std::shared_ptr<Job> &job)
{
    Frame frame;
    frame.generation = job->request.generation;
    frame.from = job->request.from;
    frame.to = job->request.to;
    std::tie(frame.yMin, frame.yMax) = rangeOf(*job, frame.hasValues);
    RasterJob picture;
    picture.width = job->request.width;
    picture.height = job->request.height;
    picture.yMin = frame.yMin;
    picture.yMax = frame.yMax;
    for (std::size_t i = 0; i < job->columns.size(); ++i) {
        const auto &series = job->request.series[i];
        if (series.kind != ValueKind::Number)
            continue;
        Stroke stroke;
        stroke.columns = job->columns[i];
        stroke.colour = series.colour.rgb();
        stroke.dash = series.dash;
        picture.strokes.push_back(std::move(stroke));
    }
    frame.image = raster(picture, job->stop);
    frame.columns = std::move(job->columns);
    if (!job->stop.stop_requested())
        job->done(std::move(frame));
}

}

void drawFrame(Session &session, FrameRequest request, std::stop_token stop, std::function<void(Frame)> done)
{
    auto job = std::make_shared<Job>();
    job->request = std::move(request);
    job->stop = stop;
    job->done = std::move(done);
    job->columns.resize(job->request.views.size());
    job->left = job->columns.size();
    if (job->columns.empty()) {
        session.run([job] { draw(job); });
        return;
    }
    for (std::size_t i = 0; i < job->columns.size(); ++i)
        session.query(job->request.views[i], job->request.from, job->request.to, job->request.width, stop, [job, i](Columns columns) {
            job->columns[i] = std::move(columns);
            if (job->left.fetch_sub(1) == 1) // the last one draws, where it is
                draw(job);
        });
}

}
