#include "connectors/mqtt/mqttbacklog.h"
#include "connectors/mqtt/mqttheaders.h"
#include "connectors/mqtt/mqttinbox.h"
#include "connectors/mqtt/mqttspool.h"

#include "connectors/forgetfuldisk.h"

#include <QTemporaryDir>
#include <QtTest>

#include <atomic>
#include <thread>

using namespace std::chrono_literals;
using namespace sg;
using namespace sg::test;

namespace {

constexpr MqttSpool::Limits Small{4096, 64 * 1024, 16 * 1024};
constexpr MqttSpool::Limits Roomy{4096, 512 * 1024, 16 * 1024};

// What record `seq` says: sizes from nothing to more than a file of the spool.
std::string payloadOf(std::uint64_t seq)
{
    return std::string(seq % 97 == 13 ? 6000 : seq * 37 % 300, static_cast<char>('a' + seq % 26)) + std::to_string(seq);
}

bool appendTo(MqttSpool &spool)
{
    const std::string payload = payloadOf(spool.end());
    MqttRecord record;
    record.connection = 1;
    record.packet = static_cast<std::uint16_t>(spool.end() % 65535 + 1);
    record.qos = 1;
    record.arrival = Time(Micros(1000));
    record.topic = "plant/L1";
    record.payload = payload;
    return spool.append(record);
}

// Reads all from `from` on; empty when each record is what it must be, and `next` is behind the last. From `sure` on some may be missing,
// but not in silence.
QString wrongOf(MqttSpool &spool, std::uint64_t from, std::uint64_t &next, std::size_t atOnce = 1000,
                std::uint64_t sure = std::numeric_limits<std::uint64_t>::max())
{
    next = from;
    while (true) {
        const MqttSpool::Found found = spool.read(next, atOnce);
        if (found.isDamaged && next >= sure) {
            next = found.next;
            continue;
        }
        if (found.isDamaged)
            return QStringLiteral("records before %1 are damaged").arg(found.next);
        if (found.records.empty())
            return {};
        for (const MqttRecord &record : found.records) {
            if (record.seq != next || record.payload != payloadOf(next) || record.topic != "plant/L1")
                return QStringLiteral("record %1 came instead of %2").arg(record.seq).arg(next);
            ++next;
        }
    }
}

struct Crash
{
    int atSync = 0; // the power fails before this sync
    double luck = 0;
    bool syncs = true; // a commit syncs the spool first
};

class SpoolTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsRecords();
    void cutsATornTail_data();
    void cutsATornTail();
    void survivesEverySync_data();
    void survivesEverySync();
    void withoutSyncTheSameTestFails();
    void isBoundedAndSaysSo();
    void oneLargeMessageDoesNotFillItForEver();
    void knowsRepetitions_data();
    void knowsRepetitions();
    void keepsHeaders();
    void readsWhatAnOlderOneWrote();
    void restsWhenFullSoThatNothingWaitsInMemory();
    void refusesWhatIsNewer();
    void tellsABacklogFromLiveData_data();
    void tellsABacklogFromLiveData();

private:
    // Empty when, after a power cut, everything a commit counts on is there, nothing is read twice or damaged, and nothing new hides.
    static QString faultOf(const Crash &crash, bool *wasHit = nullptr);
};

void SpoolTest::keepsRecords()
{
    QTemporaryDir folder;
    const std::string path = folder.path().toStdString() + "/spool";
    std::uint64_t next = 0;
    {
        MqttSeen seen;
        auto disk = openSpoolFolder(path);
        QVERIFY(bool(disk));
        QVERIFY(!openSpoolFolder(path)); // one at a time
        auto spool = MqttSpool::open(*std::move(disk), "me", std::nullopt, Roomy, seen);
        QVERIFY(bool(spool));
        for (int i = 0; i < 250; ++i) {
            QVERIFY((*spool)->prepare());
            QVERIFY(appendTo(**spool));
            if (i % 50 == 7) // while it grows
                QCOMPARE(wrongOf(**spool, next, next), QString());
        }
        QCOMPARE(wrongOf(**spool, 0, next), QString());
        QCOMPARE(next, 250U);
        QCOMPARE(wrongOf(**spool, 123, next, 10), QString()); // smaller steps than a record
    }
    MqttSeen seen;
    auto again = MqttSpool::open(*openSpoolFolder(path), "me", 17, Roomy, seen);
    QVERIFY(bool(again));
    QCOMPARE(wrongOf(**again, 17, next), QString());
    QCOMPARE(next, 250U);
    QVERIFY(appendTo(**again));
    QCOMPARE(wrongOf(**again, 200, next), QString());
    QCOMPARE(next, 251U);
    again->reset();
    auto another = MqttSpool::open(*openSpoolFolder(path), "somebody else", std::nullopt, Small, seen);
    QVERIFY(bool(another));
    QCOMPARE((*another)->end(), 0U);
    another->reset();
    // A commit that knows more than the disk: the numbers it counts as done are not given again.
    auto beyond = MqttSpool::open(*openSpoolFolder(path), "somebody else", 500, Roomy, seen);
    QVERIFY(bool(beyond));
    QCOMPARE((*beyond)->end(), 500U);
}

void SpoolTest::cutsATornTail_data()
{
    QTest::addColumn<int>("place"); // from the end of the last record
    QTest::addColumn<int>("lost");
    QTest::newRow("its last byte") << 1 << 1;
    QTest::newRow("its middle") << 20 << 1;
    QTest::newRow("the record before") << 330 << 2;
}

void SpoolTest::cutsATornTail()
{
    QFETCH(int, place);
    QFETCH(int, lost);
    QTemporaryDir folder;
    const std::string path = folder.path().toStdString() + "/spool";
    MqttSeen seen;
    {
        auto spool = MqttSpool::open(*openSpoolFolder(path), "me", std::nullopt, {}, seen);
        for (int i = 0; i < 10; ++i)
            QVERIFY(appendTo(**spool));
    }
    const QDir files(QString::fromStdString(path), QStringLiteral("*.spool"));
    QFile file(files.filePath(files.entryList().value(0)));
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(file.size() - place));
    char byte = 0;
    QVERIFY(file.getChar(&byte));
    QVERIFY(file.seek(file.size() - place));
    QVERIFY(file.putChar(static_cast<char>(byte ^ 1)));
    file.close();
    auto spool = MqttSpool::open(*openSpoolFolder(path), "me", std::nullopt, {}, seen);
    QVERIFY(bool(spool));
    std::uint64_t next = 0;
    QCOMPARE(wrongOf(**spool, 0, next), QString());
    QCOMPARE(next, static_cast<std::uint64_t>(10 - lost));
    QVERIFY(appendTo(**spool)); // what the broker sends again
    QCOMPARE(wrongOf(**spool, 0, next), QString());
    QCOMPARE(next, static_cast<std::uint64_t>(11 - lost));
}

QString SpoolTest::faultOf(const Crash &crash, bool *wasHit)
{
    ForgetfulPlatter platter;
    platter.failBeforeSync(crash.atSync);
    std::uint64_t committed = 0; // the position that a commit holds
    std::uint64_t promised = 0; // what was there at that commit
    for (int life = 0; life < 3 && !platter.isOff(); ++life) {
        MqttSeen seen;
        auto spool = MqttSpool::open(platter.disk(), "me", committed, Small, seen);
        if (!spool)
            break;
        std::uint64_t next = committed;
        for (int step = 0; step < 12 && !platter.isOff(); ++step) {
            for (int i = 0; i < 40 && (*spool)->prepare(); ++i) {
                if (!appendTo(**spool))
                    break;
            }
            if (step % 3 == 1) { // not all is handed on yet
                next = std::min((*spool)->end(), next + 25);
            } else if (const QString wrong = wrongOf(**spool, next, next); !wrong.isEmpty() && !platter.isOff()) {
                return wrong;
            }
            const std::uint64_t end = (*spool)->end();
            if (crash.syncs && !(*spool)->sync())
                break; // no commit then
            if (platter.isOff())
                break;
            committed = next;
            promised = end;
            (*spool)->trim(committed);
        }
    }
    if (wasHit != nullptr)
        *wasHit = platter.isOff();
    platter.crash(crash.luck, static_cast<unsigned>(crash.atSync));
    MqttSeen seen;
    auto spool = MqttSpool::open(platter.disk(), "me", committed, Small, seen);
    if (!spool)
        return QString::fromStdString(spool.error().plain());
    // The position lies behind nothing that is not there.
    if (committed > 0 && (*spool)->read(committed - 1, 1000).records.empty())
        return QStringLiteral("record %1 was committed and is not there").arg(committed - 1);
    std::uint64_t next = 0;
    if (const QString wrong = wrongOf(**spool, committed, next, 1000, promised); !wrong.isEmpty())
        return wrong;
    if (next < promised)
        return QStringLiteral("%1 was promised, %2 is there").arg(promised).arg(next);
    const std::uint64_t fresh = (*spool)->end();
    if (!appendTo(**spool))
        return QStringLiteral("nothing can be appended");
    if (const QString wrong = wrongOf(**spool, committed, next, 1000, promised); !wrong.isEmpty() || next != fresh + 1)
        return QStringLiteral("what came after is not found: %1").arg(wrong);
    return {};
}

void SpoolTest::survivesEverySync_data()
{
    QTest::addColumn<double>("luck");
    QTest::newRow("nothing that was not synced survives") << 0.0;
    QTest::newRow("half of it survives") << 0.5;
    QTest::newRow("nearly all of it survives") << 0.95;
}

void SpoolTest::survivesEverySync()
{
    QFETCH(double, luck);
    int points = 0;
    for (bool wasHit = true; wasHit; ++points) {
        const QString fault = faultOf({points + 1, luck, true}, &wasHit);
        QVERIFY2(fault.isEmpty(), qPrintable(QStringLiteral("power cut before sync %1: %2").arg(points + 1).arg(fault)));
    }
    QVERIFY2(points > 36, qPrintable(QString::number(points))); // a sync a commit, and some more
}

// Proof that the disk is a bad one.
void SpoolTest::withoutSyncTheSameTestFails()
{
    int faults = 0;
    for (int sync = 10; sync < 20; ++sync)
        faults += faultOf({sync, 0, false}).isEmpty() ? 0 : 1;
    QVERIFY2(faults >= 8, qPrintable(QString::number(faults)));
}

void SpoolTest::isBoundedAndSaysSo()
{
    ForgetfulPlatter platter;
    MqttSeen seen;
    auto spool = MqttSpool::open(platter.disk(), "me", std::nullopt, Small, seen);
    QVERIFY(bool(spool));
    int taken = 0;
    while ((*spool)->prepare() && appendTo(**spool))
        ++taken;
    QVERIFY(taken > 200);
    QVERIFY(!(*spool)->trouble()); // full, and no fault of the disk
    const std::uint64_t full = (*spool)->bytes();
    QVERIFY(full <= Small.mostBytes + 3 * 4096);
    int beyond = 0; // what comes until the connection has ended is kept as well, up to a bound
    while (appendTo(**spool))
        ++beyond;
    QVERIFY(beyond > 20);
    QVERIFY((*spool)->bytes() <= Small.mostBytes + Small.beyondBytes);
    std::uint64_t next = 0;
    QCOMPARE(wrongOf(**spool, 0, next), QString());
    QCOMPARE(next, static_cast<std::uint64_t>(taken + beyond));
    (*spool)->trim(next - 50);
    QVERIFY((*spool)->prepare());
    QVERIFY(appendTo(**spool));
    QCOMPARE(wrongOf(**spool, next - 50, next), QString());

    platter.fillUp(true);
    (*spool)->trim(next);
    while ((*spool)->prepare() && appendTo(**spool))
        ++taken;
    QVERIFY((*spool)->trouble());
}

// A message larger than a file of the spool gets one of its own. Once it is read and committed, there must be room again.
void SpoolTest::oneLargeMessageDoesNotFillItForEver()
{
    ForgetfulPlatter platter;
    MqttSeen seen;
    auto spool = MqttSpool::open(platter.disk(), "me", std::nullopt, Small, seen);
    QVERIFY(bool(spool));
    const std::string payload(Small.mostBytes, 'x');
    MqttRecord record;
    record.qos = 1;
    record.topic = "plant/L1";
    record.payload = payload;
    QVERIFY(appendTo(**spool)); // into the file that was ready
    QVERIFY((*spool)->append(record));
    QVERIFY(!(*spool)->prepare()); // full
    (*spool)->trim((*spool)->end());
    QVERIFY((*spool)->prepare());
    QVERIFY(appendTo(**spool));
}

void SpoolTest::knowsRepetitions_data()
{
    QTest::addColumn<bool>("isDuplicate");
    QTest::addColumn<int>("packet");
    QTest::addColumn<QByteArray>("payload");
    QTest::addColumn<bool>("isNewSession");
    QTest::addColumn<bool>("isRestarted");
    QTest::addColumn<bool>("isRepeated");
    QTest::newRow("sent again") << true << 7 << QByteArray("x") << false << false << true;
    QTest::newRow("sent again, after a restart") << true << 7 << QByteArray("x") << false << true << true;
    QTest::newRow("the same value with a number of its own") << true << 8 << QByteArray("x") << false << false << false;
    QTest::newRow("the number for another value") << true << 7 << QByteArray("y") << false << false << false;
    QTest::newRow("not marked by the broker") << false << 7 << QByteArray("x") << false << false << false;
    QTest::newRow("of another session") << true << 7 << QByteArray("x") << true << false << false;
    QTest::newRow("of another session, after a restart") << true << 7 << QByteArray("x") << true << true << false;
}

void SpoolTest::knowsRepetitions()
{
    QFETCH(bool, isDuplicate);
    QFETCH(int, packet);
    QFETCH(QByteArray, payload);
    QFETCH(bool, isNewSession);
    QFETCH(bool, isRestarted);
    QFETCH(bool, isRepeated);
    ForgetfulPlatter platter;
    MqttSeen seen;
    auto spool = MqttSpool::open(platter.disk(), "me", std::nullopt, Small, seen);
    const auto note = [&](const MqttRecord &record) {
        seen.note(record);
        QVERIFY((*spool)->append(record));
    };
    MqttRecord record;
    record.connection = 1;
    record.topic = "t";
    record.payload = "x";
    for (const std::uint16_t other : {3, 7, 9}) {
        record.packet = other;
        note(record);
    }
    if (isNewSession) {
        MqttRecord beginning;
        beginning.connection = 2;
        beginning.beginsSession = true;
        note(beginning);
    }
    if (isRestarted) {
        spool->reset();
        seen = MqttSeen();
        spool = MqttSpool::open(platter.disk(), "me", (isNewSession ? 4 : 3), Small, seen); // all of it is handed on
        QCOMPARE((*spool)->lastConnection(), isNewSession ? 2U : 1U);
    }
    record.connection = 2;
    record.isDuplicate = isDuplicate;
    record.packet = static_cast<std::uint16_t>(packet);
    record.payload = std::string_view(payload.constData(), static_cast<std::size_t>(payload.size()));
    QCOMPARE(seen.isRepeated(record), isRepeated);
}

void SpoolTest::keepsHeaders()
{
    QTemporaryDir folder;
    const std::string path = folder.path().toStdString() + "/spool";
    mqtt::message message("plant/L1", std::string("82\0x", 4), 1, false);
    mqtt::properties properties;
    properties.add(mqtt::property(mqtt::property::USER_PROPERTY, "device", "P-07"));
    properties.add(mqtt::property(mqtt::property::USER_PROPERTY, "empty", ""));
    properties.add(mqtt::property(mqtt::property::CONTENT_TYPE, "text/plain"));
    message.set_properties(properties);
    MqttSeen seen;
    {
        MqttInbox inbox(1U << 20U);
        auto spool = MqttSpool::open(*openSpoolFolder(path), "me", std::nullopt, Small, seen);
        inbox.setSpool(*spool, {});
        inbox.put(message, 1, 10ms);
        inbox.put(mqtt::message("plant/L2", "83", 1, false), 2, 10ms);
    }
    auto spool = MqttSpool::open(*openSpoolFolder(path), "me", std::nullopt, Small, seen);
    const auto found = (*spool)->read(0, 1000);
    QCOMPARE(found.records.size(), 2U);
    MqttHeaders headers;
    QVERIFY(readHeaders(found.records[0].headers, headers));
    QCOMPARE(headers, (MqttHeaders{{"content-type", "text/plain"}, {"device", "P-07"}, {"empty", ""}}));
    QCOMPARE(found.records[0].payload, std::string_view("82\0x", 4));
    QVERIFY(found.records[1].headers.empty() && found.records[1].payload == "83");
    for (const std::string_view torn : {"\x05", "\x05\0ab", "\x01\0a\x09\0b"})
        QVERIFY(!readHeaders({torn.data(), 3}, headers));
}

void SpoolTest::readsWhatAnOlderOneWrote()
{
    QTemporaryDir folder;
    const std::string path = folder.path().toStdString() + "/spool";
    MqttSeen seen;
    {
        auto spool = MqttSpool::open(*openSpoolFolder(path), "me", std::nullopt, Small, seen);
        for (int i = 0; i < 5; ++i)
            QVERIFY(appendTo(**spool));
    }
    // A record without headers is what it was before there were any.
    const QDir files(QString::fromStdString(path), QStringLiteral("*.spool"));
    QFile file(files.filePath(files.entryList().value(0)));
    QVERIFY(file.open(QIODevice::ReadWrite) && file.seek(3) && file.putChar('1'));
    file.close();
    auto spool = MqttSpool::open(*openSpoolFolder(path), "me", std::nullopt, Small, seen);
    QVERIFY2(bool(spool), spool ? "" : spool.error().plain().c_str());
    std::uint64_t next = 0;
    QCOMPARE(wrongOf(**spool, 0, next), QString());
    QCOMPARE(next, 5U);
    QVERIFY(!(*spool)->hasHole());
}

// Who receives is slowed down once the spool is full, so that the source can disconnect before the room beyond it is gone, too.
void SpoolTest::restsWhenFullSoThatNothingWaitsInMemory()
{
    QTemporaryDir folder;
    MqttSeen seen;
    constexpr MqttSpool::Limits limits{1U << 20U, 4U << 20U, 16U << 20U};
    auto spool = MqttSpool::open(*openSpoolFolder(folder.path().toStdString() + "/spool"), "me", std::nullopt, limits, seen);
    MqttInbox inbox(1U << 20U);
    inbox.setSpool(*spool, {});
    inbox.open();
    std::atomic<bool> isFull = false;
    const std::jthread source([&](const std::stop_token &stop) { // notices late, as one that waits for its lane does
        while (!stop.stop_requested() && (*spool)->prepare())
            std::this_thread::sleep_for(5ms);
        std::this_thread::sleep_for(700ms);
        isFull = true;
        inbox.close();
    });
    const mqtt::message message("plant/L1", std::string(500'000, 'x'), 1, false);
    int sent = 0;
    while (!isFull && sent < 1000)
        inbox.put(message, static_cast<std::uint16_t>(++sent), 1000ms);
    QVERIFY2(sent > 8 && sent < 30, std::to_string(sent).c_str());
    MqttArrivals arrivals;
    inbox.take(arrivals, 0ms);
    QVERIFY(arrivals.empty());
    QCOMPARE((*spool)->end(), static_cast<std::uint64_t>(sent));
    QCOMPARE(inbox.takeDropped(), 0U);
}

void SpoolTest::refusesWhatIsNewer()
{
    QTemporaryDir folder;
    const std::string path = folder.path().toStdString() + "/spool";
    MqttSeen seen;
    {
        auto spool = MqttSpool::open(*openSpoolFolder(path), "me", std::nullopt, Small, seen);
        QVERIFY(appendTo(**spool));
    }
    const QDir files(QString::fromStdString(path), QStringLiteral("*.spool"));
    QFile file(files.filePath(files.entryList().value(0)));
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.seek(3));
    QVERIFY(file.putChar('3'));
    file.close();
    const auto spool = MqttSpool::open(*openSpoolFolder(path), "me", std::nullopt, Small, seen);
    QVERIFY(!spool);
    QVERIFY(spool.error().plain().find("newer") != std::string::npos);
    QVERIFY(file.exists());
}

void SpoolTest::tellsABacklogFromLiveData_data()
{
    QTest::addColumn<QList<int>>("perSecond"); // in each second
    QTest::addColumn<int>("roundTrip"); // ms
    QTest::addColumn<int>("seconds"); // until it is taken for live
    QTest::newRow("nothing comes") << QList<int>{0} << 5 << 1;
    QTest::newRow("a plant at a hundred a second") << QList<int>{100} << 5 << 1;
    QTest::newRow("a backlog, then the plant") << QList<int>{20000, 20000, 20000, 100} << 5 << 4;
    QTest::newRow("a backlog, then a busy plant") << QList<int>{20000, 20000, 4000} << 5 << 3;
    QTest::newRow("a backlog over a long way") << QList<int>{150, 150, 150, 10} << 100 << 4;
    QTest::newRow("busy all the time") << QList<int>{5000} << 5 << 61;
}

void SpoolTest::tellsABacklogFromLiveData()
{
    QFETCH(QList<int>, perSecond);
    QFETCH(int, roundTrip);
    QFETCH(int, seconds);
    MqttBacklog backlog;
    const Mono began{};
    std::uint64_t received = 0;
    backlog.begin(began, received, Millis(roundTrip));
    int second = 0;
    do {
        received += static_cast<std::uint64_t>(perSecond.value(second, perSecond.back()));
        ++second;
    } while (!backlog.isOver(began + std::chrono::seconds(second), received));
    QCOMPARE(second, seconds);
}

}

QTEST_GUILESS_MAIN(SpoolTest)
#include "tst_mqttspool.moc"
