#include "engine/handsource.h"

#include "engine/attachedsession.h"
#include "engine/commandsocket.h"
#include "engine/wirevalues.h"
#include "store/columns.h"

#include <QDir>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include <csignal>
#include <future>
#include <random>

#include <sys/socket.h>
#include <unistd.h>

using namespace sg;
using namespace sg::test;

namespace {

constexpr int Patience = 30'000; // milliseconds, on a busy machine

std::unique_ptr<Session> evaluate(const std::string &folder)
{
    Hand::only().startAfresh();
    SessionOptions options;
    options.stateFolder = folder;
    options.read = []() -> Result<std::shared_ptr<const Workspace>> { return handWorkspace("90"); };
    auto session = startSession(handWorkspace(), handCatalog(), options);
    if (!session)
        qFatal("%s", session.error().plain().c_str());
    return std::move(*session);
}

Result<std::unique_ptr<Session>> attachTo(const std::string &folder)
{
    return attachSession(
        folder, {[](const std::string &) -> Result<std::shared_ptr<const Workspace>> { return handWorkspace(); }, Millis(Patience)});
}

// By path, whatever the numbers.
std::map<std::string, SeriesRow> rowsOf(const Session &session)
{
    std::map<std::string, SeriesRow> out;
    const auto snapshot = session.snapshot();
    for (std::size_t i = 0; i < snapshot->series.size(); ++i)
        if (const SeriesRow &row = snapshot->series.at(i); row.path)
            out[*row.path] = row;
    return out;
}

std::optional<AlarmView> alarmOf(const Session &session, const std::string &key)
{
    const auto snapshot = session.snapshot();
    for (std::size_t i = 0; i < snapshot->alarms.size(); ++i)
        if (const AlarmView &alarm = snapshot->alarms.at(i).alarm; alarm.rule && alarm.key == key)
            return alarm;
    return std::nullopt;
}

Columns columnsOf(Session &session, const SeriesView &view, Time from, Time to, int width)
{
    std::promise<Columns> promise;
    auto future = promise.get_future();
    session.query(view, from, to, width, {}, [&promise](Columns columns) { promise.set_value(std::move(columns)); });
    return future.get();
}

Outcome outcomeOf(Session &session, Command command)
{
    std::promise<Outcome> promise;
    auto future = promise.get_future();
    command.reply = [&promise](const Outcome &outcome) { promise.set_value(outcome); };
    session.submit(std::move(command));
    return future.get();
}

std::vector<Row> allRows(const SeriesView &view)
{
    std::vector<Row> rows;
    readRows(view, NoTime, Time::max(), [&rows](const Row &row) {
        rows.push_back(row);
        return true;
    });
    return rows;
}

std::string bytesOfRows(const std::vector<Row> &rows)
{
    ByteWriter out;
    WireOut io(out);
    for (const Row &row : rows)
        pass(io, row);
    return out.take();
}

OperatorAction acknowledging(const AlarmView &alarm, const char *actor)
{
    OperatorAction action;
    action.verb = Verb::Acknowledge;
    action.actor = actor;
    action.shown = {{alarm.regions.occurrence, alarm.regions.seq}};
    return action;
}

// A program that speaks to the socket by hand.
class RawClient
{
public:
    explicit RawClient(const std::string &folder)
        : m_fd(std::move(*connectTo(folder)))
    {
    }
    void say(const std::string &bytes)
    {
        std::string rest = bytes;
        for (const Mono until = Mono::clock::now() + Millis(2000); !rest.empty() && Mono::clock::now() < until;)
            if (sendSome(m_fd.get(), rest) == SocketEnd::Closed)
                return;
    }
    void hello() { say(frameOf(FrameKind::Hello, 1, helloBody())); }
    // Whether the other side closes it within the patience.
    bool isClosed()
    {
        std::string in;
        for (const Mono until = Mono::clock::now() + Millis(Patience); Mono::clock::now() < until; std::this_thread::sleep_for(Millis(5))) {
            in.clear();
            if (receiveSome(m_fd.get(), in) == SocketEnd::Closed)
                return true;
        }
        return false;
    }
    std::optional<WireFrame> next()
    {
        for (const Mono until = Mono::clock::now() + Millis(Patience); Mono::clock::now() < until; std::this_thread::sleep_for(Millis(1))) {
            if (auto frame = m_inbox.next())
                return frame;
            std::string in;
            const SocketEnd end = receiveSome(m_fd.get(), in);
            m_inbox.feed(in);
            if (end == SocketEnd::Closed && in.empty())
                return m_inbox.next();
        }
        return std::nullopt;
    }

private:
    Descriptor m_fd;
    FrameInbox m_inbox{FrameInbox::LongestAnswer};
};

}

class AttachTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void showsTheSame();
    void movesOnlyWhatChanged();
    void acknowledgesFromEitherSide();
    void appliesTheWorkspace();
    void comesBackAfterAKill();
    void columnsThatNeverCameAreUnknown();
    void refusesASecondEvaluator();
    void saysWhenItCannotListen();
    void refusesAnotherVersion();
    void survivesHostilePrograms_data();
    void survivesHostilePrograms();
    void survivesAHostileEvaluator();
    void readsNoDamagedSnapshot();
    void waitsForNoSlowReader();

private:
    std::string state() const { return m_folder->filePath(QStringLiteral("state")).toStdString(); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void AttachTest::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    const QString run = m_folder->filePath(QStringLiteral("run"));
    QVERIFY(QDir().mkpath(run));
    qputenv("XDG_RUNTIME_DIR", run.toUtf8());
}

void AttachTest::showsTheSame()
{
    const auto own = evaluate(state());
    for (int i = 0; i < 3000; ++i)
        Hand::only().row("press/L1/P-01/temp", i, 20 + i % 70);
    Hand::only().row("press/L1/P-02/temp", 5, -0.0);
    Hand::only().row("press/L1/P-03/mode", 5, 0, "run \xC3\xA9");
    Hand::only().send();
    QTRY_VERIFY_WITH_TIMEOUT(rowsOf(*own).size() == 3, Patience);
    auto attached = attachTo(state());
    QVERIFY2(attached, attached ? "" : attached.error().plain().c_str());
    Session &window = **attached;
    QCOMPARE(window.link().state, SessionLink::State::Attached);
    QCOMPARE(window.link().process, static_cast<std::uint64_t>(::getpid()));
    QCOMPARE(window.workspace()->name, std::string("by hand"));
    // What comes while it is attached, too.
    for (int i = 3000; i < 3100; ++i)
        Hand::only().row("press/L1/P-01/temp", i, 85);
    Hand::only().row("press/L2/P-09/temp", 1, 1);
    Hand::only().row("press/L1/P-03/mode", 6, 0, "stop");
    Hand::only().send();
    QTRY_VERIFY_WITH_TIMEOUT(rowsOf(window).size() == 4 && rowsOf(window).at("press/L1/P-01/temp").t == Hand::time(3099)
                                 && rowsOf(window).at("press/L1/P-03/mode").t == Hand::time(6) && alarmOf(window, "press/L1/P-01"),
                             Patience);
    const auto mine = rowsOf(*own), theirs = rowsOf(window);
    QCOMPARE(theirs.size(), mine.size());
    for (const auto &[path, row] : mine) {
        const SeriesRow &other = theirs.at(path);
        QCOMPARE(other.t, row.t);
        QCOMPARE(other.arrived, row.arrived);
        QVERIFY(std::memcmp(&other.value, &row.value, sizeof row.value) == 0); // -0.0 too
        QCOMPARE(other.kind, row.kind);
        QCOMPARE(other.quality, row.quality);
        QCOMPARE(other.text ? *other.text : "", row.text ? *row.text : "");
        QCOMPARE(other.tag->name, row.tag->name);
        QCOMPARE(other.tag->unit, row.tag->unit);
        QVERIFY(other.tag->range == row.tag->range);
        QVERIFY(extentOf(other.view) == extentOf(row.view));
        QVERIFY(bytesOfRows(allRows(other.view)) == bytesOfRows(allRows(row.view)));
        for (const int width : {1, 7, 100, 1900}) {
            const Time from = Hand::time(-10), to = Hand::time(3200);
            QVERIFY(bytesOf(columnsOf(window, other.view, from, to, width)) == bytesOf(queryColumns(row.view, from, to, width)));
        }
    }
    QCOMPARE(theirs.at("press/L1/P-03/mode").text ? *theirs.at("press/L1/P-03/mode").text : "", std::string("stop"));
    QCOMPARE(window.snapshot()->textOf(theirs.at("press/L1/P-03/mode").value), std::string("stop"));
    std::promise<std::vector<std::optional<Row>>> promise;
    window.rowsAt({theirs.at("press/L1/P-01/temp").view, theirs.at("press/L1/P-02/temp").view}, Hand::time(4.5), {},
                  [&promise](auto rows) { promise.set_value(std::move(rows)); });
    const auto at = promise.get_future().get();
    QCOMPARE(at.size(), std::size_t(2));
    QVERIFY(at[0] && at[0]->t == Hand::time(4) && at[0]->value == 24 && !at[1]);

    const auto alarm = alarmOf(window, "press/L1/P-01"), ownAlarm = alarmOf(*own, "press/L1/P-01");
    QVERIFY(alarm && ownAlarm);
    QVERIFY(alarm->regions == ownAlarm->regions);
    QCOMPARE(bytesOf(*alarm), bytesOf(*ownAlarm));
    QCOMPARE(alarm->rule->name, std::string("Too hot"));
    QCOMPARE(alarm->rule->settings["high"].text("limit"), std::string("80"));
    QCOMPARE(window.snapshot()->watches->size(), std::size_t(1));
    QCOMPARE(window.snapshot()->watches->front().watched, std::size_t(3));
    QCOMPARE(window.snapshot()->sources.size(), std::size_t(1));
    QCOMPARE(window.snapshot()->sources.front().status.state, SourceStatus::State::Live);
    QVERIFY(std::abs((window.referenceNow() - own->referenceNow()).count()) < 1'000'000);
}

void AttachTest::movesOnlyWhatChanged()
{
    const auto own = evaluate(state());
    constexpr int Series = 5000;
    for (int i = 0; i < Series; ++i)
        Hand::only().row("press/L1/P-" + std::to_string(i) + "/temp", 1, 20);
    Hand::only().send();
    QTRY_VERIFY_WITH_TIMEOUT(own->snapshot()->series.size() == Series, Patience);
    std::mutex mutex;
    std::shared_ptr<Snapshot> newest, before; // guarded by mutex
    const auto link = std::make_shared<AgentLink>(state(),
                                                  AgentLink::Events{[](const EvaluatorThere &) {},
                                                                    {},
                                                                    [&](std::shared_ptr<Snapshot> snapshot, std::uint64_t) {
                                                                        const std::lock_guard guard(mutex);
                                                                        newest = std::move(snapshot);
                                                                    },
                                                                    [](const SessionLink &, const EvaluatorThere &) {}});
    const auto valueOfFirst = [&] {
        const std::lock_guard guard(mutex);
        return newest && newest->series.size() == Series ? newest->series.at(7).value : -1;
    };
    link->start();
    QTRY_COMPARE_WITH_TIMEOUT(valueOfFirst(), 20.0, Patience);
    const auto whole = link->received();
    QVERIFY(whole > Series * 50);
    // Nothing changes: the second's beat alone. A beat is a few dozen bytes.
    const auto beats = own->snapshot()->version;
    QTRY_VERIFY_WITH_TIMEOUT(own->snapshot()->version > beats + 3, Patience);
    const auto idle = link->received() - whole;
    {
        const std::lock_guard guard(mutex);
        before = newest;
    }
    Hand::only().row("press/L1/P-7/temp", 2, 21);
    Hand::only().send();
    QTRY_COMPARE_WITH_TIMEOUT(valueOfFirst(), 21.0, Patience);
    const auto one = link->received() - whole - idle;
    qInfo("figure: attach_whole_bytes %llu bytes", static_cast<unsigned long long>(whole));
    qInfo("figure: attach_idle_bytes %llu bytes", static_cast<unsigned long long>(idle));
    qInfo("figure: attach_one_change_bytes %llu bytes", static_cast<unsigned long long>(one));
    QVERIFY2(idle < 2000, QByteArray::number(static_cast<qulonglong>(idle)).constData());
    QVERIFY2(one < 2000, QByteArray::number(static_cast<qulonglong>(one)).constData());
    // Readers see one page that differs.
    std::vector<std::size_t> pages;
    newest->series.changedSince(before->series, [&](std::size_t begin, std::size_t) { pages.push_back(begin); });
    QCOMPARE(pages, std::vector<std::size_t>{0});
    link->stop();
}

void AttachTest::acknowledgesFromEitherSide()
{
    const auto own = evaluate(state());
    const auto attached = attachTo(state());
    QVERIFY(attached);
    Session &window = **attached;
    Hand::only().row("press/L1/P-01/temp", 1, 95);
    Hand::only().row("press/L1/P-02/temp", 1, 95);
    Hand::only().send();
    QTRY_VERIFY_WITH_TIMEOUT(alarmOf(window, "press/L1/P-01") && alarmOf(window, "press/L1/P-02"), Patience);
    const auto first = outcomeOf(window, {acknowledging(*alarmOf(window, "press/L1/P-01"), "ann"), {}});
    QVERIFY2(first.isDone, first.says.plain().c_str());
    // The answer came after the commit: it is in the state file already.
    const auto reader = StateReader::open(state());
    const auto rows = (*reader)->journal({});
    QVERIFY(std::any_of(rows->begin(), rows->end(), [](const JournalRow &row) {
        return row.event == "ACKNOWLEDGED" && row.key == "press/L1/P-01" && row.actor.starts_with("ann@");
    }));
    QTRY_VERIFY_WITH_TIMEOUT(alarmOf(*own, "press/L1/P-01")->regions.ack == AckRegion::Acked, Patience);
    QTRY_VERIFY_WITH_TIMEOUT(alarmOf(window, "press/L1/P-01")->regions.ack == AckRegion::Acked, Patience);
    QVERIFY(outcomeOf(*own, {acknowledging(*alarmOf(*own, "press/L1/P-02"), "bob"), {}}).isDone);
    QTRY_VERIFY_WITH_TIMEOUT(alarmOf(window, "press/L1/P-02")->regions.ack == AckRegion::Acked, Patience);
    // What is refused there is refused here, with its sentence.
    OperatorAction wrong;
    wrong.verb = Verb::Acknowledge;
    wrong.shown = {{42, 1}};
    const auto mine = outcomeOf(window, {wrong, {}}), theirs = outcomeOf(*own, {wrong, {}});
    QCOMPARE(mine.isDone, theirs.isDone);
    QCOMPARE(mine.says.plain(), theirs.says.plain());
    const LoadOlder nowhere{"no such source", Hand::time(0), Hand::time(1)};
    QCOMPARE(outcomeOf(window, {nowhere, {}}).says.plain(), outcomeOf(*own, {nowhere, {}}).says.plain());
    // The journal is read from the state folder.
    std::promise<std::size_t> count;
    window.journal({}, [&count](const auto &journal) { count.set_value(journal ? journal->size() : 0); });
    QVERIFY(count.get_future().get() >= 5);
    // And an action without a window.
    Hand::only().row("press/L1/P-03/temp", 1, 95);
    Hand::only().send();
    QTRY_VERIFY_WITH_TIMEOUT(alarmOf(window, "press/L1/P-03").has_value(), Patience);
    const auto third = actThroughSocket(state(), acknowledging(*alarmOf(window, "press/L1/P-03"), "cid"));
    QVERIFY(third && third->isDone);
}

void AttachTest::appliesTheWorkspace()
{
    const auto own = evaluate(state());
    const auto attached = attachTo(state());
    QVERIFY(attached);
    Hand::only().row("press/L1/P-01/temp", 1, 50);
    Hand::only().send();
    QTRY_VERIFY_WITH_TIMEOUT(rowsOf(**attached).size() == 1, Patience);
    QVERIFY(outcomeOf(**attached, {ApplyWorkspace{handWorkspace(), "ann", "limit", false}, {}}).isDone);
    const auto limitOf = [](const Session &session) { return session.snapshot()->watches->front().rule->settings["high"].text("limit"); };
    // The evaluator read its own files: there the limit is 90.
    QTRY_COMPARE_WITH_TIMEOUT(limitOf(*own), std::string("90"), Patience);
    QTRY_COMPARE_WITH_TIMEOUT(limitOf(**attached), std::string("90"), Patience);
}

void AttachTest::comesBackAfterAKill()
{
    const QString self = QCoreApplication::applicationFilePath();
    const auto start = [&](QProcess &process) {
        process.start(self, {QStringLiteral("--evaluate"), QString::fromStdString(state())});
        return process.waitForStarted(Patience);
    };
    QProcess first;
    QVERIFY(start(first));
    QTRY_VERIFY_WITH_TIMEOUT(evaluatorAt(state()).has_value(), Patience);
    const auto attached = attachTo(state());
    QVERIFY2(attached, attached ? "" : attached.error().plain().c_str());
    Session &window = **attached;
    QCOMPARE(window.link().process, static_cast<std::uint64_t>(first.processId()));
    QTRY_VERIFY_WITH_TIMEOUT(alarmOf(window, "press/L1/P-01").has_value(), Patience);
    const auto alarm = *alarmOf(window, "press/L1/P-01");
    const auto rows = rowsOf(window);
    const auto answer = outcomeOf(window, {acknowledging(alarm, "ann"), {}});
    QVERIFY2(answer.isDone, answer.says.plain().c_str());

    ::kill(static_cast<pid_t>(first.processId()), SIGKILL);
    QTRY_VERIFY_WITH_TIMEOUT(window.snapshot()->isLost, Patience);
    QTRY_COMPARE_WITH_TIMEOUT(window.link().state, SessionLink::State::Lost, Patience);
    QVERIFY(window.link().nextTry.has_value());
    const auto lost = window.snapshot();
    QVERIFY(lost->troubles.back().plain().find("does not answer") != std::string::npos);
    QCOMPARE(lost->sources.front().status.state, SourceStatus::State::Lost);
    QCOMPARE(rowsOf(window).size(), rows.size()); // what it said last stays
    const auto refused = outcomeOf(window, {acknowledging(alarm, "ann"), {}});
    QVERIFY(!refused.isDone);
    QVERIFY(!refused.says.plain().empty());
    first.waitForFinished();

    QProcess second;
    QVERIFY(start(second));
    QTRY_VERIFY_WITH_TIMEOUT(!window.snapshot()->isLost && window.link().state == SessionLink::State::Attached, Patience);
    QCOMPARE(window.link().process, static_cast<std::uint64_t>(second.processId()));
    QTRY_VERIFY_WITH_TIMEOUT(alarmOf(window, "press/L1/P-01")->regions.ack == AckRegion::Acked, Patience); // durable there
    const auto isTold = [&] {
        const auto snapshot = window.snapshot();
        return std::any_of(snapshot->troubles.begin(), snapshot->troubles.end(),
                           [](const Error &error) { return error.plain().find("does not answer") != std::string::npos; });
    };
    QVERIFY(!isTold());
    second.terminate(); // it has no handler: an end like any
    QTRY_VERIFY_WITH_TIMEOUT(window.snapshot()->isLost, Patience);
    second.waitForFinished();
}

// An answer that was lost with its connection is not an answer that says that there is nothing.
void AttachTest::columnsThatNeverCameAreUnknown()
{
    auto own = evaluate(state());
    Hand::only().row("press/L1/P-01/temp", 1, 20);
    Hand::only().send();
    QTRY_VERIFY_WITH_TIMEOUT(rowsOf(*own).size() == 1, Patience);
    const auto attached = attachTo(state());
    QVERIFY(attached);
    Session &window = **attached;
    const SeriesView view = rowsOf(window).at("press/L1/P-01/temp").view;
    QVERIFY(!columnsOf(window, view, Hand::time(0), Hand::time(2), 10).isUnknown);
    own.reset();
    QTRY_VERIFY_WITH_TIMEOUT(window.link().state == SessionLink::State::Lost, Patience);
    auto asked = std::async(std::launch::async, [&] { return columnsOf(window, view, Hand::time(0), Hand::time(2), 10); });
    own = evaluate(state());
    const Columns lost = asked.get();
    QVERIFY(lost.isUnknown && lost.samples == 0 && lost.columns.size() == 10);
    const auto isBack = [&] {
        const auto now = rowsOf(window).at("press/L1/P-01/temp").view;
        const Columns columns = columnsOf(window, now, Hand::time(0), Hand::time(2), 10);
        return !columns.isUnknown && columns.samples == 1;
    };
    QTRY_VERIFY_WITH_TIMEOUT(isBack(), Patience);
}

void AttachTest::refusesASecondEvaluator()
{
    const auto own = evaluate(state());
    SessionOptions options;
    options.stateFolder = state();
    const auto second = startSession(handWorkspace(), handCatalog(), options);
    QVERIFY(!second);
    QVERIFY2(second.error().plain().find("sightglass --attach " + state()) != std::string::npos, second.error().plain().c_str());
    QVERIFY(second.error().plain().find(std::to_string(::getpid())) != std::string::npos);
    QVERIFY(evaluatorAt(state()).has_value()); // the refused one took nothing from the first
}

void AttachTest::saysWhenItCannotListen()
{
    const QString far = m_folder->filePath(QString(120, u'x'));
    QVERIFY(QDir().mkpath(far));
    qputenv("XDG_RUNTIME_DIR", far.toUtf8());
    const auto own = evaluate(state());
    const auto isTold = [&own] {
        const auto snapshot = own->snapshot();
        return std::any_of(snapshot->troubles.begin(), snapshot->troubles.end(),
                           [](const Error &error) { return error.plain().find("no window can attach") != std::string::npos; });
    };
    QVERIFY(isTold());
    const auto version = own->snapshot()->version;
    QTRY_VERIFY_WITH_TIMEOUT(own->snapshot()->version > version + 1, Patience);
    QVERIFY(isTold());
    const auto attached = attachTo(state());
    QVERIFY(!attached);
    QVERIFY(attached.error().plain().find("no evaluator answers") != std::string::npos);
}

void AttachTest::refusesAnotherVersion()
{
    const auto own = evaluate(state());
    RawClient client(state());
    ByteWriter body;
    body.text(WireMagic);
    body.number(WireVersion + 1);
    body.number(1);
    client.say(frameOf(FrameKind::Hello, 1, body.bytes()));
    const auto answer = client.next();
    QVERIFY(answer && answer->kind == FrameKind::Refused);
    ByteReader in(answer->body);
    QVERIFY(in.error().plain().find("version") != std::string::npos);
    QVERIFY(client.isClosed());
}

void AttachTest::survivesHostilePrograms_data()
{
    QTest::addColumn<bool>("isGreeted");
    QTest::addColumn<QByteArray>("bytes");
    const auto row = [](const char *name, bool isGreeted, const std::string &bytes) {
        QTest::newRow(name) << isGreeted << QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size()));
    };
    std::mt19937_64 random(7);
    std::string noise;
    for (int i = 0; i < 100'000; ++i)
        noise.push_back(static_cast<char>(random()));
    row("noise", false, noise);
    row("noise after hello", true, noise);
    row("four gigabytes", false, std::string("\xFF\xFF\xFF\xFF\x01", 5));
    row("a frame of no length", true, std::string(8, '\0'));
    row("just too long", true, std::string("\x01\x00\x10\x00", 4) + std::string(1U << 20U, 'x'));
    row("an http request", false, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    row("a line of the first version", false, "act\tack\tann\t\t\t00000000000000ff:1\n");
    row("no hello", false, frameOf(FrameKind::Want, 2, std::string(1, '\0')));
    row("hello twice", true, frameOf(FrameKind::Hello, 2, helloBody()));
    row("an unknown kind", true, frameOf(static_cast<FrameKind>(200), 2, {}));
    row("an answer", true, frameOf(FrameKind::Answer, 2, {}));
    row("an action of garbage", true, frameOf(FrameKind::Act, 2, noise.substr(0, 500)));
    row("an action with four thousand million occurrences", true, frameOf(FrameKind::Act, 2, std::string("\x00\xFF\xFF\xFF\xFF\x0F", 6)));
    row("two wants", true, frameOf(FrameKind::Want, 2, "\x7F") + frameOf(FrameKind::Want, 3, "\x7F"));
}

void AttachTest::survivesHostilePrograms()
{
    QFETCH(bool, isGreeted);
    QFETCH(QByteArray, bytes);
    const auto own = evaluate(state());
    RawClient hostile(state());
    if (isGreeted)
        hostile.hello();
    hostile.say(bytes.toStdString());
    QVERIFY(hostile.isClosed());
    // Questions that are well formed and make no sense are refused, and the others are served on.
    RawClient odd(state());
    odd.hello();
    QVERIFY(odd.next()->kind == FrameKind::Welcome);
    ByteWriter body;
    body.number(1ULL << 60U);
    body.time(Hand::time(2));
    body.time(Hand::time(1));
    body.number(1'000'000'000);
    odd.say(frameOf(FrameKind::Columns, 2, body.bytes()));
    const auto refused = odd.next();
    QVERIFY(refused && refused->kind == FrameKind::Refused && refused->request == 2);
    const auto attached = attachTo(state());
    QVERIFY2(attached, attached ? "" : attached.error().plain().c_str());
}

void AttachTest::survivesAHostileEvaluator()
{
    std::mt19937_64 random(11);
    QVERIFY(QDir().mkpath(QString::fromStdString(state())));
    auto listening = listenFor(state());
    QVERIFY(listening);
    std::atomic<int> served = 0;
    std::jthread evil([&](const std::stop_token &stop) {
        while (!stop.stop_requested()) {
            const Descriptor fd = acceptFrom(listening->get());
            if (!fd.isOpen()) {
                std::this_thread::sleep_for(Millis(2));
                continue;
            }
            ByteWriter welcome;
            welcome.number(WireVersion);
            welcome.number(1);
            welcome.text("host");
            welcome.text("/folder");
            std::string out = frameOf(FrameKind::Welcome, 1, welcome.bytes());
            const int which = served++;
            std::string body;
            for (int i = 0; i < 3000; ++i)
                body.push_back(static_cast<char>(random()));
            if (which % 3 == 0)
                out += frameOf(FrameKind::Part, 0, body);
            else if (which % 3 == 1)
                out += frameOf(FrameKind::Root, 0, body);
            else
                out += std::string("\xFF\xFF\xFF\xFF", 4) + body;
            std::this_thread::sleep_for(Millis(20)); // it has asked by then
            (void)sendSome(fd.get(), out);
            std::this_thread::sleep_for(Millis(50));
        }
    });
    std::atomic<int> lost = 0;
    const auto link = std::make_shared<AgentLink>(state(),
                                                  AgentLink::Events{[](const EvaluatorThere &) {},
                                                                    {},
                                                                    [](const std::shared_ptr<Snapshot> &, std::uint64_t) {},
                                                                    [&lost](const SessionLink &, const EvaluatorThere &) { ++lost; }});
    link->start();
    QTRY_VERIFY_WITH_TIMEOUT(lost >= 4, Patience);
    link->stop();
    QVERIFY(!link->isUp());
}

// Every byte of a true transfer changed, and every length cut off: an error or another snapshot, never anything worse.
void AttachTest::readsNoDamagedSnapshot()
{
    const auto own = evaluate(state());
    Hand::only().row("press/L1/P-01/temp", 1, 95);
    Hand::only().row("press/L1/P-03/mode", 5, 0, "run");
    Hand::only().send();
    QTRY_VERIFY_WITH_TIMEOUT(alarmOf(*own, "press/L1/P-01").has_value(), Patience);
    SnapshotWriter writer;
    writer.begin(own->snapshot(), 1);
    const auto part = writer.write(), root = writer.write();
    QVERIFY(!part.isRoot && root.isRoot && !writer.isWriting());
    const auto read = [](const std::string &partBytes, const std::string &rootBytes) {
        SnapshotReader reader([](std::uint32_t, const Row &, Time) { return nullptr; }, {});
        return bool(reader.takePart(partBytes)) && bool(reader.takeRoot(rootBytes));
    };
    QVERIFY(read(part.body, root.body));
    std::mt19937_64 random(3);
    for (std::size_t i = 0; i < part.body.size(); ++i) {
        (void)read(part.body.substr(0, i), root.body);
        std::string changed = part.body;
        changed[i] = static_cast<char>(random());
        (void)read(changed, root.body);
    }
    for (std::size_t i = 0; i < root.body.size(); ++i) {
        QVERIFY(!read(part.body, root.body.substr(0, i)));
        std::string changed = root.body;
        changed[i] = static_cast<char>(random());
        (void)read(part.body, changed);
    }
    QVERIFY(!read(part.body, root.body + "x"));
}

void AttachTest::waitsForNoSlowReader()
{
    const auto own = evaluate(state());
    for (int i = 0; i < 20'000; ++i)
        Hand::only().row("press/L1/P-01/temp", i, 20 + i % 7);
    Hand::only().send();
    QTRY_VERIFY_WITH_TIMEOUT(rowsOf(*own).size() == 1, Patience);
    // Greets, asks for more than a socket holds, and never reads.
    RawClient slow(state());
    slow.hello();
    ByteWriter want;
    want.number(0);
    slow.say(frameOf(FrameKind::Want, 2, want.bytes()));
    ByteWriter body;
    body.number(0);
    body.time(Hand::time(0));
    body.time(Hand::time(20'000));
    body.number(20'000);
    for (std::uint32_t i = 3; i < 300; ++i)
        slow.say(frameOf(FrameKind::Rows, i, body.bytes()));
    // Ingest goes on, and another program is served beside it.
    const auto attached = attachTo(state());
    QVERIFY(attached);
    for (int round = 0; round < 5; ++round) {
        for (int i = 0; i < 1000; ++i)
            Hand::only().row("press/L1/P-02/temp", round * 1000 + i, 20);
        Hand::only().send();
        const Time last = Hand::time(round * 1000 + 999);
        QTRY_VERIFY_WITH_TIMEOUT(rowsOf(*own).contains("press/L1/P-02/temp") && rowsOf(*own).at("press/L1/P-02/temp").t == last, Patience);
        QTRY_VERIFY_WITH_TIMEOUT(rowsOf(**attached).contains("press/L1/P-02/temp") && rowsOf(**attached).at("press/L1/P-02/temp").t == last,
                                 Patience);
    }
    QVERIFY(outcomeOf(*own, {OperatorAction(), {}}).says.plain().size() < 1000); // the ingest thread answers
}

// Another process that evaluates until it is ended.
int evaluateForEver(const char *folder)
{
    const auto session = evaluate(folder);
    for (int i = 0;; ++i) {
        Hand::only().row("press/L1/P-01/temp", 100 + i * 0.05, 95);
        Hand::only().row("press/L1/P-02/temp", 100 + i * 0.05, i);
        Hand::only().send();
        std::this_thread::sleep_for(Millis(50));
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && std::string_view(argv[1]) == "--evaluate")
        return evaluateForEver(argv[2]);
    QCoreApplication app(argc, argv);
    AttachTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_attach.moc"
