#include "engine/bench.h"
#include "engine/contracts.h"

#include "core/times.h"

#include <QtTest>

using namespace sg;
using namespace sg::test;

// What every source promises without a rule: that something comes, that it can be read, that a field which came stays. Told once, shown as
// long as it lasts, over a restart too, and told when it is over.
class TestContracts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void promises_data();
    void promises();
    void namesWhoNeedsIt();
    void standsOverARestart();
    void oneStoredBeforeIsMissedWhereItIsNeeded_data();
    void oneStoredBeforeIsMissedWhereItIsNeeded();
    void manyAreToldAsOne();
    void aRetiredKeyIsNotWaitedFor();
    void watchesNoMoreThanItMay();
    void hostileBytesAreNoState();
};

namespace {

constexpr const char *HotRule = "rules:\n  - { id: press-hot, series: press/*/*/temp, high: { limit: 80 }, priority: high, action: look }\n"
                                "  - { id: silent, series: press/**, absence: { timeout: 1h }, priority: low, action: look }\n";

QString at(double seconds)
{
    return QString::fromStdString(formatUtc(Bench::time(seconds)));
}

QStringList told(Bench &bench)
{
    QStringList out;
    for (const JournalRow &row : bench.rows())
        for (const char *event : {"NO_DATA", "DATA_BACK", "DECODE_ERRORS", "DECODE_OK", "FIELD_MISSING", "FIELD_BACK"})
            if (row.event == event)
                out << QString::fromStdString(row.event + " " + row.reason);
    return out;
}

QStringList shownOf(Bench &bench, double t)
{
    QStringList out;
    const auto snapshot = bench.snapshot(t);
    for (const Error &note : snapshot->sources.at(0).status.notes)
        out << QString::fromStdString(note.plain());
    return out;
}

// One message of press/L1/P-01 that holds these fields.
void message(Bench &bench, double t, std::int64_t offset, std::initializer_list<const char *> fields)
{
    bench.elapse(t);
    for (const char *field : fields)
        bench.row(field, t, t, 20, Quality::Good, offset);
}

// A message a second from `from` to before `to`; `field` in those of which `holds` is true.
void messages(Bench &bench, int from, int to, const std::function<bool(int)> &holds, double every = 1)
{
    for (int n = from; n < to; ++n)
        holds(n) ? message(bench, n * every, n, {"load", "temp"}) : message(bench, n * every, n, {"load"});
}

using Story = std::function<void(Bench &)>;

const bool always = true;

}

Q_DECLARE_METATYPE(Story)

void TestContracts::promises_data()
{
    QTest::addColumn<Story>("story");
    QTest::addColumn<QStringList>("says");
    const auto row = [](const char *name, Story story, const QStringList &says) { QTest::newRow(name) << std::move(story) << says; };
    const auto upTo = [](int end) { return [end](int n) { return n < end; }; };
    const QString field = QStringLiteral("field temp of press/L1/P-01, needed by rule press-hot, ");
    const QString since19 = QStringLiteral("FIELD_MISSING ") + field + QStringLiteral("is missing since ") + at(19);

    row("a field that stays", [](Bench &b) { messages(b, 0, 200, [](int) { return always; }); }, {});
    row("a field that goes", [=](Bench &b) { messages(b, 0, 70, upTo(20)); }, {since19});
    row("not before 30 s", [=](Bench &b) { messages(b, 0, 49, upTo(20)); }, {});
    row("not before 10 messages", [=](Bench &b) { messages(b, 0, 29, upTo(20), 10); }, {});
    row("then", [=](Bench &b) { messages(b, 0, 31, upTo(20), 10); },
        {QStringLiteral("FIELD_MISSING ") + field + QStringLiteral("is missing since ") + at(190)});
    row("one that came 9 times was no promise", [=](Bench &b) { messages(b, 0, 200, upTo(9)); }, {});
    row("one that came 10 times was", [=](Bench &b) { messages(b, 0, 60, upTo(10)); },
        {QStringLiteral("FIELD_MISSING ") + field + QStringLiteral("is missing since ") + at(9)});
    row("one in twenty messages", [](Bench &b) { messages(b, 0, 455, [](int n) { return n % 20 == 0 && n <= 400; }); }, {});
    row("three times as long as usual", [](Bench &b) { messages(b, 0, 475, [](int n) { return n % 20 == 0 && n <= 400; }); },
        {QStringLiteral("FIELD_MISSING ") + field + QStringLiteral("is missing since ") + at(400)});
    row("it comes again", [=](Bench &b) { messages(b, 0, 80, [](int n) { return n < 20 || n >= 75; }); },
        {since19, QStringLiteral("FIELD_BACK ") + field + QStringLiteral("comes again; it was missing since ") + at(19)});
    row("messages that have no place",
        [](Bench &b) {
            for (int n = 0; n < 70; ++n)
                n < 20 ? message(b, n, -1, {"load", "temp"}) : message(b, n, -1, {"load"});
        },
        {since19});
    row("a bad value is there",
        [](Bench &b) {
            for (int n = 0; n < 100; ++n) {
                message(b, n, n, {"load"});
                b.row("temp", n, n, std::numeric_limits<double>::quiet_NaN(), Quality::Bad, n);
            }
        },
        {});
    row("all of the key goes silent",
        [=](Bench &b) {
            messages(b, 0, 20, upTo(20));
            b.elapse(78);
        },
        {});
    row("no data for 60 s",
        [=](Bench &b) {
            messages(b, 0, 20, upTo(20));
            b.elapse(80);
        },
        {QStringLiteral("NO_DATA no data: press is connected, and nothing came since ") + at(19)});
    row("told once, and when it comes again",
        [=](Bench &b) {
            messages(b, 0, 20, upTo(20));
            for (double t = 80; t < 200; t += 10)
                b.elapse(t);
            message(b, 200, 200, {"load", "temp"});
        },
        {QStringLiteral("NO_DATA no data: press is connected, and nothing came since ") + at(19),
         QStringLiteral("DATA_BACK data of press comes again; there was none since ") + at(19)});
    row("one that comes each 100 s is silent after 300",
        [=](Bench &b) {
            messages(b, 0, 5, upTo(5), 100);
            b.elapse(699);
        },
        {});
    row("then it is",
        [=](Bench &b) {
            messages(b, 0, 5, upTo(5), 100);
            b.elapse(701);
        },
        {QStringLiteral("NO_DATA no data: press is connected, and nothing came since ") + at(400)});
    row("connected, and never anything", [](Bench &b) { b.elapse(61); },
        {QStringLiteral("NO_DATA no data: press is connected, and nothing came since ") + at(0)});
    row("a lost source is lost, not silent",
        [=](Bench &b) {
            messages(b, 0, 20, upTo(20));
            b.lost(30);
            b.elapse(500);
        },
        {});
    row("back, it has its time",
        [=](Bench &b) {
            messages(b, 0, 20, upTo(20));
            b.lost(30);
            b.live(500);
            b.elapse(559);
        },
        {});
    row("1 % unreadable", [](Bench &b) { b.status(SourceStatus::State::Live, 1, 1000, 10); }, {});
    row("more than 1 %", [](Bench &b) { b.status(SourceStatus::State::Live, 1, 1000, 11); },
        {QStringLiteral("DECODE_ERRORS 1.1 % of the messages of press in the last 5 min cannot be read, since ") + at(1)});
    row("two are no share", [](Bench &b) { b.status(SourceStatus::State::Live, 1, 2, 2); }, {});
    row("three are", [](Bench &b) { b.status(SourceStatus::State::Live, 1, 3, 3); },
        {QStringLiteral("DECODE_ERRORS 100.0 % of the messages of press in the last 5 min cannot be read, since ") + at(1)});
    row("what is older than 5 min does not count",
        [](Bench &b) {
            b.status(SourceStatus::State::Live, 1, 10, 2);
            b.status(SourceStatus::State::Live, 310, 20, 4);
        },
        {QStringLiteral("NO_DATA no data: press is connected, and nothing came since ") + at(0)});
    row("half a percent is well again",
        [](Bench &b) {
            b.status(SourceStatus::State::Live, 1, 100, 5);
            b.status(SourceStatus::State::Live, 2, 900, 5); // 0.6 %
            b.status(SourceStatus::State::Live, 3, 1000, 5);
        },
        {QStringLiteral("DECODE_ERRORS 5.0 % of the messages of press in the last 5 min cannot be read, since ") + at(1),
         QStringLiteral("DECODE_OK messages of press can be read again; too many could not since ") + at(1)});
}

void TestContracts::promises()
{
    QFETCH(Story, story);
    Bench bench(HotRule);
    story(bench);
    QVERIFY(bench.commit(10'000));
    QTEST(told(bench), "says");
}

void TestContracts::namesWhoNeedsIt()
{
    Bench bench(HotRule);
    bench.workspaceMaker = [&bench](const std::string &) {
        auto workspace = bench.workspace();
        TileSpec tile;
        tile.kind = "chart";
        tile.settings = *parseYaml("series: [\"press/*/*/temp\"]\n", "");
        workspace->pages.push_back({"dashboards/press.yaml", "press", {tile}});
        return std::shared_ptr<const Workspace>(workspace);
    };
    bench.killAndRestart();
    messages(bench, 0, 70, [](int n) { return n < 20; });
    QVERIFY(bench.commit(71));
    const QString says = QStringLiteral("field temp of press/L1/P-01, needed by rule press-hot and page press, is missing since ") + at(19);
    QCOMPARE(told(bench), QStringList{QStringLiteral("FIELD_MISSING ") + says});
    QCOMPARE(shownOf(bench, 71), QStringList{says});
}

void TestContracts::standsOverARestart()
{
    Bench bench(HotRule);
    messages(bench, 0, 70, [](int n) { return n < 20; });
    QVERIFY(bench.commit(71));
    const QString says = QStringLiteral("field temp of press/L1/P-01, needed by rule press-hot, is missing since ") + at(19);
    bench.killAndRestart();
    QCOMPARE(shownOf(bench, 0), QStringList{says});
    messages(bench, 0, 200, [](int) { return false; });
    QVERIFY(bench.commit(201));
    QCOMPARE(told(bench), QStringList{QStringLiteral("FIELD_MISSING ") + says}); // once
    bench.killAndRestart();
    messages(bench, 0, 2, [](int) { return true; });
    QVERIFY(bench.commit(3));
    QCOMPARE(told(bench).back(),
             QStringLiteral("FIELD_BACK field temp of press/L1/P-01, needed by rule press-hot, comes again; it was missing since ")
                 + at(19));
    QVERIFY(shownOf(bench, 3).isEmpty());
    bench.killAndRestart();
    QVERIFY(shownOf(bench, 0).isEmpty());
}

void TestContracts::oneStoredBeforeIsMissedWhereItIsNeeded_data()
{
    QTest::addColumn<int>("messages");
    QTest::addColumn<double>("every");
    QTest::addColumn<bool>("isNeeded");
    QTest::addColumn<bool>("isTold");
    QTest::newRow("100 messages and 10 min") << 101 << 6.1 << true << true;
    QTest::newRow("99 messages") << 99 << 10.0 << true << false;
    QTest::newRow("less than 10 min") << 500 << 1.0 << true << false;
    QTest::newRow("nobody needs it") << 101 << 10.0 << false << false;
}

void TestContracts::oneStoredBeforeIsMissedWhereItIsNeeded()
{
    QFETCH(int, messages);
    QFETCH(double, every);
    QFETCH(bool, isNeeded);
    QFETCH(bool, isTold);
    Bench bench(isNeeded ? HotRule
                         : "rules:\n  - { id: other, series: press/*/*/load, high: { limit: 80 }, priority: high, action: look }\n");
    message(bench, 0, 0, {"load", "temp"});
    QVERIFY(bench.commit(1));
    bench.killAndRestart(); // while nobody watched the device got another program
    ::messages(
        bench, 1, messages + 1, [](int) { return false; }, every);
    QVERIFY(bench.commit(20'000));
    QCOMPARE(!told(bench).isEmpty(), isTold);
}

void TestContracts::manyAreToldAsOne()
{
    DataContracts contracts(1000);
    contracts.open(0, "press", {});
    contracts.noteStatus(0, true, 0, 0, Bench::time(0));
    std::vector<std::pair<std::uint32_t, std::uint32_t>> fields;
    for (int n = 0; n < 5; ++n) {
        const std::string key = "press/L1/P-0" + std::to_string(n);
        fields.emplace_back(contracts.numberOf(0, key + "/load", false), contracts.numberOf(0, key + "/temp", false));
    }
    const auto run = [&](int from, int to, bool holds) {
        for (int t = from; t < to; ++t) {
            for (const auto &[load, temp] : fields) {
                contracts.see(load, 0, t, Bench::time(t));
                if (holds)
                    contracts.see(temp, 0, t, Bench::time(t));
            }
            contracts.noteArrival(0, Bench::time(t));
            contracts.elapse(Bench::time(t), {});
        }
    };
    run(0, 20, true);
    run(20, 100, false);
    auto changes = contracts.takeChanges();
    QCOMPARE(changes.size(), std::size_t(1));
    QCOMPARE(changes[0].count, std::size_t(5));
    QCOMPARE(QString::fromStdString(sentenceOf(changes[0], "page press").plain()),
             QStringLiteral("field temp of 5 keys of press, needed by page press, is missing since ") + at(19)
                 + QStringLiteral("; the first is press/L1/P-00"));
    QCOMPARE(contracts.broken(0).size(), std::size_t(1));
    run(100, 101, true);
    changes = contracts.takeChanges();
    QCOMPARE(changes.size(), std::size_t(1));
    QCOMPARE(changes[0].count, std::size_t(5));
    QVERIFY(contracts.broken(0).empty());
}

void TestContracts::aRetiredKeyIsNotWaitedFor()
{
    Bench bench(HotRule);
    messages(bench, 0, 70, [](int n) { return n < 20; });
    bench.mark(Retired{"press/L1/P-01"}, 71);
    messages(bench, 72, 200, [](int) { return false; });
    QVERIFY(bench.commit(201));
    QCOMPARE(told(bench).size(), 2);
    QVERIFY2(told(bench).back().endsWith(QStringLiteral("the key was retired")), qPrintable(told(bench).back()));
    QVERIFY(shownOf(bench, 201).isEmpty());
}

void TestContracts::watchesNoMoreThanItMay()
{
    DataContracts contracts(2);
    contracts.open(0, "a", {});
    contracts.open(1, "b", {});
    const auto first = contracts.numberOf(0, "a/x/f", false);
    QVERIFY(contracts.numberOf(0, "a/x/g", false) != DataContracts::NotWatched);
    QCOMPARE(contracts.numberOf(1, "b/x/f", false), DataContracts::NotWatched);
    contracts.see(DataContracts::NotWatched, 0, 1, Bench::time(0)); // is nothing
    QCOMPARE(contracts.numberOf(0, "a/x/f", false), first);
    contracts.close(0); // there is room again
    QVERIFY(contracts.numberOf(1, "b/x/f", false) != DataContracts::NotWatched);
    QVERIFY(contracts.numberOf(1, "b/x/g", false) != DataContracts::NotWatched);
    QCOMPARE(contracts.numberOf(1, "b/x/h", false), DataContracts::NotWatched);
}

void TestContracts::hostileBytesAreNoState()
{
    DataContracts whole(100);
    whole.open(0, "press", {});
    whole.noteStatus(0, true, 5, 10, Bench::time(0));
    const std::string saved = whole.save(0);
    for (std::size_t size = 0; size <= saved.size(); ++size) {
        DataContracts contracts(100);
        contracts.open(0, "press", saved.substr(0, size) + std::string(size % 7, '\xFF'));
        QVERIFY(contracts.broken(0).size() <= 2);
    }
}

QTEST_GUILESS_MAIN(TestContracts)
#include "tst_contracts.moc"
