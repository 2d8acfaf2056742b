// How long a chart of 10 series of 10 million samples takes from a pan or a zoom to the finished picture on the (offscreen) screen, with
// 100,000 samples a second arriving meanwhile: the product's chart widget at 1920 x 1080, on two pool threads. Beside it, each in a
// process of its own, QCustomPlot with the same samples, and plain QLineSeries that are given the four points of each pixel column, which
// cost them nothing to find.
//   bench_chart [ROUNDS] [MILLIONS]
#include "store/columncache.h"
#include "bench/chartcustomplot.h"
#include "bench/chartload.h"
#include "bench/peers.h"
#include "engine/querypool.h"
#include "support/fakesession.h"
#include "widgets/chart/chartview.h"
#include "widgets/chart/serieslayer.h"
#include "widgets/chart/timechart.h"
#include "widgets/main/desk.h"

#include <QApplication>
#include <QChart>
#include <QChartView>
#include <QLineSeries>
#include <QValueAxis>

#include <cstdio>

#include <stdlib.h>

using namespace sg;
using namespace sg::bench;

namespace {

constexpr int Steps = 120;
constexpr int PeerSteps = 30; // they need hundreds of milliseconds each
constexpr double PanShare = 0.025;
constexpr double ZoomFactor = 0.8;
constexpr int LivePerSecond = 10'000; // of each series

int samplesOf(int argc, char **argv)
{
    return (argc > 2 ? std::max(1, std::atoi(argv[2])) : 10) * 1'000'000;
}

double load()
{
    double out = 0;
    return ::getloadavg(&out, 1) == 1 ? out : -1;
}

double millisecondsSince(Mono start)
{
    return std::chrono::duration<double, std::milli>(Mono::clock::now() - start).count();
}

void report(const char *what, std::vector<double> took)
{
    std::sort(took.begin(), took.end());
    const auto at = [&](double share) { return took[static_cast<std::size_t>(share * static_cast<double>(took.size() - 1) + 0.5)]; };
    std::printf("%s_p50 %.3f\n%s_p95 %.3f\n%s_max %.3f\n", what, at(0.5), what, at(0.95), what, took.back());
}

// A session of a store that goes on being filled, with the query pool of two threads.
class LoadedSession final : public FakeSession
{
public:
    explicit LoadedSession(int samples)
        : m_now(FirstMicros + samples * SampleMicros)
    {
        std::vector<Row> rows;
        for (int i = 0; i < ChartSeriesCount; ++i) {
            m_signals.emplace_back(i);
            for (int sample = 0; sample < samples;) {
                rows.clear();
                for (const int end = std::min(samples, sample + 4'096); sample < end; ++sample)
                    rows.push_back({Time(Micros(FirstMicros + sample * SampleMicros)), m_signals.back().next(), Quality::Good});
                m_store.append(SeriesId(i), rows);
            }
        }
        show();
        m_feeder = std::jthread([this](std::stop_token stop) { feed(stop); });
    }
    ~LoadedSession() override
    {
        m_feeder.request_stop();
        m_feeder.join();
    }

    void run(std::function<void()> work) override { m_pool.run(std::move(work)); }
    void query(const SeriesView &view, Time from, Time to, int width, std::stop_token stop, std::function<void(Columns)> reply) override
    {
        m_pool.run([=] { reply(queryColumns(view, from, to, width, stop)); });
    }
    [[nodiscard]] Time referenceNow() const override { return Time(Micros(m_now.load())); }
    [[nodiscard]] std::uint64_t fed() const { return m_fed; }
    [[nodiscard]] const SeriesStore &store() const { return m_store; }

private:
    void feed(const std::stop_token &stop)
    {
        constexpr auto Tick = std::chrono::milliseconds(20);
        std::vector<Row> rows;
        for (auto due = Mono::clock::now(); !stop.stop_requested(); due += Tick) {
            std::this_thread::sleep_until(due);
            constexpr int Portion = LivePerSecond / 50;
            for (int i = 0; i < ChartSeriesCount; ++i) {
                rows.clear();
                for (int k = 0; k < Portion; ++k)
                    rows.push_back(
                        {Time(Micros(m_now.load() + k * SampleMicros)), m_signals[static_cast<std::size_t>(i)].next(), Quality::Good});
                m_store.append(SeriesId(i), rows);
                m_fed += rows.size();
            }
            m_now += Portion * SampleMicros;
            show();
        }
    }
    void show()
    {
        for (int i = 0; i < ChartSeriesCount; ++i) {
            SeriesRow row;
            row.path = std::make_shared<const std::string>("load/s" + std::to_string(i) + "/value");
            row.t = row.arrived = Time(Micros(m_now.load()));
            row.view = m_store.view(SeriesId(i));
            next.series.set(static_cast<std::size_t>(i), std::move(row), next.version);
        }
        now = Time(Micros(m_now.load()));
        publish();
    }

    SeriesStore m_store; // the feeder's
    std::vector<ChartSignal> m_signals;
    std::atomic<std::int64_t> m_now;
    std::atomic<std::uint64_t> m_fed{0};
    QueryPool m_pool{2};
    std::jthread m_feeder;
};

// Knows when the picture that is waited for has been painted; an earlier one may be painted before, stretched.
class PaintWatch final : public QObject
{
public:
    bool eventFilter(QObject *, QEvent *event) override
    {
        hasPainted = hasPainted || (event->type() == QEvent::Paint && isShown && isShown());
        return false;
    }
    std::function<bool()> isShown;
    bool hasPainted = false;
};

// From the wish until the exact picture of the new window has been painted; then the rest of a sixtieth second, as a screen would wait.
double stepOf(TimeChart &chart, ChartView &view, PaintWatch &watch, const std::function<void()> &move)
{
    const auto start = Mono::clock::now();
    move();
    watch.isShown = [&] {
        const auto &frame = view.layer().frame();
        return std::pair(frame.from, frame.to) == gridWindow(chart.window().from(), chart.window().to(), frame.image.width());
    };
    watch.hasPainted = false;
    while (!watch.hasPainted)
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
    watch.isShown = {};
    const double took = millisecondsSince(start);
    while (millisecondsSince(start) < 1000.0 / 60)
        QCoreApplication::processEvents();
    return took;
}

int product(int samples)
{
    auto session = std::make_shared<LoadedSession>(samples);
    const SourceCatalog catalog;
    WindowContext context;
    context.catalog = &catalog;
    Desk desk(session, context);
    TimeChart chart(desk);
    chart.resize(1920, 1080);
    chart.setSelectors({QStringLiteral("load/*/value")});
    chart.show();
    auto *view = chart.findChild<ChartView *>();
    must(view != nullptr, "the chart has no view");
    PaintWatch watch;
    view->viewport()->installEventFilter(&watch);
    const auto length = Micros(samples * SampleMicros);
    const Time first{Micros(FirstMicros)};
    const auto wide = [&] { chart.showTime(first + length / 20, first + length * 17 / 20); };
    // Until every series is bound and drawn.
    for (const auto start = Mono::clock::now(); view->layer().frame().columns.size() != ChartSeriesCount;) {
        QCoreApplication::processEvents(QEventLoop::AllEvents, 10);
        must(millisecondsSince(start) < 30'000, "the chart was not drawn");
    }
    stepOf(chart, *view, watch, wide);

    const auto fedBefore = session->fed();
    const auto start = Mono::clock::now();
    std::vector<double> pans, zooms;
    std::uint64_t visible = 0;
    for (int i = 0; i < Steps; ++i) // right for four steps, left for four
        pans.push_back(stepOf(chart, *view, watch, [&] { Q_EMIT view->panned(i / 4 % 2 == 0 ? PanShare : -PanShare); }));
    for (const auto &columns : view->layer().frame().columns)
        visible += columns.samples;
    stepOf(chart, *view, watch, wide);
    for (int i = 0; i < Steps; ++i) // in for ten steps, out for ten
        zooms.push_back(stepOf(chart, *view, watch, [&] { Q_EMIT view->zoomed(i / 10 % 2 == 0 ? ZoomFactor : 1 / ZoomFactor, 0.5); }));
    // Out a little further than in, so that no window has columns as long as one before.
    std::vector<double> fresh;
    for (int i = 0; i < Steps; ++i)
        fresh.push_back(stepOf(chart, *view, watch, [&] { Q_EMIT view->zoomed(i / 10 % 2 == 0 ? ZoomFactor : 1.003 / ZoomFactor, 0.5); }));
    const auto took = millisecondsSince(start) / 1000;
    report("pan", pans);
    report("zoom", zooms);
    report("fresh", fresh);
    std::printf("arrived_per_s %.0f\nvisible %llu\nbytes_per_sample %.2f\nload %.2f\n",
                static_cast<double>(session->fed() - fedBefore) / took, static_cast<unsigned long long>(visible),
                static_cast<double>(session->store().bytes()) / static_cast<double>(session->store().rows()), load());
    return 0;
}

int lineSeries(int samples)
{
    SeriesStore store;
    for (int i = 0; i < ChartSeriesCount; ++i) {
        ChartSignal signal(i);
        std::vector<Row> rows;
        for (int sample = 0; sample < samples; ++sample)
            rows.push_back({Time(Micros(FirstMicros + sample * SampleMicros)), signal.next(), Quality::Good});
        store.append(SeriesId(i), rows);
    }
    QChartView view;
    view.resize(1920, 1080);
    auto *chart = view.chart();
    auto *x = new QValueAxis(chart);
    auto *y = new QValueAxis(chart);
    y->setRange(-20, 130);
    chart->addAxis(x, Qt::AlignBottom);
    chart->addAxis(y, Qt::AlignLeft);
    std::vector<QLineSeries *> lines;
    for (int i = 0; i < ChartSeriesCount; ++i) {
        lines.push_back(new QLineSeries(chart));
        chart->addSeries(lines.back());
        lines.back()->attachAxis(x);
        lines.back()->attachAxis(y);
    }
    view.show();
    QCoreApplication::processEvents();
    const auto width = static_cast<int>(chart->plotArea().width());
    const auto length = Micros(samples * SampleMicros);
    Time from = Time(Micros(FirstMicros)) + length / 20;
    const auto span = length * 4 / 5;
    std::vector<double> pans;
    for (int i = 0; i < PeerSteps; ++i) {
        from += Micros(static_cast<std::int64_t>(static_cast<double>(span.count()) * (i / 4 % 2 == 0 ? PanShare : -PanShare)));
        std::vector<QList<QPointF>> points(ChartSeriesCount);
        for (int s = 0; s < ChartSeriesCount; ++s) {
            const auto columns = queryColumns(store.view(SeriesId(s)), from, from + span, width);
            for (std::size_t c = 0; c < columns.columns.size(); ++c) {
                const auto &column = columns.columns[c];
                const auto at = static_cast<double>(c);
                if (column.samples > 0)
                    points[static_cast<std::size_t>(s)] << QPointF(at, column.first) << QPointF(at + 0.25, column.min)
                                                        << QPointF(at + 0.5, column.max) << QPointF(at + 0.75, column.last);
            }
        }
        const auto start = Mono::clock::now();
        for (std::size_t s = 0; s < lines.size(); ++s)
            lines[s]->replace(points[s]);
        x->setRange(0, width + i % 2); // changes, as a pan changes it
        view.viewport()->repaint();
        pans.push_back(millisecondsSince(start));
    }
    report("pan", pans);
    std::printf("load %.2f\n", load());
    return 0;
}

#ifdef SG_HAS_QCUSTOMPLOT
int customPlot(int samples)
{
    report("pan", customPlotPans(samples, PeerSteps, PanShare));
    std::printf("load %.2f\n", load());
    return 0;
}
#endif

}

int main(int argc, char **argv)
{
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    const std::string side = argc > 1 ? argv[1] : "";
    const int samples = samplesOf(argc, argv);
    if (side == "product" || side == "lineseries" || side == "customplot") {
        const QApplication app(argc, argv);
        if (side == "product")
            return product(samples);
#ifdef SG_HAS_QCUSTOMPLOT
        if (side == "customplot")
            return customPlot(samples);
#endif
        return lineSeries(samples);
    }

    std::vector<std::string> sides = {"product", "lineseries"};
#ifdef SG_HAS_QCUSTOMPLOT
    sides.emplace_back("customplot");
#else
    std::printf("QCustomPlot is not installed (libqcustomplot-dev), so it is left out\n");
#endif
    const int rounds = side.empty() ? 3 : std::max(1, std::atoi(side.c_str()));
    std::map<std::string, std::map<std::string, std::vector<double>>> all;
    for (int round = 0; round < rounds; ++round) {
        for (const auto &name : sides) {
            for (const auto &[key, value] : runSelf({name, std::to_string(samples / 1'000'000)}))
                all[name][key].push_back(value);
            std::printf("%s: pan p50 %.1f, p95 %.1f, max %.1f ms", name.c_str(), all[name]["pan_p50"].back(), all[name]["pan_p95"].back(),
                        all[name]["pan_max"].back());
            if (name == "product")
                std::printf("; zoom p50 %.1f, p95 %.1f, max %.1f ms, to windows never shown %.1f, %.1f, %.1f ms; %.0f samples/s arrived, "
                            "%.0f million visible, %.1f bytes a sample",
                            all[name]["zoom_p50"].back(), all[name]["zoom_p95"].back(), all[name]["zoom_max"].back(),
                            all[name]["fresh_p50"].back(), all[name]["fresh_p95"].back(), all[name]["fresh_max"].back(),
                            all[name]["arrived_per_s"].back(), all[name]["visible"].back() / 1e6, all[name]["bytes_per_sample"].back());
            std::printf("; load of the machine %.1f\n", all[name]["load"].back());
            std::fflush(stdout);
        }
    }
    const auto median = [&](const char *name, const char *key) { return spreadOf(all[name][key]).median; };
    figure("pan_p95_ms", median("product", "pan_p95"), "ms");
    figure("pan_max_ms", median("product", "pan_max"), "ms");
    figure("zoom_p95_ms", median("product", "zoom_p95"), "ms");
    figure("zoom_fresh_p95_ms", median("product", "fresh_p95"), "ms");
    if (all.contains("customplot"))
        figure("qcustomplot_pan_p95_ms", median("customplot", "pan_p95"), "ms");
    figure("qlineseries_pan_p95_ms", median("lineseries", "pan_p95"), "ms");
    return 0;
}
