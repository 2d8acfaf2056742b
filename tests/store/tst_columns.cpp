#include "store/columns.h"

#include "store/chunk.h"

#include "store/columndifference.h"

#include <QtTest>

#include <cmath>
#include <random>

using namespace sg;

namespace {

constexpr double None = std::numeric_limits<double>::quiet_NaN();

Time at(std::int64_t micros)
{
    return Time(Micros(micros));
}

// The definition of a column query, by looking at every row.
Columns slowColumns(const std::vector<Row> &rows, Time from, Time to, int width)
{
    Columns out;
    out.from = from;
    out.to = to;
    out.columns.resize(static_cast<std::size_t>(width));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Row &row = rows[i];
        const bool hasValue = std::isfinite(row.value);
        if (row.t < from) {
            out.before = hasValue ? std::optional(row) : std::nullopt;
            continue;
        }
        if (row.t >= to) {
            out.after = hasValue ? std::optional(row) : std::nullopt;
            out.gapAfter = hasValue ? std::nullopt : std::optional(row.t);
            break;
        }
        Column &c = out.columns[static_cast<std::size_t>((row.t - from).count() * width / (to - from).count())];
        ++out.samples;
        ++c.rows;
        out.rows.push_back(row);
        c.worst = std::max(c.worst, row.quality);
        c.hasLate = c.hasLate || row.isLate;
        c.endsInGap = !hasValue;
        if (!hasValue)
            continue;
        if (c.samples == 0) {
            c.first = c.min = c.max = row.value;
            c.breaksBefore = i > 0 && !std::isfinite(rows[i - 1].value);
        }
        c.last = row.value;
        c.min = std::min(c.min, row.value);
        c.max = std::max(c.max, row.value);
        ++c.samples;
    }
    if (out.samples > static_cast<std::uint64_t>(width) / 2)
        out.rows.clear();
    return out;
}

std::vector<Row> signal(std::mt19937 &random, int count)
{
    std::vector<Row> rows;
    std::int64_t t = 0;
    double value = 0;
    const auto gapEvery = random() % 3 == 0 ? 1'000'000u : random() % 300 + 2;
    const bool isBursty = random() % 2;
    std::size_t gap = 0;
    for (int i = 0; i < count; ++i) {
        t += isBursty && random() % 500 == 0 ? static_cast<std::int64_t>(random() % 200'000) : static_cast<std::int64_t>(random() % 20 + 1);
        value += std::normal_distribution<>(0, 1)(random);
        if (gap == 0 && random() % gapEvery == 0)
            gap = random() % 10 == 0 ? random() % 3'000 : random() % 4 + 1;
        Row row{at(t), random() % 3'000 == 0 ? value * 1e3 : value, random() % 200 ? Quality::Good : Quality::Uncertain,
                random() % 700 == 0};
        if (gap > 0) {
            --gap;
            row.value = random() % 9 ? None : std::numeric_limits<double>::infinity();
            row.quality = Quality::Bad;
        }
        rows.push_back(row);
    }
    return rows;
}

}

class TestColumns : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void queryEqualsLookingAtEveryRow_data();
    void queryEqualsLookingAtEveryRow();
    void gaps_data();
    void gaps();
    void edges();
    void wideWindowsDoNotOverflow();
    void readRowsStops();
};

void TestColumns::queryEqualsLookingAtEveryRow_data()
{
    QTest::addColumn<unsigned>("seed");
    QTest::addColumn<int>("count");
    unsigned seed = 20;
    for (const int count : {1, 3, 70, 500, 4'096, 4'097, 9'000, 30'000, 70'000, 150'000})
        QTest::addRow("seed %u, %d rows", seed, count) << seed << count, ++seed;
}

void TestColumns::queryEqualsLookingAtEveryRow()
{
    QFETCH(unsigned, seed);
    QFETCH(int, count);
    std::mt19937 random(seed);
    const auto rows = signal(random, count);
    SeriesStore store;
    // Half of them, a view, the rest: a query of the old view is not to see any of it.
    const std::size_t half = rows.size() / 2;
    store.append(SeriesId{0}, std::span(rows).first(half));
    const SeriesView old = store.view(SeriesId{0});
    store.append(SeriesId{0}, std::span(rows).subspan(half));
    const SeriesView view = store.view(SeriesId{0});
    const std::vector<Row> oldRows(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(half));

    const std::int64_t end = rows.back().t.time_since_epoch().count();
    for (int i = 0; i < 40; ++i) {
        std::int64_t from = static_cast<std::int64_t>(random()) % (end + 200) - 100;
        std::int64_t span
            = i % 3 == 0 ? static_cast<std::int64_t>(random()) % (end + 10) + 1 : static_cast<std::int64_t>(random()) % 3'000 + 1;
        if (i == 0) {
            from = -5;
            span = end + 20;
        }
        const int width = static_cast<int>(random() % 700) + 1;
        const QString where = QStringLiteral("window %1: from %2, span %3, width %4: ").arg(i).arg(from).arg(span).arg(width);
        QString wrong
            = difference(queryColumns(view, at(from), at(from + span), width), slowColumns(rows, at(from), at(from + span), width));
        QVERIFY2(wrong.isEmpty(), qPrintable(where + wrong));
        wrong = difference(queryColumns(old, at(from), at(from + span), width), slowColumns(oldRows, at(from), at(from + span), width));
        QVERIFY2(wrong.isEmpty(), qPrintable(where + QStringLiteral("old view: ") + wrong));
    }
}

void TestColumns::gaps_data()
{
    QTest::addColumn<QString>("values"); // one row per 10 us, '-' no value; the window is the four columns between the bars
    QTest::addColumn<QString>("expected"); // per column: value, '-' gap row only, '.' nothing; '<' breaks before, '>' ends in a gap
    QTest::addColumn<bool>("hasBefore");
    QTest::addColumn<bool>("hasAfter");
    QTest::newRow("no gap") << "1|2345|6"
                            << "2345" << true << true;
    QTest::newRow("gap inside") << "1|2-45|6"
                                << "2->4<5" << true << true;
    QTest::newRow("gap at the left edge outside") << "-|2345|6"
                                                  << "2<345" << false << true;
    QTest::newRow("gap at the left edge inside") << "1|-345|6"
                                                 << "->3<45" << true << true;
    QTest::newRow("gap at the right edge outside") << "1|2345|-"
                                                   << "2345" << true << false;
    QTest::newRow("gap at the right edge inside") << "1|234-|6"
                                                  << "234->" << true << true;
    QTest::newRow("empty, line across") << "1|    |6"
                                        << "...." << true << true;
    QTest::newRow("sparse") << "1|2  5|6"
                            << "2..5" << true << true;
    QTest::newRow("nothing outside") << " |2345| "
                                     << "2345" << false << false;
}

void TestColumns::gaps()
{
    QFETCH(QString, values);
    QFETCH(QString, expected);
    QFETCH(bool, hasBefore);
    QFETCH(bool, hasAfter);
    SeriesStore store;
    int t = 0;
    for (const QChar c : values) {
        if (c == u'|')
            continue;
        const Row row{at(t), c == u'-' ? None : c.digitValue(), c == u'-' ? Quality::Bad : Quality::Good};
        if (c != u' ')
            store.append(SeriesId{0}, {&row, 1});
        t += 10;
    }
    const Columns columns = queryColumns(store.view(SeriesId{0}), at(10), at(50), 4);
    QString drawn;
    for (const Column &c : columns.columns) {
        if (c.samples > 0)
            drawn += QString::number(c.first);
        else
            drawn += c.endsInGap ? u'-' : u'.';
        if (c.breaksBefore)
            drawn += u'<';
        if (c.endsInGap)
            drawn += u'>';
    }
    QCOMPARE(drawn, expected);
    QCOMPARE(columns.before.has_value(), hasBefore);
    QCOMPARE(columns.after.has_value(), hasAfter);
}

void TestColumns::edges()
{
    SeriesStore store;
    for (int i = 0; i < 4; ++i) {
        const Row row{at(i * 10), static_cast<double>(i), Quality::Good};
        store.append(SeriesId{0}, {&row, 1});
    }
    const SeriesView view = store.view(SeriesId{0});
    const Columns columns = queryColumns(view, at(10), at(30), 2); // closed on the left, open on the right
    QCOMPARE(columns.samples, 2u);
    QCOMPARE(columns.columns[0].first, 1.0);
    QCOMPARE(columns.columns[1].first, 2.0);
    QVERIFY(queryColumns(view, at(10), at(10), 5).columns.empty());
    QVERIFY(queryColumns(view, at(10), at(20), 0).columns.empty());
    QCOMPARE(queryColumns({}, at(10), at(20), 5).columns.size(), 5u);
    // More columns than microseconds.
    const Columns fine = queryColumns(view, at(10), at(12), 7);
    QCOMPARE(fine.columns[0].samples, 1u);
    QCOMPARE(fine.samples, 1u);
    std::stop_source stop;
    stop.request_stop();
    QCOMPARE(queryColumns(view, at(0), at(50), 5, stop.get_token()).samples, 0u);
}

void TestColumns::wideWindowsDoNotOverflow()
{
    SeriesStore store;
    const std::int64_t year = 31'556'952'000'000;
    for (int i = 0; i < 100; ++i) {
        const Row row{at((i - 50) * year), static_cast<double>(i), Quality::Good};
        store.append(SeriesId{0}, {&row, 1});
    }
    const Columns columns = queryColumns(store.view(SeriesId{0}), at(-100'000 * year), at(100'000 * year), 4'000);
    QCOMPARE(columns.samples, 100u);
    QCOMPARE(columns.columns[1'999].samples, 50u);
    QCOMPARE(columns.columns[2'000].samples, 50u);
}

void TestColumns::readRowsStops()
{
    SeriesStore store;
    for (int i = 0; i < 10'000; ++i) {
        const Row row{at(i), static_cast<double>(i), Quality::Good};
        store.append(SeriesId{0}, {&row, 1});
    }
    std::vector<double> seen;
    readRows(store.view(SeriesId{0}), at(4'090), at(9'000), [&](const Row &row) {
        seen.push_back(row.value);
        return seen.size() < 10;
    });
    QCOMPARE(seen.size(), 10u);
    QCOMPARE(seen.front(), 4'090.0);
    QCOMPARE(seen.back(), 4'099.0);
}

QTEST_GUILESS_MAIN(TestColumns)
#include "tst_columns.moc"
