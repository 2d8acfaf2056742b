#include "engine/session.h"

#include "engine/handsource.h"

#include <QTemporaryDir>
#include <QtTest>

#include <atomic>

using namespace sg;
using namespace sg::test;

// A session that ends while somebody is to be told: what the last batch raises is told by the next run, and what arrives meanwhile is not
// told again.
namespace {

std::atomic<bool> isPushedAtEnd = false;
std::atomic<int> begun = 0, delivered = 0;
std::atomic<bool> isSlow = false; // an attempt ends after the last commit, and has arrived
std::atomic<bool> isSaved = false; // STOPPED stands in the file

class LastMoment final : public Source
{
public:
    Error run(Lane &lane, const Positions &, std::stop_token stop) override
    {
        SourceStatus status;
        status.state = SourceStatus::State::Live;
        lane.report(status);
        if (!isPushedAtEnd)
            push(lane);
        while (!stop.stop_requested())
            std::this_thread::sleep_for(Millis(1));
        if (isPushedAtEnd)
            push(lane);
        return {};
    }

private:
    static void push(Lane &lane)
    {
        Batch batch;
        batch.arrival = Mono::clock::now();
        batch.newSeries = {{LocalId(0), "press/L1/A/temp", ValueKind::Number}};
        batch.series = {LocalId(0)};
        batch.stamp = {std::chrono::floor<Micros>(std::chrono::system_clock::now())};
        batch.value = {95.0};
        batch.quality = {Quality::Good};
        batch.isLive = {1};
        batch.offset = {0};
        batch.runs = {{0, "t/0"}};
        batch.after["t/0"] = "1";
        QVERIFY(lane.push(batch));
    }
};

class Receiver final : public Sender
{
public:
    Sent send(const Notification &, std::stop_token stop) override
    {
        ++begun;
        while (isSlow && !stop.stop_requested())
            std::this_thread::sleep_for(Millis(1));
        const Mono patience = Mono::clock::now() + std::chrono::seconds(10);
        while (isSlow && !isSaved && Mono::clock::now() < patience)
            std::this_thread::sleep_for(Millis(1));
        ++delivered;
        return {};
    }
};

}

class TestNotifyStop : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nothingIsLostOrToldTwice_data()
    {
        QTest::addColumn<bool>("isAtEnd");
        QTest::newRow("raised by the last batch") << true;
        QTest::newRow("arrives while it stops") << false;
    }
    void nothingIsLostOrToldTwice();
};

void TestNotifyStop::nothingIsLostOrToldTwice()
{
    QFETCH(const bool, isAtEnd);
    isPushedAtEnd = isAtEnd;
    isSlow = !isAtEnd;
    isSaved = false;
    begun = delivered = 0;
    SourceCatalog catalog;
    catalog["hand"].name = "hand";
    catalog["hand"].make = [](const SourceSpec &) -> std::unique_ptr<Source> { return std::make_unique<LastMoment>(); };
    const SenderCatalog senders{
        {"http", {"http", [](const SourceSpec &) -> std::unique_ptr<Sender> { return std::make_unique<Receiver>(); }}}};
    auto workspace = std::make_shared<Workspace>(*handWorkspace());
    RouteSpec &route = workspace->routes.routes.emplace_back();
    route.target.id = "night";
    route.target.kind = "http";
    route.target.settings.kind = Node::Kind::Map;
    const QTemporaryDir folder;
    SessionOptions options;
    options.stateFolder = folder.path().toStdString();
    options.listens = false;
    options.senders = &senders;
    options.onRecord = [](const JournalRow &row) { isSaved = isSaved || row.event == "STOPPED"; };
    const auto rows = [&] {
        const auto reader = StateReader::open(options.stateFolder);
        const auto outbox = reader ? (*reader)->outbox() : Result<std::vector<OutboxRow>>(reader.error());
        return outbox ? *outbox : std::vector<OutboxRow>();
    };
    {
        auto session = startSession(workspace, catalog, options);
        QVERIFY2(session, session ? "" : session.error().plain().c_str());
        if (isAtEnd)
            QTRY_VERIFY(!(*session)->snapshot()->sources.empty());
        else
            QTRY_COMPARE(begun.load(), 1);
    }
    QCOMPARE(rows().size(), std::size_t(1));
    QCOMPARE(int(rows()[0].state), int(isAtEnd ? OutboxRow::State::Waiting : OutboxRow::State::Delivered));
    QCOMPARE(begun.load(), isAtEnd ? 0 : 1); // nothing begins while it ends

    isPushedAtEnd = true; // nothing new before the end
    isSlow = false;
    {
        auto session = startSession(workspace, catalog, options);
        QVERIFY2(session, session ? "" : session.error().plain().c_str());
        QTRY_COMPARE(int(rows().at(0).state), int(OutboxRow::State::Delivered));
    }
    QCOMPARE(delivered.load(), 1);
}

QTEST_GUILESS_MAIN(TestNotifyStop)
#include "tst_notifystop.moc"
