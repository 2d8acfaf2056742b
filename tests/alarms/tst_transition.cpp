#include "alarms/transition.h"

#include <QtTest>

using namespace sg;

namespace {

constexpr Time T0{std::chrono::seconds(1000)};
using Event = Transition::Event;

// "C K level seq" and the records, as one readable line.
std::string shown(const Regions &r, const std::vector<Record> &records)
{
    static constexpr const char *conditions[] = {"normal", "pending-on", "active", "pending-off"};
    std::string out = conditions[static_cast<int>(r.condition)];
    out += r.ack == AckRegion::Unacked ? " unacked" : " acked";
    if (*nameOf(r.level))
        out += std::string(" ") + nameOf(r.level);
    out += " seq " + std::to_string(r.seq) + ":";
    for (const Record &record : records)
        out += std::string(" ") + record.event + (record.isAnnunciated ? "!" : "");
    return out;
}

Transition on(Event e, Level level = Level::High, bool hasDelay = false, std::uint64_t occurrence = 7)
{
    Transition what;
    what.event = e;
    what.level = level;
    what.hasOnDelay = what.hasOffDelay = hasDelay;
    what.occurrence = occurrence;
    what.tEvent = what.now = T0;
    return what;
}

Transition acknowledge(std::uint64_t occurrence, std::uint32_t seq)
{
    Transition what = on(Event::Acknowledge);
    what.shown = {occurrence, seq};
    return what;
}

const Transition raise = on(Event::True), raiseHighHigh = on(Event::True, Level::HighHigh), clear = on(Event::False);
const Transition pendOn = on(Event::True, Level::High, true), pendOff = on(Event::False, Level::High, true);

}

class TestTransition : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void table_data()
    {
        QTest::addColumn<std::vector<Transition>>("before");
        QTest::addColumn<Transition>("last");
        QTest::addColumn<std::string>("becomes"); // empty: nothing changes
        const auto row = [](const char *name, std::vector<Transition> before, const Transition &last, const char *becomes) {
            QTest::newRow(name) << before << last << std::string(becomes);
        };
        row("1: true with an on-delay is pending", {}, pendOn, "pending-on acked seq 0:");
        row("2: true raises", {}, raise, "active unacked high seq 1: RAISED!");
        row("3: the on-delay is over", {pendOn}, on(Event::OnDelayOver), "active unacked high seq 1: RAISED!");
        row("3: a second true while pending waits", {pendOn}, pendOn, "");
        row("4: false while pending", {pendOn}, clear, "normal acked seq 0:");
        row("5: severity up", {raise}, raiseHighHigh, "active unacked high_high seq 2: ESCALATED!");
        row("5: severity up needs another acknowledgement", {raise, acknowledge(7, 1)}, raiseHighHigh,
            "active unacked high_high seq 2: ESCALATED!");
        row("5: severity up out of pending-off", {raise, pendOff}, raiseHighHigh, "active unacked high_high seq 2: ESCALATED!");
        row("5: over to the other side is up", {raiseHighHigh}, on(Event::True, Level::Low), "active unacked low seq 2: ESCALATED!");
        row("6: severity down keeps the acknowledgement", {raiseHighHigh, acknowledge(7, 1)}, raise, "active acked high seq 1: LOWERED");
        row("6: the same level again is nothing", {raise}, raise, "");
        row("7: false with an off-delay is pending", {raise}, pendOff, "pending-off unacked high seq 1:");
        row("8: true again is the same occurrence", {raise, pendOff}, raise, "active unacked high seq 1:");
        row("9: the off-delay is over", {raise, pendOff}, on(Event::OffDelayOver), "normal unacked seq 1: CLEARED");
        row("9: false without off-delay", {raise, acknowledge(7, 1)}, clear, "normal acked seq 1: CLEARED");
        row("9: an off-delay that is not running", {raise}, on(Event::OffDelayOver), "");
        row("9: false of nothing", {}, clear, "");
        row("10: raised again unseen", {raise, clear}, on(Event::True, Level::High, false, 8),
            "active unacked high seq 2: SUPERSEDED RAISED!");
        row("10: raised again after an acknowledgement supersedes nothing", {raise, clear, acknowledge(7, 1)},
            on(Event::True, Level::High, false, 8), "active unacked high seq 2: RAISED!");
        row("11: acknowledge", {raise}, acknowledge(7, 1), "active acked high seq 1: ACKNOWLEDGED");
        row("11: acknowledge what returned", {raise, clear}, acknowledge(7, 1), "normal acked seq 1: ACKNOWLEDGED");
        row("11: twice is once", {raise, acknowledge(7, 1)}, acknowledge(7, 1), "");
        row("12: an older occurrence", {raise, clear, on(Event::True, Level::High, false, 8)}, acknowledge(7, 1),
            "active unacked high seq 2: ACKNOWLEDGED");
        row("12: before it became more severe", {raise, raiseHighHigh}, acknowledge(7, 1), "active unacked high_high seq 2: ACKNOWLEDGED");
        row("22: disable closes", {raise}, on(Event::Disable), "normal acked seq 1: DISABLED");
        row("22: disable of nothing has no record", {}, on(Event::Disable), "normal acked seq 0:");
        row("22: enable clears nothing", {raise, on(Event::Disable)}, on(Event::Enable), "normal acked seq 1:");
        row("25: redefine closes and keeps what nobody acknowledged", {raise}, on(Event::Redefine), "normal unacked seq 1: REDEFINED");
        row("25: redefine while pending", {pendOn}, on(Event::Redefine), "normal acked seq 0:");
        row("25: delete", {raise}, on(Event::Delete), "normal acked seq 1: DELETED");
        row("32: retire", {raise, clear}, on(Event::Retire), "normal acked seq 1: RETIRED");
        row("32: retire of nothing has no record", {}, on(Event::Retire), "");
    }

    void table()
    {
        QFETCH(std::vector<Transition>, before);
        QFETCH(Transition, last);
        QFETCH(std::string, becomes);
        Regions regions;
        std::vector<Record> records;
        for (const Transition &what : before)
            QVERIFY(transition(what, regions, records));
        records.clear();
        const Regions unchanged = regions;
        QCOMPARE(transition(last, regions, records), !becomes.empty());
        if (becomes.empty()) {
            QVERIFY(regions == unchanged);
            QVERIFY(records.empty());
        } else {
            QCOMPARE(shown(regions, records), becomes);
        }
    }

    void projection_data()
    {
        QTest::addColumn<Regions>("regions");
        QTest::addColumn<std::string>("state");
        Regions r;
        QTest::newRow("A") << r << std::string("Normal");
        r.ack = AckRegion::Unacked;
        QTest::newRow("D") << r << std::string("Returned unacknowledged");
        r.condition = ConditionRegion::PendingOff;
        QTest::newRow("B while the off-delay runs") << r << std::string("Unacknowledged");
        r.ack = AckRegion::Acked;
        QTest::newRow("C") << r << std::string("Acknowledged");
        r.suppression = Shelved;
        QTest::newRow("E") << r << std::string("Shelved");
        r.suppression |= SuppressedByDesign;
        QTest::newRow("F goes before E") << r << std::string("Suppressed");
        r.suppression |= OutOfServiceFlag;
        QTest::newRow("G goes before F") << r << std::string("Out of service");
        r.isEnabled = false;
        QTest::newRow("disabled goes before all") << r << std::string("Disabled");
        Regions latched;
        latched.latch = LatchRegion::Latched;
        latched.condition = ConditionRegion::PendingOn;
        QTest::newRow("latched") << latched << std::string("Latched acknowledged");
    }

    void projection()
    {
        QFETCH(Regions, regions);
        QFETCH(std::string, state);
        QCOMPARE(std::string(nameOf(project(regions))), state);
    }

    void shelvedStillJournalsButIsSilent()
    {
        Regions regions;
        regions.suppression = Shelved;
        std::vector<Record> records;
        QVERIFY(transition(raise, regions, records));
        QCOMPARE(records.size(), std::size_t(1));
        QVERIFY(!records[0].isAnnunciated);
    }

    void reoccurrencesCountWhatNobodyAcknowledged()
    {
        Regions regions;
        std::vector<Record> records;
        for (std::uint64_t n = 1; n <= 3; ++n) {
            transition(on(Event::True, Level::High, false, n), regions, records);
            transition(clear, regions, records);
        }
        QCOMPARE(regions.reoccurrences, 2U);
        transition(acknowledge(3, regions.seq), regions, records);
        transition(on(Event::True, Level::High, false, 4), regions, records);
        QCOMPARE(regions.reoccurrences, 0U);
    }
};

QTEST_GUILESS_MAIN(TestTransition)
#include "tst_transition.moc"
