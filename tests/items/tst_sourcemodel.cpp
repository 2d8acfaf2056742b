#include "items/sourcemodel.h"
#include "items/texts.h"

#include "support/fakesession.h"

#include <QAbstractItemModelTester>
#include <QTest>

using namespace sg;

class TestSourceModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void followsTheSources();
    void saysSinceWhenNothingCame();
    void saysWhatItCosts_data();
    void saysWhatItCosts();
    void saysWhyItIsNotRead();
    void quotesHostileTextAsItIs();
    void fillsErrorsInOnePass_data();
    void fillsErrorsInOnePass();

private:
    static SourceRow source(const std::string &id)
    {
        SourceRow row;
        row.id = id;
        row.kind = "kafka";
        row.status.state = SourceStatus::State::Live;
        return row;
    }
};

void TestSourceModel::followsTheSources()
{
    FakeSession session;
    SnapshotFeed feed(session);
    SourceModel model(feed);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    session.next.sources = {source("a"), source("b"), source("c")};
    session.publish();
    feed.poll();
    QCOMPARE(model.rowCount(), 3);
    session.next.sources = {source("a"), source("c")};
    session.publish();
    feed.poll();
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.index(1).data().toString(), QStringLiteral("c"));
}

void TestSourceModel::saysSinceWhenNothingCame()
{
    FakeSession session;
    SnapshotFeed feed(session);
    SourceModel model(feed);
    auto row = source("a");
    row.lastArrival = session.now;
    row.newest = session.now - std::chrono::hours(5);
    session.next.sources = {row};
    session.publish();
    feed.poll();
    QVERIFY(!model.index(0).data(SourceModel::IsQuietRole).toBool());
    session.now += std::chrono::minutes(3);
    QVERIFY(model.index(0).data(SourceModel::IsQuietRole).toBool());
    const auto details = model.index(0).data(SourceModel::DetailsRole).toString();
    QVERIFY2(details.contains(QStringLiteral("0 messages since")) && details.contains(QStringLiteral("5 h 3 min old")),
             qPrintable(details));
}

void TestSourceModel::saysWhatItCosts_data()
{
    QTest::addColumn<double>("bytes");
    QTest::addColumn<double>("queries");
    QTest::addColumn<QString>("says");
    QTest::newRow("nothing") << 0.0 << 0.0 << QStringLiteral("live · 0.0 msg/s · nothing yet · 0 B/s");
    QTest::newRow("bytes") << 640.0 << 0.0 << QStringLiteral("live · 0.0 msg/s · nothing yet · 640 B/s");
    QTest::newRow("kilobytes") << 96'400.0 << 0.0 << QStringLiteral("live · 0.0 msg/s · nothing yet · 96 kB/s");
    QTest::newRow("megabytes") << 1'200'000.0 << 0.0 << QStringLiteral("live · 0.0 msg/s · nothing yet · 1.2 MB/s");
    QTest::newRow("a database") << 2'000.0 << 1.5 << QStringLiteral("live · 0.0 msg/s · nothing yet · 2.0 kB/s · 1.5 queries/s");
}

void TestSourceModel::saysWhatItCosts()
{
    QFETCH(double, bytes);
    QFETCH(double, queries);
    FakeSession session;
    SnapshotFeed feed(session);
    SourceModel model(feed);
    auto row = source("a");
    row.status.bytesPerSecond = bytes;
    row.status.queriesPerSecond = queries;
    session.next.sources = {row};
    session.publish();
    feed.poll();
    QTEST(model.index(0).data(SourceModel::SummaryRole).toString(), "says");
}

void TestSourceModel::saysWhyItIsNotRead()
{
    FakeSession session;
    SnapshotFeed feed(session);
    SourceModel model(feed);
    auto row = source("a");
    row.status.state = SourceStatus::State::Stopped;
    row.status.why = Error{"waits for consent: it would connect to %1", {"h:1 with environment variable SG_X"}, {}};
    session.next.sources = {row};
    session.publish();
    feed.poll();
    QCOMPARE(model.index(0).data(SourceModel::SummaryRole).toString(), QStringLiteral("waits for consent"));
    QVERIFY(model.index(0).data(SourceModel::DetailsRole).toString().contains(QStringLiteral("h:1 with environment variable SG_X")));
}

void TestSourceModel::quotesHostileTextAsItIs()
{
    FakeSession session;
    SnapshotFeed feed(session);
    SourceModel model(feed);
    auto row = source("a");
    row.status.decodeErrors = 1;
    row.status.lastBadPayload = "<img src=x> %1";
    session.next.sources = {row};
    session.publish();
    feed.poll();
    QVERIFY(model.index(0).data(SourceModel::DetailsRole).toString().contains(QStringLiteral("<img src=x> %1")));
}

void TestSourceModel::fillsErrorsInOnePass_data()
{
    QTest::addColumn<QStringList>("args");
    QTest::addColumn<QString>("text");
    QTest::newRow("plain") << QStringList({QStringLiteral("a"), QStringLiteral("b")}) << QStringLiteral("x.yaml:3: 'a' is not 'b'");
    QTest::newRow("an argument that looks like a place")
        << QStringList({QStringLiteral("%2"), QStringLiteral("b")}) << QStringLiteral("x.yaml:3: '%2' is not 'b'");
    QTest::newRow("a missing argument") << QStringList({QStringLiteral("a")}) << QStringLiteral("x.yaml:3: 'a' is not '%2'");
}

void TestSourceModel::fillsErrorsInOnePass()
{
    QFETCH(QStringList, args);
    Error error{"'%1' is not '%2'", {}, "x.yaml:3"};
    for (const auto &arg : args)
        error.args.push_back(utf8Of(arg));
    QTEST(errorText(error), "text");
}

QTEST_GUILESS_MAIN(TestSourceModel)
#include "tst_sourcemodel.moc"
