#include "connectors/kafkaside.h"
#include "stack/stack.h"

#include "alarms/occurrences.h"
#include "core/text.h"
#include "core/times.h"
#include "state/statefile.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include <random>

using namespace sg;

// The occurrences of a live run on a real Kafka are those of a backtest of the same data: of the history that the run left, and of the
// topic's own range.
namespace {

constexpr int Devices = 6;
constexpr std::chrono::milliseconds Feeding{12'000}, Calm{2500};

constexpr const char *WorkspaceText = R"(format: 1
name: Live
sources:
  - id: plant
    kafka: { brokers: ["%1"], topics: [plant], start: earliest }
    path: [device]
    labels: { device: /id }
    time: { basis: message, at: /ts, unit: ms, lateness: 2s } # more than a busy machine ever holds a message back
    decode: { json: { fields: { v: { at: /v }, state: { at: /state } } } }
)";

constexpr const char *RulesText = R"(format: 1
defaults: { priority: high }
rules:
  - id: hot
    series: plant/*/v
    high: { limit: 60, deadband: 2, on_delay: 300ms, off_delay: 200ms }
    high_high: { limit: 75 }
  - id: hot-mean
    series: plant/*/v
    window: { take: avg, over: 1s, coverage: 50% }
    high: { limit: 58, on_delay: 100ms }
  - id: stopped
    series: plant/*/state
    state_change: { from: running, to: stopped }
    on_delay: 150ms
  - id: faulty
    series: plant/*/state
    equals: fault
)";

std::string lineOf(const Occurrence &one)
{
    return one.rule + " " + one.path() + " " + formatUtc(one.begin) + " " + (one.end == NoTime ? "-" : formatUtc(one.end)) + " "
        + nameOf(one.highest) + " " + hex(one.id);
}

std::string plain(const std::vector<OccurrenceChange> &changes)
{
    std::string out;
    for (const OccurrenceChange &change : changes)
        out += "\n  live " + lineOf(change.before) + "\n  backtest " + lineOf(change.after);
    return out;
}

std::int64_t nowMillis()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Devices that wander; each is a line of its own in one of three partitions.
class Plant
{
public:
    explicit Plant(test::KafkaSide &kafka, unsigned seed)
        : m_kafka(kafka)
        , m_random(seed)
    {
    }
    void send(int device, std::int64_t at, bool isCalm = false)
    {
        std::int64_t &last = m_last[static_cast<std::size_t>(device)];
        at = last = std::max(at, last + 1); // two readings of one time would be one
        double &value = m_values[static_cast<std::size_t>(device)];
        value += std::normal_distribution<double>(0, 5)(m_random) + (56 - value) * 0.08;
        std::string &state = m_states[static_cast<std::size_t>(device)];
        if (std::uniform_real_distribution<double>()(m_random) < 0.06) {
            static constexpr const char *states[] = {"running", "stopped", "fault"};
            state = states[m_random() % 3];
        }
        const std::string id = "d" + std::to_string(device);
        m_kafka.send({"plant", device % 3,
                      "{\"id\":\"" + id + "\",\"ts\":" + std::to_string(at)
                          + ",\"v\":" + (isCalm ? "20" : formatNumber(std::round(value * 10) / 10)) + ",\"state\":\""
                          + (isCalm ? "running" : state) + "\"}",
                      id});
    }

private:
    test::KafkaSide &m_kafka;
    std::mt19937 m_random;
    std::array<double, Devices> m_values{50, 52, 54, 56, 58, 60};
    std::array<std::int64_t, Devices> m_last{};
    std::array<std::string, Devices> m_states{"running", "running", "running", "running", "running", "running"};
};

}

class BacktestLiveTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(m_stack.ok(), m_stack.error().c_str());
        qputenv("XDG_RUNTIME_DIR", m_home.path().toUtf8());
        QVERIFY(QDir().mkpath(m_home.filePath(QStringLiteral("plant/rules"))));
        write("plant/workspace.yaml", QString::fromUtf8(WorkspaceText).arg(QString::fromStdString(m_stack["SG_KAFKA_BROKERS"])));
        write("plant/rules/plant.yaml", QString::fromUtf8(RulesText));
        live();
    }

    void theJournalIsTheBacktest_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("of the history") << QStringList();
        QTest::newRow("of the topic's range") << QStringList{QStringLiteral("--source"), QStringLiteral("plant"), QStringLiteral("--from"),
                                                             QString::fromStdString(formatUtc(m_began))};
    }
    void theJournalIsTheBacktest()
    {
        QFETCH(QStringList, arguments);
        const QString csv = m_home.filePath(QStringLiteral("occurrences.csv"));
        const auto [code, said] = agent({QStringLiteral("backtest"), QStringLiteral("--csv"), csv}, arguments);
        QVERIFY2(code == 0, said.constData());
        const auto found = differences(m_live, occurrencesIn(csv));
        QVERIFY2(found.empty(), (plain(found) + "\n" + said.toStdString()).c_str());
    }

    // The other two that read what a run left.
    void adviceAndReport_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("says");
        QTest::newRow("advise") << QStringList{QStringLiteral("advise"), QStringLiteral("hot"), QStringLiteral("--all")}
                                << "noise of the readings";
        QTest::newRow("kpi") << QStringList{QStringLiteral("kpi"), QStringLiteral("--csv"), m_home.filePath(QStringLiteral("kpi"))}
                             << "alarms_per_day (";
        QTest::newRow("rows of a number") << QStringList{QStringLiteral("kpi"), QStringLiteral("--rows"), QStringLiteral("alarms_per_day")}
                                          << "RAISED";
        QTest::newRow("two versions") << QStringList{QStringLiteral("backtest"), QStringLiteral("--with"),
                                                     m_home.filePath(QStringLiteral("plant"))}
                                      << "add 0, remove 0 and shift 0";
    }
    void adviceAndReport()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, says);
        const auto [code, said] = agent(arguments, {});
        QVERIFY2(code == 0 && said.contains(says.toUtf8()), said.constData());
    }

private:
    void write(const char *name, const QString &text)
    {
        QFile file(m_home.filePath(QString::fromUtf8(name)));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text.toUtf8()) > 0);
    }

    QStringList places() const
    {
        return {QStringLiteral("--workspace"), m_home.filePath(QStringLiteral("plant")), QStringLiteral("--state"),
                m_home.filePath(QStringLiteral("state"))};
    }

    std::pair<int, QByteArray> agent(const QStringList &arguments, const QStringList &more) const
    {
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(QStringLiteral(SG_AGENT), arguments + places() + more);
        const bool isOver = process.waitForFinished(60'000);
        return {isOver ? process.exitCode() : -1, process.readAll()};
    }

    // Some of it before the agent runs, so that it catches up first.
    void live()
    {
        test::KafkaSide kafka(m_stack["SG_KAFKA_BROKERS"]);
        kafka.createTopic("plant", 3);
        Plant plant(kafka, 20261121);
        const std::int64_t first = nowMillis() - 60'000;
        m_began = Time(std::chrono::milliseconds(first - 1000));
        for (int i = 0; i < 200; ++i)
            for (int device = 0; device < Devices; ++device)
                plant.send(device, first + i * 200 + device);

        QProcess agent;
        agent.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        agent.start(QStringLiteral(SG_AGENT), QStringList{QStringLiteral("run"), QStringLiteral("--json")} + places());
        QVERIFY(agent.waitForStarted());
        QByteArray said;
        const auto isSaid = [&](const char *what) {
            said += agent.readAllStandardOutput();
            return said.contains(what);
        };
        const bool isLive = QTest::qWaitFor([&] { return isSaid("SOURCE_LIVE"); }, 30'000);
        QVERIFY2(isLive, said.constData());

        // On the clock; now and then a device is silent for a second, which a running delay must outlive.
        const std::int64_t begin = nowMillis(), feeding = Feeding.count(), calm = Calm.count();
        for (std::int64_t tick = 0; tick < (feeding + calm) / 50; ++tick) {
            QTest::qWait(static_cast<int>(std::max<std::int64_t>(0, begin + tick * 50 - nowMillis())));
            for (int device = 0; device < Devices; ++device)
                if (const std::int64_t turn = tick / 20; turn % 7 != device || tick * 50 > feeding)
                    plant.send(device, nowMillis(), tick * 50 > feeding);
        }
        kafka.flush();
        const std::int64_t last = nowMillis();
        QTRY_VERIFY_WITH_TIMEOUT(newestSecond() >= last / 1000 - 1, 20'000);
        QTest::qWait(3000); // what hangs on timers alone is over as well
        agent.terminate();
        QVERIFY(agent.waitForFinished(20'000));
        QCOMPARE(agent.exitCode(), 0);

        const auto reader = StateReader::open(m_home.filePath(QStringLiteral("state")).toStdString());
        QVERIFY(bool(reader));
        JournalQuery all;
        all.limit = 1'000'000;
        const auto rows = (*reader)->journal(all);
        QVERIFY(bool(rows));
        m_live = occurrencesOf(*rows);
        std::map<std::string, int> counts;
        for (const Occurrence &one : m_live)
            ++counts[one.rule];
        for (const char *rule : {"hot", "hot-mean", "stopped", "faulty"})
            QVERIFY2(counts[rule] >= 10, (std::string(rule) + " " + std::to_string(counts[rule])).c_str());
    }

    [[nodiscard]] std::int64_t newestSecond() const
    {
        const auto reader = StateReader::open(m_home.filePath(QStringLiteral("state")).toStdString());
        if (!reader)
            return 0;
        Time newest = NoTime;
        if (const auto values = (*reader)->lastValues())
            for (const StateReader::LastValue &value : *values)
                newest = std::max(newest, value.row.t);
        return std::chrono::floor<std::chrono::seconds>(newest.time_since_epoch()).count();
    }

    static std::vector<Occurrence> occurrencesIn(const QString &csv)
    {
        std::vector<Occurrence> out;
        QFile file(csv);
        if (!file.open(QIODevice::ReadOnly))
            return out;
        file.readLine(); // the head
        while (!file.atEnd()) {
            const QList<QByteArray> cells = file.readLine().trimmed().split(',');
            Occurrence one;
            one.rule = cells[0].toStdString();
            one.key = cells[1].toStdString();
            one.field = cells[2].toStdString();
            one.begin = *parseIso(cells[3].toStdString());
            if (!cells[4].isEmpty())
                one.end = *parseIso(cells[4].toStdString());
            one.highest = levelNamed(cells[5].toStdString());
            one.id = cells[6].toULongLong(nullptr, 16);
            out.push_back(std::move(one));
        }
        return out;
    }

    test::Stack m_stack{{"kafka"}};
    QTemporaryDir m_home;
    Time m_began{};
    std::vector<Occurrence> m_live;
};

QTEST_GUILESS_MAIN(BacktestLiveTest)
#include "tst_backtestlive.moc"
