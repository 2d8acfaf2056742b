#include "connectors/postgres/postgresconnect.h"
#include "connectors/postgreshouse.h"

#include <QtTest>

using namespace sg;
using namespace sg::test;

namespace {

// Variables of the environment, and what they were before.
class Variables
{
public:
    explicit Variables(const QMap<QByteArray, QByteArray> &set)
    {
        for (auto it = set.begin(); it != set.end(); ++it) {
            m_before.emplace_back(it.key(), qgetenv(it.key().constData()));
            qputenv(it.key().constData(), it.value());
        }
    }
    ~Variables()
    {
        for (const auto &[name, value] : m_before)
            if (value.isNull())
                qunsetenv(name.constData());
            else
                qputenv(name.constData(), value);
    }
    Variables(const Variables &) = delete;
    Variables &operator=(const Variables &) = delete;

private:
    std::vector<std::pair<QByteArray, QByteArray>> m_before;
};

// Every way in which a connection fails has a sentence of its own; and what ends one that stood.
class TestPostgresConnect : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void eachStepFailsInItsOwnWords_data();
    void eachStepFailsInItsOwnWords();
    void passwordsForOthersStayHere_data();
    void passwordsForOthersStayHere();
    void theEnvironmentSaysNothing();
    void anAdministratorsEndIsNoUnreachableServer();
    void aStandbyIsLookedAtAndSaysSo();
    void aPoolerIsLookedThroughAndSaysSo();
    void anotherProcessBehindThePortIsSaid();
    void largeBacklogIsAskedAbout();
    void numbersThatWereRoundedAreSaid_data();
    void numbersThatWereRoundedAreSaid();
    void numbersThatWereRoundedAreMarked();

private:
    void giveCertificate(const std::string &name) const
    {
        const std::string path = m_house->stack["SG_PG_CERTS"] + "/" + name;
        m_house->command("ALTER SYSTEM SET ssl_cert_file = '" + path + ".crt'");
        m_house->command("ALTER SYSTEM SET ssl_key_file = '" + path + ".key'");
        m_house->command("SELECT pg_reload_conf()");
    }
    SourceSpec snapshot(const std::string &view, NodeRows more = {}) const
    {
        more.insert(more.begin(), {{"view", text(view)}, {"mode", text("snapshot")}});
        return m_house->spec(more);
    }

    std::unique_ptr<PostgresHouse> m_house;
    std::string m_given = "server"; // certificate
};

void TestPostgresConnect::initTestCase()
{
    m_house = std::make_unique<PostgresHouse>(std::vector<std::string>{"postgres", "pgbouncer"});
    QVERIFY2(m_house->stack.ok(), m_house->stack.error().c_str());
    m_house->execute("CREATE VIEW line_now AS SELECT 'L1'::text AS line, now() AS ts, 1 AS n; "
                     "CREATE SCHEMA closed; CREATE VIEW closed.line_now AS SELECT * FROM public.line_now; "
                     "CREATE ROLE sg_poor LOGIN PASSWORD 'poor-pa55word' IN ROLE sg_readers; CREATE ROLE sg_elsewhere LOGIN PASSWORD 'x'; "
                     "CREATE ROLE sg_shut LOGIN PASSWORD 'poor-pa55word' IN ROLE sg_readers");
    m_house->command("CREATE DATABASE shut");
    m_house->command("REVOKE CONNECT ON DATABASE shut FROM PUBLIC");
    qputenv("SG_POOR", "poor-pa55word");
}

void TestPostgresConnect::eachStepFailsInItsOwnWords_data()
{
    QTest::addColumn<QString>("certificate");
    QTest::addColumn<QStringList>("settings"); // key, value, key, value
    QTest::addColumn<QString>("says");
    const QString user = QString::fromLatin1("sg_tls");
    const auto row = [](const char *name, const char *certificate, const QStringList &settings, const char *says) {
        QTest::newRow(name) << QString::fromLatin1(certificate) << settings << QString::fromUtf8(says);
    };
    const auto with = [&](std::initializer_list<const char *> more) {
        QStringList out{QStringLiteral("user"),  user, QStringLiteral("password"), QStringLiteral("SG_RIGHT"), QStringLiteral("ca"),
                        QStringLiteral("ca.crt")};
        for (const char *word : more)
            out << QString::fromUtf8(word);
        return out;
    };
    row("verify-full", "server", with({}), "");
    row("verify-full by name", "server", with({"host", "localhost"}), "");
    row("name", "server", with({"host", "no-such-host.invalid"}), "postgres: name: 'no-such-host.invalid' is not known on this machine");
    row("port", "server", with({"port", "9"}), "postgres: TCP: nothing listens at 127.0.0.1 port 9");
    row("unknown CA", "server", with({"ca", "wrong.crt"}), "is signed by 'Sightglass stack', whom the file of `ca` does not know");
    row("CA that is none", "server", with({"ca", "none.crt"}), "the file of `ca` holds no certificate");
    row("wrong name", "wrong-name", with({}), "is for elsewhere.invalid and not for 127.0.0.1");
    row("wrong name, not asked", "wrong-name", with({"sslmode", "verify-ca"}), "");
    row("expired", "expired", with({}), "expired on 2024-02-01; it has to be renewed there");
    row("wrong password", "server", with({"password", "SG_WRONG"}), "postgres: login: server");
    row("no such user", "server", with({"user", "sg_nobody"}), "lets user 'sg_nobody' into database 'sightglass'");
    row("no pg_hba entry", "server", with({"user", "sg_elsewhere", "password", "SG_POOR"}),
        "postgres: authorisation: no line of pg_hba.conf");
    row("no such database", "server", with({"dbname", "plant"}), "postgres: database: server");
    row("database closed", "server", with({"user", "sg_shut", "password", "SG_POOR", "dbname", "shut"}),
        "postgres: authorisation: user 'sg_shut' may not connect to database 'shut'");
    row("view denied", "server", with({"user", "sg_poor", "password", "SG_POOR"}),
        "postgres: authorisation: user 'sg_poor' may not read public.line_now");
    row("schema denied", "server", with({"user", "sg_poor", "password", "SG_POOR", "schema", "closed"}), "may not read closed.line_now");
    row("no such view", "server", with({"view", "line_then"}), "has no view or table public.line_then");
}

void TestPostgresConnect::eachStepFailsInItsOwnWords()
{
    QFETCH(QString, certificate);
    QFETCH(QStringList, settings);
    QFETCH(QString, says);
    QFile none(m_house->workspace.filePath(QStringLiteral("none.crt")));
    QVERIFY(none.open(QIODevice::WriteOnly) && none.write("no certificate\n") > 0);
    none.close();
    const std::string wanted = certificate.toStdString();
    if (std::exchange(m_given, wanted) != wanted)
        giveCertificate(wanted);
    NodeRows more;
    for (qsizetype i = 0; i + 1 < settings.size(); i += 2) {
        const std::string key = settings[i].toStdString(), value = settings[i + 1].toStdString();
        std::erase_if(more, [&](const auto &entry) { return entry.first == key; });
        more.emplace_back(key, key == "password" ? map({{"env", text(value)}}) : text(value));
    }
    NodeRows all{{"view", text("line_now")}, {"mode", text("snapshot")}};
    for (auto &entry : more) {
        std::erase_if(all, [&](const auto &known) { return known.first == entry.first; });
        all.push_back(std::move(entry));
    }
    const SourceSpec spec = m_house->spec(all);
    std::string said;
    const auto holds = [&] { // a reload takes a moment
        std::vector<std::string> steps;
        const auto tried = postgresKind().test(spec, [&](const Error &step) { steps.push_back(step.plain()); }, {});
        said = tried ? "" : tried.error().plain();
        return says.isEmpty() ? static_cast<bool>(tried) : QString::fromStdString(said).contains(says);
    };
    bool isAsExpected = false;
    for (int i = 0; i < 20 && !(isAsExpected = holds()); ++i)
        QTest::qWait(100);
    QVERIFY2(isAsExpected, said.c_str());
    QVERIFY(!QString::fromStdString(said).contains(QStringLiteral("pa55word")));
    if (says.isEmpty())
        return;
    // The source itself says the same, and knows that another attempt would not help.
    Doorbell bell;
    Lane lane(bell, 1U << 20U);
    std::string why;
    bool isRefusal = false;
    try {
        why = postgresKind().make(spec)->run(lane, {}, {}).plain();
    } catch (const Refusal &refusal) {
        why = refusal.error.plain();
        isRefusal = true;
    }
    QCOMPARE(why, said);
    QCOMPARE(isRefusal, !says.contains(QStringLiteral(": name:")) && !says.contains(QStringLiteral(": TCP:")));
}

// libpq looks for a password in the environment and in files of whoever runs us. A workspace of others must not get it sent to its server.
void TestPostgresConnect::passwordsForOthersStayHere_data()
{
    QTest::addColumn<QString>("variable");
    QTest::addColumn<QString>("file"); // that is written, in the home folder
    QTest::addColumn<QString>("holds");
    const QString password = QString::fromStdString(m_house->stack["SG_PG_TLS_PASSWORD"]);
    QTest::newRow("PGPASSWORD") << QStringLiteral("PGPASSWORD=") + password << ""
                                << "";
    QTest::newRow("PGPASSFILE") << "PGPASSFILE=%1/others"
                                << "others" << QStringLiteral("*:*:*:*:") + password;
    QTest::newRow("~/.pgpass") << "HOME=%1"
                               << ".pgpass" << QStringLiteral("*:*:*:*:") + password;
    QTest::newRow("PGSERVICE") << "PGSERVICE=others"
                               << ".pg_service.conf" << QStringLiteral("[others]\npassword=%1\n").arg(password);
}

void TestPostgresConnect::passwordsForOthersStayHere()
{
    QFETCH(QString, variable);
    QFETCH(QString, file);
    QFETCH(QString, holds);
    if (std::exchange(m_given, "server") != "server")
        giveCertificate("server");
    QTemporaryDir home;
    if (!file.isEmpty()) {
        QFile written(home.filePath(file));
        QVERIFY(written.open(QIODevice::WriteOnly) && written.write(holds.toUtf8()) > 0);
        QVERIFY(written.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
    }
    const QStringList set = variable.replace(QStringLiteral("%1"), home.path()).split(QLatin1Char('='));
    const Variables variables({{"HOME", home.path().toUtf8()}, {set[0].toUtf8(), set[1].toUtf8()}});
    try { // left alone, it would
        pqxx::connection("host=" + m_house->stack["SG_PG_HOST"] + " port=" + m_house->stack["SG_PG_PORT"]
                         + " user=sg_tls sslmode=require dbname=" + m_house->stack["SG_PG_DB"]);
    } catch (const std::exception &failure) {
        QFAIL(failure.what());
    }
    const SourceSpec spec = snapshot("line_now", {{"user", text("sg_tls")}, {"ca", text("ca.crt")}});
    std::string said;
    for (int i = 0; i < 20 && said.find("wants a password") == std::string::npos; ++i) { // the certificate takes a moment
        const auto tried = postgresKind().test(spec, [](const Error &) {}, {});
        QVERIFY(!tried);
        said = tried.error().plain();
    }
    QVERIFY2(said.find("wants a password for user 'sg_tls' and none is given") != std::string::npos, said.c_str());
    Doorbell bell;
    Lane lane(bell, 1U << 20U);
    try {
        QFAIL(postgresKind().make(spec)->run(lane, {}, {}).plain().c_str());
    } catch (const Refusal &refusal) {
        QCOMPARE(refusal.error.plain(), said);
    }
}

// Nor anything else that a workspace does not say.
void TestPostgresConnect::theEnvironmentSaysNothing()
{
    const Variables variables({{"PGHOST", "no-such-host.invalid"},
                               {"PGHOSTADDR", "127.0.0.9"},
                               {"PGPORT", "9"},
                               {"PGDATABASE", "nothing"},
                               {"PGUSER", "nobody"},
                               {"PGOPTIONS", "-c no_such_setting=1"},
                               {"PGSSLMODE", "disable"},
                               {"PGSSLROOTCERT", "/nothing"},
                               {"PGSSLCERT", "/etc/passwd"},
                               {"PGSSLKEY", "/etc/passwd"},
                               {"PGSSLMINPROTOCOLVERSION", "TLSv9"},
                               {"PGGSSENCMODE", "require"},
                               {"PGREQUIREPEER", "nobody"},
                               {"PGTARGETSESSIONATTRS", "standby"},
                               {"PGSERVICE", "nothing"}});
    for (const NodeRows &settings :
         {NodeRows{{"user", text("sg_tls")}, {"ca", text("ca.crt")}, {"password", map({{"env", text("SG_RIGHT")}})}},
          NodeRows{{"sslmode", text("disable")}}, NodeRows{}}) {
        const auto tried = postgresKind().test(snapshot("line_now", settings), [](const Error &) {}, {});
        QVERIFY2(tried, tried ? "" : tried.error().plain().c_str());
    }
}

void TestPostgresConnect::anAdministratorsEndIsNoUnreachableServer()
{
    giveCertificate("server");
    Reading reading(snapshot("line_now"));
    QVERIFY(reading.until([&] { return reading.got.count("status/L1/n") > 0; }));
    const auto ended = [&](const std::string &sql) {
        const int before = reading.connections;
        m_house->command(sql);
        return reading.until([&] { return reading.connections > before; }) ? reading.newestError() : std::string("nothing");
    };
    const std::string byCommand
        = ended("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sightglass-test-host'");
    QVERIFY2(byCommand.find("ended the connection by an administrator's command (57P01)") != std::string::npos, byCommand.c_str());
    QVERIFY2(m_house->stack.stop("postgres", End::Term), m_house->stack.error().c_str());
    QVERIFY(reading.until([&] { return reading.newestError().find("nothing listens at 127.0.0.1") != std::string::npos; }));
    QVERIFY2(m_house->stack.start("postgres"), m_house->stack.error().c_str());
    const std::size_t alive = reading.got.count("status/L1/n");
    QVERIFY(reading.until([&] { return reading.got.count("status/L1/n") > alive; }));
    reading.stop();
}

void TestPostgresConnect::aStandbyIsLookedAtAndSaysSo()
{
    m_house->execute(
        "CREATE TABLE slow_line (line text PRIMARY KEY, ts timestamptz, n int); INSERT INTO slow_line VALUES ('L1', now(), 7)");
    const QString signal = QString::fromStdString(m_house->stack["SG_PG_CERTS"]) + QStringLiteral("/data/standby.signal");
    QVERIFY2(m_house->stack.stop("postgres", End::Term), m_house->stack.error().c_str());
    QFile file(signal);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ReadGroup | QFile::ReadOther));
    QVERIFY2(m_house->stack.start("postgres"), m_house->stack.error().c_str());
    Reading reading(snapshot("slow_line", {{"listen", text("plant")}}));
    const bool isRead = reading.until([&] { return reading.got.count("status/L1/n") == 1; });
    std::string notes;
    const bool isSaid = reading.until([&] {
        notes.clear();
        for (const Error &note : reading.status.notes)
            notes += note.plain() + "\n";
        return notes.find("is a standby, which passes no notification on") != std::string::npos;
    });
    reading.stop();
    QVERIFY2(m_house->stack.stop("postgres", End::Term), m_house->stack.error().c_str());
    QVERIFY(QFile::remove(signal));
    QVERIFY2(m_house->stack.start("postgres"), m_house->stack.error().c_str());
    QVERIFY2(isRead, reading.lastError.c_str());
    QVERIFY2(isSaid, notes.c_str());
}

// PgBouncer, pooling by transaction: a LISTEN would be another's session a moment later, and every notification lost.
void TestPostgresConnect::aPoolerIsLookedThroughAndSaysSo()
{
    m_house->execute("CREATE TABLE pooled (line text, ts timestamptz DEFAULT clock_timestamp(), n int, PRIMARY KEY (line, ts))");
    const auto notesOf = [](const Reading &reading) {
        std::string notes;
        for (const Error &note : reading.status.notes)
            notes += note.plain() + "\n";
        return notes;
    };
    const NodeRows settings{{"view", text("pooled")}, {"cursor", text("ts")}, {"row_key", list({"line", "ts"})}, {"listen", text("plant")}};
    NodeRows pooled = settings;
    pooled.emplace_back("port", text(m_house->stack["SG_PGBOUNCER_PORT"]));
    Reading direct(m_house->spec(settings)), through(m_house->spec(pooled)), beside(m_house->spec(pooled));
    const auto isLive = [](const Reading &reading) { return reading.status.state == SourceStatus::State::Live; };
    QVERIFY2(direct.until([&] { return isLive(direct); }), direct.newestError().c_str());
    QVERIFY2(through.until([&] { return isLive(through); }), through.newestError().c_str());
    QVERIFY2(beside.until([&] { return isLive(beside); }), beside.newestError().c_str());
    for (std::size_t n = 1; n <= 20; ++n) {
        m_house->execute("INSERT INTO pooled (line, n) VALUES ('L1', " + std::to_string(n) + "); NOTIFY plant");
        QVERIFY2(through.until([&] { return through.got.count("status/L1/n") == n; }), through.newestError().c_str());
    }
    QVERIFY(beside.until([&] { return beside.got.count("status/L1/n") == 20; }));
    QVERIFY(direct.until([&] { return direct.got.count("status/L1/n") == 20; }));
    const std::string said = notesOf(through);
    QVERIFY2(said.find("a connection pooler stands before server 127.0.0.1:" + m_house->stack["SG_PGBOUNCER_PORT"]) != std::string::npos,
             said.c_str());
    QVERIFY2(said.find("public.pooled is looked at every 100 ms") != std::string::npos, said.c_str());
    QVERIFY2(notesOf(direct).find("listen") == std::string::npos, notesOf(direct).c_str());
    QCOMPARE(through.connections.load(), 1); // sessions that are another's a moment later break nothing
    direct.stop();
    through.stop();
    beside.stop();
}

// What stands at the port and speaks no PostgreSQL.
void TestPostgresConnect::anotherProcessBehindThePortIsSaid()
{
    QTemporaryDir folder;
    QProcess other;
    other.start(QStringLiteral("python3"),
                {QStringLiteral("-c"),
                 QStringLiteral("import socket\ns=socket.socket()\ns.bind(('127.0.0.1',0))\ns.listen()\n"
                                "print(s.getsockname()[1],flush=True)\n"
                                "while True:\n c,_=s.accept()\n c.recv(8)\n c.sendall(b'HTTP/1.0 400\\n')\n c.close()\n")});
    QVERIFY(other.waitForStarted());
    QTRY_VERIFY_WITH_TIMEOUT(other.canReadLine() || other.waitForReadyRead(100), 10000);
    const std::string port = other.readLine().trimmed().toStdString();
    const auto tried = postgresKind().test(snapshot("line_now", {{"port", text(port)}}), [](const Error &) {}, {});
    other.kill();
    other.waitForFinished();
    QVERIFY(!tried);
    QVERIFY2(tried.error().plain().find("is no PostgreSQL server") != std::string::npos, tried.error().plain().c_str());
}

void TestPostgresConnect::largeBacklogIsAskedAbout()
{
    m_house->execute("CREATE TABLE backlog (line text, ts timestamptz, loaded_at timestamptz, n int, filler text); "
                     "INSERT INTO backlog SELECT 'L1', now() - interval '1 s' * n, now() - interval '1 s' * n, n, repeat('x', 200) FROM "
                     "generate_series(1, 20000) n");
    m_house->command("ANALYZE backlog");
    const auto outcome = [&](const std::string &start, const std::string &most) {
        const SourceSpec spec = m_house->spec(
            {{"view", text("backlog")}, {"cursor", text("loaded_at")}, {"row_key", list({"line", "ts"})}, {"start", text(start)}},
            {{"max_backlog", text(most)}});
        Reading reading(spec);
        static_cast<void>(reading.until([&] { return reading.got.caughtUp > 0 || !reading.newestError().empty(); }));
        const std::string why = reading.newestError(); // the stop is another reason
        reading.stop();
        return reading.got.messages > 0 ? "read " + std::to_string(reading.got.messages) : why;
    };
    const std::string asked = outcome("earliest", "1MB");
    QVERIFY2(asked.find("public.backlog: about 4") == 0, asked.c_str());
    QVERIFY2(asked.find("in about 20000 rows would be read from `start` on, and max_backlog is 1 MB; start at latest, or raise max_backlog")
                 != std::string::npos,
             asked.c_str());
    QCOMPARE(outcome("earliest", "10MB"), std::string("read 20000"));
    const std::string recent = outcome("-10min", "1MB");
    const int rows = recent.starts_with("read ") ? std::stoi(recent.substr(5)) : 0; // one less with each second since they were written
    QVERIFY2(rows >= 500 && rows <= 600, recent.c_str());
}

void TestPostgresConnect::numbersThatWereRoundedAreSaid_data()
{
    QTest::addColumn<QString>("decimal");
    QTest::addColumn<bool>("is");
    QTest::newRow("short") << "12345678.25" << false;
    QTest::newRow("0.1") << "0.1" << false;
    QTest::newRow("zeros") << "100000000000000000000000" << false;
    QTest::newRow("small zeros") << "0.00000000000000000000025" << false;
    QTest::newRow("2^53") << "9007199254740992" << false;
    QTest::newRow("2^53 + 1") << "9007199254740993" << true;
    QTest::newRow("-2^53 - 1") << "-9007199254740993" << true;
    QTest::newRow("17 digits that are held") << "0.12345678901234568" << false;
    QTest::newRow("20 digits") << "1234567890.1234567891" << true;
    QTest::newRow("NaN") << "NaN" << false;
    QTest::newRow("too large") << QString(QLatin1Char('9')).repeated(400) << true;
}

void TestPostgresConnect::numbersThatWereRoundedAreSaid()
{
    QFETCH(QString, decimal);
    QFETCH(bool, is);
    QCOMPARE(isRounded(decimal.toStdString()), is);
}

void TestPostgresConnect::numbersThatWereRoundedAreMarked()
{
    m_house->execute("CREATE VIEW precise AS SELECT line, '2026-03-04 00:00Z'::timestamptz AS ts, n, n AS exact, k FROM (VALUES "
                     "('L1', 1234567890.1234567891::numeric, 9007199254740993), ('L2', 0.5, 9007199254740992)) AS v (line, n, k)");
    Reading reading(m_house->spec({{"view", text("precise")}, {"mode", text("snapshot")}},
                                  {{"decode",
                                    map({{"row",
                                          map({{"learn", text("true")},
                                               {"fields",
                                                map({{"exact", map({{"at", text("column:exact")}, {"as", text("text")}})},
                                                     {"half", map({{"at", text("column:n")}, {"scale", text("0.5")}})}})}})}})}}));
    QVERIFY2(reading.until([&] { return reading.got.count("status/L2/k") > 0 && reading.got.count("status/L1/k") > 0; }),
             reading.newestError().c_str());
    reading.stop();
    const auto row = [&](const char *path) { return reading.got.all[path].empty() ? Received::Row() : reading.got.all[path].front(); };
    for (const char *path : {"status/L1/half", "status/L1/k"})
        QVERIFY2(row(path).quality == Quality::Uncertain, path);
    for (const char *path : {"status/L2/half", "status/L2/k", "status/L1/exact"})
        QVERIFY2(row(path).quality == Quality::Good, path);
    QCOMPARE(row("status/L1/half").value, 617283945.06172839455);
    QCOMPARE(reading.got.texts.at(static_cast<std::size_t>(row("status/L1/exact").value)), std::string("1234567890.1234567891"));
    QVERIFY(std::any_of(reading.status.notes.begin(), reading.status.notes.end(),
                        [](const Error &note) { return note.plain().find("as: text keeps every digit") != std::string::npos; }));
}

}

QTEST_GUILESS_MAIN(TestPostgresConnect)
#include "tst_postgresconnect.moc"
