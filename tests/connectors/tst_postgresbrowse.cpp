#include "connectors/postgres/postgrescatalog.h"
#include "connectors/postgreshouse.h"

#include "core/browse.h"
#include "core/times.h"

#include <QtTest>

using namespace sg;
using namespace sg::test;

namespace {

// Looking into a server by hand.
class TestPostgresBrowse : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void listsWhatMayBeReadWithProposals();
    void proposesFromWhatTheCatalogTells_data();
    void proposesFromWhatTheCatalogTells();
    void readsTheNewestRowsAndFollows();
    void readsAndFollowsAViewWithoutCursor();
    void nothingToReadIsSaid();

private:
    std::unique_ptr<Browser> browser(NodeRows settings = {}) const
    {
        auto out = postgresKind().browse(m_house->spec(settings));
        const auto connected = out->connect([](const Error &) {}, {});
        if (!connected)
            qWarning("%s", connected.error().plain().c_str());
        return connected ? std::move(out) : nullptr;
    }

    std::unique_ptr<PostgresHouse> m_house;
};

std::string proposalOf(const BrowsedTopic &topic, const std::string &key)
{
    for (const auto &proposal : topic.proposals)
        if (proposal.key == key)
            return proposal.why.plain().empty() ? "without a reason" : proposal.value;
    return "-";
}

void TestPostgresBrowse::initTestCase()
{
    m_house = std::make_unique<PostgresHouse>();
    QVERIFY2(m_house->stack.ok(), m_house->stack.error().c_str());
    m_house->execute(
        "CREATE SCHEMA reporting; CREATE TABLE reporting.orders (line text, ts timestamptz, loaded_at timestamptz NOT NULL, rate "
        "numeric(8,2), "
        "PRIMARY KEY (line, ts)); CREATE INDEX ON reporting.orders (loaded_at); "
        "INSERT INTO reporting.orders SELECT 'L' || n % 3, timestamptz '2026-03-04 00:00Z' + interval '1 s' * n, timestamptz "
        "'2026-03-04 00:00Z' + interval '1 s' * n, n FROM generate_series(1, 3000) n; "
        "CREATE VIEW reporting.line_status AS SELECT line, max(ts) AS ts, sum(rate) AS rate FROM reporting.orders GROUP BY line; "
        "CREATE TABLE \"Odd.Name\" (\"Line\" text, at timestamp, v float8); "
        "CREATE TABLE counted (id bigint PRIMARY KEY, device text, v int); INSERT INTO counted VALUES (1, 'P-01', 5); "
        "CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM counted; "
        "CREATE SCHEMA hidden; CREATE TABLE hidden.secret (n int); CREATE ROLE sg_guest LOGIN PASSWORD 'guest-pa55' IN ROLE sg_readers; "
        "CREATE ROLE sg_blind LOGIN PASSWORD 'guest-pa55' IN ROLE sg_readers; GRANT USAGE ON SCHEMA reporting TO sg_guest; GRANT SELECT ON "
        "reporting.line_status, counted TO sg_guest");
    m_house->command("ANALYZE");
    qputenv("SG_GUEST", "guest-pa55");
}

void TestPostgresBrowse::listsWhatMayBeReadWithProposals()
{
    const auto own = browser();
    QVERIFY(own);
    const auto listed = own->list(std::chrono::seconds(2), {});
    QVERIFY2(listed, listed ? "" : listed.error().plain().c_str());
    std::map<std::string, BrowsedTopic> topics;
    for (const BrowsedTopic &topic : *listed)
        topics[topic.name] = topic;
    QCOMPARE(topics.size(), std::size_t{6});
    const BrowsedTopic &orders = topics["reporting.orders"];
    QCOMPARE(orders.messages, std::int64_t{3000}); // as the statistics say
    QVERIFY(orders.bytes > 100'000);
    QCOMPARE(formatUtc(orders.newest), std::string("2026-03-04T00:50:00.000Z"));
    QCOMPARE(orders.columns.size(), std::size_t{4});
    QCOMPARE(orders.columns[3].type, std::string("numeric(8,2)"));
    QVERIFY(!orders.columns[2].isNullable && orders.columns[3].isNullable);
    QCOMPARE(proposalOf(orders, "mode"), std::string("cursor"));
    QCOMPARE(proposalOf(orders, "cursor"), std::string("loaded_at"));
    QCOMPARE(proposalOf(orders, "path"), std::string("[line]"));
    QCOMPARE(proposalOf(orders, "row_key"), std::string("[line, ts]"));
    QCOMPARE(proposalOf(orders, "time"), std::string("{ basis: database, at: \"column:ts\" }"));
    const BrowsedTopic &status = topics["reporting.line_status"];
    QCOMPARE(proposalOf(status, "mode"), std::string("snapshot"));
    QCOMPARE(proposalOf(status, "cursor"), std::string("-"));
    QCOMPARE(proposalOf(status, "row_key"), std::string("[line]"));
    const BrowsedTopic &odd = topics["public.Odd.Name"];
    QCOMPARE(proposalOf(odd, "path"), std::string("[line]"));
    QCOMPARE(proposalOf(odd, "labels"), std::string("{ line: \"column:Line\" }"));
    QVERIFY(proposalOf(odd, "time").find("zone: ") != std::string::npos);
    QCOMPARE(proposalOf(topics["public.counted"], "cursor"), std::string("id"));
    QCOMPARE(proposalOf(topics["public.totals"], "mode"), std::string("snapshot"));

    // What a role may not read is not in its list.
    const auto guest = browser({{"user", text("sg_guest")}, {"password", map({{"env", text("SG_GUEST")}})}});
    QVERIFY(guest);
    const auto few = guest->list(std::chrono::seconds(1), {});
    QVERIFY(few);
    QCOMPARE(few->size(), std::size_t{2});
    BrowseRequest request;
    request.topics = {"hidden.secret"};
    QVERIFY(!guest->read(request, [](const BrowsedMessage &) { return true; }, {}));
}

void TestPostgresBrowse::proposesFromWhatTheCatalogTells_data()
{
    QTest::addColumn<QString>("columns"); // name, oid of its type
    QTest::addColumn<QString>("facts"); // grouped, key:NAME, index:NAME, rows:N
    QTest::addColumn<QString>("expected");
    QTest::newRow("a view with an event time only") << "device 25 ts 1184 temp 701"
                                                    << ""
                                                    << "cursor(ts) path[device] time(ts)";
    QTest::newRow("an indexed time before any other") << "device 25 noted 1184 ts 1184"
                                                      << "index:ts"
                                                      << "cursor(ts) path[device] time(ts)";
    QTest::newRow("a state is no name") << "state 25 line 25 ts 1184"
                                        << ""
                                        << "cursor(ts) path[line] time(ts)";
    QTest::newRow("grouped with a time") << "line 25 ts 1184"
                                         << "grouped"
                                         << "snapshot path[line] time(ts)";
    QTest::newRow("no time at all") << "line 25 n 20"
                                    << ""
                                    << "snapshot path[line] time()";
    QTest::newRow("a number as the thing") << "machine 23 v 701 ts 1184"
                                           << ""
                                           << "cursor(ts) path[machine] time(ts)";
    QTest::newRow("unique key of two and a time") << "line 25 device 25 ts 1184 note 25"
                                                  << "key:line key:device key:ts"
                                                  << "cursor(ts) path[line,device] time(ts)";
    QTest::newRow("too many to look at") << "line 25 n 20"
                                         << "rows:90000"
                                         << "snapshot path[line] time()";
}

void TestPostgresBrowse::proposesFromWhatTheCatalogTells()
{
    QFETCH(QString, columns);
    QFETCH(QString, facts);
    QFETCH(QString, expected);
    PostgresRelation relation;
    const QStringList words = columns.split(QLatin1Char(' '));
    for (qsizetype i = 0; i + 1 < words.size(); i += 2)
        relation.columns.push_back({{words[i].toStdString(), kindOfType(words[i + 1].toUInt())}, "text", true, false, 0});
    for (const QString &fact : facts.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        const std::string name = fact.section(QLatin1Char(':'), 1).toStdString();
        if (fact.startsWith(QStringLiteral("key:")))
            relation.uniqueKey.push_back(name);
        else if (fact.startsWith(QStringLiteral("index:")))
            relation.leading.insert(name);
        else if (fact.startsWith(QStringLiteral("rows:")))
            relation.rows = std::stoll(name);
        else
            relation.isGrouped = true;
    }
    const PostgresProposal proposal = propose(relation, "UTC");
    std::string path;
    for (const std::string &column : proposal.path)
        path += (path.empty() ? "" : ",") + column;
    const std::string got = (proposal.isSnapshot ? std::string("snapshot") : "cursor(" + proposal.cursor + ")") + " path[" + path
        + "] time(" + proposal.time + ")";
    QCOMPARE(got, expected.toStdString());
    for (const auto &key : proposal.keys)
        QVERIFY2(!key.why.plain().empty(), key.key.c_str());
    if (facts.contains(QStringLiteral("rows:90000")))
        QVERIFY(proposal.keys.front().why.plain().find("a snapshot reads at most 5000") != std::string::npos);
}

void TestPostgresBrowse::readsTheNewestRowsAndFollows()
{
    const auto own = browser();
    QVERIFY(own);
    BrowseRequest request;
    request.topics = {"reporting.orders"};
    request.count = 3;
    std::vector<std::string> rates;
    const auto take = [&](const BrowsedMessage &message) {
        rates.push_back(message.cells[3].text.value_or("NULL"));
        return rates.size() < 5;
    };
    const auto read = own->read(request, take, {});
    QVERIFY2(read, read ? "" : read.error().plain().c_str());
    QCOMPARE(rates, (std::vector<std::string>{"2998.00", "2999.00", "3000.00"}));
    QCOMPARE(read->given, std::uint64_t{3});
    rates.clear();
    request.isFollowing = true;
    std::jthread writer([&] {
        std::this_thread::sleep_for(300ms);
        m_house->execute("INSERT INTO reporting.orders VALUES ('L9', '2026-03-04 02:00Z', '2026-03-04 02:00Z', NULL), "
                         "('L9', '2026-03-04 02:01Z', '2026-03-04 02:01Z', 'NaN')");
    });
    QVERIFY(own->read(request, take, {}));
    QCOMPARE(rates, (std::vector<std::string>{"2998.00", "2999.00", "3000.00", "NULL", "NaN"}));
    // Long cells are cut by the server.
    request.isFollowing = false;
    request.mostBytes = 2;
    rates.clear();
    QVERIFY(own->read(request, take, {}));
    QCOMPARE(rates.front(), std::string("30"));
}

void TestPostgresBrowse::readsAndFollowsAViewWithoutCursor()
{
    m_house->execute(
        "CREATE TABLE shelf (line text, n int); INSERT INTO shelf VALUES ('L1', 1), ('L2', 1); CREATE VIEW shelves AS SELECT line, "
        "sum(n) AS n FROM shelf GROUP BY line");
    const auto own = browser();
    QVERIFY(own);
    BrowseRequest request;
    request.topics = {"public.shelves"};
    request.isFollowing = true;
    std::vector<std::string> seen;
    std::jthread writer([&] {
        std::this_thread::sleep_for(300ms);
        m_house->execute("UPDATE shelf SET n = 7 WHERE line = 'L2'");
    });
    const auto read = own->read(request,
                                [&](const BrowsedMessage &message) {
                                    seen.push_back(*message.cells[0].text + "=" + *message.cells[1].text);
                                    return seen.size() < 3;
                                },
                                {});
    QVERIFY2(read, read ? "" : read.error().plain().c_str());
    QVERIFY(!read->remarks.empty());
    std::sort(seen.begin(), seen.begin() + 2);
    QCOMPARE(seen, (std::vector<std::string>{"L1=1", "L2=1", "L2=7"}));
}

void TestPostgresBrowse::nothingToReadIsSaid()
{
    auto blind = postgresKind().browse(
        m_house->spec({{"user", text("sg_blind")}, {"password", map({{"env", text("SG_GUEST")}})}, {"dbname", text("postgres")}}));
    const auto connected = blind->connect([](const Error &) {}, {});
    QVERIFY(!connected);
    QVERIFY2(connected.error().plain().find("postgres: authorisation: user 'sg_blind' may read no view or table of database 'postgres'")
                 == 0,
             connected.error().plain().c_str());
}

}

QTEST_GUILESS_MAIN(TestPostgresBrowse)
#include "tst_postgresbrowse.moc"
