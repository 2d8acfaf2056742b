#include "store/columns.h"

#include "store/chunk.h"

#include <QtTest>

#include <atomic>
#include <random>
#include <thread>

using namespace sg;

namespace {

constexpr SeriesId Series{0};

Time at(std::int64_t micros)
{
    return Time(Micros(micros));
}

std::vector<Row> rising(std::int64_t begin, std::int64_t count, std::int64_t step = 10)
{
    std::vector<Row> rows;
    for (std::int64_t i = 0; i < count; ++i)
        rows.push_back({at((begin + i) * step), static_cast<double>(begin + i), Quality::Good});
    return rows;
}

std::vector<Row> all(const SeriesView &view)
{
    std::vector<Row> rows;
    readRows(view, Time::min(), Time::max(), [&](const Row &row) {
        rows.push_back(row);
        return true;
    });
    return rows;
}

bool isSame(const std::vector<Row> &a, const std::vector<Row> &b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Row &x, const Row &y) {
        return x.t == y.t && (x.value == y.value || (std::isnan(x.value) && std::isnan(y.value))) && x.quality == y.quality
            && x.isLate == y.isLate;
    });
}

}

class TestSeriesStore : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void appendedRowsComeBack_data();
    void appendedRowsComeBack();
    void randomArrivalsMatchAMap_data();
    void randomArrivalsMatchAMap();
    void lateRowBecomesVisible_data();
    void lateRowBecomesVisible();
    void sameTimeAgainReplaces();
    void revisionsAreNoConflicts();
    void oldViewKeepsItsRows();
    void readersRunBesideTheWriter();
    void retainDropsTheOldest();
    void manySmallSeriesStaySmall();
    void rowAtFindsTheNewestBefore();
};

void TestSeriesStore::appendedRowsComeBack_data()
{
    QTest::addColumn<int>("count");
    QTest::addColumn<int>("batch");
    for (const int count : {0, 1, 4, 5, 64, 4'095, 4'096, 4'097, 70'000, 300'000})
        QTest::addRow("%d rows", count) << count << 777;
    QTest::newRow("row by row") << 9'000 << 1;
    QTest::newRow("one batch") << 200'000 << 200'000;
}

void TestSeriesStore::appendedRowsComeBack()
{
    QFETCH(int, count);
    QFETCH(int, batch);
    SeriesStore store;
    const auto rows = rising(0, count);
    for (int i = 0; i < count; i += batch)
        store.append(Series, std::span(rows).subspan(static_cast<std::size_t>(i), static_cast<std::size_t>(std::min(batch, count - i))));
    const SeriesView view = store.view(Series);
    QVERIFY(isSame(all(view), rows));
    QCOMPARE(store.rows(), static_cast<std::uint64_t>(count));
    QCOMPARE(extentOf(view).has_value(), count > 0);
    if (count == 0)
        return;
    QCOMPARE(extentOf(view)->first.time_since_epoch().count(), 0);
    QCOMPARE(extentOf(view)->second.time_since_epoch().count(), (count - 1) * 10);
    QCOMPARE(store.newest(Series)->value, count - 1.0);
    const std::size_t chunks = view.sealed ? view.sealed->size() : 0;
    QVERIFY2(chunks <= static_cast<std::size_t>(count / 40'000 + 6), qPrintable(QString::number(chunks)));
    for (std::size_t i = 0; i < chunks; ++i)
        QVERIFY((*view.sealed)[i]->size() <= Chunk::MaxRows);
}

void TestSeriesStore::randomArrivalsMatchAMap_data()
{
    QTest::addColumn<unsigned>("seed");
    QTest::addColumn<int>("lateShare");
    for (unsigned seed = 1; seed <= 6; ++seed)
        QTest::addRow("seed %u", seed) << seed << static_cast<int>(seed * 7 % 50);
}

// Every order of arrival ends in the same rows: by time, the last arrival of each.
void TestSeriesStore::randomArrivalsMatchAMap()
{
    QFETCH(unsigned, seed);
    QFETCH(int, lateShare);
    std::mt19937 random(seed);
    SeriesStore store;
    std::map<Time, Row> expected;
    std::int64_t newest = 1'000'000;
    std::uint64_t conflicts = 0;
    const auto arrive = [&](const Row &row) {
        const auto known = expected.find(row.t);
        if (known != expected.end() && known->second.value == row.value)
            return; // told again, also when that comes late: nothing about it is new
        conflicts += known != expected.end() ? 1 : 0;
        expected[row.t] = row;
    };
    for (int round = 0; round < 3'000; ++round) {
        std::vector<Row> rows;
        const bool isLate = static_cast<int>(random() % 100) < lateShare;
        for (auto n = random() % 20 + 1; n > 0; --n) {
            if (!isLate)
                newest += random() % 3;
            const std::int64_t t = isLate ? newest - 1 - static_cast<std::int64_t>(random() % (random() % 4 ? 500 : 40'000)) : newest;
            rows.push_back({at(t), static_cast<double>(random() % 5), Quality::Good, isLate});
            arrive(rows.back());
        }
        if (isLate)
            store.insertLate(Series, rows);
        else
            store.append(Series, rows);
    }
    // The last late rows may wait; rows on time pay for them.
    for (int i = 0; i < 10'000; ++i) {
        const Row row{at(++newest), 1, Quality::Good};
        arrive(row);
        store.append(Series, {&row, 1});
    }
    std::vector<Row> wanted;
    for (const auto &[t, row] : expected)
        wanted.push_back(row);
    QVERIFY(isSame(all(store.view(Series)), wanted));
    QCOMPARE(store.rows(), wanted.size());
    QCOMPARE(store.conflicts(), conflicts);
}

void TestSeriesStore::lateRowBecomesVisible_data()
{
    QTest::addColumn<int>("before");
    QTest::addColumn<int>("lateAt");
    QTest::addColumn<int>("laterAtMost"); // rows that may pass until it is seen
    QTest::newRow("small head") << 100 << 505 << 0;
    QTest::newRow("older than all") << 100 << -5 << 0;
    QTest::newRow("large head") << 4'000 << 505 << 64;
    QTest::newRow("sealed") << 10'000 << 505 << 200;
}

void TestSeriesStore::lateRowBecomesVisible()
{
    QFETCH(int, before);
    QFETCH(int, lateAt);
    QFETCH(int, laterAtMost);
    SeriesStore store;
    store.append(Series, rising(0, before));
    const Row late{at(lateAt), -1, Quality::Uncertain};
    store.insertLate(Series, {&late, 1});
    store.append(Series, rising(before, laterAtMost));
    const auto found = rowAt(store.view(Series), late.t);
    QVERIFY(found);
    QCOMPARE(found->value, -1.0);
    QCOMPARE(store.rows(), static_cast<std::uint64_t>(before + laterAtMost + 1));
}

void TestSeriesStore::revisionsAreNoConflicts()
{
    SeriesStore store;
    store.setRevised(Series, true);
    store.append(Series, rising(0, 10'000)); // sealed blocks and a head
    for (const int time : {99'990, 500, 99'500}) {
        const Row again{at(time), -1, Quality::Good};
        if (time == 99'990)
            store.append(Series, {&again, 1});
        else
            store.insertLate(Series, {&again, 1});
    }
    store.showLate(Series);
    QCOMPARE(store.conflicts(), 0u);
    QCOMPARE(store.rows(), 10'000u);
    for (const int time : {99'990, 500, 99'500})
        QCOMPARE(rowAt(store.view(Series), at(time))->value, -1.0);
    store.setRevised(Series, false);
    const Row again{at(99'990), -2, Quality::Good};
    store.append(Series, {&again, 1});
    QCOMPARE(store.conflicts(), 1u);
}

void TestSeriesStore::sameTimeAgainReplaces()
{
    SeriesStore store;
    store.append(Series, rising(0, 3));
    const SeriesView old = store.view(Series);
    const Row again{at(20), 7, Quality::Good};
    store.append(Series, {&again, 1});
    store.append(Series, {&again, 1}); // the very same: nothing happens
    QCOMPARE(store.conflicts(), 1u);
    QCOMPARE(store.rows(), 3u);
    QCOMPARE(all(store.view(Series)).size(), 3u);
    QCOMPARE(rowAt(store.view(Series), at(20))->value, 7.0);
    QCOMPARE(rowAt(old, at(20))->value, 2.0);
    QCOMPARE(queryColumns(store.view(Series), at(0), at(30), 3).columns[2].first, 7.0);

    const Row late{at(10), 9, Quality::Good};
    store.insertLate(Series, {&late, 1});
    QCOMPARE(store.conflicts(), 2u);
    QCOMPARE(store.rows(), 3u);
    QCOMPARE(rowAt(store.view(Series), at(15))->value, 9.0);
    QCOMPARE(rowAt(old, at(15))->value, 1.0);

    // A clock that stands still does not fill the memory.
    for (int i = 0; i < 100'000; ++i) {
        const Row stuck{at(20), static_cast<double>(i), Quality::Good};
        store.append(Series, {&stuck, 1});
    }
    QCOMPARE(store.rows(), 3u);
    QVERIFY(store.bytes() < 300'000);
}

void TestSeriesStore::oldViewKeepsItsRows()
{
    SeriesStore store;
    std::vector<std::pair<SeriesView, std::vector<Row>>> taken;
    for (int i = 0; i < 40; ++i) {
        store.append(Series, rising(i * 500, 500));
        const Row late{at(i * 2'500 + 3), -1.0 - i, Quality::Good};
        store.insertLate(Series, {&late, 1});
        const SeriesView view = store.view(Series);
        taken.emplace_back(view, all(view));
    }
    store.retain(0);
    for (const auto &[view, rows] : taken)
        QVERIFY(isSame(all(view), rows));
}

// Meant for ThreadSanitizer: views go to another thread while the store appends, merges, seals and drops.
void TestSeriesStore::readersRunBesideTheWriter()
{
    SeriesStore store;
    std::mutex mutex;
    SeriesView shared; // guarded by mutex
    std::atomic<bool> isDone = false;
    std::atomic<int> wrong = 0;
    std::jthread reader([&] {
        while (!isDone) {
            SeriesView view;
            {
                const std::lock_guard lock(mutex);
                view = shared;
            }
            const auto rows = all(view);
            for (std::size_t i = 1; i < rows.size(); ++i)
                wrong += rows[i - 1].t < rows[i].t ? 0 : 1;
            const Columns columns = queryColumns(view, at(0), at(400'000), 100);
            if (columns.samples != rows.size())
                ++wrong;
        }
    });
    for (int i = 0; i < 40'000; i += 10) {
        store.append(Series, rising(i, 10));
        const Row again{at((i + 9) * 10), -1, Quality::Good};
        store.append(Series, {&again, 1});
        if (i % 100 == 0) {
            const Row late{at(i * 5 + 1), -2, Quality::Good};
            store.insertLate(Series, {&late, 1});
        }
        if (i % 5'000 == 0)
            store.retain(200'000);
        const SeriesView view = store.view(Series);
        const std::lock_guard lock(mutex);
        shared = view;
    }
    isDone = true;
    reader.join();
    QCOMPARE(wrong.load(), 0);
}

void TestSeriesStore::retainDropsTheOldest()
{
    SeriesStore store;
    store.append(SeriesId{1}, rising(0, 100'000));
    store.append(SeriesId{2}, rising(50'000, 100'000));
    store.append(SeriesId{3}, rising(0, 50));
    const std::size_t full = store.bytes();
    store.retain(full + 1);
    QCOMPARE(store.rows(), 200'050u);
    store.retain(full / 2);
    QVERIFY(store.bytes() <= full / 2);
    QVERIFY(store.bytes() > full / 8);
    // The oldest went first: what is left of both long series begins at about one time, the short old one is down to its newest row.
    QCOMPARE(all(store.view(SeriesId{3})).size(), 1u);
    QVERIFY(extentOf(store.view(SeriesId{2}))->second == at(1'499'990));
    QVERIFY(extentOf(store.view(SeriesId{1}))->first > at(0));
    std::size_t left = 0;
    for (const std::uint32_t id : {1u, 2u, 3u})
        left += all(store.view(SeriesId{id})).size();
    QCOMPARE(store.rows(), left);
    store.retain(0);
    QCOMPARE(store.rows(), 3u);
    QCOMPARE(store.newest(SeriesId{2})->value, 149'999.0);
    // Appending goes on as if nothing had happened.
    store.append(SeriesId{2}, rising(150'000, 5));
    QCOMPARE(all(store.view(SeriesId{2})).size(), 6u);
}

void TestSeriesStore::manySmallSeriesStaySmall()
{
    SeriesStore store;
    for (std::uint32_t id = 0; id < 100'000; ++id) {
        const Row row{at(id), 1, Quality::Good};
        store.append(SeriesId{id}, {&row, 1});
    }
    QCOMPARE(store.rows(), 100'000u);
    QVERIFY2(store.bytes() < 40'000'000, qPrintable(QString::number(store.bytes())));
}

void TestSeriesStore::rowAtFindsTheNewestBefore()
{
    SeriesStore store;
    QVERIFY(!rowAt(store.view(Series), at(5)));
    QVERIFY(!store.newest(Series));
    store.append(Series, rising(1, 20'000));
    const SeriesView view = store.view(Series);
    QVERIFY(!rowAt(view, at(9)));
    for (const int i : {1, 2, 63, 64, 65, 4'095, 4'096, 12'000, 19'999, 20'000}) {
        QCOMPARE(rowAt(view, at(i * 10))->value, static_cast<double>(i));
        QCOMPARE(rowAt(view, at(i * 10 + 9))->value, static_cast<double>(i));
    }
    QCOMPARE(rowAt(view, Time::max())->value, 20'000.0);
}

QTEST_GUILESS_MAIN(TestSeriesStore)
#include "tst_seriesstore.moc"
