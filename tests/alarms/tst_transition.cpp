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
    out += r.latch == LatchRegion::Latched ? " latched" : "";
    out += r.suppression & Shelved ? " shelved" : "";
    out += r.suppression & SuppressedByDesign ? " suppressed" : "";
    out += r.suppression & OutOfServiceFlag ? " out" : "";
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

Transition latched(Transition what, Latch latch)
{
    what.latch = latch;
    return what;
}

Transition oneShot(Transition what)
{
    what.isOneShot = true;
    return what;
}

Transition ackAuto(Transition what)
{
    what.isAckAuto = true;
    return what;
}

Transition lateShown(Transition what)
{
    what.isLateShown = true;
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
        const Transition raiseReset = latched(raise, Latch::UntilReset), raiseAck = latched(raise, Latch::UntilAck);
        const Transition clearAck = latched(clear, Latch::UntilAck), ackAck = latched(acknowledge(7, 1), Latch::UntilAck);
        row("2: a latching rule latches", {}, raiseReset, "active unacked latched high seq 1: RAISED!");
        row("9: until_ack and acknowledged clears the latch", {raiseAck, acknowledge(7, 1)}, clearAck, "normal acked seq 1: CLEARED");
        row("9: until_reset stays latched", {raiseReset, acknowledge(7, 1)}, latched(clear, Latch::UntilReset),
            "normal acked latched seq 1: CLEARED");
        row("9: acknowledges itself", {raise}, ackAuto(clear), "normal acked seq 1: CLEARED");
        row("9: a one-shot shelf ends with the alarm", {raise, on(Event::Shelve)}, oneShot(clear),
            "normal unacked seq 1: CLEARED UNSHELVED");
        row("10: raised again while latched", {raiseReset, clear, acknowledge(7, 1)},
            latched(on(Event::True, Level::High, false, 8), Latch::UntilReset), "active unacked latched high seq 2: SUPERSEDED RAISED!");
        row("11: the acknowledgement clears the latch", {raiseAck, clearAck}, ackAck, "normal acked seq 1: ACKNOWLEDGED");
        row("11: not while it is active", {raiseAck}, ackAck, "active acked latched high seq 1: ACKNOWLEDGED");
        row("13: unacknowledge", {raise, acknowledge(7, 1)}, on(Event::Unacknowledge), "active unacked high seq 1: UNACKNOWLEDGED");
        row("13: not of what is normal", {raise, clear, acknowledge(7, 1)}, on(Event::Unacknowledge), "");
        row("13: of what is latched", {raiseReset, clear, acknowledge(7, 1)}, on(Event::Unacknowledge),
            "normal unacked latched seq 1: UNACKNOWLEDGED");
        row("14: reset", {raiseReset, clear, acknowledge(7, 1)}, on(Event::Reset), "normal acked seq 1: RESET");
        row("14: not before it is acknowledged", {raiseReset, clear}, on(Event::Reset), "");
        row("14: not while it is active", {raiseReset, acknowledge(7, 1)}, on(Event::Reset), "");
        row("15: shelve", {raise}, on(Event::Shelve), "active unacked shelved high seq 1: SHELVED");
        row("15: what is normal as well", {}, on(Event::Shelve), "normal acked shelved seq 0: SHELVED");
        row("15: not what is out of service", {on(Event::OutOfService)}, on(Event::Shelve), "");
        row("15: not what is disabled", {on(Event::Disable)}, on(Event::Shelve), "");
        row("16: unshelve acknowledges what is active", {raise, on(Event::Shelve)}, on(Event::Unshelve),
            "active acked high seq 1: UNSHELVED");
        row("16: unshelve of nothing", {raise}, on(Event::Unshelve), "");
        row("17: its time is over and it is active", {raise, acknowledge(7, 1), on(Event::Shelve)}, on(Event::ShelfOver),
            "active unacked high seq 1: SHELF_OVER!");
        row("18: its time is over and nothing happens", {on(Event::Shelve)}, on(Event::ShelfOver), "normal acked seq 0: SHELF_OVER");
        row("19: suppressed", {raise}, on(Event::Suppress), "active unacked suppressed high seq 1: SUPPRESSED");
        row("19: released while active", {raise, acknowledge(7, 1), on(Event::Suppress)}, on(Event::Release),
            "active unacked high seq 1: RELEASED!");
        row("19: released on a shelf stays silent", {raise, on(Event::Shelve), on(Event::Suppress)}, on(Event::Release),
            "active unacked shelved high seq 1: RELEASED");
        row("19: twice is once", {on(Event::Suppress)}, on(Event::Suppress), "");
        row("21: out of service", {raise}, on(Event::OutOfService), "active unacked out high seq 1: OUT_OF_SERVICE");
        row("21: in service again", {raise, acknowledge(7, 1), on(Event::OutOfService)}, on(Event::InService),
            "active unacked high seq 1: IN_SERVICE!");
        row("27: alarmed again", {raise, acknowledge(7, 1)}, on(Event::Realarm), "active unacked high seq 1: REALARMED!");
        row("27: not what returned", {raise, clear}, on(Event::Realarm), "");
        row("29: late and over", {}, on(Event::LateClosed), "normal acked seq 0: LATE_CLOSED");
        row("29: late and over, to be seen", {}, lateShown(on(Event::LateClosed)), "normal unacked seq 1: LATE_CLOSED!");
        row("32: retire clears the latch", {raiseReset, clear, acknowledge(7, 1)}, on(Event::Retire), "normal acked seq 1: RETIRED");
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
