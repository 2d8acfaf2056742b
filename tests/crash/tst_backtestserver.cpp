#include "stack/stack.h"

#include "core/times.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include <csignal>
#include <pqxx/pqxx>

using namespace sg;

// `backtest --source` of a PostgreSQL range on a real server, without any state of ours, and Ctrl-C while one runs.
namespace {

constexpr const char *SourceText = R"(  - id: %1
    postgres: { host: "%2", port: %3, user: %4, dbname: %5, view: %1, mode: cursor, cursor: ts, overlap: 1s, row_key: [device, ts] }
    path: [device]
    time: { basis: database, at: "column:ts" }
    decode: { row: { learn: true } }
)";

constexpr const char *RulesText = R"(format: 1
defaults: { priority: high }
rules:
  - id: hot
    series: plant/*/v
    high: { limit: 80 }
  - id: many
    series: large/*/v
    high: { limit: 80 }
)";

// A reading a second, 90 in the first ten seconds of each minute, else 70: when it is hot is known without us.
constexpr const char *Rows
    = "SELECT 'd1'::text AS device, t AS ts, CASE WHEN extract(second FROM t) < 10 THEN 90.0 ELSE 70.0 END::float8 AS v "
      "FROM generate_series('2026-11-20T00:00:00Z'::timestamptz, '2026-11-20T00:00:00Z'::timestamptz + ";

}

class BacktestServerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(m_stack.ok(), m_stack.error().c_str());
        qputenv("XDG_RUNTIME_DIR", m_home.path().toUtf8());
        pqxx::connection connection("host=" + m_stack["SG_PG_HOST"] + " port=" + m_stack["SG_PG_PORT"] + " dbname=" + m_stack["SG_PG_DB"]
                                    + " user=" + m_stack["SG_PG_USER"]);
        pqxx::work work(connection);
        work.exec(std::string("CREATE TABLE plant AS ") + Rows + "interval '1 hour', interval '1 second') AS t");
        work.exec(std::string("CREATE TABLE large AS ") + Rows + "interval '1500000 seconds', interval '1 second') AS t");
        work.exec("CREATE INDEX ON plant (ts)");
        work.exec("CREATE INDEX ON large (ts)");
        work.commit();
        QVERIFY(QDir().mkpath(m_home.filePath(QStringLiteral("plant/rules"))));
        QString sources = QStringLiteral("format: 1\nname: Server\nsources:\n");
        for (const char *id : {"plant", "large"})
            sources += QString::fromUtf8(SourceText)
                           .arg(QString::fromUtf8(id), QString::fromStdString(m_stack["SG_PG_HOST"]),
                                QString::fromStdString(m_stack["SG_PG_PORT"]), QString::fromStdString(m_stack["SG_PG_USER"]),
                                QString::fromStdString(m_stack["SG_PG_DB"]));
        write("plant/workspace.yaml", sources);
        write("plant/rules/plant.yaml", QString::fromUtf8(RulesText));
    }

    void aRangeOfTheServer_data()
    {
        QTest::addColumn<int>("from"); // minutes of the hour
        QTest::addColumn<int>("to");
        QTest::newRow("a part of what it holds") << 10 << 30;
        QTest::newRow("up to its end") << 50 << 61;
    }
    void aRangeOfTheServer()
    {
        QFETCH(int, from);
        QFETCH(int, to);
        const auto csv = m_home.filePath(QStringLiteral("occurrences.csv"));
        QFile::remove(csv);
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(QStringLiteral(SG_AGENT), arguments("plant", "hot", minute(from), minute(to)) << QStringLiteral("--csv") << csv);
        QVERIFY(process.waitForFinished(60'000));
        const auto said = process.readAll();
        QVERIFY2(process.exitCode() == 0, said.constData());
        QFile file(csv);
        QVERIFY2(file.open(QIODevice::ReadOnly), said.constData());
        QList<QByteArray> lines = file.readAll().trimmed().split('\n');
        lines.removeFirst(); // the head
        // The reading of the last whole minute is hot too, but its end is past the hour.
        const int last = std::min(to, 61);
        QCOMPARE(static_cast<int>(lines.size()), last - from);
        for (int i = 0; i < lines.size(); ++i) {
            const auto cells = lines[i].split(',');
            QCOMPARE(*parseIso(cells[3].toStdString()), minute(from + i));
            if (from + i < 60)
                QCOMPARE(*parseIso(cells[4].toStdString()), minute(from + i) + std::chrono::seconds(10));
            else
                QVERIFY(cells[4].isEmpty()); // the last reading of all
        }
    }

    void interrupted_data()
    {
        QTest::addColumn<int>("signal");
        QTest::newRow("Ctrl-C") << SIGINT;
        QTest::newRow("terminated") << SIGTERM;
    }
    void interrupted()
    {
        QFETCH(int, signal);
        QProcess process;
        process.start(QStringLiteral(SG_AGENT), arguments("large", "many", minute(0), minute(24'000)));
        // It says how far the server is as soon as it reads.
        QByteArray told;
        const auto isReading = [&] {
            told += process.readAllStandardError();
            return told.contains('\n');
        };
        QVERIFY2(QTest::qWaitFor(isReading, 30'000), told.constData());
        QVERIFY(process.state() == QProcess::Running);
        QElapsedTimer since;
        since.start();
        QCOMPARE(::kill(static_cast<pid_t>(process.processId()), signal), 0);
        QVERIFY(process.waitForFinished(20'000));
        const auto said = process.readAllStandardOutput();
        qInfo("ended after %lld ms", static_cast<long long>(since.elapsed()));
        QCOMPARE(process.exitStatus(), QProcess::NormalExit); // it ended by itself
        QVERIFY2(process.exitCode() == 130, (said + told + process.readAllStandardError()).constData());
        QVERIFY2(said.contains("stopped "), said.constData());
    }

private:
    static Time minute(int n) { return *parseIso("2026-11-20T00:00:00Z") + std::chrono::minutes(n); }
    void write(const char *name, const QString &text)
    {
        QFile file(m_home.filePath(QString::fromUtf8(name)));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text.toUtf8()) > 0);
    }
    QStringList arguments(const char *source, const char *rule, Time from, Time to) const
    {
        return {QStringLiteral("backtest"),
                QStringLiteral("--workspace"),
                m_home.filePath(QStringLiteral("plant")),
                QStringLiteral("--state"),
                m_home.filePath(QStringLiteral("state")),
                QStringLiteral("--source"),
                QString::fromUtf8(source),
                QStringLiteral("--rule"),
                QString::fromUtf8(rule),
                QStringLiteral("--from"),
                QString::fromStdString(formatUtc(from)),
                QStringLiteral("--to"),
                QString::fromStdString(formatUtc(to))};
    }

    test::Stack m_stack{{"postgres"}};
    QTemporaryDir m_home;
};

QTEST_GUILESS_MAIN(BacktestServerTest)
#include "tst_backtestserver.moc"
