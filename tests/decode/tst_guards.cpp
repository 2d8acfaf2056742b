#include "decode/guards.h"

#include <QtTest>

using namespace std::chrono_literals;
using namespace sg;

namespace {

Node item(const std::string &key, const std::string &text)
{
    Node node;
    node.kind = Node::Kind::Map;
    node.map.emplace_back(key, Node::ofScalar(text));
    return node;
}

SourceGuards guards(const std::string &key, const std::string &text)
{
    std::vector<Error> faults;
    return SourceGuards::read(item(key, text), faults);
}

}

class TestGuards : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reads();
    void tellsSizes();
    void keepsToARate_data();
    void keepsToARate();
    void keepsNoRestFromAnIdleTime();
};

void TestGuards::reads()
{
    QCOMPARE(guards("max_rate", "5000/s").messagesPerSecond, 5000.0);
    QCOMPARE(guards("max_rate", "2MB/s").bytesPerSecond, 2.0 * 1024 * 1024);
    QCOMPARE(guards("max_rate", "2MB/s").messagesPerSecond, 0.0);
    QCOMPARE(guards("max_backlog", "1.5GB").mostBacklog, 3LL << 29U);
    QCOMPARE(guards("id", "x").mostBacklog, 2LL << 30U);
    QVERIFY(!guards("id", "x").hasRate());
}

void TestGuards::tellsSizes()
{
    QCOMPARE(formatSize(400), std::string("400 bytes"));
    QCOMPARE(formatSize(1.26 * 1024), std::string("1.3 kB"));
    QCOMPARE(formatSize(41.2 * 1024 * 1024 * 1024), std::string("41 GB"));
}

void TestGuards::keepsToARate_data()
{
    QTest::addColumn<QString>("rate");
    QTest::addColumn<int>("messages"); // of 100 bytes, that pass in ten seconds
    QTest::newRow("messages") << "50/s" << 500;
    QTest::newRow("bytes") << "10kB/s" << 1024;
    QTest::newRow("fast") << "20000/s" << 200'000;
}

void TestGuards::keepsToARate()
{
    QFETCH(QString, rate);
    QFETCH(int, messages);
    RateGate gate(guards("max_rate", rate.toStdString()));
    const Mono began = Mono{} + 100s;
    int passed = 0;
    for (Mono now = began; now < began + 10s; now = std::max<Mono>(now + 1ms, gate.opens())) {
        const auto count = static_cast<int>(gate.atOnce(2000));
        gate.spend(static_cast<std::uint64_t>(count), static_cast<std::uint64_t>(count) * 100, now);
        passed += count;
    }
    const auto oneGo = static_cast<int>(gate.atOnce(2000));
    QVERIFY2(std::abs(passed - messages) <= messages / 50 + oneGo, qPrintable(QString::number(passed)));
    QVERIFY(gate.isLimiting(began + 10s));
    QVERIFY(!gate.isLimiting(began + 20s));
}

// A pause does not allow a flood after it.
void TestGuards::keepsNoRestFromAnIdleTime()
{
    RateGate gate(guards("max_rate", "100/s"));
    const Mono now = Mono{} + 1000s;
    gate.spend(5, 0, now);
    QVERIFY(gate.opens() <= now);
    QVERIFY(!gate.isLimiting(now));
    gate.spend(100, 0, now + 500s);
    QVERIFY(gate.opens() > now + 500s + 800ms);
}

QTEST_GUILESS_MAIN(TestGuards)
#include "tst_guards.moc"
