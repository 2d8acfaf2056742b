#include "plot/raster.h"

#include <QtTest>

#include <cmath>
#include <random>

using namespace sg;

namespace {

constexpr double None = std::numeric_limits<double>::quiet_NaN();
constexpr QRgb Ink = qRgb(0, 114, 178);

Time at(std::int64_t micros)
{
    return Time(Micros(micros));
}

int inkedPixels(const QImage &image)
{
    int sum = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x)
            sum += qAlpha(image.pixel(x, y)) > 0 ? 1 : 0;
    }
    return sum;
}

// Every row by itself: a line, or a step, from the row before it unless a gap lies between.
QImage slowPicture(const std::vector<Row> &rows, Time from, Time to, const RasterJob &job, Stroke::Style style)
{
    QImage image(job.width, job.height, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    const auto span = [&](std::int64_t x, std::int64_t y0, std::int64_t y1) {
        if (x < 0 || x >= job.width)
            return;
        for (auto y = std::max<std::int64_t>(0, std::min(y0, y1)); y <= std::min<std::int64_t>(job.height - 1, std::max(y0, y1)); ++y)
            image.setPixel(static_cast<int>(x), static_cast<int>(y), Ink);
    };
    const auto column = [&](Time t) {
        return static_cast<std::int64_t>(
            std::floor(static_cast<double>((t - from).count()) * job.width / static_cast<double>((to - from).count())));
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::int64_t x = column(rows[i].t);
        const bool hasValue = std::isfinite(rows[i].value);
        const std::int64_t y = hasValue ? pixelRow(rows[i].value, job.yMin, job.yMax, job.height) : 0;
        if (hasValue)
            span(x, y, y);
        if (i == 0 || !std::isfinite(rows[i - 1].value))
            continue;
        const std::int64_t x0 = column(rows[i - 1].t);
        const std::int64_t y0 = pixelRow(rows[i - 1].value, job.yMin, job.yMax, job.height);
        if (style == Stroke::Style::Step) {
            for (auto k = std::max<std::int64_t>(x0, 0); k <= std::min<std::int64_t>(x, job.width - 1) && x0 < job.width; ++k)
                span(k, y0, k == x && hasValue ? y : y0);
            continue;
        }
        if (!hasValue)
            continue;
        // The same rule as the raster's, written from its definition: column k ends halfway to column k+1, rounded down.
        for (auto k = std::max<std::int64_t>(x0, 0); k <= std::min<std::int64_t>(x, job.width - 1); ++k) {
            const auto edge = [&](std::int64_t right) {
                return static_cast<std::int64_t>(
                    std::floor(static_cast<double>(y0)
                               + (static_cast<double>(right - x0) - 0.5) * static_cast<double>(y - y0) / static_cast<double>(x - x0)));
            };
            std::int64_t begin = k == x0 ? y0 : edge(k);
            const std::int64_t end = k == x ? y : edge(k + 1);
            if (k > x0 && begin != end)
                begin += begin < end ? 1 : -1;
            span(k, begin, end);
        }
    }
    return image;
}

}

class TestRaster : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void picturesEqualDrawingEveryRow_data();
    void picturesEqualDrawingEveryRow();
    void stepsLastUntilAGapOutside();
    void linesTouchAndEnd();
    void fewRowsAreDrawnThemselves_data();
    void fewRowsAreDrawnThemselves();
    void doubtfulValuesAreHatched();
    void dashesHideNoSpike();
    void oddJobs();
};

void TestRaster::picturesEqualDrawingEveryRow_data()
{
    QTest::addColumn<unsigned>("seed");
    QTest::addColumn<bool>("isStep");
    for (unsigned seed = 1; seed <= 20; ++seed)
        QTest::addRow("%s, seed %u", seed % 2 ? "line" : "step", seed) << seed << (seed % 2 == 0);
}

void TestRaster::picturesEqualDrawingEveryRow()
{
    QFETCH(unsigned, seed);
    QFETCH(bool, isStep);
    std::mt19937 random(seed);
    std::vector<Row> rows;
    std::int64_t t = 0;
    double value = 0;
    // A gap narrower than a column cannot show as a hole, so gaps here are wider than any column of the windows below.
    constexpr std::int64_t WideGap = 3'000;
    for (int i = 0; i < 20'000; ++i) {
        t += static_cast<std::int64_t>(random() % 10 == 0 ? random() % 100 : random() % 4) + 1;
        value += std::normal_distribution<>(0, 1)(random);
        rows.push_back({at(t), random() % 1'000 ? value : value + 200, Quality::Good});
        if (random() % 400 == 0) {
            rows.push_back({at(t + 1), None, Quality::Good});
            t += WideGap;
        }
    }
    SeriesStore store;
    store.append(SeriesId{0}, rows);
    const SeriesView view = store.view(SeriesId{0});
    int dense = 0;
    for (int i = 0; i < 15; ++i) {
        RasterJob job;
        job.width = static_cast<int>(random() % 500) + 100;
        job.height = static_cast<int>(random() % 300) + 50;
        const Time from = at(static_cast<std::int64_t>(random() % static_cast<unsigned>(t)));
        const Time to = from + Micros(static_cast<std::int64_t>(random()) % (job.width * (WideGap - 1'000)) + 2);
        job.yMin = value - static_cast<double>(random() % 150);
        job.yMax = job.yMin + static_cast<double>(random() % 300) + 0.5;
        Stroke stroke;
        stroke.columns = queryColumns(view, from, to, job.width);
        stroke.colour = Ink;
        stroke.style = isStep ? Stroke::Style::Step : Stroke::Style::Line;
        if (stroke.columns.samples <= stroke.columns.columns.size() / 2)
            continue; // drawn by other means
        ++dense;
        job.strokes.push_back(stroke);
        const QImage fast = raster(job);
        const QImage slow = slowPicture(rows, from, to, job, stroke.style);
        QCOMPARE(fast.format(), QImage::Format_ARGB32_Premultiplied);
        int different = 0;
        QString first;
        for (int y = 0; y < job.height; ++y) {
            for (int x = 0; x < job.width; ++x) {
                if (fast.pixel(x, y) == slow.pixel(x, y))
                    continue;
                if (different++ == 0)
                    first = QStringLiteral("window %1 (%2 x %3), first at %4,%5: fast has %6")
                                .arg(i)
                                .arg(job.width)
                                .arg(job.height)
                                .arg(x)
                                .arg(y)
                                .arg(qAlpha(fast.pixel(x, y)));
            }
        }
        QVERIFY2(different == 0, qPrintable(QStringLiteral("%1 pixels; %2").arg(different).arg(first)));
    }
    QVERIFY(dense > 3);
}

void TestRaster::stepsLastUntilAGapOutside()
{
    for (const bool hasGap : {false, true}) {
        SeriesStore store;
        for (int i = 0; i < 900; ++i) {
            const Row row{at(i), 5, Quality::Good};
            store.append(SeriesId{0}, {&row, 1});
        }
        const Row gap{at(2'000), None, Quality::Bad};
        if (hasGap)
            store.append(SeriesId{0}, {&gap, 1});
        RasterJob job{100, 11, 0, 10, {Stroke{}}};
        job.strokes[0].columns = queryColumns(store.view(SeriesId{0}), at(0), at(1'000), job.width);
        job.strokes[0].style = Stroke::Style::Step;
        QCOMPARE(inkedPixels(raster(job)), hasGap ? 100 : 90); // the newest value of all is not drawn further than it is known
    }
}

void TestRaster::linesTouchAndEnd()
{
    std::mt19937 random(5);
    for (int i = 0; i < 500; ++i) {
        const auto y0 = static_cast<std::int64_t>(random() % 100) - 50;
        const auto y1 = static_cast<std::int64_t>(random() % 100) - 50;
        const auto dx = static_cast<std::int64_t>(random() % 30);
        std::int64_t last = y0;
        std::int64_t covered = 0;
        forEachSpan(0, y0, dx, y1, 100, [&](int x, std::int64_t from, std::int64_t to) {
            if (x > 0)
                QVERIFY(std::abs(from - last) <= 1);
            covered += std::abs(to - from) + 1;
            last = to;
        });
        QCOMPARE(last, y1);
        QVERIFY(covered <= std::abs(y1 - y0) + dx + 1);
    }
    // Far outside on the left: only what is visible is visited, on the line.
    int visited = 0;
    forEachSpan(-1'000'000'000, -1'000'000, 1'000'000'000, 1'000'000, 50, [&](int, std::int64_t from, std::int64_t to) {
        ++visited;
        QVERIFY(std::abs(from) <= 1 && std::abs(to) <= 1);
    });
    QCOMPARE(visited, 50);
}

void TestRaster::fewRowsAreDrawnThemselves_data()
{
    QTest::addColumn<int>("style");
    QTest::addColumn<bool>("hasLine"); // at the middle between two rows
    QTest::addColumn<bool>("hasHold"); // level behind a row
    QTest::newRow("line") << static_cast<int>(Stroke::Style::Line) << true << false;
    QTest::newRow("step") << static_cast<int>(Stroke::Style::Step) << false << true;
    QTest::newRow("points") << static_cast<int>(Stroke::Style::Points) << false << false;
}

void TestRaster::fewRowsAreDrawnThemselves()
{
    QFETCH(int, style);
    QFETCH(bool, hasLine);
    QFETCH(bool, hasHold);
    SeriesStore store;
    const std::vector<Row> rows
        = {{at(100), 0, Quality::Good}, {at(500), 10, Quality::Good}, {at(600), None, Quality::Bad}, {at(900), 5, Quality::Good}};
    store.append(SeriesId{0}, rows);
    RasterJob job{100, 101, 0, 10, {}};
    Stroke stroke;
    stroke.columns = queryColumns(store.view(SeriesId{0}), at(0), at(1'000), job.width);
    stroke.style = static_cast<Stroke::Style>(style);
    QCOMPARE(stroke.columns.rows.size(), 4u);
    job.strokes.push_back(stroke);
    const QImage image = raster(job);
    QVERIFY(qAlpha(image.pixel(50, 1)) > 100); // the row at 500
    QVERIFY(qAlpha(image.pixel(90, 50)) > 100); // the row at 900
    QCOMPARE(qAlpha(image.pixel(30, 50)) > 50, hasLine);
    QCOMPARE(qAlpha(image.pixel(30, 100)) > 50, hasHold);
    QCOMPARE(qAlpha(image.pixel(56, 0)) > 50, hasHold); // a step lasts until the gap
    for (int y = 0; y < job.height; ++y)
        QCOMPARE(qAlpha(image.pixel(75, y)), 0); // nothing is drawn across the gap
}

void TestRaster::doubtfulValuesAreHatched()
{
    int inked[3] = {};
    for (const Quality quality : {Quality::Good, Quality::Uncertain, Quality::Bad}) {
        SeriesStore store;
        for (int i = 0; i < 1'000; ++i) {
            const Row row{at(i), 5, quality};
            store.append(SeriesId{0}, {&row, 1});
        }
        RasterJob job{100, 50, 0, 10, {}};
        Stroke stroke;
        stroke.columns = queryColumns(store.view(SeriesId{0}), at(0), at(1'000), job.width);
        job.strokes.push_back(stroke);
        inked[static_cast<int>(quality)] = inkedPixels(raster(job));
    }
    QCOMPARE(inked[0], 100);
    QVERIFY(inked[1] > inked[0]);
    QVERIFY(inked[2] > inked[1]);
}

void TestRaster::dashesHideNoSpike()
{
    SeriesStore store;
    for (int i = 0; i < 1'000; ++i) {
        const Row row{at(i), i % 10 == 5 && i / 10 % 4 == 3 ? 10.0 : 0.0, Quality::Good};
        store.append(SeriesId{0}, {&row, 1});
    }
    RasterJob job{100, 50, 0, 10, {}};
    Stroke stroke;
    stroke.columns = queryColumns(store.view(SeriesId{0}), at(0), at(1'000), job.width);
    stroke.dash = 2;
    job.strokes.push_back(stroke);
    const QImage image = raster(job);
    int blanks = 0;
    for (int x = 0; x < 100; ++x) {
        if (x % 4 == 3)
            QVERIFY(qAlpha(image.pixel(x, 0)) > 0);
        blanks += qAlpha(image.pixel(x, 49)) == 0 ? 1 : 0;
    }
    QVERIFY(blanks > 20);
}

void TestRaster::oddJobs()
{
    QVERIFY(raster({}).isNull());
    QCOMPARE(inkedPixels(raster({10, 10, 0, 1, {}})), 0);
    RasterJob job{10, 10, 0, 1, {Stroke{}}};
    QCOMPARE(inkedPixels(raster(job)), 0);
    std::stop_source stop;
    stop.request_stop();
    QVERIFY(raster(job, stop.get_token()).isNull());

    SeriesStore store;
    for (int i = 0; i < 1'000; ++i) {
        const Row row{at(i), i % 2 ? 1.7e308 : -1.7e308, Quality::Good};
        store.append(SeriesId{0}, {&row, 1});
    }
    for (const int width : {10, 3'000}) { // dense, and few rows
        for (const auto &[low, high] : {std::pair(0.0, 1.0), std::pair(-1.7e308, 1.7e308), std::pair(5.0, 5.0), std::pair(None, 1.0)}) {
            job = {width, 20, low, high, {Stroke{}}};
            job.strokes[0].columns = queryColumns(store.view(SeriesId{0}), at(0), at(1'000), width);
            const QImage alone = raster(job);
            QVERIFY(!alone.isNull());
            RasterWork work(job);
            QVERIFY(work.prepare({}) && !work.prepare({})); // told once
            QVERIFY(work.paint({}) && !work.paint({})); // told once
            QCOMPARE(work.take(), alone);
            RasterWork stopped(job);
            QVERIFY(!stopped.prepare(stop.get_token()) || drawsRows(job.strokes[0].columns));
            QVERIFY(stopped.paint(stop.get_token()) && stopped.take().isNull());
        }
    }
    RasterWork nothing{RasterJob()};
    QVERIFY(nothing.prepare({}) && !nothing.prepare({}));
    QVERIFY(nothing.paint({}) && nothing.take().isNull());
    // Columns of another width are stretched.
    job = {40, 20, -1.7e308, 1.7e308, {Stroke{}}};
    job.strokes[0].columns = queryColumns(store.view(SeriesId{0}), at(0), at(1'000), 10);
    const QImage image = raster(job);
    QVERIFY(qAlpha(image.pixel(36, 10)) > 0);
}

QTEST_GUILESS_MAIN(TestRaster)
#include "tst_raster.moc"
