#include "state/segment.h"
#include "state/statefile.h"

#include "state/statesamples.h"
#include "store/columns.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QtTest>

#include <sched.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <unistd.h>

using namespace sg;
using namespace sg::test;

namespace {

// What format 1 wrote, word for word.
constexpr const char *Format1 = R"sql(
CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE position (source TEXT NOT NULL, stream TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (source, stream)) WITHOUT ROWID;
CREATE TABLE instance (
    rule TEXT NOT NULL, key TEXT NOT NULL, field TEXT NOT NULL, condition_hash INTEGER NOT NULL,
    enabled INTEGER NOT NULL, condition INTEGER NOT NULL, ack INTEGER NOT NULL, latch INTEGER NOT NULL, suppression INTEGER NOT NULL,
    quality INTEGER NOT NULL, level INTEGER NOT NULL, worst INTEGER NOT NULL, seq INTEGER NOT NULL, occurrence INTEGER NOT NULL,
    t0 INTEGER, raised INTEGER, detected INTEGER, reoccurrences INTEGER NOT NULL, value REAL, "limit" REAL, state BLOB NOT NULL,
    PRIMARY KEY (rule, key, field)) WITHOUT ROWID;
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY, prev_hash BLOB NOT NULL, hash BLOB NOT NULL, event TEXT NOT NULL, rule TEXT NOT NULL, key TEXT NOT NULL,
    field TEXT NOT NULL, source TEXT NOT NULL, occurrence INTEGER NOT NULL, from_state TEXT NOT NULL, to_state TEXT NOT NULL,
    level TEXT NOT NULL, priority TEXT NOT NULL, area TEXT NOT NULL, t_stamp INTEGER, t_event INTEGER, t_detect INTEGER,
    t_record INTEGER, value REAL, value_text TEXT NOT NULL, "limit" REAL, quality INTEGER NOT NULL, actor TEXT NOT NULL,
    reason TEXT NOT NULL, rule_hash INTEGER NOT NULL, origin TEXT NOT NULL);
CREATE INDEX journal_occurrence ON journal (occurrence);
CREATE INDEX journal_time ON journal (coalesce(t_event, t_detect, t_record, 0));
CREATE TABLE series (id INTEGER PRIMARY KEY, path TEXT NOT NULL, kind INTEGER NOT NULL);
CREATE TABLE text (code INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE timing (source TEXT NOT NULL PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE segment (id INTEGER PRIMARY KEY, t_from INTEGER NOT NULL, t_to INTEGER NOT NULL, rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE waiting (id INTEGER PRIMARY KEY CHECK (id = 1), rows INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE rule (id TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL, hash INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA user_version=1;
PRAGMA application_id=1397181523;
PRAGMA journal_mode=WAL;
INSERT INTO meta VALUES ('state_name', 'abcdefghijklmnop'), ('last_seen', 1795000000000005), ('clean', 1), ('segments', 2), ('segment_rows', 3),
    ('segment_bytes', 70);
INSERT INTO position VALUES ('press', 'orders/0', x'3137');
INSERT INTO series VALUES (0, 'press/L1/P-07/temp', 0);
INSERT INTO rule VALUES ('hot', 'id: hot', 7);
)sql";

// A disk of a megabyte, that only this thread sees.
class SmallDisk
{
public:
    explicit SmallDisk(const QString &folder)
        : m_folder(folder.toStdString())
        , m_isThere(unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0
                    && mount("tmpfs", m_folder.c_str(), "tmpfs", 0, "size=1m") == 0)
    {
    }
    ~SmallDisk()
    {
        if (m_isThere)
            umount2(m_folder.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk &) = delete;
    SmallDisk &operator=(const SmallDisk &) = delete;
    [[nodiscard]] bool isThere() const { return m_isThere; }
    void fillUp() const
    {
        QFile file(QString::fromStdString(m_folder + "/other"));
        if (file.open(QIODevice::WriteOnly | QIODevice::Unbuffered))
            while (file.write(QByteArray(4096, 'x')) == 4096) { }
    }

private:
    const std::string m_folder;
    const bool m_isThere;
};

class TestStateHistory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void chunksComeBack();
    void aReplacedChunkGoesAndItsBytesLater();
    void retention_data();
    void retention();
    void theFileStaysBounded();
    void coveredSegmentsGo();
    void damage_data();
    void damage();
    void format1IsMovedForward();
    void aStandInForAFolderThatCannotBeUsed_data();
    void aStandInForAFolderThatCannotBeUsed();
};

std::unique_ptr<StateFile> opened(const QTemporaryDir &folder, const StateOptions &options = {})
{
    auto state = StateFile::open(folder.path().toStdString(), options);
    if (!state)
        qWarning("%s", state.error().plain().c_str());
    return state ? *std::move(state) : nullptr;
}

class Raw // the file without our code
{
public:
    explicit Raw(const QTemporaryDir &folder)
        : Raw(folder.path())
    {
    }
    explicit Raw(const QString &folder)
    {
        if (sqlite3_open(qPrintable(folder + QStringLiteral("/state.db")), &m_database) != SQLITE_OK)
            qFatal("no file");
    }
    ~Raw() { sqlite3_close(m_database); }
    Raw(const Raw &) = delete;
    Raw &operator=(const Raw &) = delete;
    void execute(const char *sql)
    {
        if (sqlite3_exec(m_database, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
            qFatal("%s", sqlite3_errmsg(m_database));
    }
    qint64 integer(const char *sql)
    {
        sqlite3_stmt *statement = nullptr;
        if (sqlite3_prepare_v2(m_database, sql, -1, &statement, nullptr) != SQLITE_OK || sqlite3_step(statement) != SQLITE_ROW)
            qFatal("%s", sqlite3_errmsg(m_database));
        const qint64 found = sqlite3_column_int64(statement, 0);
        sqlite3_finalize(statement);
        return found;
    }
    void insertSegment(int id, const std::string &bytes, int rows)
    {
        sqlite3_stmt *statement = nullptr;
        sqlite3_prepare_v2(m_database, "INSERT INTO segment VALUES (?, 0, 1, ?, ?, ?)", -1, &statement, nullptr);
        sqlite3_bind_int(statement, 1, id);
        sqlite3_bind_int(statement, 2, rows);
        sqlite3_bind_int(statement, 3, static_cast<int>(bytes.size()));
        sqlite3_bind_blob(statement, 4, bytes.data(), static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
        if (sqlite3_step(statement) != SQLITE_DONE)
            qFatal("%s", sqlite3_errmsg(m_database));
        sqlite3_finalize(statement);
    }

private:
    sqlite3 *m_database = nullptr;
};

Commit withChunk(std::uint32_t series, std::int64_t place, std::int64_t from, int rows = 500)
{
    Commit commit;
    commit.chunks.push_back(chunkOf(series, place, from, rows));
    commit.isUpkeep = true;
    return commit;
}

void TestStateHistory::chunksComeBack()
{
    QTemporaryDir folder;
    Commit commit = withChunk(3, 8, 5'000'000);
    commit.chunks.push_back(chunkOf(3, 7, 0, 300));
    commit.chunks.push_back(chunkOf(2, 9, 0, 1));
    commit.held.push_back({static_cast<SeriesId>(4), {at(12), -0.0, Quality::Uncertain}});
    QVERIFY(opened(folder)->write(commit));
    auto state = opened(folder);
    QVERIFY(state);
    QCOMPARE(state->history().chunks, std::uint64_t{3});
    auto saved = state->load();
    QVERIFY(saved);
    QVERIFY(saved->troubles.empty());
    QCOMPARE(saved->chunks.size(), std::size_t{3});
    std::vector<std::int64_t> places; // by series, oldest first
    for (const KnownChunk &known : saved->chunks)
        places.push_back(known.chunk.place);
    QCOMPARE(places, (std::vector<std::int64_t>{9, 7, 8}));
    QCOMPARE(saved->nextPlace, std::int64_t{10});
    const StoredChunk &first = commit.chunks[0];
    QVERIFY(saved->chunks[2].chunk.summary.first == first.summary.first && saved->chunks[2].chunk.summary.last == first.summary.last);
    QCOMPARE(saved->chunks[2].chunk.summary.rows, first.summary.rows);
    QCOMPARE(saved->chunks[2].upTo, first.upTo);
    const auto bytes = saved->loader->load(8);
    QVERIFY(bytes);
    QVERIFY(*bytes == first.bytes);
    const auto none = saved->loader->load(55);
    QVERIFY(!none && none.error().plain().find("chunk 55 is not there") != std::string::npos);
    QCOMPARE(saved->whole.held.size(), std::size_t{1});
    QVERIFY(std::signbit(saved->whole.held[0].row.value));

    // A chunk that holds the held row takes its place.
    QVERIFY(state->write(withChunk(4, 10, 0)));
    saved = state->load();
    QVERIFY(saved->whole.held.empty());
}

void TestStateHistory::aReplacedChunkGoesAndItsBytesLater()
{
    QTemporaryDir folder;
    auto state = opened(folder);
    QVERIFY(state->write(withChunk(1, 1, 0)));
    auto old = state->load();
    Commit joined = withChunk(1, 2, 0, 900);
    joined.chunks[0].replaces = {1, 77}; // 77: freed by retention before
    QVERIFY(state->write(joined));
    QCOMPARE(state->load()->chunks.size(), std::size_t{1});
    QCOMPARE(state->history().chunks, std::uint64_t{1});
    QVERIFY(old->loader->load(1)); // whoever is on the way to it still finds it
    Commit upkeep;
    upkeep.isUpkeep = true;
    QVERIFY(state->write(upkeep));
    QVERIFY(!old->loader->load(1));
    QCOMPARE(Raw(folder).integer("SELECT count(*) FROM dead"), qint64(0));
}

void TestStateHistory::retention_data()
{
    QTest::addColumn<qint64>("from"); // microseconds, -1: none
    QTest::addColumn<quint64>("bytes"); // of chunks that stay, in chunks
    QTest::addColumn<int>("left");
    QTest::newRow("no bound") << qint64(-1) << quint64(0) << 10;
    QTest::newRow("all younger") << qint64(0) << quint64(0) << 10;
    QTest::newRow("half too old") << qint64(5'000'000) << quint64(0) << 5;
    QTest::newRow("one that reaches over the bound stays") << qint64(5'000'000 - 700'000) << quint64(0) << 6;
    QTest::newRow("by size") << qint64(-1) << quint64(3) << 3;
    QTest::newRow("by both") << qint64(8'000'000) << quint64(3) << 2;
}

void TestStateHistory::retention()
{
    QFETCH(qint64, from);
    QFETCH(quint64, bytes);
    QFETCH(int, left);
    QTemporaryDir folder;
    auto state = opened(folder);
    Commit commit;
    commit.journal.push_back(recordOf("RAISED", 1, at(0)));
    for (int n = 0; n < 10; ++n)
        commit.chunks.push_back(chunkOf(static_cast<std::uint32_t>(n % 2), n, n * 1'000'000, 500));
    commit.retention = {from < 0 ? NoTime : at(from), bytes * commit.chunks[0].bytes.size() + (bytes > 0 ? 100 : 0)};
    QVERIFY(state->write(commit));
    const auto saved = state->load();
    QCOMPARE(static_cast<int>(saved->chunks.size()), left);
    QCOMPARE(static_cast<int>(state->history().chunks), left);
    if (left < 10)
        QVERIFY(state->history().goneUpTo == commit.chunks[static_cast<std::size_t>(9 - left)].summary.last);
    QCOMPARE(saved->nextSeq, std::uint64_t{2}); // the journal is not trimmed
}

// Chunks come and go for long: freed pages are used again.
void TestStateHistory::theFileStaysBounded()
{
    QTemporaryDir folder;
    auto state = opened(folder);
    qint64 half = 0;
    for (int n = 0; n < 600; ++n) {
        Commit commit = withChunk(0, n, n * 1'000'000LL, 20'000);
        commit.retention.bytes = 20 * commit.chunks[0].bytes.size();
        QVERIFY(state->write(commit));
        if (n == 200)
            half = Raw(folder).integer("PRAGMA page_count");
    }
    const qint64 whole = Raw(folder).integer("PRAGMA page_count");
    QVERIFY2(whole <= half + half / 10, qPrintable(QStringLiteral("%1 pages, then %2").arg(half).arg(whole)));
}

void TestStateHistory::coveredSegmentsGo()
{
    QTemporaryDir folder;
    auto state = opened(folder);
    for (int n = 0; n < 10; ++n) {
        Commit commit;
        commit.rows = {{static_cast<SeriesId>(1), {at(n), double(n), Quality::Good}}};
        commit.segment = static_cast<std::uint64_t>(n + 1);
        commit.coveredBelow = n == 9 ? 8 : 0;
        QVERIFY(state->write(commit));
    }
    auto saved = state->load();
    QCOMPARE(saved->segments.size(), std::size_t{3});
    QCOMPARE(saved->segments.front().number, std::uint64_t{8});
    QCOMPARE(saved->whole.rows.size(), std::size_t{3});
    Commit all;
    all.coveredBelow = 100;
    all.isUpkeep = true;
    QVERIFY(state->write(all));
    saved = state->load();
    QVERIFY(saved->segments.empty());
    QCOMPARE(saved->lastSegment, std::uint64_t{10}); // a number is never given twice: chunks tell by it what they hold
    Commit next;
    next.rows = {{static_cast<SeriesId>(1), {at(50), 1, Quality::Good}}};
    QVERIFY(state->write(next));
    QCOMPARE(state->load()->segments.front().number, std::uint64_t{11});
}

void TestStateHistory::damage_data()
{
    QTest::addColumn<QString>("spoil");
    QTest::addColumn<int>("entries"); // of the index that are left
    QTest::addColumn<int>("troubles");
    QTest::newRow("the index") << "UPDATE chunk SET summary = zeroblob(72) WHERE place = 1" << 1 << 1;
    QTest::newRow("a short entry") << "UPDATE chunk SET summary = x'00' WHERE place = 1" << 1 << 1;
    QTest::newRow("the bytes") << "UPDATE chunkdata SET data = zeroblob(500) WHERE place = 1" << 2 << 0;
    QTest::newRow("no bytes") << "DELETE FROM chunkdata WHERE place = 1" << 2 << 0;
}

void TestStateHistory::damage()
{
    QFETCH(QString, spoil);
    QFETCH(int, entries);
    QFETCH(int, troubles);
    QTemporaryDir folder;
    {
        auto state = opened(folder);
        QVERIFY(state->write(withChunk(1, 1, 0)));
        QVERIFY(state->write(withChunk(1, 2, 5'000'000)));
    }
    Raw(folder).execute(spoil.toUtf8().constData());
    auto state = opened(folder);
    auto saved = state->load();
    QVERIFY(saved);
    QCOMPARE(static_cast<int>(saved->chunks.size()), entries);
    QCOMPARE(static_cast<int>(saved->troubles.size()), troubles);
    // Bytes are read when a chart asks for them: the store shows a gap and tells the fault.
    SeriesStore store;
    store.setHistory(saved->loader, 1U << 20U);
    std::vector<ColdChunk> cold;
    for (const KnownChunk &known : saved->chunks)
        cold.push_back(known.chunk);
    store.restoreCold(static_cast<SeriesId>(1), cold);
    int good = 0, values = 0;
    readRows(store.view(static_cast<SeriesId>(1)), Time::min(), Time::max(), [&](const Row &row) {
        values += std::isfinite(row.value) ? 1 : 0;
        good += std::isfinite(row.value) && row.quality != Quality::Bad && row.t >= at(5'000'000) ? 1 : 0;
        return true;
    });
    QCOMPARE(good, 500);
    // Of the damaged chunk nothing that was in its bytes: at most the first and last value, which the index holds under a check sum of its
    // own.
    QVERIFY2(values <= 502, qPrintable(QString::number(values)));
    QCOMPARE(static_cast<int>(store.takeFaults().size()), entries == 2 ? 1 : 0);
}

void TestStateHistory::format1IsMovedForward()
{
    QTemporaryDir folder;
    {
        Raw raw(folder);
        raw.execute(Format1);
        raw.insertSegment(4,
                          encodeSegment(std::vector<StoredRow>{{static_cast<SeriesId>(0), {at(1), 1.5, Quality::Good}},
                                                               {static_cast<SeriesId>(0), {at(2), 2.5, Quality::Bad}}}),
                          2);
        raw.insertSegment(9, encodeSegment(std::vector<StoredRow>{{static_cast<SeriesId>(0), {at(3), 3.5, Quality::Good}}}), 1);
    }
    // A reader takes it as it is.
    {
        const auto reader = StateReader::open(folder.path().toStdString());
        QVERIFY2(reader, reader ? "" : reader.error().plain().c_str());
        QCOMPARE((*reader)->ruleTexts()->at("hot"), std::string("id: hot"));
        const auto last = (*reader)->lastValues();
        QVERIFY(last);
        QCOMPARE(last->size(), std::size_t{1});
        QCOMPARE(last->front().row.value, 3.5);
    }
    auto state = opened(folder);
    QVERIFY(state);
    QCOMPARE(Raw(folder).integer("PRAGMA user_version"), qint64(4));
    auto saved = state->load();
    QVERIFY(saved);
    QVERIFY(saved->troubles.empty());
    QCOMPARE(saved->stateName, std::string("abcdefghijklmnop"));
    QCOMPARE(saved->whole.positions["press"]["orders/0"], std::string("17"));
    QCOMPARE(saved->whole.rows.size(), std::size_t{3});
    QCOMPARE(saved->segments.size(), std::size_t{2});
    QCOMPARE(saved->segments[0].number, std::uint64_t{4});
    QCOMPARE(saved->lastSegment, std::uint64_t{9});
    QVERIFY(saved->chunks.empty());
    Commit next = withChunk(0, saved->nextPlace, 0);
    next.rows = {{static_cast<SeriesId>(0), {at(9), 1, Quality::Good}}};
    next.coveredBelow = 9;
    QVERIFY(state->write(next));
    saved = state->load();
    QCOMPARE(saved->segments.size(), std::size_t{2});
    QCOMPARE(saved->segments[1].number, std::uint64_t{10});
    QCOMPARE(saved->chunks.size(), std::size_t{1});
}

void TestStateHistory::aStandInForAFolderThatCannotBeUsed_data()
{
    QTest::addColumn<QString>("trouble");
    QTest::addColumn<bool>("standsIn");
    QTest::newRow("a sound folder") << "" << false;
    QTest::newRow("read-only") << "read-only" << true;
    QTest::newRow("damaged") << "damaged" << true;
    QTest::newRow("no folder can be made there") << "file" << true;
    QTest::newRow("full disk") << "full" << true;
    QTest::newRow("full disk, nothing stored yet") << "full and empty" << true;
    QTest::newRow("a newer version's") << "newer" << false;
    QTest::newRow("held by another evaluator") << "held" << false;
}

void TestStateHistory::aStandInForAFolderThatCannotBeUsed()
{
    QFETCH(QString, trouble);
    QFETCH(bool, standsIn);
    QTemporaryDir outer;
    QVERIFY(QFile::setPermissions(outer.path(), QFile::Permissions(0x7755))); // another user of this test passes through
    const QString folder = outer.filePath(QStringLiteral("state"));
    const QString path = folder + QStringLiteral("/state.db");
    std::unique_ptr<StateFile> holder;
    std::optional<SmallDisk> disk;
    if (trouble.startsWith(QStringLiteral("full")) && !disk.emplace(outer.path()).isThere())
        QSKIP("a small disk can be made by root only");
    {
        auto state = StateFile::open(folder.toStdString());
        QVERIFY(state);
        QVERIFY((*state)->write(stepOf(1)));
        if (trouble == QStringLiteral("held"))
            holder = std::move(*state);
    }
    const auto user = geteuid();
    if (trouble == QStringLiteral("read-only")) {
        QVERIFY(QFile::setPermissions(folder, QFile::Permissions(0x5555)));
        QVERIFY(QFile::setPermissions(path, QFile::Permissions(0x4444)));
        if (user == 0)
            QCOMPARE(seteuid(65534), 0); // nothing is read-only for root
    } else if (trouble == QStringLiteral("damaged")) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadWrite));
        file.write(QByteArray(6000, 'x'));
    } else if (trouble == QStringLiteral("file")) {
        QVERIFY(QDir(folder).removeRecursively());
        QFile file(folder);
        QVERIFY(file.open(QIODevice::WriteOnly));
    } else if (disk) {
        if (trouble != QStringLiteral("full"))
            QVERIFY(QDir(folder).removeRecursively());
        disk->fillUp();
    } else if (trouble == QStringLiteral("newer")) {
        Raw(folder).execute("PRAGMA user_version=99");
    }
    const auto bytes = [&path] {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    };
    const QByteArray before = bytes();
    std::optional<Error> why;
    QString standIn;
    {
        auto state = StateFile::openOrStandIn(folder.toStdString(), why);
        const bool works = state && (*state)->write(stepOf(2)) && (*state)->load();
        if (state)
            standIn = QString::fromStdString((*state)->folder());
        if (seteuid(user) != 0)
            qFatal("cannot go back");
        QCOMPARE(works, standsIn || trouble.isEmpty());
        QCOMPARE(why.has_value(), standsIn);
        if (why)
            QVERIFY2(why->plain().find("Watching goes on without the history") != std::string::npos, why->plain().c_str());
        if (disk)
            QVERIFY2(why->plain().find("disk full") != std::string::npos, why->plain().c_str());
    }
    if (standsIn) {
        QVERIFY(standIn != folder);
        QVERIFY(!QFileInfo::exists(standIn));
    }
    if (trouble != QStringLiteral("")) // nothing that is stored is harmed
        QVERIFY(bytes() == before);
}

}

QTEST_GUILESS_MAIN(TestStateHistory)
#include "tst_statehistory.moc"
