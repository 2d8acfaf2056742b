// How late the window's event loop ever is: 200,000 samples/s into 20 visible charts of ten series each for 60 s, beside the same window
// with nothing coming in. Each side is a process of its own; SG_BENCH_SECONDS shortens both. A beat every 5 ms is posted from another
// thread, and the longest wait counts. Runs on the platform that QT_QPA_PLATFORM names (xcb under xvfb-run), else offscreen.
#include "bench/peers.h"

#include "engine/session.h"
#include "widgets/dashboard/dashboard.h"
#include "widgets/main/heartbeat.h"
#include "widgets/main/mainwindow.h"

#include <QApplication>
#include <QSettings>
#include <QTemporaryDir>
#include <QTimer>

#include <cstdio>

using namespace sg;
using namespace sg::bench;

namespace {

constexpr int Charts = 20;
constexpr int SeriesOfChart = 10;
constexpr int PerSecond = 1'000; // of each series
constexpr auto Tick = std::chrono::milliseconds(10);

std::atomic<std::uint64_t> pushed{0};

int seconds()
{
    return std::max(5, qEnvironmentVariableIntValue("SG_BENCH_SECONDS") > 0 ? qEnvironmentVariableIntValue("SG_BENCH_SECONDS") : 60);
}

// Rows as a source thread hands them over, decoded already: what is measured is the window.
class LoadSource : public Source
{
public:
    explicit LoadSource(bool isBusy)
        : m_isBusy(isBusy)
    {
    }

    Error run(Lane &lane, const Positions &, std::stop_token stop) override
    {
        SourceStatus status;
        status.state = SourceStatus::State::Live;
        lane.report(status);
        Batch names;
        for (int chart = 0; chart < Charts; ++chart)
            for (int i = 0; i < SeriesOfChart; ++i)
                names.newSeries.push_back({LocalId(chart * SeriesOfChart + i),
                                           "load/c" + std::to_string(chart) + "/s" + std::to_string(i) + "/value", ValueKind::Number});
        auto next = Mono::clock::now();
        std::int64_t row = 0;
        for (bool isFirst = true; !stop.stop_requested(); isFirst = false, next += Tick) {
            std::this_thread::sleep_until(next);
            Batch batch;
            if (isFirst)
                batch.newSeries = names.newSeries;
            const auto now = std::chrono::floor<Micros>(std::chrono::system_clock::now());
            const int rows = m_isBusy || isFirst ? PerSecond / 100 : 0;
            for (int n = 0; n < rows; ++n, ++row)
                for (int i = 0; i < Charts * SeriesOfChart; ++i) {
                    batch.series.push_back(LocalId(i));
                    batch.stamp.push_back(now + Micros(n * (10'000 / rows)));
                    batch.value.push_back(std::sin(static_cast<double>(row) * 0.002 + i) * 10 + i % SeriesOfChart * 8
                                          + static_cast<double>((row * 7 + i) % 13) * 0.1);
                    batch.quality.push_back(Quality::Good);
                    batch.isLive.push_back(1);
                    batch.offset.push_back(row);
                }
            batch.messages = batch.rows();
            batch.arrival = Mono::clock::now();
            if (batch.rows() == 0)
                continue;
            const auto count = batch.rows();
            while (!lane.push(batch) && !stop.stop_requested())
                lane.waitForRoom(stop);
            pushed += count;
        }
        return {SG_TR("stopped"), {}, {}};
    }

private:
    const bool m_isBusy;
};

bool isBusySide = false;

std::string workspaceText()
{
    return "format: 1\nname: bench\nsources:\n  - id: load\n    load: {}\n    path: [chart, series]\n    time: { basis: message, at: /ts, "
           "unit: us }\n";
}

std::string pageText()
{
    std::string text = "format: 1\nname: Load\ntiles:\n";
    for (int i = 0; i < Charts; ++i)
        text += "  - id: c" + std::to_string(i) + "\n    at: [" + std::to_string(i % 4 * 6) + ", " + std::to_string(i / 4 * 4)
            + ", 6, 4]\n    chart: { series: [\"load/c" + std::to_string(i) + "/*/value\"], span: 1min }\n";
    return text;
}

int side(int argc, char **argv, bool isBusy)
{
    isBusySide = isBusy;
    QApplication app(argc, argv);
    QTemporaryDir folder;
    must(folder.isValid(), "no folder");
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, folder.path());
    SourceKind kind;
    kind.name = "load";
    kind.label = "load";
    kind.make = [](const SourceSpec &) -> std::unique_ptr<Source> { return std::make_unique<LoadSource>(isBusySide); };
    SourceCatalog catalog;
    catalog.emplace("load", kind);
    WindowContext context;
    context.catalog = &catalog;
    context.folder = folder.path().toStdString();
    context.read = [&](const std::string &) -> Result<std::shared_ptr<const Workspace>> {
        auto made = readWorkspaceFiles({{"workspace.yaml", workspaceText()}, {"dashboards/load.yaml", pageText()}}, catalog);
        if (!made)
            return made.error();
        for (const auto &error : made->errors)
            std::fprintf(stderr, "%s\n", error.plain().c_str());
        made->folder = folder.path().toStdString();
        return std::make_shared<const Workspace>(std::move(*made));
    };
    context.start = [&](std::shared_ptr<const Workspace> workspace) {
        SessionOptions options;
        options.stateFolder = folder.filePath(QStringLiteral("state")).toStdString();
        options.listens = false;
        return startSession(std::move(workspace), catalog, options);
    };
    MainWindow window(context);
    window.resize(1600, 1000);
    window.show();
    Heartbeat heartbeat;
    std::vector<double> waits;
    std::uint64_t frames = 0;
    int failed = 0;
    QObject::connect(&window, &MainWindow::openFailed, &app, [&] {
        failed = 1;
        QCoreApplication::exit(0); // quit() would ask whether to go on watching
    });
    QObject::connect(&window, &MainWindow::opened, &app, [&] {
        auto *page = window.findChild<Dashboard *>();
        must(page != nullptr && page->charts().size() == Charts, "the page has not its charts");
        QObject::connect(page, &Dashboard::drawn, &app, [&](Micros) { ++frames; });
        // The first seconds belong to opening: charts bind their series, the state file is made.
        QTimer::singleShot(5'000, &app, [&] {
            frames = 0;
            pushed = 0;
            QObject::connect(&heartbeat, &Heartbeat::beat, &app,
                             [&](Micros waited) { waits.push_back(static_cast<double>(waited.count()) / 1000.0); });
            QTimer::singleShot(seconds() * 1'000, &app, [&] {
                const auto count = pushed.load();
                must(!waits.empty(), "no beat was handled");
                std::sort(waits.begin(), waits.end());
                const auto at
                    = [&](double share) { return waits[static_cast<std::size_t>(share * static_cast<double>(waits.size() - 1))]; };
                std::printf("longest %.3f\np999 %.3f\np99 %.3f\nbeats %zu\nframes %.1f\nsamples %.0f\n", waits.back(), at(0.999), at(0.99),
                            waits.size(), static_cast<double>(frames) / seconds(), static_cast<double>(count) / seconds());
                std::fflush(stdout);
                QCoreApplication::exit(0); // quit() would ask whether to go on watching
            });
        });
    });
    app.exec();
    return failed;
}

}

int main(int argc, char **argv)
{
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    if (argc == 2)
        return side(argc, argv, std::string_view(argv[1]) == "busy");
    for (const char *name : {"idle", "busy"}) {
        const auto figures = runSelf({name});
        std::printf("%s: longest wait %.1f ms, p99.9 %.1f, p99 %.1f of %.0f beats; %.0f frames/s, %.0f samples/s\n", name,
                    figures.at("longest"), figures.at("p999"), figures.at("p99"), figures.at("beats"), figures.at("frames"),
                    figures.at("samples"));
        if (std::string_view(name) == "idle") {
            figure("ui_idle_longest_stall_ms", figures.at("longest"), "ms");
        } else {
            figure("ui_longest_stall_ms", figures.at("longest"), "ms");
            figure("ui_stall_p999_ms", figures.at("p999"), "ms");
            figure("ui_samples_per_s", figures.at("samples"), "/s");
            figure("ui_frames_per_s", figures.at("frames"), "/s");
        }
    }
    return 0;
}
