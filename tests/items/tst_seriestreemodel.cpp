#include "items/seriesfilter.h"
#include "items/texts.h"

#include "support/fakesession.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QMimeData>
#include <QSignalSpy>
#include <QTest>

using namespace sg;

class TestSeriesTreeModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void buildsSourceKeyField();
    void updatesOnlyWhatChanged();
    void removesKeysThatBecomeEmpty();
    void aChangeBesideARemovalIsAnnounced();
    void carriesPathsWhenDragged();
    void saysWhatIsStale();
    void filtersAsOneTypes_data();
    void filtersAsOneTypes();
    void aNewSeriesBringsItsHiddenKeyBack();
    void standsAHundredThousandSeries();
    void formatsValues_data();
    void formatsValues();

private:
    // "press(L1 / P-01(temp vib))" of a whole model.
    static QString printed(const QAbstractItemModel &model, const QModelIndex &parent = {})
    {
        QStringList out;
        for (int row = 0; row < model.rowCount(parent); ++row) {
            const auto index = model.index(row, 0, parent);
            const auto below = printed(model, index);
            out << (below.isEmpty() ? index.data().toString() : index.data().toString() + u'(' + below + u')');
        }
        return out.join(u' ');
    }
    static void show(FakeSession &session, SnapshotFeed &feed, const std::vector<std::string> &paths)
    {
        for (std::size_t i = 0; i < paths.size(); ++i)
            session.setSeries(i, paths[i], static_cast<double>(i), session.now);
        session.publish();
        feed.poll();
    }
};

void TestSeriesTreeModel::buildsSourceKeyField()
{
    FakeSession session;
    SnapshotFeed feed(session);
    SeriesTreeModel model(feed);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    show(session, feed, {"press/L1/P-01/temp", "orders/rate", "press/L1/P-01/vib", "press/L%2F2/temp"});
    QCOMPARE(printed(model), QStringLiteral("press(L1 / P-01(temp vib) L/2(temp)) orders(rate)"));
    QCOMPARE(model.seriesCount(), 4);
}

void TestSeriesTreeModel::updatesOnlyWhatChanged()
{
    FakeSession session;
    SnapshotFeed feed(session);
    SeriesTreeModel model(feed);
    show(session, feed, {"a/k/x", "a/k/y"});
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    session.publish(); // another version, the same rows
    feed.poll();
    QCOMPARE(changed.size(), 0);
    session.setSeries(1, "a/k/y", 12.5, session.now);
    session.publish();
    feed.poll();
    QCOMPARE(changed.size(), 1);
    QCOMPARE(reset.size(), 0);
    const auto key = model.index(0, 0, model.index(0, 0));
    QCOMPARE(model.index(1, SeriesTreeModel::ValueColumn, key).data().toString(), QLocale().toString(12.5));
}

void TestSeriesTreeModel::removesKeysThatBecomeEmpty()
{
    FakeSession session;
    SnapshotFeed feed(session);
    SeriesTreeModel model(feed);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    show(session, feed, {"a/k/x", "a/l/x", "b/k/x", "a/l/y"});
    session.setSeries(1, "", 0, session.now);
    session.setSeries(2, "", 0, session.now);
    session.publish();
    feed.poll();
    QCOMPARE(printed(model), QStringLiteral("a(k(x) l(y))"));
    show(session, feed, {"a/k/x", "a/l/z", "b/k/x", "a/l/y"}); // a number is used again
    QCOMPARE(printed(model), QStringLiteral("a(k(x) l(y z)) b(k(x))"));
}

void TestSeriesTreeModel::aChangeBesideARemovalIsAnnounced()
{
    FakeSession session;
    SnapshotFeed feed(session);
    SeriesTreeModel model(feed);
    show(session, feed, {"a/k/x", "a/k/y", "a/k/z"});
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    session.setSeries(0, "", 0, session.now);
    session.setSeries(2, "a/k/z", 5, session.now);
    session.publish();
    feed.poll();
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed[0][1].toModelIndex().row(), 1); // z has moved up
}

void TestSeriesTreeModel::carriesPathsWhenDragged()
{
    FakeSession session;
    SnapshotFeed feed(session);
    SeriesTreeModel model(feed);
    show(session, feed, {"a/k/x", "a/k/y"});
    const auto key = model.index(0, 0, model.index(0, 0));
    const std::unique_ptr<QMimeData> data(model.mimeData({key, model.index(0, 0, key)}));
    QCOMPARE(data->data(QString::fromLatin1(SeriesTreeModel::MimeType)), QByteArray("a/k/x\na/k/y"));
}

void TestSeriesTreeModel::saysWhatIsStale()
{
    FakeSession session;
    SnapshotFeed feed(session);
    SeriesTreeModel model(feed);
    show(session, feed, {"a/x"});
    const auto index = model.index(0, SeriesTreeModel::ValueColumn, model.index(0, 0));
    QVERIFY(!index.data(SeriesTreeModel::IsStaleRole).toBool());
    session.now += std::chrono::seconds(61);
    QVERIFY(index.data(SeriesTreeModel::IsStaleRole).toBool());
    QCOMPARE(index.siblingAtColumn(SeriesTreeModel::AgeColumn).data().toString(), QStringLiteral("1 min"));
}

void TestSeriesTreeModel::filtersAsOneTypes_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("shown");
    QTest::newRow("everything") << QString() << QStringLiteral("orders(rate) press(P-01(temp vib) P-02(temp))");
    QTest::newRow("a field") << QStringLiteral("vib") << QStringLiteral("press(P-01(vib))");
    QTest::newRow("any case") << QStringLiteral("p-02 TEMP") << QStringLiteral("press(P-02(temp))");
    QTest::newRow("words in any order") << QStringLiteral("temp press") << QStringLiteral("press(P-01(temp) P-02(temp))");
    QTest::newRow("nothing") << QStringLiteral("pump") << QString();
    QTest::newRow("a pattern is text") << QStringLiteral("p.*") << QString();
}

void TestSeriesTreeModel::filtersAsOneTypes()
{
    QFETCH(QString, text);
    FakeSession session;
    SnapshotFeed feed(session);
    SeriesTreeModel model(feed);
    SeriesFilter filter(model);
    QAbstractItemModelTester tester(&filter, QAbstractItemModelTester::FailureReportingMode::QtTest);
    show(session, feed, {"press/P-01/temp", "press/P-01/vib", "press/P-02/temp", "orders/rate"});
    filter.setText(QStringLiteral("x"));
    filter.setText(text);
    QTEST(printed(filter), "shown");
}

void TestSeriesTreeModel::aNewSeriesBringsItsHiddenKeyBack()
{
    FakeSession session;
    SnapshotFeed feed(session);
    SeriesTreeModel model(feed);
    SeriesFilter filter(model);
    show(session, feed, {"press/P-01/temp"});
    filter.setText(QStringLiteral("vib"));
    QCOMPARE(filter.rowCount(), 0);
    show(session, feed, {"press/P-01/temp", "press/P-01/vib"});
    QTRY_COMPARE(printed(filter), QStringLiteral("press(P-01(vib))"));
}

void TestSeriesTreeModel::standsAHundredThousandSeries()
{
    constexpr std::size_t Count = 100'000;
    FakeSession session;
    SnapshotFeed feed(session);
    SeriesTreeModel model(feed);
    SeriesFilter filter(model);
    for (std::size_t i = 0; i < Count; ++i)
        session.setSeries(i, "press/L" + std::to_string(i % 50) + "/P-" + std::to_string(i / 10) + "/f" + std::to_string(i % 10), 1,
                          session.now);
    session.publish();
    feed.poll();
    QCOMPARE(model.seriesCount(), static_cast<int>(Count));
    // One changed value is one announcement, whatever the number of series; a page of 256 rows is what may be looked at.
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    session.setSeries(77'777, "press/L27/P-7777/f7", 2, session.now);
    session.publish();
    feed.poll();
    QVERIFY(changed.size() >= 1 && changed.size() <= 256);
    QElapsedTimer clock;
    clock.start();
    filter.setText(QStringLiteral("p-7777 f7"));
    QCOMPARE(filter.matches(), 1);
    QVERIFY2(clock.elapsed() < 2000, "a key press must not stop the window"); // 50 ms when nothing else runs
}

void TestSeriesTreeModel::formatsValues_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<int>("decimals");
    QTest::addColumn<QString>("text");
    QTest::newRow("decimals of the tag") << 1.5 << 2 << QStringLiteral("1.50");
    QTest::newRow("none: short") << 4.5 << -1 << QStringLiteral("4.5");
    QTest::newRow("none: five digits") << 77.70449 << -1 << QStringLiteral("77.704");
    QTest::newRow("large") << 1234567.0 << -1 << QStringLiteral("1,234,567");
    QTest::newRow("no number") << std::numeric_limits<double>::quiet_NaN() << 2 << QStringLiteral("—");
}

void TestSeriesTreeModel::formatsValues()
{
    QFETCH(double, value);
    QFETCH(int, decimals);
    QLocale::setDefault(QLocale(QLocale::English));
    Tag tag;
    if (decimals >= 0)
        tag.decimals = decimals;
    QTEST(valueText(value, &tag), "text");
}

QTEST_GUILESS_MAIN(TestSeriesTreeModel)
#include "tst_seriestreemodel.moc"
