#include "support/fakesession.h"
#include "store/farrows.h"

#include "items/texts.h"
#include "widgets/chart/alarmspans.h"
#include "widgets/chart/axislabels.h"
#include "widgets/chart/bandsitem.h"
#include "widgets/chart/chartview.h"
#include "widgets/chart/cursoritem.h"
#include "widgets/chart/cursorlink.h"
#include "widgets/chart/rangestrip.h"
#include "widgets/chart/serieslayer.h"
#include "widgets/chart/timechart.h"
#include "widgets/main/desk.h"

#include <QChart>
#include <QLegend>
#include <QLegendMarker>
#include <QLineSeries>
#include <QTest>
#include <QtWidgets>

using namespace sg;

namespace {

constexpr Micros Every = Millis(10);
constexpr int Rows = 60'000; // ten minutes

// A session whose rows a test appends by hand, and whose clock stands.
class Plant : public FakeSession
{
public:
    void put(std::size_t n, const std::string &path, std::span<const Row> rows)
    {
        store.append(SeriesId(n), rows);
        SeriesRow row;
        row.path = std::make_shared<const std::string>(path);
        row.t = row.arrived = rows.back().t;
        row.value = rows.back().value;
        row.view = store.view(SeriesId(n));
        next.series.set(n, std::move(row), next.version);
    }

    void journal(JournalQuery query, std::function<void(Result<std::vector<JournalRow>>)> reply) override
    {
        std::vector<JournalRow> rows;
        for (const auto &row : journaled)
            if (row.seq > query.afterSeq && row.tEvent >= query.from && row.tEvent < query.to && rows.size() < query.limit)
                rows.push_back(row);
        reply(std::move(rows));
    }

    void run(std::function<void()> work) override
    {
        if (holds)
            held.push_back(std::move(work));
        else
            work();
    }
    void release()
    {
        holds = false;
        for (const auto &work : std::exchange(held, {}))
            work();
    }

    SeriesStore store;
    std::vector<JournalRow> journaled;
    bool holds = false; // a disk that takes its time
    std::vector<std::function<void()>> held;
};

// Rows that another process keeps, which may not answer.
class Elsewhere : public FarRows
{
public:
    explicit Elsewhere(SeriesView rows)
        : m_rows(std::move(rows))
    {
    }
    Columns columns(Time from, Time to, int width, std::stop_token stop) const override
    {
        ++asked;
        Columns out = queryColumns(answers ? m_rows : SeriesView(), from, to, width, stop);
        out.isUnknown = !answers;
        return out;
    }
    void read(Time from, Time to, const std::function<bool(const Row &)> &each) const override { readRows(m_rows, from, to, each); }
    std::optional<Row> at(Time t) const override { return rowAt(m_rows, t); }
    std::optional<std::pair<Time, Time>> extent() const override { return extentOf(m_rows); }

    std::atomic<bool> answers{true};
    mutable std::atomic<int> asked{0};

private:
    const SeriesView m_rows;
};

double valueAt(int i)
{
    return 50 + 40 * std::sin(i * 0.001) + (i % 7) * 0.25;
}

}

// One chart beside another, as on a page, steered by mouse and keys.
class TestChart : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void historyOfSights();
    void endReturnsToTheLiveSpan();
    void zoomsBackAndForth();
    void zoomsOneAxisOnly_data();
    void zoomsOneAxisOnly();
    void keys_data();
    void keys();
    void linksTheCursor();
    void measuresFromTheReference();
    void countsThePixel();
    void theCursorDoesNotWaitForItsValues();
    void keepsItsPictureWithoutAnAnswer();
    void lateValuesAreMarked();
    void statisticsOfARange();
    void selectsByKeys();
    void freezesAndCounts();
    void logScaleAndRightAxis();
    void thresholdsAndBands();
    void stylesDiffer_data();
    void stylesDiffer();
    void legendShowsAllNames();
    void alarmSpansOfAnyTime();
    void timesInTheChosenZone();

private:
    [[nodiscard]] ChartView &view(TimeChart &chart) const { return *chart.findChild<ChartView *>(); }
    [[nodiscard]] QWidget *viewport(TimeChart &chart) const { return view(chart).viewport(); }
    [[nodiscard]] Time begin() const { return m_plant->now - Rows * Every; }
    void drag(TimeChart &chart, QPoint from, QPoint to, Qt::KeyboardModifiers modifiers = {})
    {
        auto *at = viewport(chart);
        QTest::mousePress(at, Qt::LeftButton, modifiers, from);
        QTest::mouseMove(at, (from + to) / 2);
        QTest::mouseMove(at, to);
        QTest::mouseRelease(at, Qt::LeftButton, modifiers, to);
    }
    void wheel(TimeChart &chart, QPoint at, int notches)
    {
        QWheelEvent event(at, viewport(chart)->mapToGlobal(QPointF(at)), {}, QPoint(0, 120 * notches), Qt::NoButton, Qt::NoModifier,
                          Qt::NoScrollPhase, false);
        QVERIFY(QApplication::sendEvent(viewport(chart), &event));
    }
    void waitForPicture(TimeChart &chart)
    {
        const auto &layer = view(chart).layer();
        const auto isDrawn = [&] { // the window, in whole columns
            const auto width = SeriesLayer::devicePlot(view(chart).plot(), chart.devicePixelRatioF()).width();
            const auto wanted = gridWindow(chart.window().from(), chart.window().to(), width);
            return !layer.frame().image.isNull() && std::pair(layer.frame().from, layer.frame().to) == wanted;
        };
        QTRY_VERIFY(isDrawn());
    }
    void shoot(const QString &name) const // a picture for people; no test hangs on it
    {
        if (const auto folder = qEnvironmentVariable("SG_SHOTS"); !folder.isEmpty())
            m_window->grab().save(folder + u'/' + name + QStringLiteral(".png"));
    }
    void setLook(TimeChart &chart, const std::string &key, const std::string &value)
    {
        Node settings;
        settings.kind = Node::Kind::Map;
        settings.map.push_back({key, Node::ofScalar(value)});
        chart.setLook(readChartLook(settings));
    }

    std::shared_ptr<Plant> m_plant;
    std::unique_ptr<Desk> m_desk;
    std::unique_ptr<QWidget> m_window;
    TimeChart *m_chart = nullptr, *m_other = nullptr;
};

void TestChart::initTestCase()
{
    QCoreApplication::setOrganizationName(QStringLiteral("test"));
}

void TestChart::init()
{
    m_plant = std::make_shared<Plant>();
    std::vector<Row> rows;
    for (int i = 0; i < Rows; ++i)
        rows.push_back({begin() + i * Every, valueAt(i), Quality::Good});
    m_plant->put(0, "press/L1/P-01/temp", rows);
    for (auto &row : rows)
        row.value = 1000 + row.value * 100;
    m_plant->put(1, "press/L1/P-01/pressure", rows);
    m_plant->publish();
    static SourceCatalog catalog;
    WindowContext context;
    context.catalog = &catalog;
    m_desk = std::make_unique<Desk>(m_plant, context);
    m_window = std::make_unique<QWidget>();
    m_window->resize(1200, 800);
    auto *layout = new QVBoxLayout(m_window.get());
    auto *link = new CursorLink(m_window.get());
    for (auto **chart : {&m_chart, &m_other}) {
        *chart = new TimeChart(*m_desk, m_window.get());
        (*chart)->setCursorLink(*link);
        (*chart)->setSpan(std::chrono::minutes(1));
        layout->addWidget(*chart, 1);
    }
    m_chart->setSelectors({QStringLiteral("press/*/*/temp")});
    m_other->setSelectors({QStringLiteral("press/*/*/pressure")});
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    waitForPicture(*m_chart);
    waitForPicture(*m_other);
}

void TestChart::cleanup()
{
    m_window.reset();
    m_desk.reset();
    m_plant.reset();
    setDisplayZone({});
}

void TestChart::historyOfSights()
{
    SightHistory history;
    using Kind = SightHistory::Step;
    const auto sight = [](int seconds) {
        Sight made;
        made.window.setSpan(std::chrono::seconds(seconds));
        return made;
    };
    const Mono start{std::chrono::hours(1)};
    QVERIFY(!history.back(sight(1)));
    history.leave(sight(1), Kind::Zoom, start);
    history.leave(sight(2), Kind::Zoom, start + Millis(100)); // one turn of the wheel
    history.leave(sight(3), Kind::Pan, start + Millis(200));
    history.leave(sight(4), Kind::Jump, start + Millis(250));
    history.leave(sight(5), Kind::Jump, start + Millis(260));
    for (const auto &[now, then] : {std::pair(6, 5), std::pair(5, 4), std::pair(4, 3), std::pair(3, 1)})
        QCOMPARE(history.back(sight(now)), std::optional(sight(then)));
    QVERIFY(!history.canGoBack());
    QCOMPARE(history.forward(sight(1)), std::optional(sight(3)));
    history.leave(sight(3), Kind::Zoom, start + std::chrono::seconds(9)); // a new way: the old one forth is gone
    QVERIFY(!history.canGoForward());
    for (int i = 0; i < 1'000; ++i)
        history.leave(sight(i + 10), Kind::Jump, start);
    std::size_t steps = 0;
    while (history.back(sight(1)))
        ++steps;
    QCOMPARE(steps, SightHistory::Most);
}

void TestChart::endReturnsToTheLiveSpan()
{
    const auto plot = view(*m_chart).plot();
    drag(*m_chart, plot.center(), plot.center() + QPoint(120, 90));
    QVERIFY(!m_chart->window().isFollowing());
    QVERIFY(m_chart->window().span() < std::chrono::seconds(20));
    QTest::keyClick(&view(*m_chart), Qt::Key_End);
    QVERIFY(m_chart->window().isFollowing());
    QCOMPARE(m_chart->window().span(), Micros(std::chrono::minutes(1)));
    wheel(*m_chart, plot.center(), -2); // live still: a longer live span
    const auto chosen = m_chart->window().span();
    QVERIFY(m_chart->window().isFollowing() && chosen > std::chrono::minutes(1));
    QTest::keyClick(&view(*m_chart), Qt::Key_Left);
    wheel(*m_chart, plot.center(), 5);
    QTest::mouseDClick(viewport(*m_chart), Qt::LeftButton, {}, plot.center());
    QCOMPARE(m_chart->window().span(), chosen);
}

void TestChart::zoomsBackAndForth()
{
    const auto plot = view(*m_chart).plot();
    drag(*m_chart, plot.center(), plot.center() + QPoint(200, 60));
    const auto first = m_chart->window();
    waitForPicture(*m_chart);
    drag(*m_chart, plot.center(), plot.center() + QPoint(100, 5)); // flat: time only
    const auto second = m_chart->window();
    QVERIFY(second.span() < first.span());
    QTest::keyClick(&view(*m_chart), Qt::Key_Left, Qt::AltModifier);
    QCOMPARE(m_chart->window(), first);
    QTest::keyClick(&view(*m_chart), Qt::Key_Left, Qt::AltModifier);
    QVERIFY(m_chart->window().isFollowing());
    QTest::keyClick(&view(*m_chart), Qt::Key_Right, Qt::AltModifier);
    QTest::keyClick(&view(*m_chart), Qt::Key_Right, Qt::AltModifier);
    QCOMPARE(m_chart->window(), second);
    QTest::keyClick(&view(*m_chart), Qt::Key_Right, Qt::AltModifier); // nothing further
    QCOMPARE(m_chart->window(), second);
}

void TestChart::zoomsOneAxisOnly_data()
{
    QTest::addColumn<bool>("byWheel");
    QTest::addColumn<QString>("axis");
    for (const bool byWheel : {false, true})
        for (const char *axis : {"time", "left", "right"})
            QTest::newRow(qPrintable(QStringLiteral("%1 by %2").arg(QLatin1String(axis), QLatin1String(byWheel ? "wheel" : "drag"))))
                << byWheel << QString::fromLatin1(axis);
}

void TestChart::zoomsOneAxisOnly()
{
    QFETCH(bool, byWheel);
    QFETCH(QString, axis);
    m_chart->setSelectors({QStringLiteral("press/**")});
    Node style, settings;
    style.kind = settings.kind = Node::Kind::Map;
    style.map = {{"series", Node::ofScalar("press/*/*/pressure")}, {"axis", Node::ofScalar("right")}};
    Node list;
    list.kind = Node::Kind::List;
    list.list = {style};
    settings.map = {{"styles", list}};
    m_chart->setLook(readChartLook(settings));
    QTRY_VERIFY(view(*m_chart).hasRightAxis());
    waitForPicture(*m_chart);
    const auto plot = view(*m_chart).plot();
    const auto at = axis == QStringLiteral("time") ? QPoint(plot.center().x(), plot.bottom() + 15)
        : axis == QStringLiteral("left")           ? QPoint(plot.left() - 20, plot.center().y())
                                                   : QPoint(plot.right() + 20, plot.center().y());
    const auto &frame = view(*m_chart).layer().frame();
    shoot(QStringLiteral("axes"));
    const auto ranges
        = [&] { return std::tuple(m_chart->window().span().count(), frame.yMax - frame.yMin, frame.right.second - frame.right.first); };
    const auto before = ranges();
    if (byWheel)
        wheel(*m_chart, at, 3);
    else
        drag(*m_chart, at, at + QPoint(60, 40));
    const auto [span, left, right] = before;
    QTRY_COMPARE(std::get<0>(ranges()) < span, axis == QStringLiteral("time"));
    if (axis != QStringLiteral("time")) { // automatic ranges follow the time that is seen
        QTRY_COMPARE(std::get<1>(ranges()) < left, axis == QStringLiteral("left"));
        QTRY_COMPARE(std::get<2>(ranges()) < right, axis == QStringLiteral("right"));
    }
}

void TestChart::keys_data()
{
    QTest::addColumn<int>("key");
    QTest::addColumn<double>("span"); // times the one before
    QTest::addColumn<double>("move"); // of the right edge, in spans
    QTest::addColumn<double>("values"); // height of the value range, times the one before
    QTest::newRow("left") << int(Qt::Key_Left) << 1.0 << -0.1 << 1.0;
    QTest::newRow("right") << int(Qt::Key_Right) << 1.0 << 0.1 << 1.0;
    QTest::newRow("plus") << int(Qt::Key_Plus) << 0.8 << -0.1 << 1.0;
    QTest::newRow("minus") << int(Qt::Key_Minus) << 1.25 << 0.125 << 1.0;
    QTest::newRow("up") << int(Qt::Key_Up) << 1.0 << 0.0 << 0.8;
    QTest::newRow("down") << int(Qt::Key_Down) << 1.0 << 0.0 << 1.25;
    QTest::newRow("page up") << int(Qt::Key_PageUp) << 1.0 << 0.0 << 1.0;
}

void TestChart::keys()
{
    QFETCH(int, key);
    QFETCH(double, span);
    QFETCH(double, move);
    QFETCH(double, values);
    m_chart->showTime(begin() + std::chrono::minutes(2), begin() + std::chrono::minutes(3));
    QTest::keyClick(&view(*m_chart), Qt::Key_Up); // from here on the values stand still
    waitForPicture(*m_chart);
    QTRY_COMPARE(view(*m_chart).layer().frame().yMax - view(*m_chart).layer().frame().yMin,
                 view(*m_chart).layer().valueAt(view(*m_chart).plot().top())
                     - view(*m_chart).layer().valueAt(view(*m_chart).plot().top() + view(*m_chart).plot().height()));
    const auto before = m_chart->window();
    const auto &frame = view(*m_chart).layer().frame();
    const auto low = frame.yMin, height = frame.yMax - frame.yMin;
    QTest::keyClick(&view(*m_chart), static_cast<Qt::Key>(key));
    const auto seconds = static_cast<double>(before.span().count());
    QCOMPARE(static_cast<double>(m_chart->window().span().count()) / seconds, span);
    QCOMPARE(static_cast<double>((m_chart->window().to() - before.to()).count()) / seconds, move);
    waitForPicture(*m_chart);
    QTRY_VERIFY(std::abs((frame.yMax - frame.yMin) / height - values) < 1e-9);
    QTRY_COMPARE(frame.yMin > low && values == 1.0, key == Qt::Key_PageUp);
}

void TestChart::linksTheCursor()
{
    const auto plot = view(*m_chart).plot();
    QTest::mouseMove(viewport(*m_chart), plot.center());
    auto &own = view(*m_chart).cursor();
    auto &linked = view(*m_other).cursor();
    QTRY_VERIFY(linked.at() > 0 && linked.lines().size() == 1);
    const auto t = view(*m_chart).layer().timeAt(plot.center().x());
    const auto i = static_cast<int>((t - begin()) / Every); // the newest row at or before it
    QCOMPARE(own.lines()[0].value, valueText(valueAt(i), nullptr));
    QCOMPARE(linked.lines()[0].value, valueText(1000 + valueAt(i) * 100, nullptr));
    QVERIFY(std::abs(linked.at() - view(*m_other).layer().xOf(t)) < 1);
    QTest::mouseMove(viewport(*m_chart), QPoint(plot.center().x(), 2)); // out of the plot
    QTRY_VERIFY(linked.at() < 0 && own.at() < 0);
}

void TestChart::measuresFromTheReference()
{
    const auto plot = view(*m_chart).plot();
    QTest::mouseMove(viewport(*m_chart), plot.center());
    QTRY_VERIFY(std::abs(view(*m_chart).cursor().at() - plot.center().x()) < 1);
    QTest::keyClick(&view(*m_chart), Qt::Key_R);
    QTRY_VERIFY(view(*m_other).cursor().reference().has_value());
    const auto &layer = view(*m_chart).layer();
    const auto from = layer.timeAt(plot.center().x());
    const auto at = plot.center() + QPoint(150, 0);
    QTest::mouseMove(viewport(*m_chart), at);
    const auto to = layer.timeAt(at.x());
    const auto &cursor = view(*m_chart).cursor();
    QTRY_VERIFY2(cursor.time().endsWith(QStringLiteral("Δ ") + spanText(to - from)), qPrintable(cursor.time()));
    const auto rise = valueAt(static_cast<int>((to - begin()) / Every)) - valueAt(static_cast<int>((from - begin()) / Every));
    QVERIFY2(cursor.lines()[0].difference.endsWith(valueText(rise, nullptr)), qPrintable(cursor.lines()[0].difference));
    shoot(QStringLiteral("reference"));
    QTest::keyClick(&view(*m_chart), Qt::Key_Escape);
    QTRY_VERIFY(!view(*m_other).cursor().reference().has_value());
}

void TestChart::countsThePixel()
{
    const auto plot = view(*m_chart).plot();
    QTest::mouseMove(viewport(*m_chart), plot.center());
    QTRY_VERIFY(std::abs(view(*m_chart).cursor().at() - plot.center().x()) < 1);
    const auto &frame = view(*m_chart).layer().frame();
    const auto t = view(*m_chart).layer().timeAt(plot.center().x());
    const auto columns = static_cast<std::int64_t>(frame.columns[0].columns.size());
    const auto column = (t - frame.from).count() * columns / (frame.to - frame.from).count();
    int count = 0;
    for (int i = 0; i < Rows; ++i) {
        const auto at = (begin() + i * Every - frame.from).count();
        count += at >= 0 && at * columns / (frame.to - frame.from).count() == column ? 1 : 0;
    }
    QVERIFY(count > 1);
    const auto &foot = view(*m_chart).cursor().foot();
    QVERIFY2(foot.contains(QStringLiteral(" %1 samples in this pixel").arg(count)), qPrintable(foot));
}

void TestChart::theCursorDoesNotWaitForItsValues()
{
    const auto plot = view(*m_chart).plot();
    auto &cursor = view(*m_chart).cursor();
    const auto here = plot.center() - QPoint(70, 0); // where the pointer has not been in any other test
    m_plant->holds = true;
    QTest::mouseMove(viewport(*m_chart), here);
    QTRY_VERIFY(cursor.lines().size() == 1 && cursor.lines()[0].value == QStringLiteral("…"));
    QVERIFY(std::abs(cursor.at() - here.x()) < 1);
    const auto there = plot.center() + QPoint(50, 0);
    QTest::mouseMove(viewport(*m_chart), there); // the answer to the first place comes when the pointer is here
    m_plant->release();
    const auto i = static_cast<int>((view(*m_chart).layer().timeAt(there.x()) - begin()) / Every);
    QTRY_COMPARE(cursor.lines()[0].value, valueText(valueAt(i), nullptr));
    QVERIFY(std::abs(cursor.at() - there.x()) < 1);
    // An answer for a pointer that has left.
    m_plant->holds = true;
    QTest::mouseMove(viewport(*m_chart), plot.center());
    QTRY_VERIFY(cursor.lines().size() == 1 && cursor.lines()[0].value == QStringLiteral("…"));
    QTest::mouseMove(viewport(*m_chart), QPoint(plot.center().x(), 2));
    QTRY_VERIFY(cursor.at() < 0);
    m_plant->release();
    QCoreApplication::processEvents(); // the answer was posted by the release
    QVERIFY(cursor.at() < 0);
}

void TestChart::keepsItsPictureWithoutAnAnswer()
{
    const auto far = std::make_shared<Elsewhere>(m_plant->store.view(SeriesId(0)));
    SeriesRow row = m_plant->next.series.at(0);
    row.view = {};
    row.view.far = far;
    m_plant->next.series.set(0, row, m_plant->next.version);
    m_plant->publish();
    m_desk->feed().poll();
    m_chart->showTime(begin() + std::chrono::minutes(2), begin() + std::chrono::minutes(3));
    waitForPicture(*m_chart);
    const auto &frame = view(*m_chart).layer().frame();
    const auto picture = frame.image;
    const auto from = frame.from;
    QVERIFY(far->asked > 0 && frame.hasValues);
    far->answers = false;
    m_chart->showTime(begin() + std::chrono::minutes(5), begin() + std::chrono::minutes(6));
    const int before = far->asked;
    QTRY_VERIFY(far->asked > before + 3); // it goes on asking
    QVERIFY(frame.from == from && frame.image == picture);
    auto *banner = m_chart->findChild<QLabel *>(QStringLiteral("chartBanner"));
    QTRY_VERIFY_WITH_TIMEOUT(banner->isVisible() && banner->text().contains(QStringLiteral("NO ANSWER")), 10'000);
    shoot(QStringLiteral("no-answer"));
    far->answers = true;
    waitForPicture(*m_chart);
    QVERIFY(frame.hasValues && !banner->text().contains(QStringLiteral("NO ANSWER")));
}

void TestChart::lateValuesAreMarked()
{
    m_chart->showTime(begin() + std::chrono::minutes(2), begin() + std::chrono::minutes(3));
    waitForPicture(*m_chart);
    QVERIFY(view(*m_chart).layer().frame().late.empty());
    const auto first = begin() + Millis(150'005), last = begin() + Millis(151'005);
    std::vector<Row> late;
    for (auto t = first; t <= last; t += Every)
        late.push_back({t, 60, Quality::Good, true});
    m_plant->store.insertLate(SeriesId(0), late);
    m_plant->store.showLate(SeriesId(0));
    m_plant->put(0, "press/L1/P-01/temp", std::array{Row{m_plant->now, 50, Quality::Good}});
    m_plant->publish();
    m_desk->feed().poll();
    m_chart->showTime(begin() + std::chrono::minutes(2), begin() + std::chrono::minutes(3) + Every);
    const auto &layer = view(*m_chart).layer();
    QTRY_COMPARE(layer.frame().late.size(), std::size_t(1));
    const auto column = (layer.frame().to - layer.frame().from) / static_cast<int>(layer.frame().columns[0].columns.size());
    const auto span = layer.frame().late[0];
    QVERIFY(span.from <= first && first - span.from <= column && span.to > last && span.to - last <= column);
    shoot(QStringLiteral("late"));
    const auto plot = view(*m_chart).plot();
    const auto at = [&](Time t) { return QPoint(qRound(layer.xOf(t)), plot.top() + plot.height() - 3); };
    const auto picture = viewport(*m_chart)->grab().toImage();
    QCOMPARE(picture.pixel(at(first + (last - first) / 2)), m_chart->series()[0].colour.rgb());
    QVERIFY(picture.pixel(at(first - std::chrono::seconds(2))) != m_chart->series()[0].colour.rgb());
    QTest::mouseMove(viewport(*m_chart), QPoint(at(first + (last - first) / 2).x(), plot.center().y()));
    auto &cursor = view(*m_chart).cursor();
    QTRY_VERIFY2(cursor.foot().contains(QStringLiteral("arrived late here: ")), qPrintable(cursor.foot()));
    QTest::mouseMove(viewport(*m_chart), QPoint(at(first - std::chrono::seconds(2)).x(), plot.center().y()));
    QTRY_VERIFY(!cursor.foot().contains(QStringLiteral("arrived late")));
}

void TestChart::statisticsOfARange()
{
    const auto plot = view(*m_chart).plot();
    drag(*m_chart, plot.center(), plot.center() + QPoint(100, 30), Qt::ShiftModifier);
    auto *strip = m_chart->findChild<RangeStrip *>();
    QTRY_VERIFY(strip->isVisible());
    QVERIFY(m_chart->window().isFollowing()); // nothing was zoomed
    const auto range = *m_chart->range();
    double least = 1e9, greatest = -1e9, sum = 0;
    int count = 0;
    for (int i = 0; i < Rows; ++i)
        if (const auto t = begin() + i * Every; t >= range.first && t < range.second) {
            least = std::min(least, valueAt(i));
            greatest = std::max(greatest, valueAt(i));
            sum += valueAt(i);
            ++count;
        }
    auto *table = strip->findChild<QTableWidget *>();
    const auto cell = [table](int column) { return table->item(0, column)->text(); };
    QCOMPARE(cell(1), QLocale().toString(count));
    QCOMPARE(cell(2), valueText(least, nullptr));
    QCOMPARE(cell(3), valueText(greatest, nullptr));
    QCOMPARE(cell(4), valueText(sum / count, nullptr));
    shoot(QStringLiteral("statistics"));
    QTest::keyClick(table, Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QApplication::clipboard()->text().contains(cell(4)));
    QTest::keyClick(&view(*m_chart), Qt::Key_Escape);
    QVERIFY(!strip->isVisible());
}

void TestChart::selectsByKeys()
{
    view(*m_chart).setFocus();
    for (int i = 0; i < 10; ++i)
        QTest::keyClick(&view(*m_chart), Qt::Key_Left, Qt::ShiftModifier);
    QTRY_VERIFY(view(*m_chart).cursor().at() > 0);
    QVERIFY(!m_chart->range());
    for (int i = 0; i < 10; ++i)
        QTest::keyClick(&view(*m_chart), Qt::Key_Right, Qt::ShiftModifier | Qt::ControlModifier);
    QVERIFY(m_chart->range().has_value());
    const auto range = *m_chart->range();
    QVERIFY(range.second > range.first);
    QTest::keyClick(&view(*m_chart), Qt::Key_Return);
    QCOMPARE(m_chart->window().from(), range.first);
    QCOMPARE(m_chart->window().to(), range.second);
}

void TestChart::freezesAndCounts()
{
    QTest::keyClick(&view(*m_chart), Qt::Key_Space);
    QVERIFY(m_chart->isFrozen());
    const auto before = m_chart->window();
    auto *banner = m_chart->findChild<QLabel *>(QStringLiteral("chartBanner"));
    QTRY_VERIFY(banner->isVisible());
    std::vector<Row> rows;
    for (int i = 0; i < 1'234; ++i)
        rows.push_back({m_plant->now + i * Every, 1, Quality::Good});
    m_plant->put(0, "press/L1/P-01/temp", rows);
    m_plant->now += std::chrono::seconds(62);
    m_plant->publish();
    const auto number = QLocale().toString(1'234);
    QTRY_VERIFY2(banner->text().startsWith(QStringLiteral("FROZEN 01:02")) && banner->text().contains(number), qPrintable(banner->text()));
    QCOMPARE(m_chart->window(), before);
    QTest::keyClick(&view(*m_chart), Qt::Key_Space);
    QVERIFY(!m_chart->isFrozen() && m_chart->window().isFollowing());
    QTRY_VERIFY(m_chart->window().to() > m_plant->now - std::chrono::seconds(1));
}

void TestChart::logScaleAndRightAxis()
{
    m_chart->setSelectors({QStringLiteral("press/**")});
    setLook(*m_chart, "log", "true");
    waitForPicture(*m_chart);
    auto *labels = view(*m_chart).chart()->findChild<AxisLabels *>();
    labels = labels != nullptr ? labels : dynamic_cast<AxisLabels *>([this]() -> QGraphicsItem * {
        for (auto *item : view(*m_chart).scene()->items())
            if (dynamic_cast<AxisLabels *>(item) != nullptr)
                return item;
        return nullptr;
    }());
    QVERIFY(labels != nullptr);
    QStringList left;
    const auto isThere = [&](const QString &text) {
        left.clear();
        for (const auto &label : labels->labels().left)
            left << label.text;
        return left.contains(text);
    };
    QTRY_VERIFY2(isThere(QStringLiteral("100")) && isThere(QStringLiteral("1000")), qPrintable(left.join(u' ')));
    shoot(QStringLiteral("log"));
    // A decade is as high as the next one.
    const auto &layer = view(*m_chart).layer();
    QVERIFY(std::abs((layer.yOf(2) - layer.yOf(3)) - (layer.yOf(1) - layer.yOf(2))) < 1e-6);
}

void TestChart::thresholdsAndBands()
{
    ChartLook look;
    look.thresholds = {{70, "hot", Priority::High}};
    look.bands = {{20, 30, "normal"}};
    m_chart->setLook(look);
    waitForPicture(*m_chart);
    const auto items = view(*m_chart).scene()->items();
    const auto found
        = std::find_if(items.begin(), items.end(), [](QGraphicsItem *item) { return dynamic_cast<BandsItem *>(item) != nullptr; });
    QVERIFY(found != items.end());
    const auto *bands = dynamic_cast<BandsItem *>(*found);
    const auto &layer = view(*m_chart).layer();
    shoot(QStringLiteral("bands"));
    QTRY_COMPARE(bands->bands().size(), std::size_t(1));
    QTRY_VERIFY(std::abs(bands->bands()[0].top - layer.yOf(30)) < 0.5 && std::abs(bands->bands()[0].bottom - layer.yOf(20)) < 0.5);
}

void TestChart::stylesDiffer_data()
{
    QTest::addColumn<QString>("style");
    for (const char *style : {"step", "points", "area"})
        QTest::newRow(style) << QString::fromLatin1(style);
}

void TestChart::stylesDiffer()
{
    QFETCH(QString, style);
    m_chart->showTime(begin() + Millis(300'000), begin() + Millis(302'000));
    waitForPicture(*m_chart);
    const auto line = view(*m_chart).layer().frame().image;
    setLook(*m_chart, "style", utf8Of(style));
    QTRY_VERIFY(view(*m_chart).layer().frame().image != line);
    setLook(*m_chart, "style", "line");
    QTRY_VERIFY(view(*m_chart).layer().frame().image == line);
}

void TestChart::legendShowsAllNames()
{
    std::vector<Row> rows{{begin(), 1, Quality::Good}, {m_plant->now - Every, 2, Quality::Good}};
    for (std::size_t i = 0; i < 12; ++i)
        m_plant->put(2 + i, "ovens/hall/oven-" + std::to_string(i + 1) + "/temperature", rows);
    m_plant->publish();
    m_desk->feed().poll();
    m_chart->setSelectors({QStringLiteral("ovens/**")});
    QTRY_COMPARE(m_chart->series().size(), std::size_t(12));
    for (const int width : {1200, 900, 640}) {
        m_window->resize(width, 800);
        const auto *legend = view(*m_chart).chart()->legend();
        const auto visible = [&] {
            int count = 0;
            QPixmap picture = view(*m_chart).grab();
            for (auto *marker : legend->markers())
                count += marker->isVisible() ? 1 : 0;
            for (auto *item : legend->childItems())
                for (auto *inner : item->childItems())
                    if (inner->isVisible() && inner->sceneBoundingRect().height() > 4
                        && inner->sceneBoundingRect().bottom() > legend->sceneBoundingRect().bottom() + 1)
                        return -1; // cut
            return count;
        };
        QTRY_COMPARE(visible(), 12);
        shoot(QStringLiteral("legend-%1").arg(width));
    }
}

// However many rows the journal has had since.
void TestChart::alarmSpansOfAnyTime()
{
    const auto add = [this](const char *event, std::uint64_t occurrence, Time t) {
        JournalRow row;
        row.seq = m_plant->journaled.size() + 1;
        row.event = event;
        row.rule = "hot";
        row.key = "press/L1/P-01";
        row.field = "temp";
        row.priority = "high";
        row.occurrence = occurrence;
        row.tEvent = t;
        m_plant->journaled.push_back(std::move(row));
    };
    const auto old = m_plant->now - std::chrono::hours(72);
    add("RAISED", 1, old);
    add("CLEARED", 1, old + std::chrono::minutes(5));
    for (std::uint64_t i = 0; i < 12'000; ++i)
        add(i % 2 == 0 ? "RAISED" : "CLEARED", 2 + i / 2, old + std::chrono::hours(1) + i * std::chrono::seconds(1));
    m_plant->next.journalSeq = m_plant->journaled.size();
    m_plant->publish();
    auto &spans = m_desk->alarmSpans();
    const auto at = [&](Time from, Time to) { return spans.of("press/L1/P-01/temp", from, to); };
    QTRY_COMPARE(at(old - std::chrono::hours(1), old + std::chrono::minutes(30)).size(), std::size_t(1));
    const auto span = at(old, old + std::chrono::minutes(30)).at(0);
    QCOMPARE(span.from, old);
    QCOMPARE(span.to, old + std::chrono::minutes(5));
    QVERIFY(span.priority == Priority::High);
    QTRY_COMPARE(at(old, m_plant->now).size(), std::size_t(6'001));
    // One that comes now.
    add("RAISED", 9'000, m_plant->now - std::chrono::minutes(2));
    add("CLEARED", 9'000, m_plant->now - std::chrono::minutes(1));
    m_plant->next.journalSeq = m_plant->journaled.size();
    m_plant->publish();
    QTRY_COMPARE(at(m_plant->now - std::chrono::minutes(9), m_plant->now).size(), std::size_t(1));
}

void TestChart::timesInTheChosenZone()
{
    QCOMPARE(clockText(Time(std::chrono::seconds(0)), Micros(1)).right(15),
             QDateTime::fromMSecsSinceEpoch(0).toString(QStringLiteral("HH:mm:ss")) + QStringLiteral(".000000"));
    setDisplayZone(QTimeZone("Asia/Seoul"));
    QCOMPARE(clockText(Time(Micros(1'500'001)), Millis(5)), QStringLiteral("1970-01-01 09:00:01.500"));
    QCOMPARE(spanText(Micros(250)), QStringLiteral("250 µs"));
    QCOMPARE(spanText(-std::chrono::minutes(61)), QStringLiteral("−1 h 1 min 0 s"));
}

QTEST_MAIN(TestChart)
#include "tst_chart.moc"
