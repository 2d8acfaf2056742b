#include "core/platform.h"
#include "workspace/chartlook.h"
#include "workspace/workspace.h"

#include <QtTest>

#include <filesystem>

using namespace sg;

// A workspace as values, and what is said about its faults: file, line, what came, what was expected.
class TestWorkspace : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void readsTheWholeExample();
    void readsTheCases();
    void faults_data();
    void faults();
    void isNoWorkspace_data();
    void isNoWorkspace();
    void refusedRulesKeepTheirLastVersion_data();
    void refusedRulesKeepTheirLastVersion();
    void keptTextReadsBackAsTheSameRule();
    void textsComeInTheLanguageOfTheMachine();
    void folderOnDisk();
    void linksLeadNowhereElse();
};

namespace {

constexpr Field KafkaFields[] = {
    {.key = "brokers", .type = FieldType::Texts, .isRequired = true},
    {.key = "topics", .type = FieldType::Texts, .isRequired = true},
    {.key = "start", .type = FieldType::Text},
    {.key = "key", .type = FieldType::Map},
    {.key = "properties", .type = FieldType::Map},
};
constexpr Field MqttFields[] = {
    {.key = "broker", .type = FieldType::Text, .isRequired = true},
    {.key = "topics", .type = FieldType::Texts, .isRequired = true},
    {.key = "except", .type = FieldType::Texts},
    {.key = "qos", .type = FieldType::Integer},
    {.key = "version", .type = FieldType::Integer},
    {.key = "user", .type = FieldType::Text},
    {.key = "password", .type = FieldType::Secret},
    {.key = "ca", .type = FieldType::Path},
};
constexpr Field PostgresFields[] = {
    {.key = "host", .type = FieldType::Text, .isRequired = true},
    {.key = "dbname", .type = FieldType::Text, .isRequired = true},
    {.key = "schema", .type = FieldType::Text},
    {.key = "view", .type = FieldType::Text, .isRequired = true},
    {.key = "mode", .type = FieldType::Text},
    {.key = "cursor", .type = FieldType::Text},
    {.key = "overlap", .type = FieldType::Duration},
    {.key = "every", .type = FieldType::Duration},
    {.key = "row_key", .type = FieldType::Texts},
};

// Stands for Intake: the whole declaration arrives, and its verdict counts.
std::vector<Error> checkDeclaration(const SourceSpec &spec)
{
    for (const auto &[key, value] : spec.declaration.map)
        if (key == "lables")
            return {value.error("unknown key '%1'; did you mean '%2'?", {key, "labels"})};
    return {};
}

SourceCatalog catalog()
{
    SourceCatalog out;
    for (const auto &[name, fields] :
         {std::pair<const char *, Fields>{"kafka", KafkaFields}, {"mqtt", MqttFields}, {"postgres", PostgresFields}, {"demo", {}}}) {
        SourceKind kind;
        kind.name = name;
        kind.fields = fields;
        kind.check = checkDeclaration;
        out[name] = kind;
    }
    return out;
}

std::string fileText(const std::string &name)
{
    const auto text = readFile(std::string(SG_SOURCE_DIR "/tests/workspace/data/") + name);
    return text ? *text : std::string();
}

using Files = std::map<std::string, std::string>;

Files plant()
{
    return {{"workspace.yaml",
             "format: 1\n"
             "name: Plant 3\n"
             "sources:\n"
             "  - id: press\n"
             "    mqtt: { broker: \"tcp://127.0.0.1:1883\", topics: [\"press/{line}/{device}\"] }\n"
             "    path: [line, device]\n"
             "  - id: gateways\n"
             "    mqtt: { broker: \"tcp://127.0.0.1:1883\", topics: [\"gw/{line}/{gateway}\"] }\n"
             "    path: [line, gateway]\n"},
            {"rules/press.yaml",
             "format: 1\n"
             "defaults: { priority: medium, area: Press shop }\n"
             "rules:\n"
             "  - id: hot\n"
             "    series: press/*/*/temp\n"
             "    high: { limit: 80 }\n"}};
}

std::string joined(const std::vector<Error> &errors)
{
    std::string out;
    for (const Error &error : errors)
        out += (out.empty() ? "" : "\n") + error.plain();
    return out;
}

// What is there, in one line: sources, rules, tiles.
std::string inventory(const Workspace &workspace)
{
    std::string out;
    for (const SourceSpec &source : workspace.sources)
        out += source.id + " ";
    out += "|";
    for (const auto &rule : workspace.rules->rules)
        out += " " + rule->id;
    out += " |";
    for (const PageSpec &page : workspace.pages)
        for (const TileSpec &tile : page.tiles)
            out += " " + tile.id + ":" + tile.kind;
    return out;
}

}

void TestWorkspace::initTestCase()
{
    qputenv("LC_ALL", "en_US.UTF-8");
}

void TestWorkspace::readsTheWholeExample()
{
    const auto workspace = readWorkspace(SG_SOURCE_DIR "/tests/workspace/data/plant", catalog());
    QVERIFY2(workspace, workspace ? "" : workspace.error().plain().c_str());
    QCOMPARE(QByteArray::fromStdString(joined(workspace->errors)), QByteArray());
    QCOMPARE(inventory(*workspace),
             std::string("press gateways orders | press-hot press-fault gateway-silent | temps:chart open-alarms:alarms shifts:heatmap"));
    QCOMPARE(workspace->name, std::string("Plant 3"));
    QCOMPARE(workspace->pathLabels.at("press"), (std::vector<std::string>{"line", "device"}));

    const SourceSpec &press = workspace->sources.at(0);
    QCOMPARE(press.kind, std::string("kafka"));
    QVERIFY(!press.settings.has("use"));
    QCOMPARE(press.settings["brokers"].list.at(0).scalar, std::string("127.0.0.1:9092")); // of the connection
    QCOMPARE(press.settings["topics"].list.at(0).scalar, std::string("plant.{line}.processed"));
    QCOMPARE(press.declaration["labels"].text("device"), std::string("/asset/id"));
    QCOMPARE(press.lateness, Micros(std::chrono::seconds(2)));
    QVERIFY(press.clientName.starts_with("sightglass-Plant-3-"));
    QCOMPARE(press.folder, workspace->folder);

    const Tag tag = workspace->tags->of("press/L1/P-07/temp", {{"line", "L1"}, {"device", "P-07"}});
    QCOMPARE(tag.name, std::string("Press P-07 temperature"));
    QCOMPARE(tag.unit, std::string("°C"));
    QCOMPARE(*tag.range, (std::pair<double, double>(0, 120)));
    QCOMPARE(*tag.decimals, 1);
    QCOMPARE(*workspace->tags->of("gateways/L1/G1/beat").staleAfter, Micros(std::chrono::seconds(10)));

    const Rule &hot = *workspace->rules->rules.at(0);
    QCOMPARE(hot.file, std::string("rules/press.yaml"));
    QCOMPARE(hot.line, 6);
    QCOMPARE(workspace->rules->rules.at(2)->expected.size(), std::size_t(2));

    const PageSpec &page = workspace->pages.at(0);
    QCOMPARE(page.name, std::string("Press shop"));
    QCOMPARE(page.tiles.at(1).column, 16);
    QCOMPARE(page.tiles.at(1).width, 8);
    QCOMPARE(page.tiles.at(2).settings.text("field"), std::string("load")); // a kind of a newer version keeps its text
}

void TestWorkspace::readsTheCases()
{
    // The same constructs as in the grammar's examples: payloads of gateways, change capture, windowed results.
    const auto workspace = readWorkspaceFiles({{"workspace.yaml", fileText("cases.yaml")}}, catalog());
    QVERIFY2(workspace, workspace ? "" : workspace.error().plain().c_str());
    QCOMPARE(QByteArray::fromStdString(joined(workspace->errors)), QByteArray());
    QCOMPARE(workspace->sources.size(), std::size_t(8));
    const Node &decode = workspace->sources.at(4).declaration["decode"]["json"]["cases"];
    QCOMPARE(decode.list.at(0)["split"].text("as"), std::string("{line}.{device}.{point}"));
    QCOMPARE(workspace->sources.at(2).settings.text("broker"), std::string("tcp://127.0.0.1:1883"));
}

void TestWorkspace::faults_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("errors");
    QTest::addColumn<QByteArray>("left");
    const char *all = "press gateways | hot |";
    const auto row = [](const char *name, const char *file, const std::string &text, const char *errors, const char *left) {
        QTest::newRow(name) << QByteArray(file) << QByteArray::fromStdString(text) << QByteArray(errors) << QByteArray(left);
    };
    const auto workspace = [&](const char *name, const std::string &item, const char *error, const char *left = "press | hot |") {
        const std::string press = "format: 1\nsources:\n  - id: press\n    mqtt: { broker: b, topics: [t] }\n    path: [line, device]\n";
        row(name, "workspace.yaml", press + item, error, left);
    };
    const auto connected = [&](const char *name, const std::string &connection, const std::string &settings, const char *error,
                               const char *left = "press | hot |") {
        row(name, "workspace.yaml",
            "format: 1\nconnections:\n" + connection
                + "sources:\n  - { id: press, mqtt: { broker: b, topics: [t] }, path: [line, device] }\n  - { id: x, " + settings
                + ", path: [line] }\n",
            error, left);
    };
    row("all well", "tags.yaml", "format: 1\n", "", all);
    row("format missing", "tags.yaml", "tags: []\n", "tags.yaml:1: 'format: 1' is missing", all);
    row("format of the future", "tags.yaml", "format: 2\n", "tags.yaml:1: format '2' is not known to this version; it reads format 1", all);
    row("no map", "tags.yaml", "- a\n", "tags.yaml:1: the file must begin with 'format: 1' and hold keys with values", all);
    row("routes", "routes.yaml", "format: 1\n", "", all);
    row("rule tests", "tests/press.yaml", "format: 1\n", "", all);

    workspace("unknown key", "source: []\n", "workspace.yaml:6: unknown key 'source'; did you mean 'sources'?");
    workspace("connections as a map", "connections: { a: 1 }\n", "workspace.yaml:6: connections takes a list; each item begins with '- '");
    workspace("source without id", "  - mqtt: {}\n", "workspace.yaml:6: source: 'id' is missing");
    workspace("source as a text", "  - gateways\n", "workspace.yaml:6: source: expected a map that begins with 'id:'");
    workspace("capital id", "  - id: Gateways\n",
              "workspace.yaml:6: source: the id 'Gateways' must be small letters, digits, _ and -, and begin with a letter");
    workspace("id taken", "  - id: press\n    path: []\n", "workspace.yaml:6: source: the id 'press' is taken already");
    workspace("no path", "  - id: x\n    mqtt: { broker: b, topics: [t] }\n",
              "workspace.yaml:6: source 'x': 'path' is missing, e.g. path: [line, device]");
    workspace("path as a text", "  - id: x\n    mqtt: { broker: b, topics: [t] }\n    path: line\n",
              "workspace.yaml:8: source 'x': path takes a list of label names, e.g. [line, device]");
    workspace("label in capitals", "  - id: x\n    mqtt: { broker: b, topics: [t] }\n    path: [Line]\n",
              "workspace.yaml:8: source 'x': the label 'Line' must be small letters, digits and _, and begin with a letter");
    workspace("label twice", "  - id: x\n    mqtt: { broker: b, topics: [t] }\n    path: [line, line]\n",
              "workspace.yaml:8: source 'x': the label 'line' stands in path twice");
    workspace("label with another meaning", "  - id: x\n    mqtt: { broker: b, topics: [t] }\n    path: [unit]\n",
              "workspace.yaml:8: source 'x': 'unit' cannot be a label, texts use {unit} for something else");
    workspace("no kind", "  - id: x\n    path: [line]\n",
              "workspace.yaml:6: source 'x' does not say what it reads: expected one of demo, kafka, mqtt, postgres");
    workspace("two kinds", "  - id: x\n    path: [line]\n    demo: {}\n    mqtt: {}\n",
              "workspace.yaml:9: source 'x' has both demo and mqtt; it reads from one");
    workspace("a kind of a later version", "  - id: x\n    path: [line]\n    http: {}\n",
              "workspace.yaml:8: source 'x': 'http' is not in this version");
    workspace("demo needs no settings", "  - id: x\n    path: [line]\n    demo:\n", "", "press x | hot |");
    workspace("unknown setting", "  - id: x\n    path: [line]\n    mqtt: { broker: b, topic: t }\n",
              "workspace.yaml:8: unknown key 'topic'; did you mean 'topics'?\nworkspace.yaml:8: 'topics' is missing");
    workspace("a fault that the source's own check finds", "  - id: x\n    demo: {}\n    path: [line]\n    lables: {}\n",
              "workspace.yaml:9: unknown key 'lables'; did you mean 'labels'?");
    workspace("lateness without unit", "  - id: x\n    demo: {}\n    path: [line]\n    time: { basis: arrival, lateness: -2s }\n",
              "workspace.yaml:9: lateness: '-2s' is negative");
    workspace("literal secret", "  - id: x\n    path: [line]\n    mqtt: { broker: b, topics: [t], password: hunter2 }\n",
              "workspace.yaml:8: password is a secret and is given by reference only: { env: SG_NAME } or { file: PATH }");
    workspace("secret with a foreign name", "  - id: x\n    path: [line]\n    mqtt: { broker: b, topics: [t], password: { env: HOME } }\n",
              "workspace.yaml:8: password: the environment variable 'HOME' of a secret must begin with SG_");
    workspace("file outside", "  - id: x\n    path: [line]\n    mqtt: { broker: b, topics: [t], ca: ../ca.pem }\n",
              "workspace.yaml:8: ca: the workspace folder cannot be read"); // a workspace in memory has no files

    connected("connection used", "  - id: c\n    mqtt: { broker: b }\n", "mqtt: { use: c, topics: [t] }", "", "press x | hot |");
    connected("connection misspelt", "  - id: plant-mqtt\n    mqtt: { broker: b }\n", "mqtt: { use: plant-mqt, topics: [t] }",
              "workspace.yaml:7: there is no connection 'plant-mqt'; did you mean 'plant-mqtt'?");
    connected("connection of another kind", "  - id: c\n    kafka: { brokers: [b] }\n", "mqtt: { use: c, topics: [t] }",
              "workspace.yaml:7: the connection 'c' is of kind kafka, and mqtt is needed here");
    connected("key given twice", "  - id: c\n    mqtt: { broker: b }\n", "mqtt: { use: c, broker: d, topics: [t] }",
              "workspace.yaml:7: 'broker' is given here and by the connection 'c'; one of them has to go");
    connected("connection with a fault", "  - id: c\n    mqtt: { brokr: b }\n", "mqtt: { use: c, topics: [t] }",
              "workspace.yaml:4: unknown key 'brokr'; did you mean 'broker'?\nworkspace.yaml:7: the connection 'c' is refused, see there");
    connected("connection of no kind", "  - id: c\n    regstry: {}\n", "mqtt: { broker: b, topics: [t] }",
              "workspace.yaml:4: connection 'c': unknown key 'regstry'; expected kafka, mqtt, postgres, registry, http or smtp",
              "press x | hot |");
    const std::string avro = "mqtt: { broker: b, topics: [t] }, decode: { avro: { use: c, learn: true } }";
    connected("registry used", "  - id: c\n    registry: { url: \"https://r\", user: sg, password: { env: SG_R } }\n", avro, "",
              "press x | hot |");
    connected("registry of another kind", "  - id: c\n    mqtt: { broker: b }\n", avro,
              "workspace.yaml:7: the connection 'c' is of kind mqtt, and registry is needed here");
    connected("registry misspelt", "  - id: cc\n    registry: { url: \"https://r\" }\n", avro,
              "workspace.yaml:7: there is no connection 'c'; did you mean 'cc'?");
    connected("registry without address", "  - id: c\n    registry: { user: sg }\n", avro, "workspace.yaml:7: 'url' is missing");
    connected("registry with a fault", "  - id: c\n    registry: { url: \"https://r\", password: hunter2 }\n", avro,
              "workspace.yaml:4: password is a secret and is given by reference only: { env: SG_NAME } or { file: PATH }\n"
              "workspace.yaml:7: the connection 'c' is refused, see there");
    connected("a source that is a registry", "  - id: c\n    registry: { url: \"https://r\" }\n", "registry: { use: c }",
              "workspace.yaml:7: source 'x' does not say what it reads: expected one of demo, kafka, mqtt, postgres");
    connected("connection of routes alone", "  - id: c\n    http: { url: x }\n", "mqtt: { broker: b, topics: [t] }", "", "press x | hot |");
    connected("connection of routes with a fault", "  - id: c\n    smtp: { subjet: x }\n", "mqtt: { broker: b, topics: [t] }",
              "workspace.yaml:4: unknown key 'subjet'; did you mean 'subject'?", "press x | hot |");
    connected("connection without a kind", "  - id: c\n    # nothing\n", "mqtt: { broker: b, topics: [t] }",
              "workspace.yaml:3: connection 'c' must have exactly one of kafka, mqtt, postgres, registry, http, smtp", "press x | hot |");

    const auto tag = [&](const char *name, const std::string &item, const char *error) {
        row(name, "tags.yaml", "format: 1\ntags:\n  - " + item + "\n", error, all);
    };
    tag("tag without series", "unit: bar", "tags.yaml:3: 'series' is missing");
    tag("tag with an unknown key", "{ series: press/*/*/temp, units: bar }", "tags.yaml:3: unknown key 'units'; did you mean 'unit'?");
    tag("tag for no source", "series: pres/*/*/temp",
        "tags.yaml:3: selector 'pres/*/*/temp': there is no source 'pres'; did you mean 'press'?");
    tag("tag with too few segments", "series: press/*/temp",
        "tags.yaml:3: selector 'press/*/temp' has 3 segments; press has line, device: write press/*/*/temp");
    tag("tag with the wrong label", "series: \"press/{device}/*/temp\"",
        "tags.yaml:3: selector 'press/{device}/*/temp': segment 2 of source press is the label 'line', not 'device'");
    tag("range of one", "{ series: press/**, range: [5] }", "tags.yaml:3: range takes two numbers, e.g. [0, 120]");
    tag("range with a decimal comma", "{ series: press/**, range: [0,5, 10] }", "tags.yaml:3: range takes two numbers, e.g. [0, 120]");
    tag("range upside down", "{ series: press/**, range: [5, 1] }", "tags.yaml:3: range: 5 is not below 1");
    tag("half a decimal", "{ series: press/**, decimals: 1.5 }", "tags.yaml:3: decimals: '1.5' is not a whole number");
    tag("too many decimals", "{ series: press/**, decimals: 40 }", "tags.yaml:3: decimals: '40' is not within 0 and 12");
    tag("stale after nothing", "{ series: press/**, stale_after: 0s }", "tags.yaml:3: stale_after: '0s' is not longer than nothing");
    tag("name in Klingon", "{ series: press/**, name: { tlh: x } }",
        "tags.yaml:3: name takes a text, or one text per language: { en: TEXT, ko: TEXT, ja: TEXT }");

    const auto tile = [&](const char *name, const std::string &item, const char *error, const char *left = "press gateways | hot |") {
        row(name, "dashboards/a.yaml", "format: 1\ntiles:\n  - " + item + "\n", error, left);
    };
    tile("chart", "{ id: t, at: [0, 0, 16, 6], chart: { series: [\"press/*/*/temp\"] } }", "", "press gateways | hot | t:chart");
    tile("alarms without settings", "{ id: t, at: [0, 0, 16, 6], alarms: }", "", "press gateways | hot | t:alarms");
    tile("unknown kind keeps its text", "{ id: t, at: [0, 0, 16, 6], sankey: { flows: [a] } }", "", "press gateways | hot | t:sankey");
    tile("tile without place", "{ id: t, alarms: {} }", "dashboards/a.yaml:3: tile 't': 'at' is missing, e.g. at: [0, 0, 12, 6]");
    tile("tile that sticks out", "{ id: t, at: [16, 0, 9, 6], alarms: {} }",
         "dashboards/a.yaml:3: tile 't' does not fit: column 16 and width 9 on a grid of 24 columns, height 6");
    tile("tile above the page", "{ id: t, at: [0, -1, 9, 6], alarms: {} }",
         "dashboards/a.yaml:3: at: '-1' is not a whole number from 0 to 10000");
    tile("tile without kind", "{ id: t, at: [0, 0, 9, 6] }",
         "dashboards/a.yaml:3: tile 't' does not say what it shows: expected chart or alarms");
    tile("tile of two kinds", "{ id: t, at: [0, 0, 9, 6], alarms: {}, chart: {} }",
         "dashboards/a.yaml:3: tile 't' has both alarms and chart; it shows one");
    tile("chart of no source", "{ id: t, at: [0, 0, 9, 6], chart: { series: [\"gateway/**\"] } }",
         "dashboards/a.yaml:3: selector 'gateway/**': there is no source 'gateway'; did you mean 'gateways'?");
    tile("chart with minutes as m", "{ id: t, at: [0, 0, 9, 6], chart: { series: press/**, span: 10m } }",
         "dashboards/a.yaml:3: span: '10m' is not a duration: 10min?");
    tile(
        "chart with looks",
        "{ id: t, at: [0, 0, 9, 6], chart: { series: press/**, style: step, log: true, range: [1, 9], right: { range: [-1, 1] }, styles: "
        "[{ "
        "series: press/*/*/temp, style: area, axis: right, color: \"#0072B2\", width: 2 }], thresholds: [{ value: 8, label: hot, priority: "
        "high }], bands: [{ from: 2, to: 3 }] } }",
        "", "press gateways | hot | t:chart");
    const auto chart = [&](const char *name, const std::string &settings, const char *error) {
        tile(name, "{ id: t, at: [0, 0, 9, 6], chart: { series: press/**, " + settings + " } }", error);
    };
    chart("chart of a style that is none", "style: stairs", "dashboards/a.yaml:3: style: 'stairs' is not one of line, step, points, area");
    chart("chart range of one", "range: [5]", "dashboards/a.yaml:3: range takes the lowest and the highest value, e.g. [0, 120]");
    chart("chart range upside down", "range: [5, 1]", "dashboards/a.yaml:3: range: 5 is not below 1");
    chart("log scale from nothing", "log: true, range: [0, 10]", "dashboards/a.yaml:3: range: a log scale begins above 0, not at 0");
    chart("styles that are no list", "styles: { series: press/** }",
          "dashboards/a.yaml:3: this takes a list of at most 100 maps, e.g. [{ ... }]");
    chart("style without series", "styles: [{ style: line }]", "dashboards/a.yaml:3: 'series' is missing");
    chart("colour by name", "styles: [{ series: press/**, color: red }]",
          "dashboards/a.yaml:3: color: 'red' is not a colour like \"#0072B2\" (in quotes, # begins a comment)");
    chart("line too wide", "styles: [{ series: press/**, width: 9 }]", "dashboards/a.yaml:3: width: '9' is not from 1 to 5");
    chart("threshold without value", "thresholds: [{ label: hot }]", "dashboards/a.yaml:3: 'value' is missing");
    chart("band upside down", "bands: [{ from: 3, to: 2 }]", "dashboards/a.yaml:3: band: 3 is not below 2");
    tile("tile id twice", "{ id: t, at: [0, 0, 9, 6], alarms: {} }\n  - { id: t, at: [0, 0, 9, 6], alarms: {} }",
         "dashboards/a.yaml:4: the tile id 't' is taken already on this page", "press gateways | hot | t:alarms");

    const auto rule = [&](const char *name, const std::string &item, const char *error, const char *left = "press gateways | hot |") {
        row(name, "rules/z.yaml", "format: 1\ndefaults:\n  priority: low\nrules:\n  - " + item + "\n", error, left);
    };
    rule("rule", "{ id: r, series: press/*/*/temp, high: { limit: 3 } }", "", "press gateways | hot r |");
    rule("rule without id", "{ series: press/*/*/temp, high: { limit: 3 } }",
         "rules/z.yaml:5: a rule is a map with 'id', 'series' and a test such as high");
    rule("rule with the id of another file", "{ id: hot, series: press/*/*/temp, high: { limit: 3 } }",
         "rules/z.yaml:5: the rule id 'hot' is taken at rules/press.yaml:4");
    rule("rule for no source", "{ id: r, series: prss/*/*/temp, high: { limit: 3 } }",
         "rules/z.yaml:5: there is no source 'prss'; did you mean 'press'?");
    rule("rule with too many segments", "{ id: r, series: press/*/*/*/temp, high: { limit: 3 } }",
         "rules/z.yaml:5: selector 'press/*/*/*/temp' has 5 segments; press has line, device: write press/*/*/temp");
    rule("expected keys in no file", "{ id: r, series: gateways/**, absence: { timeout: 5s, expect: { file: limits/x.csv } } }",
         "rules/z.yaml:5: there is no file 'limits/x.csv' in the workspace");
    row("faulty defaults are named once", "rules/z.yaml",
        "format: 1\ndefaults: { priorty: low }\nrules:\n  - { id: r, series: press/**, high: { limit: 3 } }\n  - { id: s, series: "
        "press/**, high: { limit: 3 } }\n",
        "rules/z.yaml:2: unknown key 'priorty'; did you mean 'priority'?", all);
    row("a file that is no YAML leaves the others", "rules/z.yaml", "format: 1\nrules:\n  - id: [\n",
        "rules/z.yaml:4: this is not valid YAML: end of sequence flow not found", all);
}

void TestWorkspace::faults()
{
    QFETCH(QByteArray, file);
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, errors);
    QFETCH(QByteArray, left);
    Files files = plant();
    files[file.toStdString()] = text.toStdString();
    const auto workspace = readWorkspaceFiles(files, catalog());
    QVERIFY2(workspace, workspace ? "" : workspace.error().plain().c_str());
    QCOMPARE(QByteArray::fromStdString(joined(workspace->errors)), errors);
    QCOMPARE(QByteArray::fromStdString(inventory(*workspace)), left);
}

void TestWorkspace::isNoWorkspace_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("error");
    QTest::newRow("broken") << QByteArray("format: 1\nname: {a}\n") << QByteArray("workspace.yaml:2: a text with { } must stand in quotes");
    QTest::newRow("empty") << QByteArray()
                           << QByteArray("workspace.yaml:1: the file must begin with 'format: 1' and hold keys with values");
    QTest::newRow("of a newer version") << QByteArray("format: 7\n")
                                        << QByteArray("workspace.yaml:1: format '7' is not known to this version; it reads format 1");
}

void TestWorkspace::isNoWorkspace()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, error);
    const auto workspace = readWorkspaceFiles({{"workspace.yaml", text.toStdString()}}, catalog());
    QVERIFY(!workspace);
    QCOMPARE(QByteArray::fromStdString(workspace.error().plain()), error);
    QVERIFY(!readWorkspaceFiles({}, catalog()));
}

void TestWorkspace::refusedRulesKeepTheirLastVersion_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("refused"); // id, limit that stays, line
    const auto row = [](const char *name, const char *file, const char *text, const char *refused) {
        QTest::newRow(name) << QByteArray(file) << QByteArray(text) << QByteArray(refused);
    };
    const char *rest = "format: 1\ndefaults: { priority: medium }\n\nrules:\n  - id: hot\n    series: press/*/*/temp\n";
    row("nothing broken", "tags.yaml", "format: 1\n", "");
    row("broken limit", "rules/press.yaml", (std::string(rest) + "    high: { limit: high }\n").c_str(), "hot 80 rules/press.yaml:5");
    row("unknown key", "rules/press.yaml", (std::string(rest) + "    hihg: { limit: 3 }\n").c_str(), "hot 80 rules/press.yaml:5");
    row("broken defaults", "rules/press.yaml",
        "format: 1\ndefaults: { priority: mediun }\nrules:\n  - id: hot\n    series: press/*/*/temp\n    high: { limit: 3 }\n",
        "hot 80 rules/press.yaml:4");
    row("defaults gone, and the priority with them", "rules/press.yaml",
        "format: 1\nrules:\n  - id: hot\n    series: press/*/*/temp\n    high: { limit: 3 }\n", "hot 80 rules/press.yaml:3");
    row("file that is no YAML", "rules/press.yaml", "format: 1\nrules:\n  - {hot\n", "hot 80 rules/press.yaml:1");
    row("rule deleted is no fault", "rules/press.yaml", "format: 1\nrules: []\n", "");
    row("source gone: nothing can stay", "workspace.yaml", "format: 1\nsources:\n  - { id: other, demo: {}, path: [line] }\n", "hot - -");
}

void TestWorkspace::refusedRulesKeepTheirLastVersion()
{
    QFETCH(QByteArray, file);
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, refused);
    const auto before = readWorkspaceFiles(plant(), catalog());
    QVERIFY(before);
    const std::map<std::string, std::string> lastValid = {{"hot", before->rules->rules.at(0)->text}};
    Files files = plant();
    files[file.toStdString()] = text.toStdString();
    const auto workspace = readWorkspaceFiles(files, catalog(), lastValid);
    QVERIFY(workspace);
    std::string found;
    for (const RefusedRule &rule : workspace->rules->refused) {
        found += rule.id + " " + (rule.keeps ? rule.keeps->settings["high"].text("limit") : "-") + " "
            + (rule.keeps ? rule.keeps->file + ":" + std::to_string(rule.keeps->line) : "-");
        QVERIFY(!rule.errors.empty());
        if (rule.keeps) {
            QCOMPARE(rule.keeps->hash, before->rules->rules.at(0)->hash);
            QCOMPARE(rule.keeps->text, before->rules->rules.at(0)->text);
            QCOMPARE(rule.keeps->priority, Priority::Medium);
        }
    }
    QCOMPARE(QByteArray::fromStdString(found), refused);
}

void TestWorkspace::keptTextReadsBackAsTheSameRule()
{
    // Every way in which a rule can be written: what is kept must give the same rule, also where a text block ends the item.
    const std::string items = "format: 1\n"
                              "defaults:\n"
                              "  priority: high # always\n"
                              "  on_delay: 5s\n"
                              "rules:\n"
                              "  - id: a   # with words\n"
                              "    series: press/*/*/temp\n"
                              "    # the limit\n"
                              "    high:\n"
                              "      limit: 80\n"
                              "    action: |\n"
                              "      Stop.\n"
                              "\n"
                              "      ---\n"
                              "      Call.\n"
                              "\n"
                              "  - { id: b, series: \"press/{line}/*/temp\", low: {limit: 3} }\n"
                              "  - id: c\n"
                              "    series: gateways/**\n"
                              "    absence: { timeout: 10s }\n"
                              "    action: >-\n"
                              "      two\n"
                              "      lines";
    Files files = plant();
    files["rules/z.yaml"] = items;
    const auto before = readWorkspaceFiles(files, catalog());
    QVERIFY(before);
    QCOMPARE(joined(before->errors), std::string());
    std::map<std::string, std::string> lastValid;
    for (const auto &rule : before->rules->rules)
        lastValid[rule->id] = rule->text;
    QCOMPARE(lastValid.size(), std::size_t(4));
    files["rules/z.yaml"] = "{";
    const auto after = readWorkspaceFiles(files, catalog(), lastValid);
    QVERIFY(after);
    QCOMPARE(after->rules->refused.size(), std::size_t(3));
    for (const RefusedRule &refused : after->rules->refused) {
        QVERIFY2(refused.keeps, refused.id.c_str());
        const auto &rules = before->rules->rules;
        const auto old = std::find_if(rules.begin(), rules.end(), [&](const auto &rule) { return rule->id == refused.id; });
        QCOMPARE(refused.keeps->hash, (*old)->hash);
        QCOMPARE(refused.keeps->action, (*old)->action);
        QVERIFY(refused.keeps->settings.saysTheSame((*old)->settings));
    }
}

void TestWorkspace::textsComeInTheLanguageOfTheMachine()
{
    Files files = plant();
    files["tags.yaml"] = "format: 1\ntags:\n  - { series: press/*/*/temp, name: { en: Temperature, ko: 온도 } }\n  - { series: "
                         "press/*/*/load, name: { ja: 負荷 } }\n";
    const auto name = [&](const char *locale, const char *path) {
        qputenv("LC_ALL", locale);
        const auto workspace = readWorkspaceFiles(files, catalog());
        qputenv("LC_ALL", "en_US.UTF-8");
        return workspace ? workspace->tags->of(path).name : std::string();
    };
    QCOMPARE(name("ko_KR.UTF-8", "press/a/b/temp"), std::string("온도"));
    QCOMPARE(name("en_GB.UTF-8", "press/a/b/temp"), std::string("Temperature"));
    QCOMPARE(name("C", "press/a/b/temp"), std::string("Temperature"));
    QCOMPARE(name("de_DE.UTF-8", "press/a/b/load"), std::string("負荷"));
    const auto chart = parseYaml("series: [a/b/c]\nthresholds: [{ value: 80, label: { en: Hot, ko: 뜨거움 } }]\n"
                                 "bands: [{ from: 1, to: 2, label: { xx: Good } }]\n",
                                 "");
    qputenv("LC_ALL", "ko_KR.UTF-8");
    std::vector<Error> faults;
    const ChartLook look = readChartLook(*chart, &faults);
    qputenv("LC_ALL", "en_US.UTF-8");
    QCOMPARE(look.thresholds.at(0).label, std::string("뜨거움"));
    QVERIFY(look.bands.empty()); // a language nobody reads is a fault
    QCOMPARE(faults.size(), std::size_t(1));
}

void TestWorkspace::folderOnDisk()
{
    const QTemporaryDir dir;
    const std::string folder = dir.path().toStdString();
    QVERIFY(!readWorkspace(folder + "/nowhere", catalog()));
    QCOMPARE(readWorkspace(folder, catalog()).error().plain().find("there is no workspace.yaml in "), std::size_t(0));
    for (const auto &[name, text] : plant()) {
        QVERIFY(makeFolder(std::filesystem::path(folder + "/" + name).parent_path().string()));
        QVERIFY(writeFileAtomically(folder + "/" + name, text));
    }
    QVERIFY(writeFileAtomically(folder + "/rules/.#press.yaml", "lock of an editor"));
    QVERIFY(writeFileAtomically(folder + "/rules/other.yml", "format: 1\n"));
    std::filesystem::create_directory(folder + "/rules/folder.yaml");
    const auto workspace = readWorkspace(folder, catalog());
    QVERIFY(workspace);
    QCOMPARE(QByteArray::fromStdString(joined(workspace->errors)),
             QByteArray("rules/other.yml: files end in .yaml; this one is not read\nrules/folder.yaml: file: 'rules/folder.yaml' is not a "
                        "regular file"));
    QCOMPARE(inventory(*workspace), std::string("press gateways | hot |"));
}

void TestWorkspace::linksLeadNowhereElse()
{
    const QTemporaryDir dir, outside;
    const std::string folder = dir.path().toStdString(), other = outside.path().toStdString();
    for (const auto &[name, text] : plant()) {
        QVERIFY(makeFolder(std::filesystem::path(folder + "/" + name).parent_path().string()));
        QVERIFY(writeFileAtomically(folder + "/" + name, text));
    }
    QVERIFY(writeFileAtomically(other + "/secret", "top secret text"));
    std::filesystem::create_symlink(other + "/secret", folder + "/tags.yaml");
    std::filesystem::create_symlink(other + "/secret", folder + "/keys.csv");
    QVERIFY(
        writeFileAtomically(folder + "/rules/z.yaml",
                            "format: 1\nrules:\n"
                            "  - { id: a, priority: low, series: gateways/**, absence: { timeout: 5s, expect: { file: keys.csv } } }\n"
                            "  - { id: b, priority: low, series: gateways/**, absence: { timeout: 5s, expect: { file: /etc/passwd } } }\n"
                            "  - { id: c, priority: low, series: gateways/**, absence: { timeout: 5s, expect: { file: ../secret } } }\n"));
    QVERIFY(writeFileAtomically(folder + "/ca.pem", "public"));
    QVERIFY(writeFileAtomically(folder + "/workspace.yaml",
                                plant().at("workspace.yaml")
                                    + "  - { id: x, path: [a], mqtt: { broker: b, topics: [t], ca: ca.pem } }\n"
                                      "  - { id: y, path: [a], mqtt: { broker: b, topics: [t], ca: keys.csv } }\n"));
    const auto workspace = readWorkspace(folder, catalog());
    QVERIFY(workspace);
    QCOMPARE(workspace->sources.size(), std::size_t(3));
    QCOMPARE(QByteArray::fromStdString(joined(workspace->errors)),
             QByteArray("workspace.yaml:11: ca: 'keys.csv' leads out of the workspace\n"
                        "tags.yaml: file: 'tags.yaml' leads out of the workspace\n"
                        "rules/z.yaml:3: file: 'keys.csv' leads out of the workspace\n"
                        "rules/z.yaml:4: file: '/etc/passwd' is not a relative path; files are named relative to the workspace\n"
                        "rules/z.yaml:5: file: there is no file '../secret' in the workspace"));
}

QTEST_GUILESS_MAIN(TestWorkspace)
#include "tst_workspace.moc"
