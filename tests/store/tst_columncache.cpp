#include "store/recentcolumns.h"

#include "store/chunk.h"

#include "store/columndifference.h"

#include <QtTest>

#include <random>

using namespace sg;

namespace {

constexpr SeriesId Id{3};

Time at(std::int64_t micros)
{
    return Time(Micros(micros));
}

// A store that lives: rows, gaps, late ones, replaced ones, retention, as the seed says.
class LivingSeries
{
public:
    explicit LivingSeries(unsigned seed)
        : m_random(seed)
        , m_gapEvery(seed % 3 == 0 ? 3 : 60)
    {
    }

    void live()
    {
        switch (pick(10)) {
        case 0: // late, somewhere
        case 1: { // late, a little
            std::vector<Row> late;
            const std::int64_t reach = pick(2) ? m_now : std::min<std::int64_t>(m_now, 5'000);
            for (std::int64_t i = pick(20); i >= 0 && reach > 0; --i)
                late.push_back(row(m_now - pick(reach)));
            store.insertLate(Id, late);
            break;
        }
        case 2: // the newest again
            append(row(m_now));
            break;
        case 3:
            if (pick(4) == 0)
                store.retain(static_cast<std::size_t>(static_cast<std::int64_t>(store.bytes()) * (5 + pick(5)) / 10));
            break;
        default: {
            const std::int64_t count = pick(6) ? pick(200) : pick(9'000);
            for (std::int64_t i = 0; i < count; ++i)
                append(row(m_now += 1 + pick(pick(100) ? 40 : 3'000)));
        }
        }
    }
    [[nodiscard]] SeriesView view() const { return store.view(Id); }
    [[nodiscard]] std::int64_t now() const { return m_now; }
    std::int64_t pick(std::int64_t below) { return static_cast<std::int64_t>(m_random() % static_cast<unsigned>(below)); }

    SeriesStore store;

private:
    Row row(std::int64_t t)
    {
        const bool isGap = pick(m_gapEvery) == 0;
        return {at(t), isGap ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(pick(1'000)),
                isGap ? Quality::Bad : static_cast<Quality>(pick(90) == 0)};
    }
    void append(const Row &row) { store.append(Id, {&row, 1}); }

    std::mt19937 m_random;
    const std::int64_t m_gapEvery;
    std::int64_t m_now = 0;
};

}

class TestColumnCache : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void alwaysEqualsAFreshQuery_data();
    void alwaysEqualsAFreshQuery();
    void computesOnlyWhatIsNew();
    void aColumnKnowsWhatCameBeforeIt();
    void anotherSeriesIsNoEarlierOne();
    void holdsNoRows();
    void zoomingOutAgainCostsWhatIsNew();
    void recentColumnsAreBounded();
    void grids_data();
    void grids();
};

void TestColumnCache::alwaysEqualsAFreshQuery_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 40; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

void TestColumnCache::alwaysEqualsAFreshQuery()
{
    QFETCH(unsigned, seed);
    LivingSeries series(seed);
    std::shared_ptr<const CachedColumns> cached;
    std::size_t takenOver = 0;
    std::size_t all = 0;
    int width = 300;
    std::int64_t grid = 200;
    std::int64_t first = 0;
    for (int i = 0; i < 150; ++i) {
        for (auto steps = series.pick(3); steps > 0; --steps)
            series.live();
        switch (series.pick(8)) {
        case 0:
            grid = series.pick(3) ? 64 + series.pick(2'000) : 64 + series.pick(20);
            first = series.pick(series.now() / grid + 2) - width / 2;
            break;
        case 1:
            width = static_cast<int>(20 + series.pick(600));
            break;
        case 2:
        case 3:
            first += series.pick(2 * width) - width;
            break;
        case 4:
            first += series.pick(5) - 2;
            break;
        default: // follows the newest
            first = series.now() / grid - width + 1;
        }
        const Time from = at(first * grid + (series.pick(30) == 0 ? 1 : 0));
        const Time to = from + Micros(grid * width);
        const SeriesView view = series.view();
        auto next = CachedColumns::query(view, from, to, width, cached.get());
        const QString wrong = difference(next->columns(), queryColumns(view, from, to, width));
        QVERIFY2(wrong.isEmpty(), qPrintable(QStringLiteral("step %1: ").arg(i) + wrong));
        ColumnParts parts(view, from, to, width, cached.get(), 3);
        for (std::size_t part = parts.parts(); part-- > 0;)
            parts.run(part, {});
        QCOMPARE(difference(parts.take()->columns(), next->columns()), QString());
        takenOver += static_cast<std::size_t>(width) - next->computed();
        all += static_cast<std::size_t>(width);
        if (series.pick(10))
            cached = std::move(next); // else as if it had been cancelled
    }
    QVERIFY2(takenOver > all / 20, qPrintable(QStringLiteral("%1 of %2 columns").arg(takenOver).arg(all)));
}

void TestColumnCache::computesOnlyWhatIsNew()
{
    constexpr int Width = 1'000;
    constexpr std::int64_t Grid = 100;
    SeriesStore store;
    auto feed = [&store, t = 0LL](std::int64_t until) mutable {
        for (; t < until; t += 10) {
            const Row row{at(t), static_cast<double>(t % 370), Quality::Good};
            store.append(Id, {&row, 1});
        }
    };
    const auto query = [&store](std::int64_t first, const CachedColumns *earlier) {
        return CachedColumns::query(store.view(Id), at(first * Grid), at((first + Width) * Grid), Width, earlier);
    };
    feed(1'000'000);
    const auto cold = query(5'000, nullptr);
    QCOMPARE(cold->computed(), std::size_t(Width));
    // One more than what came in, because its line's left end is not known to be the same.
    QCOMPARE(query(5'000, cold.get())->computed(), 1U);
    QCOMPARE(query(5'100, cold.get())->computed(), 101U);
    QCOMPARE(query(4'900, cold.get())->computed(), 101U);
    QCOMPARE(query(7'000, cold.get())->computed(), std::size_t(Width));
    // Live: the column of the newest row, and those behind it.
    const auto live = query(9'001, nullptr);
    feed(1'000'300);
    QVERIFY(query(9'004, live.get())->computed() <= 6);
}

void TestColumnCache::aColumnKnowsWhatCameBeforeIt()
{
    // Every second row is a gap. The chunk that ends in one is dropped: the first column behind it, whose rows are as they were, begins
    // no line after a gap any more. One of the two series has a chunk that ends so.
    int met = 0;
    for (const int odd : {0, 1}) {
        SeriesStore store;
        for (int i = 0; i < 140'000; ++i) {
            const bool isGap = i % 2 == odd;
            const Row row{at(i * 10), isGap ? std::numeric_limits<double>::quiet_NaN() : 1.0, isGap ? Quality::Bad : Quality::Good};
            store.append(Id, {&row, 1});
        }
        QVERIFY(store.view(Id).sealed->size() > 1);
        const Time end = store.view(Id).sealed->front()->last();
        const auto query = [&](const CachedColumns *earlier) {
            return CachedColumns::query(store.view(Id), end - Micros(500), end + Micros(500), 100, earlier);
        };
        const auto cached = query(nullptr);
        const auto behind = static_cast<std::size_t>(51);
        met += cached->columns().columns[behind].breaksBefore ? 1 : 0;
        store.retain(store.bytes() - 1);
        QVERIFY(store.view(Id).sealed->front()->first() > end);
        QCOMPARE(difference(query(cached.get())->columns(), query(nullptr)->columns()), QString());
    }
    QCOMPARE(met, 1);
}

void TestColumnCache::anotherSeriesIsNoEarlierOne()
{
    LivingSeries a(1);
    LivingSeries b(2);
    for (int i = 0; i < 100; ++i) {
        a.live();
        b.live();
    }
    const Time from = at(a.now() / 2 / 100 * 100);
    const Time to = from + Micros(100 * 500);
    const auto earlier = CachedColumns::query(a.view(), from, to, 500, nullptr);
    QCOMPARE(difference(CachedColumns::query(b.view(), from, to, 500, earlier.get())->columns(), queryColumns(b.view(), from, to, 500)),
             QString());
    QCOMPARE(difference(CachedColumns::query({}, from, to, 500, earlier.get())->columns(), queryColumns({}, from, to, 500)), QString());
}

void TestColumnCache::holdsNoRows()
{
    auto series = std::make_unique<LivingSeries>(7);
    while (series->view().sealed == nullptr)
        series->live();
    const std::weak_ptr<const Chunk> chunk = series->view().sealed->front();
    const auto cached = CachedColumns::query(series->view(), at(0), at(1'000'000), 500, nullptr);
    QVERIFY(cached->columns().samples > 0);
    series.reset();
    QVERIFY(chunk.expired());
}

void TestColumnCache::zoomingOutAgainCostsWhatIsNew()
{
    constexpr int Width = 500;
    SeriesStore store;
    auto feed = [&store, t = 0LL](std::int64_t until) mutable {
        for (; t < until; t += 10) {
            const Row row{at(t), static_cast<double>(t % 370), Quality::Good};
            store.append(Id, {&row, 1});
        }
    };
    feed(4'000'000);
    RecentColumns recent;
    std::size_t computed = 0;
    const auto show = [&](std::int64_t grid) {
        // The middle stays where it is; windows begin at a multiple of their columns' length.
        const auto [from, to] = gridWindow(at(2'000'000 - grid * Width / 2), at(2'000'000 + grid * Width / 2), Width);
        const auto earlier = recent.forWindow(from, to, Width);
        const auto shown = CachedColumns::query(store.view(Id), from, to, Width, earlier.empty() ? nullptr : earlier.front().get());
        QCOMPARE(difference(shown->columns(), queryColumns(store.view(Id), from, to, Width)), QString());
        computed = shown->computed();
        recent.add({shown});
    };
    const std::int64_t grids[] = {8'000, 6'400, 5'120, 4'096, 3'277, 2'622, 2'098};
    for (const std::int64_t grid : grids) {
        show(grid);
        QCOMPARE(computed, std::size_t(Width));
    }
    for (std::size_t i = std::size(grids) - 1; i-- > 0;) {
        show(grids[i]);
        QVERIFY2(computed <= 2, qPrintable(QString::number(computed))); // the first one's line may come from elsewhere
    }
    feed(4'000'100); // behind all but the widest window
    show(grids[3]);
    QVERIFY2(computed <= 2, qPrintable(QString::number(computed)));
}

void TestColumnCache::recentColumnsAreBounded()
{
    RecentColumns recent;
    const RecentColumns::Picture none = recent.forWindow(at(0), at(100'000), 1'000);
    QVERIFY(none.empty());
    for (std::int64_t grid = 100; grid < 200; ++grid) {
        const auto one = CachedColumns::query({}, at(0), at(grid * 10'000), 10'000, nullptr);
        recent.add({one, one});
        recent.add({one, one}); // of one window only the newest stays
    }
    QVERIFY(recent.columns() <= RecentColumns::MostColumns);
    QVERIFY(recent.columns() > RecentColumns::MostColumns / 2);
    QVERIFY(!recent.forWindow(at(0), at(199 * 10'000), 10'000).empty());
    QVERIFY(recent.forWindow(at(0), at(100 * 10'000), 10'000).empty()); // the oldest goes first
    QVERIFY(recent.forWindow(at(0), at(199 * 5'000), 5'000).size() == 2); // another width, columns of the same length
    QVERIFY(recent.forWindow(at(-199 * 10'000), at(0), 10'000).empty()); // beside it
}

void TestColumnCache::grids_data()
{
    QTest::addColumn<qint64>("from");
    QTest::addColumn<qint64>("to");
    QTest::addColumn<int>("columns");
    QTest::addColumn<qint64>("first");
    QTest::addColumn<qint64>("last");
    QTest::newRow("already") << 1'000LL << 101'000LL << 1'000 << 1'000LL << 101'000LL;
    QTest::newRow("up to the end") << 1'001LL << 101'001LL << 1'000 << 1'100LL << 101'100LL;
    QTest::newRow("before 1970") << -101'049LL << -1'049LL << 1'000 << -101'000LL << -1'000LL;
    QTest::newRow("whole columns") << 0LL << 100'499LL << 1'000 << 500LL << 100'500LL;
    QTest::newRow("microseconds") << 7LL << 63'007LL << 1'000 << 7LL << 63'007LL;
    QTest::newRow("nothing") << 7LL << 8LL << 0 << 7LL << 8LL;
}

void TestColumnCache::grids()
{
    QFETCH(qint64, from);
    QFETCH(qint64, to);
    QFETCH(int, columns);
    QFETCH(qint64, first);
    QFETCH(qint64, last);
    QCOMPARE(gridWindow(at(from), at(to), columns), std::pair(at(first), at(last)));
    QCOMPARE(gridWindow(at(first), at(last), columns), std::pair(at(first), at(last)));
}

QTEST_GUILESS_MAIN(TestColumnCache)
#include "tst_columncache.moc"
