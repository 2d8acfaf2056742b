// The list of alarms under load. storm: 10,000 alarms are raised within one second, by samples through evaluator, state file and
// snapshot, and the paint events of the list's viewport are counted. latency: single alarms, from the sample's push to the end of the
// paint event that shows the row. sort: 50,000 rows, each column and each kind of filter, until painted. Each side is a process of its
// own. Runs on the platform that QT_QPA_PLATFORM names (xcb under xvfb-run), else offscreen.
#include "bench/peers.h"
#include "support/fakesession.h"

#include "engine/session.h"
#include "widgets/alarms/alarmpanel.h"
#include "widgets/main/desk.h"
#include "widgets/main/mainwindow.h"
#include "widgets/main/workbench.h"

#include <QApplication>
#include <QSettings>
#include <QTableView>
#include <QTemporaryDir>
#include <QTimer>

#include <cstdio>
#include <random>

using namespace sg;
using namespace sg::bench;

namespace {

constexpr int Alarms = 10'000;
constexpr int Rows = 50'000; // of the sort side
constexpr int Raises = 300; // of the latency side
constexpr auto Storm = std::chrono::milliseconds(1000);

struct Load // what the source is told, and what it tells; shared by two threads
{
    std::atomic<bool> isStorm{false};
    std::atomic<int> wanted{-1}; // series to raise alone
    std::atomic<std::int64_t> pushed{0}; // when it was
};
Load load;

class LoadSource : public Source
{
public:
    Error run(Lane &lane, const Positions &, std::stop_token stop) override
    {
        SourceStatus status;
        status.state = SourceStatus::State::Live;
        lane.report(status);
        Batch names;
        for (int i = 0; i < Alarms; ++i)
            names.newSeries.push_back({LocalId(i), "load/k" + std::to_string(i) + "/value", ValueKind::Number});
        for (int i = 0; i < Alarms; ++i)
            put(names, i, 50);
        push(lane, std::move(names), stop);
        while (!load.isStorm && !stop.stop_requested()) {
            if (const int one = load.wanted.exchange(-1); one >= 0) {
                Batch batch;
                put(batch, one, 90);
                load.pushed = Mono::clock::now().time_since_epoch().count();
                push(lane, std::move(batch), stop);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        constexpr int Ticks = 100;
        auto next = Mono::clock::now();
        for (int tick = 0; tick < Ticks && !stop.stop_requested(); ++tick, next += Storm / Ticks) {
            std::this_thread::sleep_until(next);
            Batch batch;
            for (int i = tick; i < Alarms; i += Ticks)
                put(batch, i, 90);
            push(lane, std::move(batch), stop);
        }
        while (!stop.stop_requested())
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        return {SG_TR("stopped"), {}, {}};
    }

private:
    void put(Batch &batch, int series, double value)
    {
        batch.series.push_back(LocalId(series));
        batch.stamp.push_back(std::chrono::floor<Micros>(std::chrono::system_clock::now()));
        batch.value.push_back(value);
        batch.quality.push_back(Quality::Good);
        batch.isLive.push_back(1);
        batch.offset.push_back(m_row++);
    }
    static void push(Lane &lane, Batch batch, const std::stop_token &stop)
    {
        batch.messages = batch.rows();
        batch.arrival = Mono::clock::now();
        while (!lane.push(batch) && !stop.stop_requested())
            lane.waitForRoom(stop);
    }
    std::int64_t m_row = 0;
};

// Tells of the end of each paint event of a widget.
class Painted : public QObject
{
public:
    Painted(QWidget &widget, std::function<void()> then)
        : m_then(std::move(then))
    {
        widget.installEventFilter(this);
    }

protected:
    bool eventFilter(QObject *, QEvent *event) override
    {
        if (event->type() == QEvent::Paint)
            QMetaObject::invokeMethod(this, m_then, Qt::QueuedConnection); // after it
        return false;
    }

private:
    const std::function<void()> m_then;
};

double millisSince(std::int64_t t)
{
    return static_cast<double>(Mono::clock::now().time_since_epoch().count() - t)
        / (static_cast<double>(Mono::period::den) / static_cast<double>(Mono::period::num)) * 1000.0;
}

double share(std::vector<double> values, double part)
{
    must(!values.empty(), "nothing was measured");
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

class Bench
{
public:
    Bench(QApplication &app, AlarmPanel &panel, bool isStorm)
        : m_app(app)
        , m_panel(panel)
        , m_painted(*panel.view()->viewport(), [this] { painted(); })
        , m_isStorm(isStorm)
    {
        // A second after the last series became known everything is at rest.
        QTimer::singleShot(4'000, &m_app, [this] { begin(); });
    }

private:
    void begin()
    {
        if (!m_isStorm) {
            raiseNext();
            return;
        }
        m_begin = Mono::clock::now().time_since_epoch().count();
        m_paints = 0;
        load.isStorm = true;
        QTimer::singleShot(60'000, &m_app, [] { must(false, "not all alarms came"); });
    }

    void painted()
    {
        if (m_begin == 0)
            return;
        ++m_paints;
        if (!m_isStorm) {
            if (m_panel.model().rowCount() <= m_raised - 1)
                return;
            m_waits.push_back(millisSince(load.pushed));
            m_begin = 0;
            raiseNext();
            return;
        }
        const auto now = millisSince(m_begin);
        if (m_last > 0)
            m_longest = std::max(m_longest, now - m_last);
        m_last = now;
        if (m_panel.model().rowCount() < Alarms)
            return;
        std::printf("fps %.2f\npaints %d\ntook %.1f\nlongest %.1f\n", m_paints / now * 1000.0, m_paints, now, m_longest);
        QCoreApplication::exit(0); // quit() would ask whether to go on watching
        m_begin = 0;
    }

    void raiseNext()
    {
        if (m_raised == Raises) {
            std::printf("p50 %.2f\np99 %.2f\nmost %.2f\n", share(m_waits, 0.5), share(m_waits, 0.99), share(m_waits, 1));
            QCoreApplication::exit(0); // quit() would ask whether to go on watching
            return;
        }
        // At no time that a frame could be in step with.
        QTimer::singleShot(static_cast<int>(40 + m_random() % 80), Qt::PreciseTimer, &m_app, [this] {
            ++m_raised;
            m_begin = 1;
            load.wanted = m_raised;
        });
    }

    QApplication &m_app;
    AlarmPanel &m_panel;
    Painted m_painted;
    const bool m_isStorm;
    std::mt19937 m_random{7};
    std::int64_t m_begin = 0;
    double m_last = 0, m_longest = 0;
    int m_paints = 0, m_raised = 0;
    std::vector<double> m_waits;
};

int liveSide(QApplication &app, const QTemporaryDir &folder, bool isStorm)
{
    SourceKind kind;
    kind.name = "load";
    kind.label = "load";
    kind.make = [](const SourceSpec &) -> std::unique_ptr<Source> { return std::make_unique<LoadSource>(); };
    SourceCatalog catalog;
    catalog.emplace("load", kind);
    WindowContext context;
    context.catalog = &catalog;
    context.folder = folder.path().toStdString();
    context.read = [&](const std::string &) -> Result<std::shared_ptr<const Workspace>> {
        auto made = readWorkspaceFiles({{"workspace.yaml",
                                         "format: 1\nname: bench\nsources:\n  - id: load\n    load: {}\n    path: [key]\n"
                                         "    time: { basis: message, at: /ts, unit: us }\n"},
                                        {"rules/load.yaml",
                                         "format: 1\nrules:\n  - id: high\n    name: \"Key {key} is high\"\n    area: Hall\n"
                                         "    priority: medium\n    series: load/*/value\n    high: { limit: 80 }\n"}},
                                       catalog);
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
    std::unique_ptr<Bench> bench;
    QObject::connect(&window, &MainWindow::openFailed, &app, [] { must(false, "the window did not open"); });
    QObject::connect(&window, &MainWindow::opened, &app,
                     [&] { bench = std::make_unique<Bench>(app, window.workbench()->alarms(), isStorm); });
    app.exec();
    std::fflush(stdout);
    return 0;
}

// 50,000 rows as a plant of 200 lines would have them.
int sortSide(QApplication &app)
{
    auto session = std::make_shared<FakeSession>();
    std::mt19937 random(11);
    const auto rule = alarmOf("Press {device} too hot", Priority::Medium, session->now).rule;
    for (int i = 0; i < Rows; ++i) {
        AlarmView alarm;
        alarm.rule = rule;
        alarm.area = "Area " + std::to_string(i % 12);
        alarm.key = "press/L" + std::to_string(random() % 200) + "/P-" + std::to_string(i);
        alarm.field = "temp";
        alarm.path = alarm.key + "/temp";
        alarm.priority = static_cast<Priority>(random() % 4);
        alarm.value = static_cast<double>(random() % 100'000) / 100;
        alarm.limit = static_cast<double>(random() % 100);
        alarm.raisesInMinute = random() % 9;
        alarm.regions.condition = ConditionRegion::Active;
        alarm.regions.ack = random() % 2 == 0 ? AckRegion::Unacked : AckRegion::Acked;
        alarm.regions.quality = QualityRegion::Good;
        alarm.regions.raised = session->now - std::chrono::milliseconds(random() % 100'000'000);
        alarm.regions.occurrence = static_cast<std::uint64_t>(i) + 1;
        session->setAlarm(static_cast<std::size_t>(i), alarm);
    }
    session->publish();
    SourceCatalog catalog;
    WindowContext context;
    context.catalog = &catalog;
    Desk desk(session, context);
    AlarmPanel panel(desk, {});
    panel.resize(1600, 700);
    panel.show();
    desk.feed().poll();
    app.processEvents();
    auto &model = panel.model();
    must(model.rowCount() == Rows, "not all rows are there");
    std::vector<double> sorts, filters;
    const auto timed = [&](std::vector<double> &into, const char *name, const std::function<void()> &what) {
        const auto begin = Mono::clock::now().time_since_epoch().count();
        what();
        panel.view()->viewport()->repaint();
        into.push_back(millisSince(begin));
        std::fprintf(stderr, "%-24s %7.1f ms\n", name, into.back());
    };
    for (int column = 0; column < AlarmModel::ColumnCount; ++column)
        for (const auto order : {Qt::AscendingOrder, Qt::DescendingOrder})
            timed(sorts, model.headerData(column, Qt::Horizontal).toString().toUtf8().constData(),
                  [&] { panel.view()->sortByColumn(column, order); });
    timed(sorts, "by area", [&] { model.setGrouping(AlarmGrouping::Area); });
    timed(sorts, "by source", [&] { model.setGrouping(AlarmGrouping::Source); });
    timed(sorts, "its own", [&] {
        model.setGrouping(AlarmGrouping::None);
        panel.view()->sortByColumn(-1, Qt::AscendingOrder);
    });
    timed(filters, "first word", [&] { model.setFilter({{}, Priority::Low, QStringLiteral("l7")}); });
    timed(filters, "next word", [&] { model.setFilter({{}, Priority::Low, QStringLiteral("l7 p-1")}); });
    timed(filters, "nothing", [&] { model.setFilter({{}, Priority::Low, QStringLiteral("nothing")}); });
    timed(filters, "all again", [&] { model.setFilter({}); });
    timed(filters, "area", [&] { model.setFilter({QStringLiteral("Area 3"), Priority::Low, {}}); });
    timed(filters, "priority", [&] { model.setFilter({{}, Priority::High, {}}); });
    std::printf("sort %.2f\nfilter %.2f\n", share(sorts, 1), share(filters, 1));
    return 0;
}

int side(int argc, char **argv)
{
    QApplication app(argc, argv);
    QTemporaryDir folder;
    must(folder.isValid(), "no folder");
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, folder.path());
    const std::string_view which = argv[1];
    return which == "sort" ? sortSide(app) : liveSide(app, folder, which == "storm");
}

}

int main(int argc, char **argv)
{
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    if (argc == 2)
        return side(argc, argv);
    const auto storm = runSelf({"storm"});
    std::printf("storm: %.0f paint events in %.0f ms, the longest without one %.0f ms\n", storm.at("paints"), storm.at("took"),
                storm.at("longest"));
    figure("storm_list_fps", storm.at("fps"), "/s");
    const auto sort = runSelf({"sort"});
    figure("list_sort_50k_ms", sort.at("sort"), "ms");
    figure("list_filter_50k_ms", sort.at("filter"), "ms");
    const auto latency = runSelf({"latency"});
    std::printf("one raise to its pixel: p50 %.1f ms, most %.1f ms\n", latency.at("p50"), latency.at("most"));
    figure("raise_to_pixel_p99_ms", latency.at("p99"), "ms");
    return 0;
}
