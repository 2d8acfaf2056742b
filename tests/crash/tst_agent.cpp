#include "export/csv.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <array>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

// The agent as people use it: its commands on the demo plant, its exit codes and its sentences. No server is needed.
namespace {

struct Ended
{
    int status = -1; // -1: it did not end in time, or was killed
    QString out, err;
    [[nodiscard]] QList<QJsonObject> rows() const
    {
        QList<QJsonObject> rows;
        const auto lines = out.toUtf8().split('\n');
        for (const QByteArray &line : lines) {
            if (!line.isEmpty())
                rows.append(QJsonDocument::fromJson(line).object());
        }
        return rows;
    }
    [[nodiscard]] QByteArray all() const { return (out + QStringLiteral("\n") + err).toUtf8(); }
};

Ended run(const QStringList &arguments, int limit = 60'000)
{
    QProcess process;
    process.start(QStringLiteral(SG_AGENT), arguments);
    if (!process.waitForFinished(limit)) {
        process.kill();
        process.waitForFinished();
        return {-1, {}, QStringLiteral("no end within %1 ms").arg(limit)};
    }
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1, QString::fromUtf8(process.readAllStandardOutput()),
            QString::fromUtf8(process.readAllStandardError())};
}

// RFC 4180, read by other code than wrote it. Empty when it is not well formed.
QList<QStringList> readCsv(const QByteArray &bytes)
{
    QList<QStringList> rows;
    QStringList row;
    QByteArray field;
    bool isQuoted = false, wasQuoted = false;
    for (int i = 0; i < bytes.size(); ++i) {
        const char c = bytes[i];
        if (isQuoted) {
            if (c != '"') {
                field += c;
            } else if (i + 1 < bytes.size() && bytes[i + 1] == '"') {
                field += '"';
                ++i;
            } else {
                isQuoted = false;
            }
        } else if (c == '"' && field.isEmpty() && !wasQuoted) {
            isQuoted = wasQuoted = true;
        } else if (c == ',' || (c == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n')) {
            row.append(QString::fromUtf8(field));
            field.clear();
            wasQuoted = false;
            if (c == '\r') {
                ++i;
                rows.append(row);
                row.clear();
            }
        } else if (c == '\r' || c == '\n' || c == '"' || wasQuoted) {
            return {};
        } else {
            field += c;
        }
    }
    return isQuoted || !row.isEmpty() || !field.isEmpty() ? QList<QStringList>() : rows;
}

QList<QJsonObject> ofEvent(const QList<QJsonObject> &rows, const char *event)
{
    QList<QJsonObject> out;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(out),
                 [event](const QJsonObject &row) { return row[QLatin1String("event")].toString() == QLatin1String(event); });
    return out;
}

}

class AgentTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void helpAndWrongUse_data();
    void helpAndWrongUse();
    void watchesTheDemo();
    void showsWhatItKept();
    void exportsTheJournal();
    void explainsAnAlarm();
    void actsOnAlarms_data();
    void actsOnAlarms();
    void acknowledgesAloneAndThroughTheSocket();
    void checksAWorkspace_data();
    void checksAWorkspace();
    void checksTheTestsToo();
    void connectsNowhereWithoutConsent();
    void triesEverySourceAndRoute();

private:
    QString file(const QString &name) const { return m_folder.filePath(name); }
    void write(const QString &name, const QByteArray &text) const
    {
        QDir().mkpath(QFileInfo(file(name)).path());
        QFile out(file(name));
        QVERIFY(out.open(QIODevice::WriteOnly) && out.write(text) == text.size());
    }
    QList<QJsonObject> journal() const { return run({QStringLiteral("journal"), QStringLiteral("--json")}).rows(); }
    QList<QJsonObject> waitingAlarms() const
    {
        QList<QJsonObject> out;
        const auto alarms = run({QStringLiteral("alarms"), QStringLiteral("--json")}).rows();
        std::copy_if(alarms.begin(), alarms.end(), std::back_inserter(out), [](const QJsonObject &alarm) {
            return alarm[QLatin1String("state")].toString().contains(QStringLiteral("nacknowledged"));
        });
        return out;
    }

    QTemporaryDir m_folder;
};

void AgentTest::initTestCase()
{
    QVERIFY(m_folder.isValid());
    QVERIFY(QDir().mkpath(file(QStringLiteral("run"))));
    QFile::setPermissions(file(QStringLiteral("run")), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    qputenv("XDG_STATE_HOME", file(QStringLiteral("state")).toUtf8());
    qputenv("XDG_RUNTIME_DIR", file(QStringLiteral("run")).toUtf8());
}

void AgentTest::helpAndWrongUse_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const char *arguments, int status, const char *says) {
        QTest::newRow(name) << QString::fromLatin1(arguments).split(QLatin1Char(' '), Qt::SkipEmptyParts) << status
                            << QString::fromLatin1(says);
    };
    row("help", "--help", 0, "usage: sightglass-agent COMMAND");
    row("help of a command", "run --help", 0, "--for DURATION");
    row("version", "--version", 0, "sightglass-agent 0.");
    row("nothing", "", 2, "usage: sightglass-agent COMMAND");
    row("unknown command", "watch", 2, "unknown command 'watch'");
    row("unknown option", "run --workspce x", 2, "did you mean --workspace?");
    row("option without value", "run --workspace", 2, "--workspace needs a value: --workspace DIR");
    row("no duration", "run --for 10m", 2, "'10m' is not a duration");
    row("no rule", "ack", 2, "usage: sightglass-agent ack");
    row("no rule to note on", "note", 2, "usage: sightglass-agent note");
    row("shelve without end", "shelve press-hot", 2, "--for DURATION | --once");
    row("shelve with two ends", "shelve press-hot --for 30min --once", 2, "--for DURATION | --once");
    row("shelve for no duration", "shelve press-hot --for 10m", 2, "10min?");
    row("shelve for nothing", "shelve press-hot --for 0s", 2, "more than nothing");
    row("help of a verb", "out-of-service --help", 0, "--reason TEXT");
    row("no file", "export", 2, "usage: sightglass-agent export");
    row("no workspace there", "run --workspace /nowhere/at/all", 1, "'/nowhere/at/all'");
    row("the workspace as a word", "run /nowhere/at/all", 1, "'/nowhere/at/all'");
    row("a word too many", "run /nowhere /at/all", 2, "'/at/all' is one word too many");
    row("no journal to verify", "journal --verify --state /nowhere", 1, "/nowhere");
    row("no time", "journal --from yesterday --state /nowhere", 1, "/nowhere");
}

void AgentTest::helpAndWrongUse()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, status);
    QFETCH(QString, says);
    const Ended ended = run(arguments);
    QVERIFY2(ended.status == status, (QByteArray::number(ended.status) + ended.all()).constData());
    QVERIFY2((status == 0 ? ended.out : ended.err).contains(says), ended.all().constData());
}

void AgentTest::watchesTheDemo()
{
    // Without --workspace: the demo plant, in which something alarms within seconds.
    const Ended json = run({QStringLiteral("run"), QStringLiteral("--for"), QStringLiteral("12s"), QStringLiteral("--json")});
    QVERIFY2(json.status == 0, json.all().constData());
    const auto rows = json.rows();
    QVERIFY2(rows.size() >= 4, json.all().constData());
    for (const QJsonObject &row : rows)
        QVERIFY2(row.contains(QStringLiteral("event")) && row.contains(QStringLiteral("t_detect")), json.all().constData());
    QCOMPARE(rows.first()[QLatin1String("event")].toString(), QStringLiteral("STARTED"));
    QCOMPARE(rows.first()[QLatin1String("reason")].toString(), QStringLiteral("first start"));
    QCOMPARE(rows.last()[QLatin1String("event")].toString(), QStringLiteral("STOPPED"));
    const auto raised = ofEvent(rows, "RAISED");
    QVERIFY2(!raised.isEmpty(), json.all().constData());
    QCOMPARE(raised.first()[QLatin1String("to")].toString(), QStringLiteral("Unacknowledged"));
    QVERIFY(raised.first()[QLatin1String("value")].toDouble() > raised.first()[QLatin1String("limit")].toDouble());
    QVERIFY(raised.first()[QLatin1String("t_stamp")].toString() <= raised.first()[QLatin1String("t_detect")].toString());

    const Ended text = run({QStringLiteral("run"), QStringLiteral("--for=1500ms")});
    QVERIFY2(text.status == 0, text.all().constData());
    QVERIFY2(text.out.contains(QStringLiteral("watching 4 sources with")), text.all().constData());
    // At start it says since when nobody watched.
    QVERIFY2(text.out.contains(QStringLiteral("nobody watched since ")), text.all().constData());
    QVERIFY2(text.out.contains(QStringLiteral("  STARTED  ")) && text.out.contains(QStringLiteral("not watched since ")),
             text.all().constData());
}

void AgentTest::showsWhatItKept()
{
    const auto rows = journal();
    QVERIFY(rows.size() >= 6);
    for (int i = 0; i < rows.size(); ++i)
        QCOMPARE(rows[i][QLatin1String("seq")].toInt(), i + 1);
    QCOMPARE(ofEvent(rows, "STARTED").size(), 2);
    const Ended newest = run({QStringLiteral("journal"), QStringLiteral("--json"), QStringLiteral("--limit"), QStringLiteral("1")});
    QCOMPARE(newest.rows().size(), 1);
    QCOMPARE(newest.rows().first(), rows.last());
    QCOMPARE(run({QStringLiteral("journal"), QStringLiteral("--limit"), QStringLiteral("none")}).status, 1);

    const auto alarms = waitingAlarms();
    QVERIFY(!alarms.isEmpty());
    QCOMPARE(alarms.first()[QLatin1String("rule")], ofEvent(rows, "RAISED").first()[QLatin1String("rule")]);

    const Ended series = run({QStringLiteral("series"), QStringLiteral("press/*/*/temp"), QStringLiteral("--json")});
    QVERIFY2(series.status == 0 && series.rows().size() >= 3, series.all().constData());
    for (const QJsonObject &row : series.rows()) {
        QVERIFY(row[QLatin1String("series")].toString().startsWith(QStringLiteral("press/"))
                && row[QLatin1String("series")].toString().endsWith(QStringLiteral("/temp")));
        QVERIFY2(row[QLatin1String("value")].isDouble() && row[QLatin1String("value")].toDouble() > 0
                     && row[QLatin1String("value")].toDouble() < 200,
                 series.all().constData());
    }
    QVERIFY(run({QStringLiteral("series")}).out.contains(QStringLiteral("gateways/")));
    QCOMPARE(run({QStringLiteral("series"), QStringLiteral("press//")}).status, 1);
}

void AgentTest::exportsTheJournal()
{
    const QString path = file(QStringLiteral("journal.csv"));
    const Ended ended = run({QStringLiteral("export"), path});
    QVERIFY2(ended.status == 0, ended.all().constData());
    QFile in(path);
    QVERIFY(in.open(QIODevice::ReadOnly));
    const QByteArray bytes = in.readAll();
    const auto table = readCsv(bytes);
    const auto rows = journal();
    QVERIFY2(table.size() == rows.size() + 1, bytes.constData());
    const QStringList names = table.first();
    const auto cell = [&](qsizetype row, const char *name) { return table[row + 1].value(names.indexOf(QLatin1String(name))); };
    for (qsizetype i = 0; i < rows.size(); ++i) {
        QCOMPARE(table[i + 1].size(), names.size());
        QCOMPARE(cell(i, "seq"), QString::number(rows[i][QLatin1String("seq")].toInt()));
        QCOMPARE(cell(i, "workspace"), QStringLiteral("DEMO"));
        for (const char *same : {"event", "rule", "key", "field", "source", "from", "to", "occurrence"})
            QCOMPARE(cell(i, same), rows[i][QLatin1String(same)].toString());
        QCOMPARE(QString::fromStdString(sg::unprotectFromFormula(cell(i, "reason").toStdString())),
                 rows[i][QLatin1String("reason")].toString());
        QCOMPARE(cell(i, "value").toDouble(), rows[i][QLatin1String("value")].toDouble());
        // ISO 8601 with offset, the same instant.
        const auto detected = QDateTime::fromString(cell(i, "detected"), Qt::ISODateWithMs);
        QVERIFY2(detected.isValid(), qPrintable(cell(i, "detected")));
        QCOMPARE(detected.toMSecsSinceEpoch(),
                 QDateTime::fromString(rows[i][QLatin1String("t_detect")].toString(), Qt::ISODateWithMs).toMSecsSinceEpoch());
    }
    QCOMPARE(run({QStringLiteral("export"), file(QStringLiteral("no/such/folder/j.csv"))}).status, 1);
}

void AgentTest::explainsAnAlarm()
{
    const QJsonObject raised = ofEvent(journal(), "RAISED").first();
    const QString path = raised[QLatin1String("key")].toString() + QLatin1Char('/') + raised[QLatin1String("field")].toString();
    const auto checks = [&](const Ended &told) {
        QVERIFY2(told.status == 0, told.all().constData());
        for (const QString &says :
             {path, raised[QLatin1String("occurrence")].toString(), raised[QLatin1String("rule")].toString(), QStringLiteral("  RAISED  "),
              QStringLiteral("\nlimit         80 °C\n"), QStringLiteral("\nmessage       order "), QStringLiteral("\ntimer         "),
              QStringLiteral("\nquality       "), QStringLiteral("rules/press.yaml:"), QStringLiteral("samples of ") + path,
              QStringLiteral("  <- raised")})
            QVERIFY2(told.out.contains(says), (says.toUtf8() + " is not in " + told.all()).constData());
    };
    const Ended alone = run({QStringLiteral("explain"), raised[QLatin1String("occurrence")].toString()});
    checks(alone);
    QVERIFY(alone.out.contains(QStringLiteral("nobody evaluates it now")) && alone.out.contains(QStringLiteral("quality       unknown")));
    // One that was never raised; and nothing is written by looking.
    const qsizetype before = journal().size();
    const Ended calm = run({QStringLiteral("explain"), QStringLiteral("pump-pressure-low"), QStringLiteral("pumps/L3/PU-04")});
    QVERIFY2(calm.status == 1 && calm.err.contains(QStringLiteral("did you mean")), calm.all().constData());
    const Ended never = run({QStringLiteral("explain"), QStringLiteral("pump-pressure-low"), QStringLiteral("pumps/L2/PU-04")});
    QVERIFY2(never.status == 0 && never.out.contains(QStringLiteral("no record"))
                 && never.out.contains(QStringLiteral("\nlimit         low 4 bar\n")),
             never.all().constData());
    const Ended several = run({QStringLiteral("explain"), QStringLiteral("pump-pressure-low")});
    QVERIFY2(several.status == 1 && several.err.contains(QStringLiteral("has 6 alarms")), several.all().constData());
    QCOMPARE(journal().size(), before);

    QProcess running;
    running.start(QStringLiteral(SG_AGENT), {QStringLiteral("run"), QStringLiteral("--json")});
    QVERIFY(running.waitForReadyRead(30'000));
    const Ended attached = run({QStringLiteral("explain"), raised[QLatin1String("occurrence")].toString()});
    running.terminate();
    QVERIFY(running.waitForFinished(30'000));
    checks(attached);
    QVERIFY2(!attached.out.contains(QStringLiteral("nobody evaluates")), attached.all().constData());
}

void AgentTest::actsOnAlarms_data()
{
    QTest::addColumn<bool>("isRunning");
    QTest::addColumn<QString>("key");
    QTest::newRow("alone") << false << QStringLiteral("pumps/L3/PU-06");
    QTest::newRow("through the socket of the one that runs") << true << QStringLiteral("pumps/L3/PU-05");
}

// Every command but ack, on an alarm that was never raised where nothing else is said.
void AgentTest::actsOnAlarms()
{
    QFETCH(bool, isRunning);
    QFETCH(QString, key);
    QProcess running;
    if (isRunning) {
        running.start(QStringLiteral(SG_AGENT), {QStringLiteral("run"), QStringLiteral("--json")});
        QVERIFY(running.waitForReadyRead(30'000));
        QVERIFY(running.readLine().contains("\"STARTED\""));
    }
    struct Command
    {
        const char *line, *reason;
        int status;
        const char *says, *event; // event null: nothing is journaled
    };
    static constexpr std::array commands{
        Command{"shelve pump-pressure-low KEY --for 30min", "filter change", 0, "shelved", "SHELVED"},
        Command{"unshelve pump-pressure-low KEY/pressure", "", 0, "no longer shelved", "UNSHELVED"},
        Command{"unshelve pump-pressure-low KEY", "", 1, "is not shelved", nullptr},
        Command{"shelve pump-pressure-low KEY --once", "", 1, "needs a reason", nullptr},
        Command{"shelve pump-pressure-low KEY --for 25h", "too long", 1, "out of service", nullptr},
        Command{"out-of-service pump-pressure-low KEY", "new seals", 1, "needs a permit", nullptr},
        Command{"out-of-service pump-pressure-low KEY --permit 17", "new seals", 0, "out of service", "OUT_OF_SERVICE"},
        Command{"in-service pump-pressure-low", "", 1, "needs a reason", nullptr},
        Command{"in-service pump-pressure-low", "done", 0, "in service again", "IN_SERVICE"}, // of six the one that is out
        Command{"note pump-pressure-low KEY", "filter looks new", 0, "noted", "NOTE"},
        Command{"note pump-pressure-low KEY", "", 1, "needs a text", nullptr},
        Command{"disable pump-pressure-low KEY", "sensor is broken", 0, "disabled", "DISABLED"},
        Command{"enable pump-pressure-low KEY", "new sensor", 0, "enabled", "ENABLED"},
        Command{"reset pump-pressure-low KEY", "x", 1, "is not latched", nullptr},
        Command{"unack pump-pressure-low KEY", "a slip", 1, "is not acknowledged, or normal", nullptr},
        Command{"retire pump-pressure-low", "sold", 1, "name the key", nullptr},
        Command{"retire pump-pressure-low KEY", "sold", 0, "retired", "RETIRED"},
        Command{"shelve pump-presure-low --once", "a slip", 1, "did you mean 'pump-pressure-low'?", nullptr},
        Command{"shelve pump-pressure-low pumps/L1/PU-1 --once", "a slip", 1, "did you mean 'pumps/L1/PU-01'", nullptr},
    };
    for (const Command &command : commands) {
        const qsizetype before = journal().size();
        QStringList arguments = QString::fromLatin1(command.line).replace(QLatin1String("KEY"), key).split(QLatin1Char(' '));
        arguments << QStringLiteral("--as") << QStringLiteral("cleo") << QStringLiteral("--reason") << QString::fromLatin1(command.reason);
        const Ended ended = run(arguments);
        const QByteArray all = command.line + QByteArray(": ") + ended.all();
        QVERIFY2(ended.status == command.status, all.constData());
        QVERIFY2((ended.out + ended.err).contains(QLatin1String(command.says)), all.constData());
        // Durable before it was confirmed; nothing is written for what was refused.
        auto rows = journal().mid(before);
        rows.removeIf([](const QJsonObject &row) { return !row[QLatin1String("actor")].toString().startsWith(QLatin1String("cleo@")); });
        QVERIFY2(rows.size() == (command.event ? 1 : 0), all.constData());
        if (!command.event)
            continue;
        QCOMPARE(rows[0][QLatin1String("event")].toString(), QLatin1String(command.event));
        QCOMPARE(rows[0][QLatin1String("key")].toString(), key);
        const QString permit
            = QString::fromLatin1(command.line).contains(QLatin1String("--permit")) ? QStringLiteral("permit 17: ") : QString();
        QCOMPARE(rows[0][QLatin1String("reason")].toString(), permit + QLatin1String(command.reason));
    }
    const qsizetype before = journal().size();
    const Ended applied = run({QStringLiteral("apply"), QStringLiteral("--as"), QStringLiteral("cleo"), QStringLiteral("--reason"),
                               QStringLiteral("new limits")});
    QVERIFY2(applied.status == 0 && applied.out.startsWith(QStringLiteral("closes nothing\napplied")), applied.all().constData());
    const auto records = ofEvent(journal().mid(before), "WORKSPACE_APPLIED");
    QCOMPARE(records.size(), 1);
    QVERIFY(records[0][QLatin1String("actor")].toString().startsWith(QStringLiteral("cleo@")));
    QCOMPARE(records[0][QLatin1String("reason")].toString(), QStringLiteral("new limits"));
    const Ended verified = run({QStringLiteral("journal"), QStringLiteral("--verify")});
    QVERIFY2(verified.status == 0 && verified.out.contains(QStringLiteral("whole")), verified.all().constData());
    if (isRunning) {
        running.terminate();
        QVERIFY(running.waitForFinished(30'000));
    }
}

void AgentTest::acknowledgesAloneAndThroughTheSocket()
{
    const auto ack = [this](const QString &who) {
        const auto waiting = waitingAlarms();
        return waiting.isEmpty() ? Ended{-1, {}, QStringLiteral("no alarm waits")}
                                 : run({QStringLiteral("ack"), waiting.first()[QLatin1String("rule")].toString(),
                                        waiting.first()[QLatin1String("key")].toString(), QStringLiteral("--as"), who,
                                        QStringLiteral("--note"), QStringLiteral("=seen, \"really\"")});
    };
    QCOMPARE(run({QStringLiteral("ack"), QStringLiteral("no-such-rule")}).status, 1);

    // Nobody runs: this process is the evaluator for a moment.
    const auto before = waitingAlarms();
    QVERIFY(!before.isEmpty());
    const QString occurrence = before.first()[QLatin1String("occurrence")].toString();
    const Ended alone = ack(QStringLiteral("ann"));
    QVERIFY2(alone.status == 0 && alone.out.startsWith(QStringLiteral("acknowledged")), alone.all().constData());
    auto acknowledged = ofEvent(journal(), "ACKNOWLEDGED");
    QCOMPARE(acknowledged.size(), 1);
    QVERIFY(acknowledged.first()[QLatin1String("actor")].toString().startsWith(QStringLiteral("ann@")));
    QCOMPARE(acknowledged.first()[QLatin1String("occurrence")].toString(), occurrence);
    QCOMPARE(acknowledged.first()[QLatin1String("reason")].toString(), QStringLiteral("=seen, \"really\""));
    const Ended again = run({QStringLiteral("ack"), occurrence});
    QVERIFY2(again.status == 0 && again.out.contains(QStringLiteral("acknowledged already")), again.all().constData());
    QCOMPARE(ofEvent(journal(), "ACKNOWLEDGED").size(), 1);

    // One runs: it does the work, and is the only one who may.
    QProcess running;
    running.start(QStringLiteral(SG_AGENT), {QStringLiteral("run"), QStringLiteral("--json")});
    QVERIFY(running.waitForStarted());
    QByteArray printed;
    const auto prints = [&](const char *event) {
        return QTest::qWaitFor(
            [&] {
                running.waitForReadyRead(50);
                printed += running.readAllStandardOutput();
                return printed.contains(event);
            },
            90'000);
    };
    QVERIFY(prints("\"STARTED\""));
    const Ended second = run({QStringLiteral("run"), QStringLiteral("--for"), QStringLiteral("1s")});
    QVERIFY2(second.status == 3 && second.out.isEmpty(), second.all().constData());
    QVERIFY2(second.err.contains(QStringLiteral("already")) && second.err.contains(QStringLiteral("sightglass --attach")),
             second.all().constData());
    printed.clear();
    QVERIFY2(prints("\"RAISED\""), printed.constData());
    const Ended through = ack(QStringLiteral("ben"));
    QVERIFY2(through.status == 0 && through.out.startsWith(QStringLiteral("acknowledged")), through.all().constData());
    acknowledged = ofEvent(journal(), "ACKNOWLEDGED"); // durable before it was confirmed, and read while it runs
    QCOMPARE(acknowledged.size(), 2);
    QVERIFY(acknowledged.last()[QLatin1String("actor")].toString().startsWith(QStringLiteral("ben@")));
    QVERIFY(prints("\"ACKNOWLEDGED\""));
    // It is active still: taken back, it waits again.
    const QJsonObject taken = acknowledged.last();
    const auto unack = [&](const QString &reason) {
        return run({QStringLiteral("unack"), taken[QLatin1String("occurrence")].toString(), QStringLiteral("--reason"), reason});
    };
    const Ended unexplained = unack({});
    QVERIFY2(unexplained.status == 1 && unexplained.out.contains(QStringLiteral("needs a reason")), unexplained.all().constData());
    const Ended back = unack(QStringLiteral("wrong press"));
    QVERIFY2(back.status == 0, back.all().constData());
    QCOMPARE(ofEvent(journal(), "UNACKNOWLEDGED").last()[QLatin1String("occurrence")], taken[QLatin1String("occurrence")]);
    running.terminate();
    QVERIFY(running.waitForFinished(30'000));
    QCOMPARE(running.exitCode(), 0);
    QCOMPARE(journal().last()[QLatin1String("event")].toString(), QStringLiteral("STOPPED"));
}

void AgentTest::checksAWorkspace_data()
{
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<QByteArray>("rule");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("says");
    const QByteArray source = "kafka: { brokers: [\"127.0.0.1:9\"], topics: [x], start: latest }";
    const QByteArray rule = "high: { limit: 5 }";
    QTest::newRow("right") << source << rule << 0 << "1 sources, 1 rules, 0 pages, 0 routes, 0 tests, 0 faults";
    QTest::newRow("a limit that is none") << source << QByteArray("high: { limit: abc }") << 1
                                          << "rules/r.yaml:7: limit: 'abc' is not a number";
    QTest::newRow("a test with a slip") << source << QByteArray("hihg: { limit: 5 }") << 1 << "rules/r.yaml:7";
    QTest::newRow("a source nobody knows") << QByteArray("kafak: { topics: [x] }") << rule << 1 << "workspace.yaml:4";
    QTest::newRow("a source stopped and started by enabled")
        << QByteArray("enabled: maybe\n    ") + source << rule << 1 << "enabled: 'maybe' is not true or false";
    QTest::newRow("a dangerous property") << QByteArray("kafka: { brokers: [a], topics: [x], properties: { sasl.kerberos.kinit.cmd: id } }")
                                          << rule << 1 << "sasl.kerberos.kinit.cmd";
}

void AgentTest::checksAWorkspace()
{
    QFETCH(QByteArray, source);
    QFETCH(QByteArray, rule);
    QFETCH(int, status);
    QFETCH(QString, says);
    write(QStringLiteral("w/workspace.yaml"),
          "format: 1\nname: Checked\nsources:\n  - id: a\n    " + source
              + "\n    path: [device]\n    labels: { device: \"key:\" }\n    time: { basis: arrival }\n    decode: { json: { learn: true } "
                "}\n");
    write(QStringLiteral("w/rules/r.yaml"),
          "format: 1\nrules:\n  - id: r\n    name: R\n    series: a/*/v\n    priority: high\n    " + rule + "\n");
    const Ended ended = run({QStringLiteral("check"), QStringLiteral("--workspace"), file(QStringLiteral("w"))});
    QVERIFY2(ended.status == status, ended.all().constData());
    QVERIFY2(ended.out.contains(says), ended.all().constData());
    QVERIFY2(status == 0 || ended.out.count(says) == 1, ended.all().constData()); // once is enough
}

void AgentTest::checksTheTestsToo()
{
    write(QStringLiteral("t/workspace.yaml"), "format: 1\nname: Tested\n");
    write(QStringLiteral("t/tests/r.yaml"), "format: 1\ntests:\n  - nmae: R\n");
    const Ended ended = run({QStringLiteral("check"), QStringLiteral("--json"), file(QStringLiteral("t"))});
    QVERIFY2(ended.status == 1, ended.all().constData());
    QVERIFY2(ended.rows().size() >= 2
                 && ended.rows().first()[QLatin1String("place")].toString().startsWith(QStringLiteral("tests/r.yaml:")),
             ended.all().constData());
    QCOMPARE(ended.rows().last()[QLatin1String("workspace")].toString(), QStringLiteral("Tested"));
    QCOMPARE(ended.rows().last()[QLatin1String("faults")].toInt(), ended.rows().size() - 1);
}

// A broker's port that takes connections and counts them.
class Port
{
public:
    Port()
        : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0))
    {
        m_address.sin_family = AF_INET;
        m_address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof m_address;
        if (::bind(m_socket, reinterpret_cast<sockaddr *>(&m_address), size) != 0 || ::listen(m_socket, 16) != 0
            || ::getsockname(m_socket, reinterpret_cast<sockaddr *>(&m_address), &size) != 0)
            qFatal("no port on loopback");
    }
    ~Port() { ::close(m_socket); }
    Port(const Port &) = delete;
    Port &operator=(const Port &) = delete;
    [[nodiscard]] QByteArray number() const { return QByteArray::number(ntohs(m_address.sin_port)); }
    [[nodiscard]] int takeConnections() const
    {
        int count = 0;
        for (int one = -1; (one = ::accept(m_socket, nullptr, nullptr)) >= 0; ++count)
            ::close(one);
        return count;
    }

private:
    int m_socket;
    sockaddr_in m_address{};
};

void AgentTest::connectsNowhereWithoutConsent()
{
    qunsetenv("SIGHTGLASS_TRUST");
    const Port first, second;
    const auto writeWorkspace = [&](const Port &port) {
        write(QStringLiteral("c/workspace.yaml"),
              "format: 1\nname: Cloned\nsources:\n  - id: a\n    mqtt: { broker: \"tcp://127.0.0.1:" + port.number()
                  + "\", topics: [x], user: sg, password: { file: /nowhere/secret } }\n    path: [device]\n    labels: { device: { value: "
                    "x } }\n"
                    "    time: { basis: arrival }\n    decode: { scalar: { field: v } }\n");
    };
    const QStringList watch{QStringLiteral("run"), file(QStringLiteral("c")), QStringLiteral("--for"), QStringLiteral("1s")};
    const auto hash = [&] {
        return run({QStringLiteral("check"), QStringLiteral("--json"), file(QStringLiteral("c"))})
            .rows()
            .last()[QLatin1String("trust")]
            .toString();
    };
    writeWorkspace(first);
    Ended ended = run(watch);
    QVERIFY2(ended.status == 1, ended.all().constData());
    QVERIFY2(ended.err.contains(QStringLiteral("127.0.0.1:") + QString::fromLatin1(first.number())
                                + QStringLiteral(" with file /nowhere/secret"))
                 && ended.err.contains(QStringLiteral("--trust ") + hash()),
             ended.all().constData());
    ended = run(watch + QStringList{QStringLiteral("--trust"), QStringLiteral("0123")});
    QVERIFY2(ended.status == 1 && ended.err.contains(QStringLiteral("the hash of another list")), ended.all().constData());
    ended = run({QStringLiteral("check"), QStringLiteral("--connect"), file(QStringLiteral("c"))});
    QVERIFY2(ended.status == 1 && ended.out.contains(QStringLiteral("source a: waits")), ended.all().constData());
    QVERIFY2(!ended.all().contains("/nowhere/secret:"), ended.all().constData()); // nobody tried to read it
    QCOMPARE(first.takeConnections(), 0);
    const QString agreed = hash();
    ended = run(watch + QStringList{QStringLiteral("--trust"), agreed});
    QVERIFY2(ended.status == 0, ended.all().constData()); // it is read now, and is not there
    const Ended journal
        = run({QStringLiteral("journal"), QStringLiteral("--workspace"), file(QStringLiteral("c")), QStringLiteral("--json")});
    QVERIFY2(ofEvent(journal.rows(), "SOURCE_LOST").size() == 1
                 && ofEvent(journal.rows(), "SOURCE_LOST")
                        .first()[QLatin1String("reason")]
                        .toString()
                        .contains(QStringLiteral("/nowhere/secret")),
             journal.all().constData());
    QCOMPARE(run(watch).status, 0); // it is kept
    writeWorkspace(second); // a changed host
    ended = run(watch);
    QVERIFY2(ended.status == 1 && ended.err.contains(QString::fromLatin1(second.number())), ended.all().constData());
    ended = run(watch + QStringList{QStringLiteral("--trust"), agreed});
    QVERIFY2(ended.status == 1, ended.all().constData());
    QCOMPARE(second.takeConnections(), 0);
    qputenv("SIGHTGLASS_TRUST", hash().toUtf8());
    QCOMPARE(run(watch).status, 0);
    qputenv("SIGHTGLASS_TRUST", "any");
}

void AgentTest::triesEverySourceAndRoute()
{
    const Port http;
    const QByteArray source
        = "    path: [device]\n    labels: { device: { value: x } }\n    time: { basis: arrival }\n    decode: { scalar: { field: v } }\n";
    write(QStringLiteral("n/workspace.yaml"),
          "format: 1\nname: Tried\nsources:\n  - id: away\n    mqtt: { broker: \"tcp://127.0.0.1:9\", topics: [x] }\n" + source
              + "  - id: stopped\n    enabled: false\n    mqtt: { broker: \"tcp://127.0.0.1:9\", topics: [x] }\n" + source);
    write(QStringLiteral("n/routes.yaml"),
          "format: 1\nroutes:\n  - { id: desk, http: { url: \"http://127.0.0.1:" + http.number()
              + "/x\" } }\n  - { id: mail, smtp: { host: 127.0.0.1, port: 9, security: none, from: a@b, to: [c@d] } }\n"
                "heartbeats:\n  - { id: alive, kafka: { brokers: [\"127.0.0.1:9\"], topic: t } }\n");
    const Ended ended = run({QStringLiteral("check"), QStringLiteral("--connect"), QStringLiteral("--json"), file(QStringLiteral("n"))});
    QVERIFY2(ended.status == 1, ended.all().constData());
    QStringList outcomes;
    for (const QJsonObject &row : ended.rows())
        if (row.contains(QLatin1String("tried")))
            outcomes << row[QLatin1String("tried")].toString() + QStringLiteral(": ") + row[QLatin1String("outcome")].toString();
    QVERIFY2(outcomes
                 == QStringList({QStringLiteral("source away: failed"), QStringLiteral("source stopped: skipped"),
                                 QStringLiteral("route desk: reached"), QStringLiteral("route mail: failed"),
                                 QStringLiteral("heartbeat alive: failed")}),
             ended.all().constData());
    QCOMPARE(http.takeConnections(), 1);
    write(QStringLiteral("n/routes.yaml"),
          "format: 1\nroutes:\n  - { id: desk, http: { url: \"http://127.0.0.1:" + http.number() + "/x\" } }\n");
    write(QStringLiteral("n/workspace.yaml"), "format: 1\nname: Tried\n");
    const Ended well = run({QStringLiteral("check"), QStringLiteral("--connect"), file(QStringLiteral("n"))});
    QVERIFY2(well.status == 0 && well.out.contains(QStringLiteral("route desk: reached")), well.all().constData());
}

QTEST_GUILESS_MAIN(AgentTest)
#include "tst_agent.moc"
