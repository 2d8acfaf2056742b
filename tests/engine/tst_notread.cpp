#include "engine/session.h"

#include <QtTest>

#include <atomic>
#include <thread>

using namespace sg;

// What is not read on purpose: sources nobody agreed to, sources that are stopped, sources that were removed. Nothing of them is made,
// and what hangs on them waits.
namespace {

using Millis = std::chrono::milliseconds;

std::mutex theMutex;
std::map<std::string, int> madeOf, runningOf; // guarded by theMutex
std::atomic<double> value = 95;

int count(std::map<std::string, int> &of, const std::string &id)
{
    const std::lock_guard guard(theMutex);
    return of[id];
}

// Sends one value of its own key and then again whenever `value` changes.
class Steady final : public Source
{
public:
    explicit Steady(std::string id)
        : m_id(std::move(id))
    {
    }
    Error run(Lane &lane, const Positions &, std::stop_token stop) override
    {
        add(1);
        SourceStatus status;
        status.state = SourceStatus::State::Live;
        lane.report(status);
        double sent = 0;
        while (!stop.stop_requested()) {
            if (value != sent)
                push(lane, sent = value);
            std::this_thread::sleep_for(Millis(1));
        }
        add(-1);
        return {};
    }

private:
    void add(int by)
    {
        const std::lock_guard guard(theMutex);
        runningOf[m_id] += by;
    }
    void push(Lane &lane, double number)
    {
        Batch batch;
        batch.arrival = Mono::clock::now();
        if (!std::exchange(m_isNamed, true))
            batch.newSeries = {{LocalId(0), m_id + "/L1/temp", ValueKind::Number}};
        batch.series = {LocalId(0)};
        batch.stamp = {std::chrono::floor<Micros>(std::chrono::system_clock::now())};
        batch.value = {number};
        batch.quality = {Quality::Good};
        batch.isLive = {1};
        batch.offset = {0};
        batch.runs = {{0, "t/0"}};
        QVERIFY(lane.push(batch));
    }
    const std::string m_id;
    bool m_isNamed = false;
};

constexpr Field HandFields[] = {
    {.key = "broker", .isRequired = true},
    {.key = "password", .type = FieldType::Secret},
};

const SourceCatalog &catalog()
{
    static const SourceCatalog kinds{
        {"hand", {.name = "hand", .fields = HandFields, .make = [](const SourceSpec &spec) -> std::unique_ptr<Source> {
                      const std::lock_guard guard(theMutex);
                      ++madeOf[spec.id];
                      return std::make_unique<Steady>(spec.id);
                  }}}};
    return kinds;
}

class Receiver final : public Sender
{
public:
    Sent send(const Notification &, std::stop_token) override { return {}; }
};

const SenderCatalog &senders()
{
    static const SenderCatalog kinds{{"http", {.name = "http", .make = [](const SourceSpec &spec) -> std::unique_ptr<Sender> {
                                                   const std::lock_guard guard(theMutex);
                                                   ++madeOf[spec.id];
                                                   return std::make_unique<Receiver>();
                                               }}}};
    return kinds;
}

constexpr const char *Rules = "format: 1\nrules:\n"
                              "  - { id: hot, series: press/*/temp, high: { limit: 80 }, priority: high, action: look }\n";

std::shared_ptr<const Workspace> workspaceOf(const std::string &sources, const std::string &routes = {})
{
    std::map<std::string, std::string> files{{"workspace.yaml", "format: 1\nname: Guards\nsources:\n" + sources}, {"rules/a.yaml", Rules}};
    if (!routes.empty())
        files["routes.yaml"] = "format: 1\n" + routes;
    auto workspace = readWorkspaceFiles(files, catalog());
    if (!workspace)
        qFatal("%s", workspace.error().plain().c_str());
    return std::make_shared<const Workspace>(std::move(*workspace));
}

constexpr const char *Press = "  - { id: press, hand: { broker: \"tcp://a:1\", password: { env: SG_A } }, path: [line] }\n";
constexpr const char *PressStopped
    = "  - { id: press, enabled: false, hand: { broker: \"tcp://a:1\", password: { env: SG_A } }, path: [line] }\n";
constexpr const char *PressElsewhere = "  - { id: press, hand: { broker: \"tcp://b:1\", password: { env: SG_A } }, path: [line] }\n";
constexpr const char *Oven = "  - { id: oven, hand: { broker: \"tcp://a:1\" }, path: [line] }\n";

}

class TestNotRead : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void nothingIsMadeBeforeConsent();
    void aRouteWaitsForConsentToo();
    void anotherServerNeedsConsentAnew();
    void aStoppedSourceClearsNothing();
    void sourcesComeAndGoWhileOthersRun();
    void aRemovedSourceIsSaidToBeGone();
    void aStoppedSourceIsStoppedAfterARestart();

private:
    void start(std::shared_ptr<const Workspace> workspace);
    void apply(std::shared_ptr<const Workspace> workspace);
    void agree(std::vector<Access> accesses);
    [[nodiscard]] const SourceRow *source(const std::string &id);
    [[nodiscard]] std::optional<AlarmView> alarm();
    [[nodiscard]] bool isInState(const std::string &id, SourceStatus::State state)
    {
        const auto *row = source(id);
        return row != nullptr && row->status.state == state;
    }
    [[nodiscard]] QStringList journal(const std::string &event);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Session> m_session;
    std::shared_ptr<const Snapshot> m_shown;
    std::mutex m_mutex;
    std::set<Access> m_agreed; // guarded by m_mutex
    std::vector<JournalRow> m_journal; // guarded by m_mutex
};

void TestNotRead::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    qputenv("XDG_STATE_HOME", m_folder->filePath(QStringLiteral("home")).toUtf8());
    qunsetenv("SIGHTGLASS_TRUST");
    m_agreed.clear();
    m_journal.clear();
    value = 95;
    const std::lock_guard guard(theMutex);
    madeOf.clear();
    runningOf.clear();
}

void TestNotRead::cleanup()
{
    m_session.reset();
}

void TestNotRead::start(std::shared_ptr<const Workspace> workspace)
{
    SessionOptions options;
    options.stateFolder = m_folder->filePath(QStringLiteral("state")).toStdString();
    options.listens = false;
    options.senders = &senders();
    options.consents = Consents::keptFor;
    options.onRecord = [this](const JournalRow &row) {
        const std::lock_guard guard(m_mutex);
        m_journal.push_back(row);
    };
    auto session = startSession(std::move(workspace), catalog(), options);
    if (!session)
        qFatal("%s", session.error().plain().c_str());
    m_session = std::move(*session);
}

void TestNotRead::apply(std::shared_ptr<const Workspace> workspace)
{
    std::atomic<bool> isDone = false;
    m_session->submit({ApplyWorkspace{std::move(workspace), "tester", "edit", false}, [&](const Outcome &) { isDone = true; }});
    QTRY_VERIFY(isDone);
}

void TestNotRead::agree(std::vector<Access> accesses)
{
    for (Access &access : accesses)
        access.guard = Access::Guard::Plain;
    QVERIFY(trust({}, accesses)); // a workspace in memory has no folder
}

const SourceRow *TestNotRead::source(const std::string &id)
{
    m_shown = m_session->snapshot();
    const auto &sources = m_shown->sources;
    const auto found = std::find_if(sources.begin(), sources.end(), [&](const SourceRow &row) { return row.id == id; });
    return found == sources.end() ? nullptr : &*found;
}

std::optional<AlarmView> TestNotRead::alarm()
{
    const auto shown = m_session->snapshot();
    for (std::size_t i = 0; i < shown->alarms.size(); ++i)
        if (const auto &alarm = shown->alarms.at(i).alarm; alarm.rule && alarm.rule->id == "hot")
            return alarm;
    return std::nullopt;
}

QStringList TestNotRead::journal(const std::string &event)
{
    const std::lock_guard guard(m_mutex);
    QStringList out;
    for (const JournalRow &row : m_journal)
        if (row.event == event)
            out << QString::fromStdString(row.source + row.rule + ": " + row.reason);
    return out;
}

void TestNotRead::nothingIsMadeBeforeConsent()
{
    start(workspaceOf(std::string(Press) + Oven));
    QTRY_VERIFY(isInState("press", SourceStatus::State::Stopped));
    QVERIFY(source("press")->status.why);
    QCOMPARE(source("press")->status.why->plain(),
             std::string(
                 "waits for consent: it would connect to tcp://a:1 with environment variable SG_A, not encrypted; agree in the window, or "
                 "with sightglass-agent run --trust HASH"));
    QTRY_COMPARE(journal("SOURCE_LOST").size(), 2);
    QTest::qWait(100);
    QCOMPARE(count(madeOf, "press"), 0);
    QCOMPARE(count(madeOf, "oven"), 0);
    agree({{"tcp://a:1", ""}}); // what was agreed to runs, the rest waits
    apply(workspaceOf(std::string(Press) + Oven));
    QTRY_VERIFY(isInState("oven", SourceStatus::State::Live));
    QVERIFY(isInState("press", SourceStatus::State::Stopped));
    QCOMPARE(count(madeOf, "press"), 0);
    agree({{"tcp://a:1", "environment variable SG_A"}});
    apply(workspaceOf(std::string(Press) + Oven));
    QTRY_VERIFY(isInState("press", SourceStatus::State::Live));
    QCOMPARE(count(madeOf, "oven"), 1); // what ran goes on
}

void TestNotRead::aRouteWaitsForConsentToo()
{
    agree({{"tcp://a:1", "environment variable SG_A"}});
    const std::string routes = "routes:\n  - { id: desk, http: { url: \"http://r:1/x\", token: { env: SG_R } } }\n"
                               "heartbeats:\n  - { id: alive, http: { url: \"http://h:1/x\" }, every: 1s }\n";
    start(workspaceOf(Press, routes));
    QTRY_VERIFY(alarm() && alarm()->regions.condition == ConditionRegion::Active);
    const auto waits = [this] {
        const auto reader = StateReader::open(m_session->stateFolder());
        const auto rows = reader ? (*reader)->outbox() : Result<std::vector<OutboxRow>>(reader.error());
        return rows && std::any_of(rows->begin(), rows->end(), [](const OutboxRow &row) {
                   return row.route == "desk" && row.why.find("waits for consent") != std::string::npos;
               });
    };
    QTRY_VERIFY(waits());
    QCOMPARE(count(madeOf, "desk"), 0);
    QCOMPARE(count(madeOf, "alive"), 0);
    agree({{"http://r:1", "environment variable SG_R"}, {"http://h:1", ""}});
    apply(workspaceOf(Press, routes));
    QTRY_COMPARE_WITH_TIMEOUT(count(madeOf, "desk"), 1, 15'000);
    QTRY_COMPARE(count(madeOf, "alive"), 1);
}

void TestNotRead::anotherServerNeedsConsentAnew()
{
    agree({{"tcp://a:1", "environment variable SG_A"}});
    start(workspaceOf(Press));
    QTRY_COMPARE(count(runningOf, "press"), 1);
    apply(workspaceOf(PressElsewhere)); // as a git pull would
    QTRY_VERIFY(isInState("press", SourceStatus::State::Stopped));
    QTRY_COMPARE(count(runningOf, "press"), 0);
    QCOMPARE(count(madeOf, "press"), 1);
}

void TestNotRead::aStoppedSourceClearsNothing()
{
    agree({{"tcp://a:1", "environment variable SG_A"}});
    start(workspaceOf(Press));
    QTRY_VERIFY(alarm() && alarm()->regions.condition == ConditionRegion::Active);
    const std::uint64_t occurrence = alarm()->regions.occurrence;
    apply(workspaceOf(PressStopped));
    QTRY_COMPARE(count(runningOf, "press"), 0);
    QTRY_VERIFY(isInState("press", SourceStatus::State::Stopped));
    QTRY_VERIFY(alarm() && alarm()->isStale);
    QCOMPARE(alarm()->why.plain(), std::string("source stopped: it says enabled: false"));
    QCOMPARE(int(alarm()->regions.condition), int(ConditionRegion::Active));
    QCOMPARE(whyNotRead(*m_session->snapshot(), "press/L1/temp")->plain(), alarm()->why.plain());
    QTRY_COMPARE(journal("SOURCE_LOST"), QStringList{QStringLiteral("press: source stopped: it says enabled: false")});
    QVERIFY(m_session->snapshot()->staged.empty()); // nothing of it waits for Apply
    value = 20; // it could not be seen: nothing clears
    QTest::qWait(100);
    QCOMPARE(int(alarm()->regions.condition), int(ConditionRegion::Active));
    apply(workspaceOf(Press));
    QTRY_VERIFY(isInState("press", SourceStatus::State::Live));
    QTRY_VERIFY(alarm() && alarm()->regions.condition == ConditionRegion::Normal);
    QVERIFY(!alarm()->isStale);
    QCOMPARE(alarm()->regions.occurrence, occurrence); // the same one, which was never cleared meanwhile
    QCOMPARE(journal("SOURCE_LIVE").size(), 2);
}

void TestNotRead::sourcesComeAndGoWhileOthersRun()
{
    agree({{"tcp://a:1", "environment variable SG_A"}, {"tcp://b:1", "environment variable SG_A"}});
    start(workspaceOf(Press));
    QTRY_COMPARE(count(runningOf, "press"), 1);
    apply(workspaceOf(std::string(Press) + Oven)); // added
    QTRY_COMPARE(count(runningOf, "oven"), 1);
    apply(workspaceOf(std::string(PressElsewhere) + Oven)); // changed
    QTRY_COMPARE(count(madeOf, "press"), 2);
    QTRY_COMPARE(count(runningOf, "press"), 1);
    apply(workspaceOf(PressElsewhere)); // removed
    QTRY_COMPARE(count(runningOf, "oven"), 0);
    QTRY_VERIFY(source("oven") == nullptr);
    QCOMPARE(count(madeOf, "press"), 2);
    QCOMPARE(count(madeOf, "oven"), 1);
}

void TestNotRead::aRemovedSourceIsSaidToBeGone()
{
    agree({{"tcp://a:1", "environment variable SG_A"}});
    start(workspaceOf(std::string(Press) + Oven));
    QTRY_VERIFY(alarm() && alarm()->regions.condition == ConditionRegion::Active);
    apply(workspaceOf(Oven));
    QTRY_COMPARE(count(runningOf, "press"), 0);
    QTRY_VERIFY(alarm() && alarm()->isStale); // its rule stays in its last version, and it waits
    QCOMPARE(alarm()->why.plain(), std::string("the workspace has no source 'press' any more"));
    QCOMPARE(int(alarm()->regions.condition), int(ConditionRegion::Active));
}

void TestNotRead::aStoppedSourceIsStoppedAfterARestart()
{
    agree({{"tcp://a:1", "environment variable SG_A"}});
    start(workspaceOf(Press));
    QTRY_VERIFY(alarm() && alarm()->regions.condition == ConditionRegion::Active);
    m_session.reset();
    const int before = count(madeOf, "press");
    start(workspaceOf(PressStopped));
    QTRY_VERIFY(alarm() && alarm()->isStale);
    QCOMPARE(alarm()->why.plain(), std::string("source stopped: it says enabled: false"));
    QCOMPARE(int(alarm()->regions.condition), int(ConditionRegion::Active));
    QCOMPARE(count(madeOf, "press"), before);
}

QTEST_GUILESS_MAIN(TestNotRead)
#include "tst_notread.moc"
