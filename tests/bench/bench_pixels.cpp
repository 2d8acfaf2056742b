#include "bench/peers.h"
#include "bench/pixelsignals.h"
#include "plot/palette.h"
#include "plot/raster.h"
#include "store/columncache.h"
#include "widgets/chart/serieslayer.h"

#include <QApplication>
#include <QPainter>

#include <cmath>
#include <cstdio>
#include <map>
#include <random>
#include <thread>

// Random windows, drawn by the product (store, column cache, raster, layer) and by the oracle out of the raw arrays. Not one pixel may
// differ. Then the product is broken on purpose, and the oracle has to notice. Ends with 1 when either fails, so it is a test too.
//   bench_pixels [WINDOWS] [SEED]

using namespace sg;

namespace {

using Random = std::mt19937_64;

Time at(std::int64_t micros)
{
    return Time(Micros(micros));
}

std::int64_t pick(Random &random, std::int64_t below)
{
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(below));
}

// One random window over a few signals.
struct Window
{
    Time from{}, to{};
    double scale = 1; // device pixels a logical one
    QRectF plot; // logical
    QRect pixels; // device
    std::vector<std::size_t> signals;
    RasterJob job; // without columns
    oracle::Picture picture;
};

Window randomWindow(Random &random, const std::vector<bench::StoredSignal> &signals)
{
    constexpr std::array Scales = {1.0, 1.25, 2.0};
    Window out;
    out.scale = Scales[static_cast<std::size_t>(pick(random, 3))];
    const auto isLarge = pick(random, 20) == 0;
    out.plot = QRectF(static_cast<double>(pick(random, 30)), static_cast<double>(pick(random, 30)),
                      static_cast<double>(isLarge ? 1'400 + pick(random, 520) : 40 + pick(random, 400)),
                      static_cast<double>(isLarge ? 700 + pick(random, 300) : 30 + pick(random, 250)));
    out.pixels = SeriesLayer::devicePlot(out.plot, out.scale);
    out.job.width = out.picture.width = out.pixels.width();
    out.job.height = out.picture.height = out.pixels.height();

    const auto &first = signals[static_cast<std::size_t>(pick(random, static_cast<std::int64_t>(signals.size())))].signal;
    const std::int64_t begin = first.times.front();
    const std::int64_t length = first.times.back() - begin;
    // From some dozens of samples to all of them, at even shares of the logarithm.
    const double shrink = std::exp(-static_cast<double>(pick(random, 1'000)) / 1'000 * std::log(2'000));
    const auto span = std::max<std::int64_t>(200, static_cast<std::int64_t>(static_cast<double>(length) * 1.2 * shrink));
    out.from = at(begin - length / 10 + pick(random, length));
    out.to = out.from + Micros(span);
    if (pick(random, 4))
        std::tie(out.from, out.to) = gridWindow(out.from, out.to, out.job.width);
    out.picture.from = out.from.time_since_epoch().count();
    out.picture.to = out.to.time_since_epoch().count();
    out.job.firstColumn = out.picture.firstColumn = pick(random, 1'000'000) - 500'000;

    const auto traces = 1 + pick(random, 3);
    for (std::int64_t i = 0; i < traces; ++i) {
        const auto which = static_cast<std::size_t>(pick(random, static_cast<std::int64_t>(signals.size())));
        const auto &stored = signals[which];
        oracle::Trace trace;
        trace.signal = &stored.signal;
        trace.colour = seriesColour(static_cast<int>(i), false);
        trace.style = static_cast<oracle::Style>(pick(random, 3));
        trace.thickness = pick(random, 3) ? 1 : 2 + static_cast<int>(pick(random, 2));
        const int dash = pick(random, 2) ? 0 : static_cast<int>(pick(random, 4));
        trace.dashes.assign(dashPattern(dash).begin(), dashPattern(dash).end());
        trace.isLog = stored.isPositive && pick(random, 2) == 0;
        const auto [low, high] = stored.rangeWithin(out.picture.from, out.picture.to);
        const double bottom = trace.isLog ? std::log10(low) : low;
        const double top = trace.isLog ? std::log10(high) : high;
        const double height = std::max(top - bottom, 1e-9);
        // All of it with some air, or a part, so that lines leave the picture.
        trace.low = pick(random, 2) ? bottom - height * 0.05 : bottom + height * static_cast<double>(pick(random, 60)) / 100;
        trace.high = trace.low + height * (pick(random, 2) ? 1.1 : 0.05 + static_cast<double>(pick(random, 60)) / 100);
        out.picture.traces.push_back(trace);
        out.signals.push_back(which);

        Stroke stroke;
        stroke.colour = trace.colour;
        stroke.style = trace.style == oracle::Style::Line ? Stroke::Style::Line
            : trace.style == oracle::Style::Step          ? Stroke::Style::Step
                                                          : Stroke::Style::Area;
        stroke.thickness = trace.thickness;
        stroke.dash = dash;
        stroke.range = ValueRange{trace.low, trace.high};
        stroke.base = trace.isLog ? -400 : 0;
        out.job.strokes.push_back(std::move(stroke));
    }
    return out;
}

// As a chart with a log axis places values.
void takeLogarithms(Columns &columns)
{
    for (Column &column : columns.columns) {
        for (double *value : {&column.first, &column.last, &column.min, &column.max})
            *value = std::log10(*value);
    }
    for (auto *row : {&columns.before, &columns.after}) {
        if (*row)
            (*row)->value = std::log10((*row)->value);
    }
    for (Row &row : columns.rows)
        row.value = std::log10(row.value);
}

// What the layer shows, in the whole of its window.
QImage shown(const Window &window, const QImage &image)
{
    QImage canvas(window.pixels.right() + 40, window.pixels.bottom() + 40, QImage::Format_ARGB32_Premultiplied);
    canvas.fill(Qt::transparent);
    canvas.setDevicePixelRatio(window.scale);
    SeriesLayer layer;
    layer.setPlot(window.plot);
    Frame frame;
    frame.from = window.from;
    frame.to = window.to;
    frame.image = image;
    frame.image.setDevicePixelRatio(window.scale);
    layer.setWindow(frame.from, frame.to, frame.yMin, frame.yMax);
    layer.setFrame(std::move(frame));
    QPainter painter(&canvas);
    layer.paint(&painter, nullptr, nullptr);
    painter.end();
    return canvas;
}

std::size_t differing(const QImage &canvas, const QRect &pixels, const QImage &expected)
{
    std::size_t out = 0;
    for (int y = 0; y < canvas.height(); ++y) {
        const auto *line = reinterpret_cast<const QRgb *>(canvas.constScanLine(y));
        for (int x = 0; x < canvas.width(); ++x) {
            const QRgb wanted
                = pixels.contains(x, y) ? reinterpret_cast<const QRgb *>(expected.constScanLine(y - pixels.top()))[x - pixels.left()] : 0;
            out += line[x] != wanted ? 1 : 0;
        }
    }
    return out;
}

// The product, broken on purpose where its columns are.
struct Mutant
{
    const char *name;
    void (*spoil)(Columns &columns, const SeriesView &view);
    std::size_t windows = 0; // in which it was noticed
};

void spoilNode(Columns &columns, const SeriesView &view)
{
    // The 64 rows that a node of the lowest level stands for are missing in the least and the greatest value.
    const auto span = (columns.to - columns.from).count();
    const auto count = static_cast<std::int64_t>(columns.columns.size());
    for (std::int64_t i = 0; i < count; ++i) {
        Column &column = columns.columns[static_cast<std::size_t>(i)];
        if (column.rows < 3 * 64)
            continue;
        const auto startOf
            = [&](std::int64_t k) { return columns.from + Micros(k * (span / count) + (k * (span % count) + count - 1) / count); };
        std::size_t row = 0;
        double low = std::min(column.first, column.last);
        double high = std::max(column.first, column.last);
        readRows(view, startOf(i), startOf(i + 1), [&](const Row &at) {
            if (const auto node = row++ / 64; node != 1 && std::isfinite(at.value)) {
                low = std::min(low, at.value);
                high = std::max(high, at.value);
            }
            return true;
        });
        column.min = low;
        column.max = high;
    }
}

std::vector<Mutant> mutants()
{
    return {
        {"first and last swapped",
         [](Columns &columns, const SeriesView &) {
             for (Column &column : columns.columns)
                 std::swap(column.first, column.last);
         }},
        {"connecting segment dropped",
         [](Columns &columns, const SeriesView &) {
             for (Column &column : columns.columns)
                 column.breaksBefore = column.samples > 0;
         }},
        {"half a column shifted",
         [](Columns &columns, const SeriesView &view) {
             const auto from = columns.from;
             const auto to = columns.to;
             const auto width = static_cast<int>(columns.columns.size());
             const auto half = (to - from) / width / 2;
             columns = queryColumns(view, from + half, to + half, width);
             columns.from = from;
             columns.to = to;
         }},
        {"neighbouring sample missing",
         [](Columns &columns, const SeriesView &) {
             columns.before.reset();
             columns.after.reset();
             columns.gapAfter.reset();
         }},
        {"pyramid node skipped", spoilNode},
        {"gaps drawn over",
         [](Columns &columns, const SeriesView &) {
             for (Column &column : columns.columns)
                 column.breaksBefore = column.endsInGap = false;
         }},
        {"bad quality not hatched",
         [](Columns &columns, const SeriesView &) {
             for (Column &column : columns.columns)
                 column.worst = Quality::Good;
         }},
        {"least and greatest left out",
         [](Columns &columns, const SeriesView &) {
             for (Column &column : columns.columns)
                 std::tie(column.min, column.max) = std::minmax(column.first, column.last);
         }},
    };
}

}

namespace {

// As charts have it: two threads paint one picture.
QImage together(const RasterJob &job)
{
    RasterWork work(job);
    QImage out;
    const auto twice = [](const auto &run) {
        const std::jthread other(run);
        run();
    };
    std::atomic<int> ready{0};
    twice([&work, &ready] { ready += work.prepare({}) ? 1 : 0; });
    bench::must(ready == 1, "not one of two threads was told that all strokes are ready");
    twice([&work, &out] {
        if (work.paint({}))
            out = work.take();
    });
    return out;
}

}

int main(int argc, char **argv)
{
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication app(argc, argv);
    const auto windows = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'200UL;
    const auto seed = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 4UL;
    constexpr std::size_t MutantEvery = 4;
    Random random(seed);
    SeriesStore store;
    const auto signals = bench::storedSignals(store, random);
    std::vector<std::shared_ptr<const CachedColumns>> cached(signals.size());
    auto broken = mutants();
    std::size_t wrongPixels = 0, wrongWindows = 0, sparse = 0, takenOver = 0, columnsDrawn = 0;
    std::map<std::string, std::size_t> kinds;

    for (std::size_t number = 0; number < windows; ++number) {
        auto window = randomWindow(random, signals);
        // Some are moved by columns instead, so that the cache has its part in the picture.
        for (int moves = pick(random, 3) == 0 ? 2 : 1; moves > 0; --moves) {
            for (std::size_t i = 0; i < window.signals.size(); ++i) {
                auto &earlier = cached[window.signals[i]];
                earlier = CachedColumns::query(signals[window.signals[i]].view, window.from, window.to, window.job.width, earlier.get());
                window.job.strokes[i].columns = earlier->columns();
                takenOver += earlier->columns().columns.size() - earlier->computed();
                columnsDrawn += earlier->columns().columns.size();
                if (window.picture.traces[i].isLog)
                    takeLogarithms(window.job.strokes[i].columns);
            }
            if (moves > 1) {
                const auto by = (window.to - window.from) / window.job.width * (pick(random, window.job.width) - window.job.width / 2);
                window.from += by;
                window.to += by;
                window.picture.from += by.count();
                window.picture.to += by.count();
            }
        }
        const QImage expected = oracle::draw(window.picture);
        const auto wrong = differing(shown(window, together(window.job)), window.pixels, expected);
        wrongPixels += wrong;
        for (std::size_t i = 0; i < window.signals.size(); ++i) {
            ++kinds[signals[window.signals[i]].kind];
            sparse += drawsRows(window.job.strokes[i].columns) ? 1 : 0;
        }
        if (wrong > 0 && wrongWindows++ < 5) {
            std::printf("window %zu: %zu pixels differ; %d x %d pixels, scale %.2f, from %lld to %lld\n", number, wrong, window.job.width,
                        window.job.height, window.scale, static_cast<long long>(window.picture.from),
                        static_cast<long long>(window.picture.to));
            for (std::size_t i = 0; i < window.signals.size(); ++i) {
                const auto &trace = window.picture.traces[i];
                std::printf("  %s, style %d, thickness %d, %zu dashes, %s, %llu rows\n", signals[window.signals[i]].kind.c_str(),
                            static_cast<int>(trace.style), trace.thickness, trace.dashes.size(), trace.isLog ? "log" : "linear",
                            static_cast<unsigned long long>(window.job.strokes[i].columns.samples));
            }
        }
        if (number % MutantEvery != 0)
            continue;
        for (Mutant &mutant : broken) {
            RasterJob job = window.job;
            for (std::size_t i = 0; i < window.signals.size(); ++i) {
                job.strokes[i].columns = cached[window.signals[i]]->columns();
                mutant.spoil(job.strokes[i].columns, signals[window.signals[i]].view);
                if (window.picture.traces[i].isLog)
                    takeLogarithms(job.strokes[i].columns);
            }
            const QImage image = raster(job);
            mutant.windows += image != expected ? 1 : 0;
        }
    }

    for (const auto &[kind, count] : kinds)
        std::printf("%-10s %zu traces\n", kind.c_str(), count);
    std::printf("%zu traces drawn row by row, %.0f %% of the columns taken over by the cache\n", sparse,
                100.0 * static_cast<double>(takenOver) / static_cast<double>(std::max<std::size_t>(1, columnsDrawn)));
    std::size_t caught = 0;
    for (const Mutant &mutant : broken) {
        caught += mutant.windows > 0 ? 1 : 0;
        std::printf("mutant: %-28s noticed in %zu of %zu windows\n", mutant.name, mutant.windows,
                    (windows + MutantEvery - 1) / MutantEvery);
    }
    bench::figure("pixel_windows", static_cast<double>(windows), "windows");
    bench::figure("pixels_differing", static_cast<double>(wrongPixels), "pixels");
    bench::figure("pixel_mutants_caught", static_cast<double>(caught), "mutants");
    bench::figure("pixel_mutants", static_cast<double>(broken.size()), "mutants");
    return wrongPixels == 0 && caught == broken.size() ? 0 : 1;
}
