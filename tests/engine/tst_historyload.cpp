#include "engine/session.h"

#include "engine/handsource.h"
#include "store/columns.h"

#include <QTemporaryDir>
#include <QtTest>

#include <future>

using namespace sg;
using namespace sg::test;

namespace {

// A server that holds a value of three things each second of `Whole`; who reads live has them from `Live` on.
constexpr int Whole = 600, Live = 400, AlsoLive = 450;

Time at(int second)
{
    return Hand::time(second);
}

// In another order than live reading has them, so that their numbers differ.
const std::vector<std::string> &things(bool isLive)
{
    static const std::vector<std::string> live{"press/L1/A/temp", "press/L1/B/temp"},
        all{"press/L2/C/temp", "press/L1/B/temp", "press/L1/A/temp"};
    return isLive ? live : all;
}

double valueOf(const std::string &path, int second)
{
    return (path.find("/B/") == std::string::npos ? 0.0 : 1000.0) + second; // far above the limit of the workspace's rule
}

Batch batchOf(bool isLive, int begin, int end)
{
    Batch batch;
    batch.arrival = Mono::clock::now();
    batch.runs = {{0, "t/0"}};
    for (std::size_t i = 0; i < things(isLive).size(); ++i) {
        const std::string &path = things(isLive)[i];
        batch.newSeries.push_back({LocalId(i), path, ValueKind::Number});
        for (int second = begin; second < end; ++second) {
            batch.series.push_back(LocalId(i));
            batch.stamp.push_back(at(second));
            batch.value.push_back(isLive ? 1.0 : valueOf(path, second)); // live values alarm nothing
            batch.quality.push_back(Quality::Good);
            batch.isLive.push_back(1);
            batch.offset.push_back(second);
        }
    }
    if (isLive)
        batch.after["t/0"] = std::to_string(end);
    return batch;
}

bool isWaiting = false; // the reading back, until it is stopped
bool isFailing = false; // the reading back, half way
constexpr int Few = 5;
bool isBusy = false; // live reading: so many values that taking in a few older ones at once would cost too much

// A value each 10 ms, and Few older ones between them that live reading did not get.
Batch busyBatch(bool isLive)
{
    Batch batch;
    batch.arrival = Mono::clock::now();
    batch.runs = {{0, "t/0"}};
    batch.newSeries.push_back({LocalId(0), things(true).front(), ValueKind::Number});
    const int rows = isLive ? 3'000 : Few;
    for (int i = 0; i < rows; ++i) {
        batch.series.push_back(LocalId(0));
        batch.stamp.push_back(at(Live) + (isLive ? Millis(10) * i : Millis(1'000) * (i + 1) + Millis(5)));
        batch.value.push_back(1);
        batch.quality.push_back(Quality::Good);
        batch.isLive.push_back(1);
        batch.offset.push_back(i);
    }
    if (isLive)
        batch.after["t/0"] = "3000";
    return batch;
}

class Server final : public Source
{
public:
    Error run(Lane &lane, const Positions &, std::stop_token stop) override
    {
        SourceStatus status;
        status.state = SourceStatus::State::Live;
        lane.report(status);
        Batch batch = isBusy ? busyBatch(true) : batchOf(true, Live, AlsoLive);
        static_cast<void>(lane.push(batch));
        wait(stop);
        return {};
    }
    Result<Done> readBack(Lane &lane, Time from, Time to, std::stop_token stop) override
    {
        if (isBusy) {
            Batch few = busyBatch(false);
            return lane.pushHistory(few) ? Result<Done>(Done()) : Result<Done>(Error{SG_TR("no room"), {}, {}});
        }
        const int begin = std::max(0, static_cast<int>((from - at(0)) / std::chrono::seconds(1)));
        const int end = std::min(Whole, static_cast<int>((to - at(0)) / std::chrono::seconds(1)));
        for (int second = begin; second < end; second += 50) {
            Batch batch = batchOf(false, second, std::min(second + 50, end));
            while (!lane.pushHistory(batch))
                lane.waitForRoom(stop);
            if (isFailing && second >= end / 2)
                return Error{SG_TR("the server went away"), {}, {}};
        }
        if (isWaiting)
            wait(stop);
        return stop.stop_requested() ? Result<Done>(Error{SG_TR("stopped"), {}, {}}) : Result<Done>(Done());
    }

private:
    static void wait(const std::stop_token &stop)
    {
        std::mutex mutex;
        std::condition_variable_any never;
        std::unique_lock lock(mutex);
        never.wait(lock, stop, [] { return false; });
    }
};

std::map<std::string, std::vector<std::pair<int, double>>> storedIn(const Session &session)
{
    std::map<std::string, std::vector<std::pair<int, double>>> out;
    const auto snapshot = session.snapshot();
    for (std::size_t i = 0; i < snapshot->series.size(); ++i) {
        const SeriesRow &series = snapshot->series.at(i);
        if (series.path)
            readRows(series.view, at(-10'000), at(10'000), [&](const Row &row) {
                out[*series.path].emplace_back(static_cast<int>((row.t - at(0)) / std::chrono::seconds(1)), row.value);
                return true;
            });
    }
    return out;
}

std::string remarkOf(const Session &session)
{
    const auto snapshot = session.snapshot();
    if (snapshot->sources.empty() || snapshot->sources.front().status.notes.empty())
        return {};
    return snapshot->sources.front().status.notes.back().plain();
}

int raisedIn(Session &session)
{
    std::promise<int> promise;
    auto future = promise.get_future();
    session.journal({}, [&promise](Result<std::vector<JournalRow>> rows) {
        promise.set_value(rows ? static_cast<int>(std::ranges::count(*rows, "RAISED", &JournalRow::event)) : -1);
    });
    return future.get();
}

Outcome load(Session &session, const std::string &source, int from, int to)
{
    std::promise<Outcome> promise;
    auto future = promise.get_future();
    session.submit({LoadOlder{source, at(from), at(to)}, [&promise](Outcome outcome) { promise.set_value(std::move(outcome)); }});
    return future.get();
}

}

class TestHistoryLoad : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        isWaiting = isFailing = isBusy = false;
        m_folder = std::make_unique<QTemporaryDir>();
        open(true);
    }
    void cleanup() { m_session.reset(); }

    void storesWhatAFullReadingStores();
    void fewOlderValuesAreSeenAtTheEnd();
    void afterAFailureAllIsLoadedAgain();
    void refuses();
    void stopsWithTheSession();

private:
    void open(bool hasTime)
    {
        SourceKind kind;
        kind.name = "hand";
        kind.label = "Hand";
        kind.make = [](const SourceSpec &) -> std::unique_ptr<Source> { return std::make_unique<Server>(); };
        m_catalog = {{"hand", kind}};
        auto workspace = std::make_shared<Workspace>(*handWorkspace());
        if (hasTime) {
            Node time, declaration;
            time.kind = declaration.kind = Node::Kind::Map;
            time.map = {{"basis", Node::ofScalar("message")}};
            declaration.map = {{"time", time}};
            workspace->sources.front().declaration = declaration;
        }
        SessionOptions options;
        options.stateFolder = m_folder->path().toStdString();
        options.listens = false;
        auto session = startSession(workspace, m_catalog, options);
        if (!session)
            qFatal("%s", session.error().plain().c_str());
        m_session = std::move(*session);
        QTRY_VERIFY_WITH_TIMEOUT(storedIn(*m_session)["press/L1/A/temp"].size() >= std::size_t{AlsoLive - Live}, 20'000);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    SourceCatalog m_catalog;
    std::unique_ptr<Session> m_session;
};

void TestHistoryLoad::storesWhatAFullReadingStores()
{
    // Beyond the begin and the end of what is there, and over rows that are stored already.
    const Outcome outcome = load(*m_session, "press", -100, Whole + 100);
    QVERIFY2(outcome.isDone, outcome.says.plain().c_str());
    QTRY_VERIFY_WITH_TIMEOUT(remarkOf(*m_session).find("is loaded") != std::string::npos, 20'000);
    QVERIFY2(remarkOf(*m_session).find(": 1800 values") != std::string::npos, remarkOf(*m_session).c_str());
    const auto isAsExpected = [](const std::map<std::string, std::vector<std::pair<int, double>>> &stored) {
        for (const std::string &path : things(false)) {
            // Live reading is where its newest value is: what comes behind it, it brings itself. Nobody reads the third one live.
            const bool isLive = path != "press/L2/C/temp";
            std::vector<std::pair<int, double>> expected;
            for (int second = 0; second < (isLive ? AlsoLive : Whole); ++second)
                expected.emplace_back(second, valueOf(path, second)); // the last arrival wins
            const auto found = stored.find(path);
            if (found == stored.end() || found->second != expected)
                return false;
        }
        return true;
    };
    QTRY_VERIFY_WITH_TIMEOUT(isAsExpected(storedIn(*m_session)), 20'000);
    // Once more: nothing is doubled.
    QVERIFY(load(*m_session, "press", 0, 300).isDone);
    QTRY_VERIFY_WITH_TIMEOUT(remarkOf(*m_session).find(": 900 values") != std::string::npos
                                 && remarkOf(*m_session).find("is loaded") != std::string::npos,
                             20'000);
    QVERIFY(isAsExpected(storedIn(*m_session)));
    // Older values raise no alarm.
    QCOMPARE(raisedIn(*m_session), 0);
    // On disk it is the same.
    m_session.reset();
    open(true);
    const auto stored = storedIn(*m_session);
    QCOMPARE(stored.at("press/L1/A/temp").front().first, 0);
    QCOMPARE(stored.at("press/L2/C/temp").size(), std::size_t{Whole});
}

// The store keeps them apart until as many live ones have come as pay for sorting them in: nobody is to wait for those.
void TestHistoryLoad::fewOlderValuesAreSeenAtTheEnd()
{
    m_session.reset();
    m_folder = std::make_unique<QTemporaryDir>();
    isBusy = true;
    open(true);
    QTRY_COMPARE_WITH_TIMEOUT(storedIn(*m_session)["press/L1/A/temp"].size(), std::size_t{3'000}, 20'000);
    QVERIFY(load(*m_session, "press", Live, Whole).isDone);
    QTRY_VERIFY_WITH_TIMEOUT(remarkOf(*m_session).find("is loaded: " + std::to_string(Few) + " values") != std::string::npos, 20'000);
    QTRY_COMPARE_WITH_TIMEOUT(storedIn(*m_session)["press/L1/A/temp"].size(), std::size_t{3'000 + Few}, 5'000);
}

void TestHistoryLoad::afterAFailureAllIsLoadedAgain()
{
    isFailing = true;
    QVERIFY(load(*m_session, "press", 0, 300).isDone);
    QTRY_VERIFY_WITH_TIMEOUT(
        remarkOf(*m_session).find("not be loaded as a whole (600 values came): the server went away") != std::string::npos, 20'000);
    isFailing = false;
    QVERIFY(load(*m_session, "press", 0, 300).isDone);
    QTRY_VERIFY_WITH_TIMEOUT(remarkOf(*m_session).find("is loaded: 900 values") != std::string::npos, 20'000);
    QTRY_COMPARE_WITH_TIMEOUT(storedIn(*m_session)["press/L2/C/temp"].size(), std::size_t{300}, 20'000);
    const auto stored = storedIn(*m_session);
    QCOMPARE(stored.at("press/L1/A/temp").size(), std::size_t{300 + AlsoLive - Live});
    QCOMPARE(stored.at("press/L2/C/temp").back().second, 299.0);
}

void TestHistoryLoad::refuses()
{
    QVERIFY(load(*m_session, "nobody", 0, 100).says.plain().find("no source 'nobody'") != std::string::npos);
    QVERIFY(load(*m_session, "press", 100, 100).says.plain().find("ends before it begins") != std::string::npos);
    isWaiting = true;
    QVERIFY(load(*m_session, "press", 0, 100).isDone);
    const Outcome again = load(*m_session, "press", 0, 100);
    QVERIFY(!again.isDone && again.says.plain().find("already") != std::string::npos);
}

void TestHistoryLoad::stopsWithTheSession()
{
    isWaiting = true;
    QVERIFY(load(*m_session, "press", 0, 100).isDone);
    QTRY_VERIFY_WITH_TIMEOUT(remarkOf(*m_session).find("300 values so far") != std::string::npos, 20'000);
    QElapsedTimer timer;
    timer.start();
    m_session.reset();
    QVERIFY(timer.elapsed() < 5000);
}

QTEST_GUILESS_MAIN(TestHistoryLoad)
#include "tst_historyload.moc"
