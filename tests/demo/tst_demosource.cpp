#include "connectors/demo/demosource.h"
#include "core/text.h"
#include "resources/demofiles.h"
#include "workspace/workspace.h"

#include "connectors/demo/plantmessage.h"
#include "decode/intake.h"

#include <QtTest>

#include <thread>

using namespace sg;

namespace {

SourceCatalog demoCatalog()
{
    SourceCatalog catalog;
    catalog.emplace("demo", demoKind());
    return catalog;
}

std::map<std::string, std::string> demoTexts()
{
    std::map<std::string, std::string> files;
    for (const DemoFile &file : demoFiles())
        files.emplace(file.path, file.text);
    return files;
}

Workspace demoWorkspace()
{
    auto workspace = readWorkspaceFiles(demoTexts(), demoCatalog());
    if (!workspace)
        qFatal("%s", workspace.error().plain().c_str());
    return std::move(*workspace);
}

// What a source pushes until `batches` live batches are there, as the ingest thread would take it.
struct Pushed
{
    std::vector<Batch> live, history;
    SourceStatus status;
};
Pushed runFor(Source &source, std::size_t batches, const Positions &from)
{
    Doorbell bell;
    Lane lane(bell, 64U << 20U, from);
    Pushed out;
    std::jthread thread([&](std::stop_token stop) { (void)source.run(lane, from, stop); });
    const Mono until = Mono::clock::now() + std::chrono::seconds(30);
    while (Mono::clock::now() < until && out.live.size() < batches) {
        bell.waitUntil(until);
        auto taken = lane.take();
        std::move(taken.live.begin(), taken.live.end(), std::back_inserter(out.live));
        std::move(taken.history.begin(), taken.history.end(), std::back_inserter(out.history));
        if (taken.statusVersion > 0)
            out.status = taken.status;
    }
    return out;
}

Time wallNow()
{
    return std::chrono::floor<Micros>(std::chrono::system_clock::now());
}

}

class TestDemoSource : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void workspaceHasNoFault();
    void rulesWatchSomething();
    void startsWithHistoryAndValues();
    void goesOnWithAGap();
    void refusesSettings_data();
    void refusesSettings();
};

void TestDemoSource::workspaceHasNoFault()
{
    const Workspace workspace = demoWorkspace();
    for (const Error &error : workspace.errors)
        qWarning("%s", error.plain().c_str());
    QVERIFY(workspace.errors.empty());
    QCOMPARE(workspace.sources.size(), std::size_t(4));
    QCOMPARE(workspace.pages.size(), std::size_t(1));
    QVERIFY(workspace.rules->refused.empty());
    QCOMPARE(workspace.rules->rules.size(), std::size_t(7));
    for (const auto &rule : workspace.rules->rules)
        QVERIFY2(!rule->cause.empty() && !rule->consequence.empty() && !rule->action.empty() && !rule->area.empty(), rule->id.c_str());
}

// Every series of the plant has a unit or a name, and every rule and chart meets a series.
void TestDemoSource::rulesWatchSomething()
{
    const Workspace workspace = demoWorkspace();
    std::vector<std::string> paths;
    for (const SourceSpec &spec : workspace.sources) {
        Intake intake(spec);
        PlantText text;
        const std::vector<std::string> parts{"press", "pumps", "gateways", "orders"};
        const auto part = static_cast<PlantPart>(std::find(parts.begin(), parts.end(), spec.settings.text("plant")) - parts.begin());
        for (const PlantMessage &said : Plant(1).step(part, 0)) {
            const auto done = intake.add(text.write(part, said, wallNow(), 0));
            QVERIFY2(done, done ? "" : done.error().plain().c_str());
        }
        SourceStatus status;
        intake.describe(status);
        QVERIFY(status.notes.empty());
        for (const NewSeries &series : intake.seal({}, {}).newSeries)
            paths.push_back(series.path);
    }
    QCOMPARE(paths.size(), std::size_t(12 * 4 + 6 * 3 + 3 * 2 + 3 * 3));
    const auto isMet = [&](const Selector &selector) {
        return std::any_of(paths.begin(), paths.end(), [&](const auto &path) { return selector.matches(path); });
    };
    for (const auto &rule : workspace.rules->rules)
        QVERIFY2(isMet(rule->series), rule->id.c_str());
    for (const PageSpec &page : workspace.pages)
        for (const TileSpec &tile : page.tiles)
            for (const std::string &series : readTexts(tile.settings["series"]))
                QVERIFY2(isMet(*Selector::parse(series)), series.c_str());
    for (const std::string &path : paths) {
        const Tag tag = workspace.tags->of(path);
        QVERIFY2(!tag.name.empty() && !tag.area.empty(), path.c_str());
    }
}

void TestDemoSource::startsWithHistoryAndValues()
{
    const Workspace workspace = demoWorkspace();
    for (const SourceSpec &spec : workspace.sources) {
        const Time began = wallNow();
        auto source = demoKind().make(spec);
        const Pushed pushed = runFor(*source, 8, {});
        QVERIFY(!pushed.history.empty() && pushed.live.size() >= 8);
        std::size_t announced = 0, historyRows = 0, historySeries = 0;
        for (const Batch &batch : pushed.live)
            announced += batch.newSeries.size();
        QCOMPARE(pushed.live.front().newSeries.size(), announced); // all of them at once
        const Time slow = began - std::chrono::seconds(spec.id == "gateways" ? 181 : 1);
        for (const Batch &batch : pushed.history) {
            QVERIFY(batch.after.empty());
            historySeries += batch.newSeries.size(); // older rows are numbered apart from live ones
            historyRows += batch.rows();
            for (std::size_t i = 0; i < batch.rows(); ++i)
                QVERIFY(batch.stamp[i] != NoTime && batch.stamp[i] < wallNow() && batch.isLive[i] == 0
                        && number(batch.series[i]) < historySeries);
        }
        QCOMPARE(historySeries, announced);
        QVERIFY(historyRows > announced * 100);
        std::size_t liveRows = 0;
        for (const Batch &batch : pushed.live) {
            liveRows += batch.rows();
            QCOMPARE(batch.after.size(), std::size_t(1));
            for (std::size_t i = 0; i < batch.rows(); ++i)
                QVERIFY(batch.isLive[i] == 1 && batch.stamp[i] >= slow && batch.quality[i] == Quality::Good);
        }
        QVERIFY(liveRows >= announced); // each series within the first second
        QVERIFY(pushed.status.state == SourceStatus::State::Live);
        QCOMPARE(pushed.status.decodeErrors, std::uint64_t(0));
    }
}

void TestDemoSource::goesOnWithAGap()
{
    const Workspace workspace = demoWorkspace();
    const SourceSpec &spec = workspace.sources.front();
    const Time epoch = wallNow() - std::chrono::hours(2);
    const Positions from{{"demo", "1 600 " + std::to_string(epoch.time_since_epoch().count())}};
    auto source = demoKind().make(spec);
    const Pushed pushed = runFor(*source, 4, from);
    QVERIFY(pushed.history.empty());
    QVERIFY(!pushed.live.empty());
    const Batch &first = pushed.live.front();
    QCOMPARE(first.marks.size(), std::size_t(1));
    QCOMPARE(first.marks[0].first, 0U);
    const Gap &gap = std::get<Gap>(first.marks[0].second);
    QCOMPARE(gap.from, epoch + std::chrono::minutes(1));
    QVERIFY(gap.to > epoch + std::chrono::hours(2) - std::chrono::seconds(1));
    const std::string position = pushed.live.back().after.at("demo");
    const std::int64_t step = std::strtoll(position.c_str() + 2, nullptr, 10);
    QVERIFY2(step >= 72000 && step < 72100, position.c_str());

    // A clock that was set back, and a position that nobody can read.
    const Positions future{{"demo", "1 600 " + std::to_string((wallNow() + std::chrono::hours(2)).time_since_epoch().count())}};
    source = demoKind().make(spec);
    const Pushed back = runFor(*source, 4, future);
    QVERIFY(back.live.size() >= 4 && back.live.size() < 20);
    QCOMPARE(std::strtoll(back.live.front().after.at("demo").c_str() + 2, nullptr, 10), 601LL);
    source = demoKind().make(spec);
    QVERIFY(!runFor(*source, 2, {{"demo", "junk"}}).history.empty());
}

void TestDemoSource::refusesSettings_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("fault");
    const auto row = [](const char *name, const char *from, const char *to, const char *fault) {
        QTest::newRow(name) << QString::fromUtf8(from) << QString::fromUtf8(to) << QString::fromUtf8(fault);
    };
    row("part", "plant: orders", "plant: ordres", "not one of press, pumps, gateways, orders");
    row("unknown key", "plant: orders", "plant: orders, speeed: 2", "did you mean 'speed'");
    row("seed", "plant: orders, seed: 1", "plant: orders, seed: -1", "seed");
    row("speed", "plant: orders", "plant: orders, speed: 0", "speed");
    row("a fault of the declaration", "basis: database", "basis: databas", "basis");
}

void TestDemoSource::refusesSettings()
{
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(QString, fault);
    auto files = demoTexts();
    const QString text = QString::fromStdString(files["workspace.yaml"]);
    QVERIFY(text.contains(from));
    files["workspace.yaml"] = QString(text).replace(from, to).toStdString();
    const auto workspace = readWorkspaceFiles(files, demoCatalog());
    QVERIFY(workspace);
    QCOMPARE(workspace->sources.size(), std::size_t(3));
    QVERIFY(std::any_of(workspace->errors.begin(), workspace->errors.end(), [&](const Error &e) {
        return QString::fromStdString(e.plain()).contains(fault) && e.place.starts_with("workspace.yaml:");
    }));
}

QTEST_GUILESS_MAIN(TestDemoSource)
#include "tst_demosource.moc"
