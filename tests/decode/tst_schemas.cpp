#include "decode/preview.h"
#include "decode/schemareader.h"

#include "decode/avrobytes.h"
#include "decode/browsed.h"
#include "decode/flow.h"
#include "decode/intake.h"
#include "decode/recognise.h"

#include <QtTest>

using namespace sg;

namespace {

constexpr const char *Reading
    = R"({"type":"record","name":"R","fields":[{"name":"id","type":"string"},{"name":"n","type":["null","double"]}]})";

// A registry whose answers the test decides.
struct FakeRegistry
{
    std::map<std::uint32_t, SchemaText> schemas;
    bool isDown = false;
    int asked = 0;
};
FakeRegistry registry;

class FakeSchemas final : public Schemas
{
public:
    Fetched fetch(std::uint32_t id, const std::stop_token &) override
    {
        ++registry.asked;
        if (registry.isDown)
            return {Fetched::How::Later, {}, {"the registry is down", {}, {}}};
        const auto found = registry.schemas.find(id);
        if (found == registry.schemas.end())
            return {Fetched::How::Unknown, {}, {"no such id", {}, {}}};
        return {Fetched::How::Known, found->second, {}};
    }
};

SourceSpec specOf(const char *decode, const char *labels = "{device: /id}")
{
    SourceSpec spec
        = flow::source(std::string("{path: [device], labels: ") + labels + ", time: {basis: broker}, decode: {" + decode + "}}");
    spec.registry = flow::node("{url: \"http://localhost\"}");
    return spec;
}

QByteArray value(const QByteArray &id, double n, std::uint32_t schema = 42)
{
    return avro::framed(schema, avro::text(id) + avro::whole(1) + avro::real(n));
}

struct Feed
{
    explicit Feed(const SourceSpec &spec)
        : intake(spec)
    {
    }
    Result<Done> add(const QByteArray &payload, const QByteArray &key = {})
    {
        Message message;
        message.topic = "t";
        message.stream = "t/0";
        message.payload = {payload.data(), static_cast<std::size_t>(payload.size())};
        message.key = {key.data(), static_cast<std::size_t>(key.size())};
        message.isTombstone = payload.isNull();
        message.brokerTime = browsed::noon();
        return intake.add(message);
    }
    QStringList rows()
    {
        const Batch batch = intake.seal({}, {});
        for (const NewSeries &fresh : batch.newSeries)
            paths[number(fresh.id)] = QString::fromStdString(fresh.path);
        QStringList out;
        for (std::size_t i = 0; i < batch.rows(); ++i)
            out << paths[number(batch.series[i])] + QLatin1Char('=') + QString::number(batch.value[i]);
        for (const auto &[row, mark] : batch.marks)
            if (const auto *retired = std::get_if<Retired>(&mark))
                out << QLatin1Char('-') + QString::fromStdString(retired->key);
        return out;
    }
    SourceStatus status() const
    {
        SourceStatus out;
        intake.describe(out);
        return out;
    }

    Intake intake;
    std::map<std::uint32_t, QString> paths;
};

}

class TestSchemas : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        setSchemasMaker([](const SourceSpec &) -> std::unique_ptr<Schemas> { return std::make_unique<FakeSchemas>(); });
        registry = FakeRegistry();
        registry.schemas[42] = {"AVRO", Reading, {}};
    }
    void takesNothingWhileTheRegistryIsDown();
    void readsKeysToo();
    void countsWhatCannotBeRead();
    void readsWhatIsNotFramedAsJson();
    void namesTheFormatWithoutARegistry();
    void asksForARegistry();
    void showsFramedMessagesByHand();
};

void TestSchemas::takesNothingWhileTheRegistryIsDown()
{
    Feed feed(specOf("avro: {use: r, learn: true}"));
    registry.isDown = true;
    QVERIFY(!feed.add(value("P1", 1)));
    QVERIFY(feed.intake.waitsFor().has_value());
    QCOMPARE(feed.intake.waitsFor()->plain(), std::string("the registry is down"));
    QVERIFY(feed.add(R"({"id":"P0","n":0})")); // what needs no schema does not wait
    QVERIFY(!feed.intake.waitsFor());
    QVERIFY(!feed.add(value("P1", 1)));
    registry.isDown = false;
    QVERIFY(feed.add(value("P1", 1)));
    QVERIFY(!feed.intake.waitsFor());
    QVERIFY(feed.add(value("P2", 2)));
    QCOMPARE(feed.rows(), (QStringList{QStringLiteral("press/P0/n=0"), QStringLiteral("press/P1/n=1"), QStringLiteral("press/P2/n=2")}));
    QCOMPARE(registry.asked, 3);
    QCOMPARE(feed.status().messages, std::uint64_t{3});
    QCOMPARE(feed.status().decodeErrors, std::uint64_t{0});
}

void TestSchemas::readsKeysToo()
{
    registry.schemas[7] = {"AVRO", R"({"type":"record","name":"K","fields":[{"name":"device","type":"string"}]})", {}};
    registry.schemas[8] = {"AVRO", R"("string")", {}};
    registry.schemas[9] = {"AVRO", R"("long")", {}};
    Feed pointed(specOf("avro: {use: r, fields: {n: {at: /n}}}", "{device: \"key:/device\"}"));
    QVERIFY(pointed.add(value("x", 1), avro::framed(7, avro::text("P1"))));
    registry.isDown = true;
    QVERIFY(pointed.add(value("x", 2), avro::framed(7, avro::text("P1"))));
    QVERIFY(!pointed.add(value("x", 3), avro::framed(6, avro::text("P1")))); // the key's schema is missing
    QVERIFY(pointed.intake.waitsFor().has_value());
    QVERIFY(pointed.add(QByteArray(), avro::framed(7, avro::text("P1")))); // a tombstone
    QCOMPARE(pointed.rows(), (QStringList{QStringLiteral("press/P1/n=1"), QStringLiteral("press/P1/n=2"), QStringLiteral("-press/P1")}));
    registry.isDown = false;
    Feed whole(specOf("avro: {use: r, fields: {n: {at: /n}}}", "{device: \"key:\"}"));
    QVERIFY(whole.add(value("x", 1), avro::framed(8, avro::text("P/1"))));
    QVERIFY(whole.add(value("x", 2), avro::framed(9, avro::whole(77))));
    QVERIFY(whole.add(value("x", 3), "plain"));
    QCOMPARE(whole.rows(),
             (QStringList{QStringLiteral("press/P%2F1/n=1"), QStringLiteral("press/77/n=2"), QStringLiteral("press/plain/n=3")}));
    Feed unasked(specOf("avro: {use: r, fields: {n: {at: /n}}}"));
    QVERIFY(unasked.add(value("P1", 1), avro::framed(1000, "?"))); // nobody wants the key
}

void TestSchemas::countsWhatCannotBeRead()
{
    registry.schemas[43] = {"PROTOBUF", "syntax = \"proto3\"; message M { string id = 1; }", {}};
    registry.schemas[44] = {"AVRO", "{\"type\":\"nonsense\"}", {}};
    registry.schemas[45] = {"JSON", "{}", {}};
    Feed feed(specOf("avro: {use: r, learn: true}"));
    const auto why = [&](const QByteArray &payload) {
        const auto done = feed.add(payload);
        return done ? QString() : QString::fromStdString(done.error().plain());
    };
    QCOMPARE(why(value("P1", 1, 99)), QStringLiteral("no such id"));
    QCOMPARE(why(value("P1", 1, 43)), QStringLiteral("schema id 43: the schema is of type PROTOBUF, and this source decodes AVRO"));
    QCOMPARE(why(value("P1", 1, 44)), QStringLiteral("schema id 44: the Avro schema names the type 'nonsense', which is not defined"));
    QCOMPARE(why(value("P1", 1).chopped(1)), QStringLiteral("schema id 42: Avro: the record is cut short"));
    QVERIFY(!feed.intake.waitsFor());
    QCOMPARE(feed.status().decodeErrors, std::uint64_t{4});
    QCOMPARE(why(avro::framed(45, R"({"id":"P1","n":4})")), QString()); // JSON Schema in the same topic
    QCOMPARE(feed.rows(), QStringList{QStringLiteral("press/P1/n=4")});
}

void TestSchemas::readsWhatIsNotFramedAsJson()
{
    Feed feed(specOf("avro: {use: r, learn: true}"));
    QVERIFY(feed.add(R"({"id":"P1","n":4})"));
    const auto text = feed.add("hello");
    QVERIFY(!text && QString::fromStdString(text.error().plain()).startsWith(QLatin1String("no registry framing, and no JSON")));
}

void TestSchemas::namesTheFormatWithoutARegistry()
{
    Feed feed(specOf("json: {learn: true}"));
    QVERIFY(!feed.add(value("P1", 1)));
    QVERIFY(!feed.add(value("P1", 2)));
    QVERIFY(!feed.add(avro::framed(43, QByteArray("\x00\x0A\x02P1", 5))));
    QCOMPARE(registry.asked, 0);
    QCOMPARE(feed.status().decodeErrors, std::uint64_t{0});
    QCOMPARE(
        feed.status().notes.front().plain(),
        std::string(
            "Avro, schema id 42, Protobuf, schema id 43: 3 messages passed over; decode: avro or protobuf with a registry reads them"));
}

void TestSchemas::asksForARegistry()
{
    QVERIFY(!Intake::check(flow::source("{path: [], decode: {avro: {learn: true}}}")).empty());
    QVERIFY(!Intake::check(flow::source("{path: [], decode: {protobuf: {use: r, learn: true, mesage: x}}}")).empty());
    QVERIFY(Intake::check(flow::source("{path: [], decode: {protobuf: {use: r, learn: true, message: a.B, unwrap: auto}}}")).empty());
    QVERIFY(
        Intake::check(flow::source("{path: [], decode: {avro: {use: r, cases: [{when: {/t: a}, learn: true}, {else: ignore}]}}}")).empty());
    setSchemasMaker(nullptr);
    QVERIFY_EXCEPTION_THROWN(Intake(specOf("avro: {use: r, learn: true}")), Refusal);
}

void TestSchemas::showsFramedMessagesByHand()
{
    const SourceSpec spec = specOf("avro: {use: r, learn: true}");
    const auto made = Unframing::make(spec);
    QVERIFY(made);
    std::vector<BrowsedMessage> messages;
    for (int i = 0; i < 10; ++i)
        messages.push_back(browsed::message(value("P-" + QByteArray::number(i % 3), i)));
    const auto preview = Preview::make(spec);
    QCOMPARE((*preview)->add(messages.front()).rows.front().path, std::string("press/P-0/n"));
    for (BrowsedMessage &message : messages)
        QVERIFY((*made)->apply(message, {}));
    QCOMPARE(messages.front().payload, std::string(R"({"id":"P-0","n":0})"));
    QCOMPARE(tree(messages.front()).front().children.front().where, std::string("/id"));
    const Recognition found = recognise(messages, nullptr, {"avro", "plant-registry"});
    QCOMPARE(found.settings.front().second, std::string("{ avro: { use: plant-registry, learn: true } }"));
    QCOMPARE(found.places.front().where, std::string("/id"));
    registry.isDown = true;
    BrowsedMessage unknown = browsed::message(value("P", 1, 77));
    const std::string before = unknown.payload;
    QVERIFY(!(*made)->apply(unknown, {}));
    QCOMPARE(unknown.payload, before);
    const auto waiting = (*preview)->add(unknown);
    QCOMPARE(waiting.error->plain(), std::string("the registry is down"));
}

QTEST_APPLESS_MAIN(TestSchemas)
#include "tst_schemas.moc"
