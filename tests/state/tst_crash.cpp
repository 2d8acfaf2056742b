#include "state/statefile.h"

#include "state/crashvfs.h"
#include "state/statesamples.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace sg;
using namespace sg::test;

namespace {

constexpr int Steps = 24;
constexpr int StepsPerLife = 7; // then the program ends in good order and starts again: the log is folded into the file and removed

struct Crash
{
    int atSync = 0; // the power fails before this sync; 0: at none
    int afterStep = Steps; // or right after this many confirmed steps
    double luck = 0; // share of what was not synced that is on the disk all the same
};

class Desk
{
public:
    explicit Desk(bool isSynchronous)
    {
        m_options.vfs = "crash";
        m_options.isSynchronous = isSynchronous;
    }

    // The script, up to the power cut. Returns how many steps were confirmed.
    int work(const Crash &crash)
    {
        int confirmed = 0;
        disk.failBeforeSync(crash.atSync);
        while (confirmed < crash.afterStep && !disk.isOff()) {
            auto state = StateFile::open(folder(), m_options);
            if (!state)
                break;
            for (int n = 0; n < StepsPerLife && confirmed < crash.afterStep; ++n) {
                if (!(*state)->write(stepOf(confirmed)))
                    break;
                ++confirmed;
            }
            if (confirmed == crash.afterStep)
                disk.powerOff();
        }
        disk.powerOff();
        return confirmed;
    }

    // What a restart finds, or the error as text.
    std::string found()
    {
        auto state = StateFile::open(folder(), m_options);
        if (!state)
            return state.error().plain();
        auto saved = (*state)->load();
        return saved ? picture(*saved) : saved.error().plain();
    }

    CrashDisk disk{"crash"};

private:
    [[nodiscard]] std::string folder() const { return m_folder.path().toStdString(); }
    QTemporaryDir m_folder; // for the lock; the file itself is on the crash disk
    StateOptions m_options;
};

class TestCrash : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void crashAtEverySync_data();
    void crashAtEverySync();
    void crashAfterEveryConfirmedStep_data();
    void crashAfterEveryConfirmedStep();
    void withoutSyncTheSameTestFails();
    void aFullDiskChangesNothing();
    void aDiskThatFillsAtAnyWriteLosesNothing();

private:
    // Empty when everything confirmed is there and the state is exactly the end of one commit.
    QString faultOf(const Crash &crash, bool isSynchronous, bool *wasHit = nullptr) const;
    std::vector<std::string> m_expected; // after 0, 1, ... steps
};

void TestCrash::initTestCase()
{
    Desk desk(true);
    m_expected.push_back(desk.found());
    QTemporaryDir folder;
    for (int n = 0; n < Steps; ++n) {
        auto state = StateFile::open(folder.path().toStdString());
        QVERIFY(state);
        QVERIFY((*state)->write(stepOf(n)));
        auto saved = (*state)->load();
        QVERIFY(saved);
        m_expected.push_back(picture(*saved));
        QVERIFY(m_expected[static_cast<std::size_t>(n)] != m_expected.back());
    }
}

QString TestCrash::faultOf(const Crash &crash, bool isSynchronous, bool *wasHit) const
{
    Desk desk(isSynchronous);
    const int confirmed = desk.work(crash);
    if (wasHit != nullptr)
        *wasHit = confirmed < Steps;
    desk.disk.crash(crash.luck, static_cast<unsigned>(crash.atSync * 100 + crash.afterStep));
    const std::string found = desk.found();
    for (std::size_t n = 0; n < m_expected.size(); ++n) {
        if (found != m_expected[n])
            continue;
        // One more than confirmed may be there: its sync was done, and the answer not yet given.
        if (static_cast<int>(n) == confirmed || static_cast<int>(n) == confirmed + 1)
            return {};
        return QStringLiteral("%1 steps were confirmed, %2 are there").arg(confirmed).arg(n);
    }
    return QStringLiteral("after %1 confirmed steps the state is not the end of any: %2")
        .arg(confirmed)
        .arg(QString::fromStdString(found.substr(0, 200)));
}

void TestCrash::crashAtEverySync_data()
{
    QTest::addColumn<double>("luck");
    QTest::newRow("nothing that was not synced survives") << 0.0;
    QTest::newRow("half of it survives") << 0.5;
    QTest::newRow("nearly all of it survives") << 0.95;
}

void TestCrash::crashAtEverySync()
{
    QFETCH(double, luck);
    int points = 0;
    for (bool wasHit = true; wasHit; ++points) {
        const QString fault = faultOf({points + 1, Steps, luck}, true, &wasHit);
        QVERIFY2(fault.isEmpty(), qPrintable(QStringLiteral("crash before sync %1: %2").arg(points + 1).arg(fault)));
    }
    // Each commit has a sync of its own, and each life some more.
    QVERIFY2(points > Steps + 3 * (Steps / StepsPerLife), qPrintable(QString::number(points)));
}

void TestCrash::crashAfterEveryConfirmedStep_data()
{
    crashAtEverySync_data();
}

void TestCrash::crashAfterEveryConfirmedStep()
{
    QFETCH(double, luck);
    for (int step = 0; step <= Steps; ++step) {
        const QString fault = faultOf({0, step, luck}, true);
        QVERIFY2(fault.isEmpty(), qPrintable(fault));
    }
}

// Proof that the disk above is a bad one: what holds with synchronous=FULL must break without.
void TestCrash::withoutSyncTheSameTestFails()
{
    int faults = 0;
    for (int step = 1; step <= Steps; ++step)
        faults += faultOf({0, step, 0}, false).isEmpty() ? 0 : 1;
    QCOMPARE(faults, Steps);
}

void TestCrash::aFullDiskChangesNothing()
{
    CrashDisk disk("crash");
    QTemporaryDir folder;
    StateOptions options;
    options.vfs = "crash";
    auto state = StateFile::open(folder.path().toStdString(), options);
    QVERIFY(state);
    QVERIFY((*state)->write(stepOf(0)));
    disk.fillUp(true);
    const auto written = (*state)->write(stepOf(1));
    QVERIFY(!written);
    QVERIFY2(written.error().plain().find("disk full") != std::string::npos, written.error().plain().c_str());
    auto saved = (*state)->load();
    QVERIFY(saved);
    QCOMPARE(picture(*saved), m_expected[1]);

    // What could not be written goes out with the next.
    Commit merged = stepOf(1);
    merged.merge(stepOf(2), 1000);
    merged.chunks = stepOf(1).chunks; // the store offers them again
    merged.held = stepOf(1).held;
    disk.fillUp(false);
    QVERIFY((*state)->write(merged));
    saved = (*state)->load();
    QVERIFY(saved);
    QCOMPARE(picture(*saved), m_expected[3]);
}

// Space runs out at each write there is, and comes back after three failed commits: what could not be written goes out with the next,
// and in the end nothing is missing and nothing is there twice.
void TestCrash::aDiskThatFillsAtAnyWriteLosesNothing()
{
    int points = 0;
    for (bool wasHit = true; wasHit; ++points) {
        CrashDisk disk("crash");
        QTemporaryDir folder;
        StateOptions options;
        options.vfs = "crash";
        auto state = StateFile::open(folder.path().toStdString(), options);
        QVERIFY(state);
        disk.failAtWrite(points + 1);
        Commit unwritten;
        int failures = 0;
        std::vector<StoredChunk> offered; // the store offers a chunk until it is told that it is stored
        for (int n = 0; n < Steps || !unwritten.isEmpty(); ++n) {
            Commit next = n < Steps ? stepOf(n) : Commit();
            offered.insert(offered.end(), next.chunks.begin(), next.chunks.end());
            auto held = unwritten.held;
            held.insert(held.end(), next.held.begin(), next.held.end());
            if (unwritten.isEmpty())
                unwritten = std::move(next);
            else
                unwritten.merge(std::move(next), 1'000'000);
            unwritten.chunks = offered;
            unwritten.held = std::move(held);
            const auto written = (*state)->write(unwritten);
            if (written) {
                unwritten = {};
                offered.clear();
                continue;
            }
            QVERIFY2(written.error().plain().find("disk full") != std::string::npos, written.error().plain().c_str());
            if (++failures == 3)
                disk.fillUp(false);
        }
        wasHit = failures > 0;
        auto saved = (*state)->load();
        QVERIFY(saved);
        const std::string found = picture(*saved);
        QVERIFY2(found == m_expected.back(), qPrintable(QStringLiteral("space ran out at write %1").arg(points + 1)));
    }
    QVERIFY2(points > 3 * Steps, qPrintable(QString::number(points)));
}

}

QTEST_GUILESS_MAIN(TestCrash)
#include "tst_crash.moc"
