#include "decode/preview.h"

#include "decode/browsed.h"
#include "decode/flow.h"
#include "decode/messagetree.h"

#include <QtTest>

using namespace sg;
using browsed::message;

namespace {

const char *const press = "{path: [line, device], labels: {device: /id}, notes: {lot: /lot}, time: {basis: message, at: /ts, unit: ms},"
                          " decode: {json: {learn: true, unwrap: auto}}}";

std::unique_ptr<Preview> previewOf(const char *declaration)
{
    SourceSpec spec = flow::source(declaration);
    spec.settings = flow::node("{topics: [\"plant.{line}.processed\"]}");
    auto made = Preview::make(spec);
    return made ? *std::move(made) : nullptr;
}

QStringList rowsOf(const Preview::Read &read)
{
    QStringList out;
    for (const Preview::Row &row : read.rows)
        out << QString::fromStdString(row.path + "=" + row.text + "@" + formatUtc(row.stamp, false));
    return out;
}

// "value/data/temp=7 -> /data/temp": a line a node.
void print(const std::vector<TreeNode> &nodes, const QString &indent, QStringList &out)
{
    for (const TreeNode &node : nodes) {
        out << indent
                + QString::fromStdString(node.name + (node.value.empty() ? "" : "=" + node.value)
                                         + (node.where.empty() ? "" : " -> " + node.where)
                                         + (node.hidden ? " +" + std::to_string(node.hidden) : ""));
        print(node.children, indent + QLatin1Char(' '), out);
    }
}

QStringList printed(const std::vector<TreeNode> &nodes)
{
    QStringList out;
    print(nodes, {}, out);
    return out;
}

}

class TestPreview : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsAsTheSourceDoes();
    void refusesWhatTheSourceRefuses();
    void countsSeriesAndLabels();
    void namesTheLabelThatExplodes();
    void isBounded();
    void showsTrees_data();
    void showsTrees();
    void keepsTreesBounded();
};

void TestPreview::readsAsTheSourceDoes()
{
    const auto preview = previewOf(press);
    QVERIFY(preview);
    const auto first = preview->add(message(R"({"id":"P/7","temp":71.5,"state":"run","lot":"K9","ts":1772583300000})"));
    QVERIFY2(!first.error, first.error ? first.error->plain().c_str() : "");
    QCOMPARE(rowsOf(first),
             (QStringList{QStringLiteral("press/L1/P%2F7/temp=71.5@2026-03-04T00:15:00Z"),
                          QStringLiteral("press/L1/P%2F7/state=run@2026-03-04T00:15:00Z")}));
    QCOMPARE(first.rows.front().labels, (std::vector<std::string>{"L1", "P/7"}));
    QCOMPARE(first.notes.size(), std::size_t{1});
    QCOMPARE(first.notes.front().second, std::string("K9"));
    const auto bad = preview->add(message(R"({"id":"P/7","temp":null,"ts":1772583301000})"));
    QCOMPARE(rowsOf(bad), QStringList{QStringLiteral("press/L1/P%2F7/temp=@2026-03-04T00:15:01Z")});
    QVERIFY(bad.rows.front().quality == Quality::Bad);

    const auto byArrival = previewOf("{path: [line], decode: {json: {learn: true}}}");
    QCOMPARE(rowsOf(byArrival->add(message(R"({"n":1})"))), QStringList{QStringLiteral("press/L1/n=1@2026-03-04T00:15:02Z")});
    const auto byKey = previewOf("{path: [line, device], labels: {device: \"key:\"}, decode: {json: {learn: true}}}");
    BrowsedMessage tombstone = message({}, "P-01");
    tombstone.isTombstone = true;
    QCOMPARE(byKey->add(tombstone).retired, std::vector<std::string>{"press/L1/P-01"});
}

void TestPreview::refusesWhatTheSourceRefuses()
{
    const auto wrong = Preview::make(flow::source("{path: [line], decode: {json: {lern: true}}}"));
    QVERIFY(!wrong);
    const auto preview = previewOf(press);
    const auto read = preview->add(message(R"({"id":"P7","temp":1)"));
    QVERIFY(read.error && read.rows.empty());
    QCOMPARE(preview->status().decodeErrors, std::uint64_t{1});
    BrowsedMessage cut = message(R"({"id":"P7","temp":1,"ts":1772583300000})");
    cut.size = 9'000;
    QVERIFY(QString::fromStdString(preview->add(cut).error->plain()).contains(QLatin1String("9000 bytes")));
    QCOMPARE(preview->status().decodeErrors, std::uint64_t{1});
}

void TestPreview::countsSeriesAndLabels()
{
    const auto preview = previewOf("{path: [line, device], labels: {device: /id}, decode: {json: {learn: true}}}");
    for (int i = 0; i < 30; ++i)
        preview->add(message("{\"id\":\"P" + QByteArray::number(i % 3) + "\",\"temp\":" + QByteArray::number(i) + ",\"p\":\""
                             + QByteArray::number(i) + "\"}"));
    const auto series = preview->series();
    QCOMPARE(series.size(), std::size_t{6});
    QCOMPARE(series[1].path, std::string("press/L1/P0/temp"));
    QCOMPARE(series[1].count, std::uint64_t{10});
    QCOMPARE(series[1].newest.text, std::string("27"));
    const auto labels = preview->labels();
    QCOMPARE(labels[1].name, std::string("device"));
    QCOMPARE(labels[1].values.size(), std::size_t{3});
    QVERIFY(!labels[0].warning && !labels[1].warning);
    QVERIFY(!preview->status().notes.empty()); // p looks like numbers
}

void TestPreview::namesTheLabelThatExplodes()
{
    const auto preview = previewOf("{path: [line, lot], labels: {lot: /lot}, decode: {json: {learn: true}}}");
    for (int i = 0; i < 20; ++i)
        preview->add(message("{\"lot\":\"K" + QByteArray::number(i) + "\",\"temp\":1}"));
    const auto labels = preview->labels();
    QVERIFY(!labels[0].warning);
    QCOMPARE(labels[1].warning->plain(), std::string("lot: 20 values in 20 messages, each of them series of its own. Is it a note?"));
}

void TestPreview::isBounded()
{
    const auto preview = previewOf("{path: [line, lot], labels: {lot: /lot}, decode: {json: {learn: true}}}");
    for (int i = 0; i < 6000; ++i)
        preview->add(message("{\"lot\":\"K" + QByteArray::number(i) + "\",\"temp\":1}"));
    QCOMPARE(preview->series().size(), Preview::MostSeries);
    QCOMPARE(preview->hiddenSeries(), std::size_t{1000});
    QCOMPARE(preview->labels()[1].values.size(), Preview::MostLabelValues);
    QVERIFY(preview->labels()[1].isMore);
    QVERIFY(QString::fromStdString(preview->labels()[1].warning->plain()).contains(QLatin1String("more than 1000 values")));
}

void TestPreview::showsTrees_data()
{
    QTest::addColumn<BrowsedMessage>("given");
    QTest::addColumn<Unwrap>("unwrap");
    QTest::addColumn<QStringList>("lines");
    const auto lines = [](const char *text) { return QString::fromUtf8(text).split(QLatin1Char('\n')); };
    QTest::newRow("JSON") << message(R"({"a":{"b/c":1.5},"l":[true,null],"t":"x\u0007<b>"})") << Unwrap::Auto
                          << lines("value={3}\n a={1} -> /a\n  b/c=1.5 -> /a/b~1c\n l=[2] -> /l\n  0=true -> /l/0\n  1=null -> /l/1\n"
                                   " t=x\\x07<b> -> /t\ntopic=plant.L1.processed\n line=L1 -> topic:line");
    QTest::newRow("Connect")
        << message(R"({"schema":{},"payload":{"n":1}})", R"({"id":7})") << Unwrap::Auto
        << lines("value={1}\n n=1 -> /n\nenvelope={2}\n schema={0} -> envelope:/schema\n payload={1} -> envelope:/payload\n"
                 "  n=1 -> envelope:/payload/n\nkey={1} -> key:\n id=7 -> key:/id\ntopic=plant.L1.processed\n line=L1 -> topic:line");
    QTest::newRow("not unwrapped")
        << message(R"({"schema":1,"payload":2})") << Unwrap::None
        << lines("value={2}\n schema=1 -> /schema\n payload=2 -> /payload\ntopic=plant.L1.processed\n line=L1 -> topic:line");
    BrowsedMessage more = message("81,4", "P-01");
    more.headers = {{"site", "N\n1"}};
    QTest::newRow("no JSON")
        << more << Unwrap::Auto
        << lines("value=81,4\nkey=P-01 -> key:\nheaders\n site=N\\n1 -> header:site\ntopic=plant.L1.processed\n line=L1 -> topic:line");
    BrowsedMessage row;
    row.cells = {{"n", "3", true, false}, {"kpi", R"({"oee":0.8})", false, false}, {"gone", std::nullopt, false, false}};
    QTest::newRow("a row")
        << row << Unwrap::Auto
        << lines("columns\n n=3 -> column:n\n kpi={1} -> column:kpi\n  oee=0.8 -> column:kpi/oee\n gone=NULL -> column:gone");
}

void TestPreview::showsTrees()
{
    QFETCH(BrowsedMessage, given);
    QFETCH(Unwrap, unwrap);
    QFETCH(QStringList, lines);
    std::vector<Error> faults;
    const TopicChoice topics = TopicChoice::read(flow::node("{topics: [\"plant.{line}.processed\"]}"), '.', faults);
    QCOMPARE(printed(tree(given, unwrap, &topics)), lines);
}

void TestPreview::keepsTreesBounded()
{
    QByteArray wide = "[0";
    for (int i = 0; i < 100'000; ++i)
        wide += ",1";
    const auto nodes = tree(message("{\"a\":" + wide + "]}"));
    const TreeNode &list = nodes.front().children.front();
    QVERIFY(list.children.size() < MostTreeNodes);
    QCOMPARE(list.children.size() + list.hidden, std::size_t{100'001});
    const auto deep = printed(tree(message("{\"a\":" + QByteArray(1000, '[') + QByteArray(1000, ']') + "}")));
    QVERIFY(deep.size() < 100);
    const auto longText = tree(message("{\"a\":\"" + QByteArray(100'000, 'x') + "\"}"));
    QVERIFY(longText.front().children.front().value.size() < 300);
}

QTEST_APPLESS_MAIN(TestPreview)
#include "tst_preview.moc"
