#include "decode/intake.h"

#include "decode/rows.h"
#include "workspace/workspace.h"

#include <QtTest>

using namespace sg;
using namespace rows;

// The grammar's own examples, each with payloads as the systems write them.
class TestCaseFiles : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everySourceIsAccepted_data();
    void everySourceIsAccepted();
    void kafkaConnect();
    void debezium();
    void mqttScalars();
    void plcGateway();
    void postgres();
    void mixedLog();
    void windows();
};

namespace {

// The sources of a file, as the workspace hands them on.
std::vector<SourceSpec> sourcesOf(const char *name)
{
    QFile file(QStringLiteral(SG_SOURCE_DIR "/tests/decode/cases/") + QString::fromUtf8(name));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const auto root = parseYaml(file.readAll().toStdString(), name);
    std::vector<SourceSpec> specs;
    if (!root)
        return specs;
    for (const Node &item : (*root)["sources"].list) {
        SourceSpec &spec = specs.emplace_back();
        spec.id = item.text("id");
        spec.declaration = item;
        for (const char *kind : {"kafka", "mqtt", "postgres"})
            if (item.has(kind)) {
                spec.kind = kind;
                spec.settings = item[kind];
            }
    }
    return specs;
}

struct Bench
{
    explicit Bench(const char *file, std::size_t source = 0)
        : intake(sourcesOf(file).at(source))
    {
    }

    QString rows(const Message &message)
    {
        const auto done = intake.add(message);
        batch = intake.seal({}, {});
        return done ? reader.rows(batch).join(QLatin1Char(' ')) : QLatin1Char('!') + QString::fromStdString(done.error().plain());
    }

    Intake intake;
    Reader reader;
    Batch batch;
};

}

void TestCaseFiles::everySourceIsAccepted_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<int>("sources");
    const auto row = [](const char *file, int sources) { QTest::newRow(file) << QString::fromUtf8(file) << sources; };
    row("01-connect.yaml", 1);
    row("02-debezium.yaml", 1);
    row("03-mqtt.yaml", 2);
    row("04-plc-gateway.yaml", 1);
    row("05-pg.yaml", 1);
    row("06-log.yaml", 1);
    row("07-windowed.yaml", 2);
}

void TestCaseFiles::everySourceIsAccepted()
{
    QFETCH(QString, file);
    QFETCH(int, sources);
    const auto specs = sourcesOf(qPrintable(file));
    QCOMPARE(specs.size(), static_cast<std::size_t>(sources));
    for (const SourceSpec &spec : specs) {
        const auto faults = Intake::check(spec);
        QVERIFY2(faults.empty(), faults.empty() ? "" : faults.front().plain().c_str());
    }
}

void TestCaseFiles::kafkaConnect()
{
    Bench bench("01-connect.yaml");
    Message message = json(R"({"schema":{"type":"struct"},"payload":{"ts":1790000000123,"asset":{"id":"P-07"},)"
                           R"("data":{"temp":71.5,"vib/x":0.25,"noise":3},"state":1}})",
                           line1);
    message.key = R"({"schema":{},"payload":{"lot":"A4711"}})";
    const Pairs headers{{"site", "north"}};
    message.headers = headers;
    QCOMPARE(bench.rows(message), QStringLiteral("press/L1/P-07/temp=71.5 press/L1/P-07/vib_x=0.25 press/L1/P-07/state=running"));
    QCOMPARE(bench.batch.stamp.at(0), Time(Millis(1790000000123)));
    QCOMPARE(bench.batch.notes.size(), std::size_t(2));
    QCOMPARE(bench.batch.notes.at(0).text, std::string("A4711"));
}

void TestCaseFiles::debezium()
{
    Bench bench("02-debezium.yaml");
    const std::string schema = R"({"type":"struct","fields":[{"type":"struct","fields":[{"type":"int32","field":"machine_id"},)"
                               R"({"type":"string","field":"status"},{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal",)"
                               R"("parameters":{"scale":"2"},"field":"temp"}],"field":"after"}]})";
    const std::string change
        = R"({"before":null,"after":{"machine_id":7,"status":"run","temp":"H8w="},"source":{"ts_ms":1790000000123},"op":"u"})";
    const std::string wrapped = R"({"schema":)" + schema + R"(,"payload":)" + change + "}";
    for (const std::string &payload : {change, wrapped, wrapped}) {
        Message message = json(payload, {});
        message.key = R"({"machine_id":7})";
        QCOMPARE(bench.rows(message), QStringLiteral("cdc/7/status=run cdc/7/temp=81.400000000000006"));
        QCOMPARE(bench.batch.stamp.at(0), Time(Millis(1790000000123)));
    }
    Message deleted = json(R"({"before":null,"after":null,"source":{"ts_ms":1790000000124},"op":"d"})", {});
    deleted.key = R"({"machine_id":7})";
    QCOMPARE(bench.rows(deleted), QString());
    QCOMPARE(std::get<Retired>(bench.batch.marks.at(0).second).key, std::string("cdc/7"));
}

void TestCaseFiles::mqttScalars()
{
    Bench bench("03-mqtt.yaml");
    const Pairs captures{{"line", "L1"}, {"device", "P"}, {"measure", "temp"}};
    QCOMPARE(bench.rows(json("81,4", captures)), QStringLiteral("shop/L1/P/temp=81.400000000000006"));
    Bench status("03-mqtt.yaml", 1);
    QCOMPARE(status.rows(json(R"({"st":"up"})", captures)), QStringLiteral("status/L1/P/state=up"));
}

void TestCaseFiles::plcGateway()
{
    Bench bench("04-plc-gateway.yaml");
    const Pairs captures{{"gateway", "G1"}};
    QCOMPARE(
        bench.rows(json(
            R"({"batch":[{"tag":"L1.P.Temp","t":"2025-03-04 09:15:00","v":705,"q":192},)"
            R"({"tag":"L1.P.Run","t":"2025-03-04 09:15:01,5","v":1,"q":192},{"tag":"L1.P.Temp","t":"2025-03-04T00:15:02Z","v":9,"q":0}]})",
            captures)),
        QStringLiteral("plc/L1/P/Temp=70.5 plc/L1/P/Run=1 plc/L1/P/Temp=bad"));
    QCOMPARE(bench.batch.stamp.at(0), Time(std::chrono::seconds(1741047300)));
    QCOMPARE(bench.batch.stamp.at(1), Time(Millis(1741047301500)));
    QCOMPARE(bench.batch.stamp.at(2), Time(std::chrono::seconds(1741047302)));
    QCOMPARE(bench.batch.notes.at(0).text, std::string("G1"));
    QCOMPARE(bench.rows(json(R"({"hello":1})", captures)), QString());
}

void TestCaseFiles::postgres()
{
    Bench bench("05-pg.yaml");
    Message message;
    message.stream = "line_status";
    message.databaseTime = Time(std::chrono::seconds(9));
    const std::vector<Cell> row{{"line", "L1"},
                                {"status", "run"},
                                {"n", "12", true},
                                {"avg_temp", "71.25", true},
                                {"kpi", R"({"oee": 0.5, "x": [1]})", false, false, true}};
    message.cells = row;
    QCOMPARE(bench.rows(message), QStringLiteral("line/L1/run/n=12 line/L1/run/avg_temp=71.25 line/L1/run/oee=0.5"));
    QCOMPARE(bench.batch.stamp.at(0), Time(std::chrono::seconds(9)));
    const std::vector<Cell> empty{
        {"line", "L1"}, {"status", "run"}, {"n", "0", true}, {"avg_temp", std::nullopt, true}, {"kpi", std::nullopt}};
    message.cells = empty;
    QCOMPARE(bench.rows(message), QStringLiteral("line/L1/run/n=0 line/L1/run/avg_temp=bad line/L1/run/oee=bad"));
    const std::vector<Cell> noJson{{"line", "L1"}, {"status", "run"}, {"kpi", "{oee"}};
    message.cells = noJson;
    QVERIFY(bench.rows(message).startsWith(QStringLiteral("!column 'kpi': no JSON")));
    // A row that is gone: its key is told by its columns.
    message.cells = row;
    message.isTombstone = true;
    QCOMPARE(bench.rows(message), QString());
    QCOMPARE(std::get<Retired>(bench.batch.marks.at(0).second).key, std::string("line/L1/run"));
}

void TestCaseFiles::mixedLog()
{
    Bench bench("06-log.yaml");
    const auto message = [](std::string_view payload, const Pairs &headers) {
        Message out = json(payload, {});
        out.brokerTime = Time(std::chrono::seconds(5));
        out.headers = headers;
        return out;
    };
    const Pairs none{}, alarm{{"ce_type", "alarm"}}, audit{{"ce_type", "audit"}};
    QCOMPARE(bench.rows(message(R"({"type":"telemetry","asset":{"line":"L1","id":"P"},"data":{"temp":7}})", none)),
             QStringLiteral("ev/L1/P/temp=7"));
    QCOMPARE(bench.rows(message(R"({"type":"alarm","machine":"M","code":12})", alarm)), QStringLiteral("ev/-/M/code=12"));
    QCOMPARE(bench.rows(message(R"({"type":"audit","machine":"M"})", audit)), QString());
    SourceStatus status;
    bench.intake.describe(status);
    QCOMPARE(status.decodeErrors, std::uint64_t(0));
    QCOMPARE(status.notes.at(0).plain(), std::string("3 kinds of messages by /type: alarm 1, audit 1, telemetry 1"));
}

void TestCaseFiles::windows()
{
    Bench flink("07-windowed.yaml");
    QCOMPARE(flink.rows(json(R"({"line":"L1","window_end":"2026-10-12 08:01:00","cnt":12,"bad":1})", {})),
             QStringLiteral("flink/L1/cnt=12 flink/L1/bad=1"));
    QCOMPARE(flink.batch.stamp.at(0), Time(std::chrono::seconds(1791792060)));
    Bench ksql("07-windowed.yaml", 1);
    Message message = json(R"({"N":5,"AVG":1.5})", {});
    message.key = std::string_view("L1\0\0\x01\xA1\x2E\xD3\x34\x00", 10);
    QCOMPARE(ksql.rows(message), QStringLiteral("ksql/L1/N=5 ksql/L1/AVG=1.5"));
    QCOMPARE(ksql.batch.stamp.at(0), Time(Millis(0x1A12ED33400) + std::chrono::seconds(60)));
}

QTEST_GUILESS_MAIN(TestCaseFiles)
#include "tst_casefiles.moc"
