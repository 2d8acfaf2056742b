#include "bench.h"

#include "decode/intake.h"
#include "engine/explain.h"
#include "engine/messagenotes.h"
#include "engine/notifytext.h"

#include <QtTest>

using namespace sg;
using sg::test::Bench;

namespace {

const char *const Declaration
    = "{ path: [line, device], labels: { line: /line, device: /device }, notes: { lot: /lot, order: /order }, "
      "time: { basis: message, at: /t, unit: ms }, decode: { json: { fields: { temp: { at: /temp }, flow: { at: /flow } } } } }";

const char *const Hot = R"(
rules:
  - { id: hot, series: "press/*/*/temp", high: { limit: 80, on_delay: 5s }, high_high: { limit: 95 }, priority: high }
)";

// Messages of a press as a source reads them, into an evaluator and its state file.
struct Press
{
    explicit Press(const char *rules, Micros lateness = Micros(0))
        : bench(rules, lateness)
    {
        bench.declaration = Declaration;
        bench.killAndRestart();
        reads();
    }
    void reads() // another run of the source: it knows nothing of what it read before
    {
        SourceSpec spec;
        spec.id = "press";
        spec.declaration = *parseYaml(Declaration, "workspace.yaml");
        intake = std::make_unique<Intake>(spec);
    }
    void add(double stamp, double temp, const std::string &more)
    {
        const auto ms = (Bench::time(stamp).time_since_epoch().count()) / 1000;
        const std::string payload = "{\"line\":\"L1\",\"device\":\"P-01\",\"t\":" + std::to_string(ms) + ",\"temp\":" + std::to_string(temp)
            + (more.empty() ? "" : "," + more) + "}";
        Message message;
        message.topic = "plant";
        message.stream = "t/0";
        message.payload = payload;
        message.offset = offset++;
        const auto done = intake->add(message);
        QVERIFY2(done, done ? "" : done.error().plain().c_str());
    }
    void send(double at) { bench.take(intake->seal({}, Bench::mono(at))); }
    void say(double at, double temp, const std::string &more)
    {
        add(at, temp, more);
        send(at);
        bench.elapse(at);
    }
    // "RAISED lot L-2" a record of an alarm.
    QStringList said(double at)
    {
        bench.commit(at);
        QStringList out;
        for (const JournalRow &row : bench.rows())
            if (!row.key.empty())
                out << QString::fromStdString(row.event + " " + notesText(row.notes)).trimmed();
        return out;
    }
    AlarmView alarm(double at) { return bench.snapshot(at)->alarms.at(0).alarm; }

    Bench bench;
    std::unique_ptr<Intake> intake;
    std::int64_t offset = 0;
};

QStringList all(std::initializer_list<const char *> lines)
{
    QStringList out;
    for (const char *line : lines)
        out << QString::fromUtf8(line);
    return out;
}

std::string lot(const char *text)
{
    return std::string("\"lot\":\"") + text + "\"";
}

}

// The lot of the message that began an alarm goes with its occurrence, whatever the messages behind it say.
class TestMessageNotes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theyAreOfTheMessageThatBeganIt();
    void eachOfABatchHasItsOwn();
    void waitingForItsOrderItKeepsThem();
    void aKillWhileTheDelayRunsLosesNone();
    void theyAreShownAndSent();
    void withoutADeclarationThereIsNothing();
    void setsAreBounded();
    void textsAreBounded();
};

void TestMessageNotes::theyAreOfTheMessageThatBeganIt()
{
    Press press(Hot);
    press.say(1, 70, lot("L-1"));
    press.say(2, 83, lot("L-2") + ",\"order\":88"); // it begins here
    press.say(4, 84, lot("L-3"));
    press.say(8, 85, lot("L-4")); // and is raised here, after its delay
    press.say(9, 97, lot("L-5"));
    OperatorAction ack;
    ack.actor = "ann";
    ack.shown = {{press.alarm(9).regions.occurrence, press.alarm(9).regions.seq}};
    QVERIFY(press.bench.act(ack, 10).isDone);
    QCOMPARE(press.alarm(10).notes, std::string("lot=L-2\norder=88"));
    press.say(11, 70, lot("L-6"));
    press.say(12, 90, lot("L-7"));
    press.say(18, 70, lot("L-8")); // raised at 17, and over
    press.say(19, 96, lot("L-9")); // again, and nobody has acknowledged
    QCOMPARE(press.said(20),
             all({"RAISED lot L-2, order 88", "ESCALATED lot L-2, order 88", "ACKNOWLEDGED lot L-2, order 88", "CLEARED lot L-2, order 88",
                  "RAISED lot L-7, order 88", "CLEARED lot L-7, order 88", "SUPERSEDED lot L-7, order 88", "RAISED lot L-9, order 88"}));
    QVERIFY((*StateReader::open(press.bench.folder()))->verifyJournal());
}

void TestMessageNotes::eachOfABatchHasItsOwn()
{
    Press press(R"(
rules:
  - { id: hot, series: "press/*/*/temp", high: { limit: 80 }, priority: high }
)");
    press.add(1, 70, lot("L-1"));
    press.add(2, 85, lot("L-2"));
    press.add(3, 70, lot("L-3"));
    press.add(4, 85, {}); // says none: that of before goes on
    press.add(5, 70, lot("L-4"));
    press.send(5);
    QCOMPARE(press.said(6), all({"RAISED lot L-2", "CLEARED lot L-2", "SUPERSEDED lot L-2", "RAISED lot L-3", "CLEARED lot L-3"}));
}

void TestMessageNotes::waitingForItsOrderItKeepsThem()
{
    const char *const rules = R"(
rules:
  - { id: hot, series: "press/*/*/temp", high: { limit: 80 }, priority: high }
)";
    // Whatever order the messages come in, inside the lateness.
    std::vector<std::tuple<double, double, const char *>> messages{{1, 70, "L-1"}, {2, 85, "L-2"}, {3, 86, "L-1"}, {4, 70, "L-1"}};
    std::sort(messages.begin(), messages.end());
    int orders = 0;
    do {
        Press press(rules, std::chrono::seconds(5));
        for (const auto &[stamp, temp, its] : messages) {
            press.add(stamp, temp, lot(its));
            press.send(4.5);
        }
        press.say(20, 70, lot("L-9"));
        QCOMPARE(press.said(21), all({"RAISED lot L-2", "CLEARED lot L-2"}));
        ++orders;
    } while (std::next_permutation(messages.begin(), messages.end()));
    QCOMPARE(orders, 24);
}

void TestMessageNotes::aKillWhileTheDelayRunsLosesNone()
{
    Press press(Hot);
    press.say(2, 83, lot("L-2"));
    QVERIFY(press.bench.commit(3));
    press.bench.killAndRestart();
    press.reads();
    press.say(9, 84, lot("L-3"));
    QCOMPARE(press.said(10), all({"RAISED lot L-2"}));
    press.bench.killAndRestart();
    QCOMPARE(press.alarm(11).notes, std::string("lot=L-2"));
}

void TestMessageNotes::theyAreShownAndSent()
{
    Press press(Hot);
    press.say(2, 97, lot("L-2\\\"<b>\\n") + ",\"order\":88"); // hostile
    const ExplainWords words{[](Time) { return std::string(); }, [](const Error &error) { return error.plain(); }};
    std::string said;
    for (const ExplainedFact &fact : explainAlarm(press.alarm(3), Bench::time(3), words))
        if (std::string(fact.what) == "message")
            said = fact.text;
    QCOMPARE(said, std::string("lot L-2\"<b> , order 88"));
    QVERIFY(press.bench.commit(3));
    OutboxRow row;
    row.facts = factsOf(press.bench.rows().back(), nullptr, *press.bench.workspace());
    SourceSpec target;
    target.kind = "http";
    QVERIFY(messageOf(row, target).body.find(R"("notes":{"lot":"L-2\"<b> ","order":"88"})") != std::string::npos);
    target.settings = *parseYaml(R"({ body: { text: "{rule} of {notes}", all: "{notes}" } })", "routes.yaml");
    QCOMPARE(messageOf(row, target).body,
             std::string(R"({"text":"hot of lot L-2\"<b> , order 88","all":{"lot":"L-2\"<b> ","order":"88"}})"));
    target.kind = "smtp";
    QVERIFY(messageOf(row, target).body.find("\nNotes: lot L-2\"<b> , order 88\n") != std::string::npos);
    row.facts["notes"].clear();
    QVERIFY(messageOf(row, target).body.find("Notes") == std::string::npos);
}

void TestMessageNotes::withoutADeclarationThereIsNothing()
{
    Bench bench(Hot);
    bench.row("temp", 1, 1, 97);
    QVERIFY(bench.commit(2));
    QCOMPARE(bench.rows().back().event, std::string("RAISED"));
    QCOMPARE(bench.rows().back().notes, std::string());
    QCOMPARE(sizeof(Sample), std::size_t{56}); // the number of a set lies where nothing lay: series without notes pay nothing
}

void TestMessageNotes::setsAreBounded()
{
    NoteSets sets;
    SourceNotes notes;
    notes.use();
    notes.add(LocalId(0), "press/a");
    notes.add(LocalId(3), "press/b");
    notes.take({"press/a", "lot", "A", 0});
    notes.take({"press/gone", "lot", "X", 0}); // a key that has no series
    const auto first = notes.of(LocalId(0), sets);
    QCOMPARE(*sets.find(first), std::string("lot=A"));
    QCOMPARE(notes.of(LocalId(1), sets), 0U);
    QCOMPARE(notes.of(LocalId(3), sets), 0U);
    for (int i = 0; i < 70'000; ++i) {
        notes.take({"press/b", "lot", std::to_string(i), 0});
        notes.of(LocalId(3), sets);
    }
    QVERIFY(sets.find(first) == nullptr);
    QCOMPARE(*sets.find(notes.of(LocalId(0), sets)), std::string("lot=A")); // said long ago, and in force
    for (int i = 0; i < 20; ++i)
        notes.take({"press/a", "n" + std::to_string(i), "x", 0});
    QCOMPARE(splitNotes(*sets.find(notes.of(LocalId(0), sets))).size(), MostNotes);
}

void TestMessageNotes::textsAreBounded()
{
    const std::string euro = "€"; // three bytes: 200 is in the middle of one
    std::string longest;
    for (int i = 0; i < 100; ++i)
        longest += euro;
    QCOMPARE(boundedNote(longest).size(), std::size_t{198});
    QVERIFY(longest.starts_with(boundedNote(longest)));
    Press press(Hot);
    press.say(1, 70, lot("L-1"));
    press.say(2, 97, lot(longest.c_str())); // its beginning, not the lot before
    QCOMPARE(press.alarm(3).notes, "lot=" + longest.substr(0, 198));
    SourceSpec spec;
    spec.id = "press";
    spec.declaration = *parseYaml("{ path: [line], notes: { a: /a, b: /a, c: /a, d: /a, e: /a, f: /a, g: /a, h: /a, i: /i }, "
                                  "decode: { json: { learn: true } } }",
                                  "workspace.yaml");
    const auto faults = Intake::check(spec);
    QCOMPARE(faults.size(), std::size_t{1});
    QVERIFY2(faults.front().plain().find("note 'i' is one too many: at most 8 are kept of a message") != std::string::npos,
             faults.front().plain().c_str());
}

QTEST_GUILESS_MAIN(TestMessageNotes)
#include "tst_messagenotes.moc"
