#include "state/segment.h"
#include "state/statefile.h"

#include "state/statesamples.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <sqlite3.h>

#include <cmath>
#include <limits>

using namespace sg;
using namespace sg::test;

namespace {

class TestState : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everythingComesBack();
    void journalComesBackAsWritten();
    void journalQueries_data();
    void journalQueries();
    void aChangedRecordBreaksTheChain();
    void recordsOfFormat3KeepTheirHash();
    void readerWhileTheWriterWrites();
    void aSecondEvaluatorIsRefused();
    void refusedFilesStayUntouched_data();
    void refusedFilesStayUntouched();
    void aDamagedSegmentIsReportedAndSkipped();
    void oldestSegmentsGo_data();
    void oldestSegmentsGo();
    void loadIsBounded();
    void mergeTakesWhatCameLater();
    void segmentBytes();
    void hostileSegments();
    void largeCommitsAreQuick();
};

std::unique_ptr<StateFile> opened(const QTemporaryDir &folder, const StateOptions &options = {})
{
    auto state = StateFile::open(folder.path().toStdString(), options);
    if (!state)
        qWarning("%s", state.error().plain().c_str());
    return state ? *std::move(state) : nullptr;
}

std::unique_ptr<StateReader> reader(const QTemporaryDir &folder)
{
    auto state = StateReader::open(folder.path().toStdString());
    if (!state)
        qWarning("%s", state.error().plain().c_str());
    return state ? *std::move(state) : nullptr;
}

void executeRaw(const QTemporaryDir &folder, const char *sql)
{
    sqlite3 *database = nullptr;
    QCOMPARE(sqlite3_open(qPrintable(folder.filePath(QStringLiteral("state.db"))), &database), SQLITE_OK);
    QCOMPARE(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
}

QByteArray bytesOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("unreadable");
}

void TestState::everythingComesBack()
{
    QTemporaryDir folder;
    std::string name;
    {
        auto state = opened(folder);
        QVERIFY(state);
        auto fresh = state->load();
        QVERIFY(fresh);
        QCOMPARE(fresh->nextSeq, std::uint64_t{1});
        QVERIFY(fresh->lastSeen == NoTime && fresh->wasClean);
        QCOMPARE(fresh->stateName.size(), std::size_t{16});
        name = fresh->stateName;

        Commit commit = stepOf(1);
        commit.instances.front().regions.suppression = Shelved | OutOfServiceFlag;
        commit.instances.front().regions.isEnabled = false;
        commit.instances.front().value = std::numeric_limits<double>::quiet_NaN();
        commit.instances.push_back(instanceOf(9, 1, AckRegion::Unacked));
        commit.positions["press"]["odd\n\0stream"] = std::string("\0\xFF\x80", 3);
        commit.rows.push_back({static_cast<SeriesId>(4'000'000'000U), {Time::min() + Micros(1), -0.0, Quality::Uncertain}});
        commit.rows.push_back({static_cast<SeriesId>(0), {Time::max(), std::numeric_limits<double>::quiet_NaN(), Quality::Bad}});
        auto rules = std::make_shared<RuleSet>();
        const auto rule = [](const char *id, const char *text) {
            auto made = std::make_shared<Rule>();
            made->id = id;
            made->text = text;
            made->hash = 0xF000'0000'0000'0007ULL;
            return made;
        };
        rules->rules.push_back(rule("hot", "id: hot"));
        rules->refused.push_back({"cold", {}, rule("cold", "id: cold")});
        commit.rules = rules;
        QVERIFY(state->write(commit));

        Commit second = stepOf(2);
        second.instances.front() = instanceOf(9, 1, AckRegion::Unacked);
        second.instances.front().isGone = true;
        second.journal.push_back(recordOf("STOPPED", 0, at(5)));
        QVERIFY(state->write(second));

        auto saved = state->load();
        QVERIFY(saved);
        QCOMPARE(saved->whole.instances.size(), std::size_t{1});
        QVERIFY(saved->whole.instances[0].regions == commit.instances[0].regions);
        QVERIFY(std::isnan(saved->whole.instances[0].value));
        QCOMPARE(saved->whole.positions["press"]["odd\n\0stream"], commit.positions["press"]["odd\n\0stream"]);
        QCOMPARE(saved->whole.rows.size(), commit.rows.size());
        std::string rows, expected;
        print(rows, saved->whole.rows);
        print(expected, commit.rows);
        QCOMPARE(rows, expected);
        QVERIFY(saved->whole.waiting.empty());
        QCOMPARE(saved->ruleTexts, (std::map<std::string, std::string>{{"hot", "id: hot"}, {"cold", "id: cold"}}));
        QCOMPARE(saved->nextSeq, std::uint64_t{4});
        QVERIFY(saved->lastSeen == second.reference && saved->wasClean);
        QVERIFY(saved->troubles.empty());
    }
    auto again = opened(folder);
    QVERIFY(again);
    auto saved = again->load();
    QVERIFY(saved);
    QCOMPARE(saved->stateName, name);
    QCOMPARE(saved->nextSeq, std::uint64_t{4});
    QVERIFY(again->write({}));
    saved = again->load();
    QVERIFY(saved);
    QVERIFY2(!saved->wasClean, "a commit after STOPPED means that it runs again");
}

bool isSame(const JournalRow &a, const JournalRow &b)
{
    const auto same = [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
    return a.event == b.event && a.rule == b.rule && a.key == b.key && a.field == b.field && a.source == b.source
        && a.occurrence == b.occurrence && a.from == b.from && a.to == b.to && a.level == b.level && a.priority == b.priority
        && a.area == b.area && a.tStamp == b.tStamp && a.tEvent == b.tEvent && a.tDetect == b.tDetect && same(a.value, b.value)
        && a.valueText == b.valueText && same(a.limit, b.limit) && a.quality == b.quality && a.actor == b.actor && a.reason == b.reason
        && a.ruleHash == b.ruleHash && a.origin == b.origin;
}

void TestState::journalComesBackAsWritten()
{
    QTemporaryDir folder;
    auto state = opened(folder);
    QVERIFY(state);
    Commit commit;
    commit.reference = at(0);
    commit.journal.push_back(recordOf("RAISED", 0xFFFF'FFFF'FFFF'FFFFULL, at(1)));
    JournalRow odd;
    odd.event = "GAP";
    odd.source = "pr\xC3\xA9ss";
    odd.reason = std::string("a\0b'; DROP TABLE journal;--", 27);
    odd.valueText = "running";
    odd.quality = Quality::Uncertain;
    odd.actor = "ann@desk-3";
    odd.value = -0.0;
    odd.limit = std::numeric_limits<double>::infinity();
    commit.journal.push_back(odd);
    QVERIFY(state->write(commit));
    QVERIFY(state->write(commit));

    auto file = reader(folder);
    QVERIFY(file);
    auto rows = file->journal({});
    QVERIFY(rows);
    QCOMPARE(rows->size(), std::size_t{4});
    for (std::size_t i = 0; i < 4; ++i) {
        QCOMPARE((*rows)[i].seq, static_cast<std::uint64_t>(i + 1));
        QVERIFY(isSame((*rows)[i], commit.journal[i % 2]));
    }
    const auto verified = file->verifyJournal();
    QVERIFY2(verified, verified ? "" : verified.error().plain().c_str());
}

void TestState::journalQueries_data()
{
    QTest::addColumn<JournalQuery>("query");
    QTest::addColumn<QList<int>>("expected"); // seq
    JournalQuery q;
    QTest::newRow("all") << q << QList<int>{1, 2, 3, 4, 5, 6};
    q.isNewestFirst = true;
    q.limit = 2;
    QTest::newRow("the newest two") << q << QList<int>{6, 5};
    q = {};
    q.afterSeq = 4;
    QTest::newRow("after 4") << q << QList<int>{5, 6};
    q = {};
    q.beforeSeq = 3;
    QTest::newRow("before 3") << q << QList<int>{1, 2};
    q.beforeSeq = 5;
    q.afterSeq = 2;
    QTest::newRow("between 2 and 5") << q << QList<int>{3, 4};
    q = {};
    q.beforeSeq = 5;
    q.isNewestFirst = true;
    q.limit = 3;
    QTest::newRow("the page before 5") << q << QList<int>{4, 3, 2};
    q = {};
    q.from = at(2);
    q.to = at(4);
    QTest::newRow("from 2 to before 4") << q << QList<int>{3, 4};
    q = {};
    q.occurrence = 11;
    QTest::newRow("one occurrence") << q << QList<int>{2, 4, 6};
}

void TestState::journalQueries()
{
    QFETCH(JournalQuery, query);
    QFETCH(QList<int>, expected);
    QTemporaryDir folder;
    auto state = opened(folder);
    QVERIFY(state);
    Commit commit;
    for (int n = 0; n < 6; ++n)
        commit.journal.push_back(recordOf("RAISED", n % 2 == 0 ? 10 : 11, at(n)));
    QVERIFY(state->write(commit));
    auto file = reader(folder);
    QVERIFY(file);
    const auto rows = file->journal(query);
    QVERIFY(rows);
    QList<int> found;
    for (const JournalRow &row : *rows)
        found << static_cast<int>(row.seq);
    QCOMPARE(found, expected);
}

void TestState::aChangedRecordBreaksTheChain()
{
    QTemporaryDir folder;
    {
        auto state = opened(folder);
        QVERIFY(state);
        for (int n = 0; n < 6; ++n)
            QVERIFY(state->write(stepOf(n)));
    }
    executeRaw(folder, "UPDATE journal SET actor = 'bob@desk-3' WHERE seq = 3");
    QCOMPARE(reader(folder)->verifyJournal().error().plain(),
             std::string("journal record 3 is not as it was written: its hash does not match"));
    executeRaw(folder, "UPDATE journal SET actor = 'ann@desk-3' WHERE seq = 3");
    QVERIFY(reader(folder)->verifyJournal());
    executeRaw(folder, "DELETE FROM journal WHERE seq = 5");
    QCOMPARE(reader(folder)->verifyJournal().error().plain(), std::string("journal record 5 is missing: record 6 follows record 4"));
}

// Format 4 has notes beside its records; a journal that was begun before it is one chain with what follows.
void TestState::recordsOfFormat3KeepTheirHash()
{
    QTemporaryDir folder;
    {
        auto state = opened(folder);
        QVERIFY(state);
        for (int n = 0; n < 6; ++n)
            QVERIFY(state->write(stepOf(n)));
    }
    executeRaw(folder, "ALTER TABLE journal DROP COLUMN notes; PRAGMA user_version=3");
    QVERIFY(reader(folder)->verifyJournal()); // a reader takes it as it is
    QCOMPARE(reader(folder)->journal({})->size(), std::size_t{6});
    {
        auto state = opened(folder);
        QVERIFY(state);
        Commit commit;
        commit.journal = {recordOf("RAISED", 10, at(7)), recordOf("CLEARED", 10, at(8))};
        commit.journal.front().notes = "lot=L-1\norder=88";
        QVERIFY(state->write(commit));
    }
    QCOMPARE(reader(folder)->journal({})->at(6).notes, std::string("lot=L-1\norder=88"));
    QVERIFY(reader(folder)->verifyJournal());
    for (const char *notes : {"''", "'lot=L-2'"}) {
        executeRaw(folder, (std::string("UPDATE journal SET notes = ") + notes + " WHERE seq = 7").c_str());
        QCOMPARE(reader(folder)->verifyJournal().error().plain(),
                 std::string("journal record 7 is not as it was written: its hash does not match"));
    }
    executeRaw(folder, "UPDATE journal SET notes = 'lot=L-1' || char(10) || 'order=88' WHERE seq = 7");
    QVERIFY(reader(folder)->verifyJournal());
    executeRaw(folder, "UPDATE journal SET notes = 'lot=L-1' WHERE seq = 8");
    QVERIFY(!reader(folder)->verifyJournal());
}

void TestState::readerWhileTheWriterWrites()
{
    QTemporaryDir folder;
    const auto none = StateReader::open(folder.path().toStdString());
    QVERIFY(!none && none.error().plain().find("no state in") != std::string::npos);

    auto state = opened(folder);
    QVERIFY(state);
    QVERIFY(state->write(stepOf(0)));
    auto file = reader(folder);
    QVERIFY(file);
    QCOMPARE(file->journal({})->size(), std::size_t{1});
    QVERIFY(state->write(stepOf(1)));
    QVERIFY(state->write(stepOf(2)));
    QCOMPARE(file->journal({})->size(), std::size_t{3});
    QCOMPARE(file->instances()->size(), std::size_t{3});

    Commit states;
    states.series.push_back({static_cast<SeriesId>(50), "press/L1/P-07/state", ValueKind::State});
    states.texts.push_back({7, "running"});
    states.rows = {{static_cast<SeriesId>(50), {at(9), 7, Quality::Good}}, {static_cast<SeriesId>(50), {at(8), 1, Quality::Good}}};
    QVERIFY(state->write(states));
    const auto last = file->lastValues();
    QVERIFY(last);
    QCOMPARE(last->size(), std::size_t{3});
    QCOMPARE(last->back().path, std::string("press/L1/P-07/state"));
    QCOMPARE(last->back().text, std::string("running"));
    QVERIFY(last->back().row.t == at(9));

    state.reset();
    QCOMPARE(reader(folder)->journal({})->size(), std::size_t{3});
}

void TestState::aSecondEvaluatorIsRefused()
{
    QTemporaryDir folder;
    auto state = opened(folder);
    QVERIFY(state);
    const auto second = StateFile::open(folder.path().toStdString());
    QVERIFY(!second);
    QVERIFY2(second.error().plain().find("another evaluator holds this state folder") == 0, second.error().plain().c_str());
    state.reset();
    QVERIFY(StateFile::open(folder.path().toStdString()));
}

void TestState::refusedFilesStayUntouched_data()
{
    QTest::addColumn<QString>("spoil");
    QTest::addColumn<QString>("says");
    QTest::newRow("newer format") << "PRAGMA user_version=99"
                                  << "newer version (format 99";
    QTest::newRow("another program's file") << "PRAGMA application_id=77"
                                            << "not a state of Sightglass";
    QTest::newRow("no SQLite file") << "garbage"
                                    << "is damaged";
    QTest::newRow("cut off") << "truncate"
                             << "is damaged";
}

void TestState::refusedFilesStayUntouched()
{
    QFETCH(QString, spoil);
    QFETCH(QString, says);
    QTemporaryDir folder;
    {
        auto state = opened(folder);
        QVERIFY(state);
        for (int n = 0; n < 6; ++n)
            QVERIFY(state->write(stepOf(n)));
    }
    const QString path = folder.filePath(QStringLiteral("state.db"));
    if (spoil == QStringLiteral("garbage")) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray(5000, 'x'));
    } else if (spoil == QStringLiteral("truncate")) {
        QVERIFY(QFile::resize(path, 8192));
    } else {
        executeRaw(folder, spoil.toUtf8().constData());
    }
    const QByteArray before = bytesOf(path);
    const auto state = StateFile::open(folder.path().toStdString());
    QVERIFY(!state);
    QVERIFY2(QString::fromStdString(state.error().plain()).contains(says), state.error().plain().c_str());
    const auto read = StateReader::open(folder.path().toStdString());
    QVERIFY(!read);
    QVERIFY2(QString::fromStdString(read.error().plain()).contains(says), read.error().plain().c_str());
    QVERIFY(bytesOf(path) == before);
}

void TestState::aDamagedSegmentIsReportedAndSkipped()
{
    QTemporaryDir folder;
    {
        auto state = opened(folder);
        QVERIFY(state);
        for (int n = 0; n < 5; ++n)
            QVERIFY(state->write(stepOf(n)));
    }
    executeRaw(folder, "UPDATE segment SET data = CAST(substr(data, 1, 100) || x'00' || substr(data, 102) AS BLOB) WHERE id = 2");
    auto state = opened(folder);
    QVERIFY(state);
    auto saved = state->load();
    QVERIFY(saved);
    QCOMPARE(saved->troubles.size(), std::size_t{1});
    QVERIFY2(saved->troubles[0].plain().find("segment 2 is damaged; its 400 readings") != std::string::npos,
             saved->troubles[0].plain().c_str());
    QCOMPARE(saved->whole.rows.size(), stepOf(0).rows.size() * 3); // steps 0, 3, 4; 1 is damaged, 2 has none
}

void TestState::oldestSegmentsGo_data()
{
    QTest::addColumn<quint64>("rows");
    QTest::addColumn<quint64>("bytes");
    QTest::addColumn<quint64>("segments");
    QTest::addColumn<quint64>("left");
    const quint64 many = 1'000'000'000;
    QTest::newRow("by rows") << quint64{1700} << many << many << quint64{1600};
    QTest::newRow("by bytes") << many << quint64{9'000} << many << quint64{800};
    QTest::newRow("by number") << many << many << quint64{3} << quint64{1200};
    QTest::newRow("the newest always stays") << quint64{1} << many << many << quint64{400};
}

void TestState::oldestSegmentsGo()
{
    QFETCH(quint64, rows);
    QFETCH(quint64, bytes);
    QFETCH(quint64, segments);
    QFETCH(quint64, left);
    QTemporaryDir folder;
    StateOptions options;
    options.keptRows = rows;
    options.keptBytes = bytes;
    options.keptSegments = segments;
    for (int life = 0; life < 2; ++life) {
        auto state = opened(folder, options); // the sums are kept over a restart
        QVERIFY(state);
        for (int n = life * 9; n < life * 9 + 9; ++n)
            QVERIFY(state->write(stepOf(n)));
        auto saved = state->load();
        QVERIFY(saved);
        QCOMPARE(quint64{saved->whole.rows.size()}, left);
        QVERIFY(saved->whole.rows.back().row.t == stepOf(life * 9 + 7).rows.back().row.t);
    }
}

void TestState::loadIsBounded()
{
    QTemporaryDir folder;
    auto state = opened(folder);
    QVERIFY(state);
    std::vector<StoredRow> all;
    for (int n = 0; n < 9; ++n) {
        const Commit commit = stepOf(n);
        all.insert(all.end(), commit.rows.begin(), commit.rows.end());
        QVERIFY(state->write(commit));
    }
    for (const std::size_t bound : {std::size_t{0}, std::size_t{1}, std::size_t{400}, std::size_t{401}, all.size(), all.size() + 1}) {
        auto saved = state->load(bound);
        QVERIFY(saved);
        std::string found, expected;
        print(found, saved->whole.rows);
        print(expected, {all.end() - static_cast<std::ptrdiff_t>(std::min(bound, all.size())), all.end()});
        QVERIFY2(found == expected, qPrintable(QString::number(bound)));
    }
}

void TestState::mergeTakesWhatCameLater()
{
    QVERIFY(Commit().isEmpty());
    QVERIFY(!stepOf(2).isEmpty());

    Commit commit = stepOf(0);
    commit.instances.push_back(instanceOf(3, 9, AckRegion::Unacked));
    Commit later = stepOf(1);
    later.positions["press"]["orders/0"] = "77";
    later.instances.push_back(instanceOf(3, 9, AckRegion::Acked));
    later.instances.push_back(instanceOf(0, 9, AckRegion::Acked));
    later.instances.back().isGone = true;
    later.isUrgent = true;
    const std::vector<StoredRow> newest = later.rows, waiting = later.waiting;

    QCOMPARE(commit.merge(std::move(later), 500), std::size_t{300});
    QCOMPARE(commit.rows.size(), std::size_t{500});
    QVERIFY(commit.rows.back().row.t == newest.back().row.t);
    QCOMPARE(commit.waiting.size(), waiting.size());
    QCOMPARE(commit.positions["press"], (Positions{{"orders/0", "77"}, {"orders/1", "1"}}));
    QCOMPARE(commit.journal.size(), std::size_t{2});
    QCOMPARE(commit.instances.size(), std::size_t{3});
    QVERIFY(commit.instances[0].isGone); // 0, then 3 and 1
    QVERIFY(commit.instances[1].regions.ack == AckRegion::Acked);
    QCOMPARE(commit.timing.size(), std::size_t{1});
    QCOMPARE(commit.timing[0].bytes, std::string("t1"));
    QCOMPARE(commit.series.size(), std::size_t{2});
    QVERIFY(commit.isUrgent && commit.reference == stepOf(1).reference);
    // Journal rows are never dropped, whatever the bound.
    QCOMPARE(commit.merge(stepOf(3), 0), std::size_t{900});
    QCOMPARE(commit.journal.size(), std::size_t{3});
}

void TestState::segmentBytes()
{
    // The example of FORMAT.md.
    const StoredRow row{static_cast<SeriesId>(3), {Time(Micros(1'000'000)), 1.0, Quality::Good}};
    const std::string bytes = encodeSegment({&row, 1});
    QCOMPARE(QByteArray::fromStdString(bytes.substr(12)).toHex(' '), QByteArray("18 80 89 7a 00 00 00 00 00 00 f0 3f"));
    QCOMPARE(crc32("123456789"), 0xCBF43926U);
    const StoredRow late{row.series, {row.row.t, row.row.value, Quality::Uncertain, true}};
    const std::string lateBytes = encodeSegment(std::array{late, row});
    QCOMPARE(QByteArray::fromStdString(lateBytes.substr(12)).toHex(' '),
             QByteArray("1b 01 80 89 7a 00 00 00 00 00 00 f0 3f 00 00 00 00 00 00 00 00 f0 3f"));
    std::vector<StoredRow> back;
    QVERIFY(decodeSegment(lateBytes, back) && back.size() == 2);
    QVERIFY(back[0].row.isLate && back[0].row.quality == Quality::Uncertain && back[0].row.t == late.row.t);
    QVERIFY(!back[1].row.isLate && back[1].row.quality == Quality::Good && back[1].series == row.series);
}

void TestState::hostileSegments()
{
    const Commit commit = stepOf(1);
    const std::string good = encodeSegment(commit.rows);
    std::vector<StoredRow> out(1);
    QVERIFY(decodeSegment(good, out));
    QCOMPARE(out.size(), commit.rows.size() + 1);
    out.resize(1);
    for (std::size_t length = 0; length < good.size(); length += 7)
        QVERIFY(!decodeSegment(std::string_view(good).substr(0, length), out));
    for (std::size_t i = 0; i < good.size(); i += 3) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x10);
        QVERIFY(!decodeSegment(bad, out));
        // With the right checksum of the wrong bytes it must still neither crash nor leave half of it.
        const std::uint32_t crc = crc32(std::string_view(bad).substr(8));
        for (unsigned byte = 0; byte < 4; ++byte)
            bad[4 + byte] = static_cast<char>((crc >> (8 * byte)) & 0xFFU);
        const std::size_t before = out.size();
        if (decodeSegment(bad, out))
            out.resize(before);
        QCOMPARE(out.size(), std::size_t{1});
    }
}

void TestState::largeCommitsAreQuick()
{
    QTemporaryDir folder;
    auto state = opened(folder);
    QVERIFY(state);
    Commit commit;
    for (int i = 0; i < 100'000; ++i)
        commit.rows.push_back({static_cast<SeriesId>(i % 200), {at(i), 20 + i % 977 / 100.0, Quality::Good}});
    qint64 best = std::numeric_limits<qint64>::max();
    for (int n = 0; n < 5; ++n) {
        QElapsedTimer timer;
        timer.start();
        QVERIFY(state->write(commit));
        best = std::min(best, timer.elapsed());
    }
    qInfo("100,000 readings in one commit: %lld ms", static_cast<long long>(best));
}

}

QTEST_GUILESS_MAIN(TestState)
#include "tst_state.moc"
