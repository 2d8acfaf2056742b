#include "store/chunkbytes.h"
#include "store/chunkdata.h"
#include "store/columns.h"
#include "store/signals.h"

#include <QtTest>

#include <atomic>
#include <map>
#include <thread>

using namespace sg;
using signals::isSame;

namespace {

constexpr SeriesId Series{0};

// A disk: what the store gave, by place.
class FakeDisk final : public ChunkLoader
{
public:
    Result<std::string> load(std::int64_t place) override
    {
        ++loads;
        const std::lock_guard lock(m_mutex);
        const auto found = m_chunks.find(place);
        if (isBroken || found == m_chunks.end())
            return Error{SG_TR("The disk says no."), {}, {}};
        return found->second;
    }
    std::int64_t add(const Chunk &chunk)
    {
        const std::lock_guard lock(m_mutex);
        m_chunks[m_next] = encodeChunk(chunk);
        return m_next++;
    }
    void free(std::int64_t place)
    {
        const std::lock_guard lock(m_mutex);
        QCOMPARE(m_chunks.erase(place), 1U);
    }
    void damage(std::int64_t place, std::size_t fromEnd)
    {
        std::string &bytes = m_chunks.at(place);
        bytes[bytes.size() - fromEnd] = static_cast<char>(bytes[bytes.size() - fromEnd] ^ 1);
    }
    [[nodiscard]] std::size_t chunks() const { return m_chunks.size(); }

    std::atomic<int> loads{0};
    std::atomic<bool> isBroken{false};

private:
    std::mutex m_mutex;
    std::map<std::int64_t, std::string> m_chunks;
    std::int64_t m_next = 100;
};

// Writes what is to be written, as the state file does.
void storeSealed(SeriesStore &store, FakeDisk &disk)
{
    for (const SealedChunk &sealed : store.takeSealed()) {
        QVERIFY(store.noteStored(sealed.series, sealed.chunk, disk.add(*sealed.chunk)));
        for (const std::int64_t place : sealed.replaces)
            disk.free(place);
    }
}

std::vector<Row> all(const SeriesView &view)
{
    std::vector<Row> rows;
    readRows(view, Time::min(), Time::max(), [&](const Row &row) {
        rows.push_back(row);
        return true;
    });
    return rows;
}

std::size_t coldOf(const SeriesView &view)
{
    return view.sealed
        ? static_cast<std::size_t>(std::count_if(view.sealed->begin(), view.sealed->end(), [](const auto &c) { return c->isCold(); }))
        : 0;
}

struct Rig
{
    explicit Rig(std::size_t cacheBytes = 64 << 20) { store.setHistory(disk, cacheBytes); }

    // Rows that are on disk and no longer in memory, but for the newest.
    std::vector<Row> fill(std::size_t count)
    {
        auto rows = signals::rows("walk", "jitter", count);
        store.append(Series, rows);
        store.sealOlder(Time::max()); // all but the newest row
        storeSealed(store, *disk);
        store.retain(12'000); // of summaries and that row
        return rows;
    }

    std::shared_ptr<FakeDisk> disk = std::make_shared<FakeDisk>();
    SeriesStore store;
};

}

class TestColdChunks : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void memoryPressureTurnsStoredChunksCold();
    void rowsReadTheSameFromDisk();
    void wholeChunksNeedNoDisk();
    void theCacheIsBounded();
    void aFailedLoadIsAGapAndIsToldOnce();
    void aDamagedBlockIsToldAndTheRestIsShown();
    void anotherChunkAtThePlaceIsRefused();
    void aFailedWriteComesAgain();
    void joinedChunksReplaceStoredOnes();
    void joinedBeforeItWasNoted();
    void lateRowsRewriteAColdChunk();
    void lateRowsReadAColdChunkOnce();
    void lateRowsForAnUnreadableChunkAreCounted();
    void theSameRowsAgainRewriteNothing();
    void unstoredChunksLeaveAGapBetweenStoredOnes();
    void aRewrittenChunkIsKeptUntilItIsStored();
    void restoredChunksContinue();
    void restoredChunksOutOfOrderAreLeftOut();
    void retentionByAgeDropsWholeChunks();
    void theCeilingHolds();
    void olderHeadsAreSealed();
    void readersPageInBesideTheWriter();
};

void TestColdChunks::memoryPressureTurnsStoredChunksCold()
{
    Rig rig;
    const auto rows = rig.fill(300'000);
    QCOMPARE(rig.store.rows(), rows.size());
    QVERIFY(coldOf(rig.store.view(Series)) > 3);
    QVERIFY(coldOf(rig.store.view(Series)) + 1 >= rig.store.view(Series).sealed->size()); // the last one is small
    QVERIFY2(rig.store.bytes() < 20'000, qPrintable(QString::number(rig.store.bytes())));
    QCOMPARE(rig.disk->loads.load(), 0);
}

void TestColdChunks::rowsReadTheSameFromDisk()
{
    Rig rig;
    const auto rows = rig.fill(300'000);
    QVERIFY(isSame(all(rig.store.view(Series)), rows));
    const int loads = rig.disk->loads;
    QCOMPARE(static_cast<std::size_t>(loads), coldOf(rig.store.view(Series)));
    QVERIFY(isSame(all(rig.store.view(Series)), rows));
    QCOMPARE(rig.disk->loads.load(), loads); // out of the cache
    SeriesStore warm;
    warm.append(Series, rows);
    for (const int width : {1, 7, 640}) {
        const Time from = rows[1'000].t, to = rows[290'000].t;
        const Columns cold = queryColumns(rig.store.view(Series), from, to, width), hot = queryColumns(warm.view(Series), from, to, width);
        QCOMPARE(cold.samples, hot.samples);
        for (std::size_t i = 0; i < cold.columns.size(); ++i) {
            QCOMPARE(cold.columns[i].first, hot.columns[i].first);
            QCOMPARE(cold.columns[i].last, hot.columns[i].last);
            QCOMPARE(cold.columns[i].min, hot.columns[i].min);
            QCOMPARE(cold.columns[i].max, hot.columns[i].max);
            QCOMPARE(cold.columns[i].samples, hot.columns[i].samples);
        }
    }
}

void TestColdChunks::wholeChunksNeedNoDisk()
{
    Rig rig;
    const auto rows = rig.fill(300'000);
    const Columns columns = queryColumns(rig.store.view(Series), rows.front().t, rows.back().t + Micros(1), 1);
    QCOMPARE(columns.columns[0].samples, rows.size());
    QCOMPARE(columns.columns[0].first, rows.front().value);
    QCOMPARE(rig.disk->loads.load(), 0);
    // A window inside one chunk needs that one.
    (void)queryColumns(rig.store.view(Series), rows[1'000].t, rows[2'000].t, 300);
    QCOMPARE(rig.disk->loads.load(), 1);
}

void TestColdChunks::theCacheIsBounded()
{
    constexpr std::size_t bound = 400'000;
    Rig rig(bound);
    const auto rows = rig.fill(500'000);
    QVERIFY(isSame(all(rig.store.view(Series)), rows));
    QVERIFY(rig.store.cache()->bytes() <= bound);
    QVERIFY(rig.store.cache()->bytes() > bound / 4);
    QVERIFY(isSame(all(rig.store.view(Series)), rows));
    QVERIFY(rig.store.cache()->bytes() <= bound);
    Rig none(0);
    const auto few = none.fill(20'000);
    QVERIFY(isSame(all(none.store.view(Series)), few));
    QCOMPARE(none.store.cache()->bytes(), 0U);
}

void TestColdChunks::aFailedLoadIsAGapAndIsToldOnce()
{
    Rig rig;
    const auto rows = rig.fill(200'000);
    rig.disk->isBroken = true;
    const SeriesView view = rig.store.view(Series);
    const auto read = all(view);
    QCOMPARE(read.size(), rows.size());
    const std::size_t cold = view.sealed->front()->size();
    QVERIFY(std::all_of(read.begin() + 1, read.begin() + static_cast<std::ptrdiff_t>(cold), // the index knows the first one
                        [](const Row &row) { return std::isnan(row.value) && row.quality == Quality::Bad; }));
    const Columns columns = queryColumns(view, rows[100].t, rows[5'000].t, 50);
    for (const Column &column : columns.columns) {
        QCOMPARE(column.samples, 0U);
        QVERIFY(column.worst == Quality::Bad);
    }
    auto faults = rig.store.takeFaults();
    QCOMPARE(faults.size(), coldOf(view));
    QVERIFY(std::any_of(faults.begin(), faults.end(), [&](const ChunkFault &fault) {
        return fault.from == rows.front().t && fault.error.plain() == "The disk says no.";
    }));
    (void)all(view);
    QCOMPARE(rig.store.takeFaults().size(), 0U);
    rig.disk->isBroken = false; // tried again
    QVERIFY(isSame(all(view), rows));
}

void TestColdChunks::aDamagedBlockIsToldAndTheRestIsShown()
{
    Rig rig;
    const auto rows = rig.fill(100'000);
    rig.disk->damage(100, 20);
    const auto read = all(rig.store.view(Series));
    QCOMPARE(read.size(), rows.size());
    std::size_t missing = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (isSame({read[i]}, {rows[i]}))
            continue;
        QVERIFY(std::isnan(read[i].value) && read[i].quality == Quality::Bad);
        ++missing;
    }
    QCOMPARE(missing, Chunk::BlockRows);
    const auto faults = rig.store.takeFaults();
    QCOMPARE(faults.size(), 1U);
    QCOMPARE(faults[0].place, 100);
    QVERIFY(faults[0].from < faults[0].to);
}

void TestColdChunks::anotherChunkAtThePlaceIsRefused()
{
    Rig rig;
    const auto rows = signals::rows("walk", "jitter", 1'000);
    const Chunk other{std::span(rows).first(900)};
    const ColdChunk cold{Chunk{std::span(rows)}.summary(), rig.disk->add(other)};
    rig.store.restoreCold(Series, {&cold, 1});
    const auto read = all(rig.store.view(Series));
    QCOMPARE(read.size(), rows.size());
    QVERIFY(
        std::all_of(read.begin() + 1, read.end(), [](const Row &row) { return std::isnan(row.value); })); // the index knows the first one
    QCOMPARE(rig.store.takeFaults().size(), 1U);
}

void TestColdChunks::aFailedWriteComesAgain()
{
    Rig rig;
    rig.store.append(Series, signals::rows("walk", "jitter", 20'000));
    const auto first = rig.store.takeSealed();
    QVERIFY(!first.empty());
    const auto again = rig.store.takeSealed();
    QCOMPARE(again.size(), first.size());
    storeSealed(rig.store, *rig.disk);
    QCOMPARE(rig.store.takeSealed().size(), 0U);
}

void TestColdChunks::joinedChunksReplaceStoredOnes()
{
    Rig rig;
    const auto rows = signals::rows("walk", "jitter", 150'000);
    for (std::size_t i = 0; i < rows.size(); i += 5'000) {
        rig.store.append(Series, std::span(rows).subspan(i, 5'000));
        storeSealed(rig.store, *rig.disk);
    }
    // Each row is on disk once.
    QCOMPARE(rig.disk->chunks(), rig.store.view(Series).sealed->size());
    rig.store.retain(200'000);
    QVERIFY(coldOf(rig.store.view(Series)) > 0);
    QVERIFY(isSame(all(rig.store.view(Series)), rows));
}

void TestColdChunks::joinedBeforeItWasNoted()
{
    Rig rig;
    const auto rows = signals::rows("walk", "jitter", 50'000);
    rig.store.append(Series, std::span(rows).first(5'000));
    const auto taken = rig.store.takeSealed();
    QCOMPARE(taken.size(), 1U);
    rig.store.append(Series, std::span(rows).subspan(5'000));
    QVERIFY(rig.store.noteStored(Series, taken[0].chunk, 7));
    const auto joined = rig.store.takeSealed();
    QVERIFY(
        std::any_of(joined.begin(), joined.end(), [](const SealedChunk &chunk) { return chunk.replaces == std::vector<std::int64_t>{7}; }));
    rig.store.retainSince(rows.back().t);
    QVERIFY(!rig.store.noteStored(Series, joined[0].chunk, 8)); // it is gone: its place is free again
}

void TestColdChunks::lateRowsRewriteAColdChunk()
{
    Rig rig;
    auto rows = rig.fill(100'000);
    const Row late{rows[500].t + Micros(1), 77, Quality::Good};
    const Row changed{rows[600].t, 78, Quality::Uncertain};
    for (const Row &row : {late, changed})
        rig.store.insertLate(Series, {&row, 1});
    const auto more = signals::rows("walk", "jitter", 110'000);
    rig.store.append(Series, std::span(more).subspan(100'000)); // pays for the merge
    rows.insert(rows.end(), more.begin() + 100'000, more.end());
    rows[600] = changed;
    rows.insert(rows.begin() + 501, late);
    QVERIFY(isSame(all(rig.store.view(Series)), rows));
    QCOMPARE(rig.store.conflicts(), 1U);
    QCOMPARE(rig.store.rows(), rows.size());
    const std::size_t before = rig.disk->chunks();
    storeSealed(rig.store, *rig.disk);
    QCOMPARE(rig.disk->chunks(), rig.store.view(Series).sealed->size());
    QVERIFY(rig.disk->chunks() >= before);
}

// What is checked is what is used, also when the cache keeps nothing: a second reading might fail where the first did not.
void TestColdChunks::lateRowsReadAColdChunkOnce()
{
    Rig rig(0);
    const auto rows = rig.fill(20'000);
    const int before = rig.disk->loads;
    std::vector<Row> late(rows.begin() + 500, rows.begin() + 600);
    for (Row &row : late)
        row.value += 1;
    rig.store.insertLate(Series, late);
    rig.store.showLate(Series);
    QCOMPARE(rig.store.conflicts(), 100U);
    QCOMPARE(rig.disk->loads - before, 1);
}

void TestColdChunks::lateRowsForAnUnreadableChunkAreCounted()
{
    Rig rig;
    const auto rows = rig.fill(20'000);
    rig.disk->isBroken = true;
    std::vector<Row> late;
    for (std::size_t i = 0; i < 5'000; ++i)
        late.push_back({rows[i].t + Micros(1), 1, Quality::Good});
    rig.store.insertLate(Series, late);
    QCOMPARE(rig.store.lateLost(), 5'000U);
    rig.disk->isBroken = false;
    QVERIFY(isSame(all(rig.store.view(Series)), rows)); // what is stored is as it was
    QCOMPARE(rig.store.takeSealed().size(), 0U);
}

void TestColdChunks::theSameRowsAgainRewriteNothing()
{
    Rig rig;
    const auto rows = rig.fill(20'000);
    rig.store.insertLate(Series, std::span(rows).first(6'000));
    QVERIFY(isSame(all(rig.store.view(Series)), rows));
    QCOMPARE(rig.store.conflicts(), 0U);
    QCOMPARE(rig.store.takeSealed().size(), 0U);
}

void TestColdChunks::unstoredChunksLeaveAGapBetweenStoredOnes()
{
    Rig rig;
    auto rows = rig.fill(100'000);
    const auto more = signals::rows("walk", "jitter", 200'000);
    rig.store.append(Series, std::span(more).subspan(100'000)); // the disk is full: nothing of this is stored
    rig.store.retain(150'000);
    const auto read = all(rig.store.view(Series));
    QCOMPARE(read.size(), more.size());
    QVERIFY(isSame({read.begin(), read.begin() + 90'000}, {more.begin(), more.begin() + 90'000}));
    QVERIFY(std::isnan(read[150'000].value) && read[150'000].quality == Quality::Bad);
    QVERIFY(isSame({read.back()}, {more.back()}));
    // There is nothing to store of them, but for the one that was joined with what is stored.
    const auto sealed = rig.store.takeSealed();
    QCOMPARE(sealed.size(), 1U);
    QVERIFY(!sealed[0].replaces.empty());
}

// Late rows bring a stored chunk back into memory, as the oldest of all. Memory pressure before the next commit must not take it.
void TestColdChunks::aRewrittenChunkIsKeptUntilItIsStored()
{
    Rig rig;
    auto rows = rig.fill(300'000);
    std::vector<Row> late;
    for (std::size_t i = 1'000; i < 5'000; ++i) {
        rows[i].value += 1;
        late.push_back(rows[i]);
    }
    rig.store.insertLate(Series, late);
    rig.store.sealOlder(Time::max()); // merges what waits
    rig.store.retain(12'000);
    QVERIFY(isSame(all(rig.store.view(Series)), rows));
    const auto sealed = rig.store.takeSealed();
    QVERIFY(!sealed.empty());
    rig.store.retain(12'000); // between a commit's making and its writing
    for (const SealedChunk &one : sealed) {
        QVERIFY(rig.store.noteStored(one.series, one.chunk, rig.disk->add(*one.chunk)));
        for (const std::int64_t place : one.replaces)
            rig.disk->free(place);
    }
    rig.store.retain(12'000);
    QVERIFY(isSame(all(rig.store.view(Series)), rows));
}

void TestColdChunks::restoredChunksContinue()
{
    const auto rows = signals::rows("walk", "jitter", 60'000);
    Rig before;
    before.store.append(Series, rows);
    before.store.sealOlder(Time::max());
    std::vector<ColdChunk> index;
    for (const SealedChunk &sealed : before.store.takeSealed())
        index.push_back({sealed.chunk->summary(), before.disk->add(*sealed.chunk)});

    SeriesStore store;
    store.setHistory(before.disk, 1 << 20);
    store.restoreCold(Series, index);
    QCOMPARE(store.rows(), rows.size() - 1);
    QCOMPARE(store.newest(Series)->value, rows[rows.size() - 2].value);
    QVERIFY(store.newest(Series)->t == rows[rows.size() - 2].t);
    QCOMPARE(before.disk->loads.load(), 0);
    // What the segments say of the newest rows again, and what is new.
    const auto more = signals::rows("walk", "jitter", 62'000);
    store.insertLate(Series, std::span(more).subspan(59'000));
    store.append(Series, {});
    QVERIFY(isSame(all(store.view(Series)), more));
    QCOMPARE(store.conflicts(), 0U);
}

void TestColdChunks::restoredChunksOutOfOrderAreLeftOut()
{
    const auto rows = signals::rows("walk", "even", 3'000);
    Rig rig;
    std::vector<ColdChunk> index;
    for (const std::size_t begin : {0U, 500U, 1'000U}) { // the second begins inside the first
        const Chunk chunk{std::span(rows).subspan(begin, 1'000)};
        index.push_back({chunk.summary(), rig.disk->add(chunk)});
    }
    index.push_back(index.back());
    index.back().summary.rows = 0;
    rig.store.restoreCold(Series, index);
    QVERIFY(isSame(all(rig.store.view(Series)), {rows.begin(), rows.begin() + 2'000}));
}

void TestColdChunks::retentionByAgeDropsWholeChunks()
{
    Rig rig;
    const auto rows = rig.fill(300'000);
    const Time oldest = rows[150'000].t;
    rig.store.retainSince(oldest);
    const auto read = all(rig.store.view(Series));
    QVERIFY(read.size() >= 150'000 && read.size() <= 150'000 + Chunk::MaxRows);
    QVERIFY(isSame(read, {rows.end() - static_cast<std::ptrdiff_t>(read.size()), rows.end()}));
    QCOMPARE(rig.store.rows(), read.size());
    rig.store.retainSince(Time::max());
    QVERIFY(rig.store.newest(Series).has_value());
}

// Whatever arrives: many series, history that grows, late rows.
void TestColdChunks::theCeilingHolds()
{
    Rig rig;
    constexpr std::size_t ceiling = 3'000'000;
    const auto rows = signals::rows("noise", "jitter", 8'000);
    std::int64_t shift = 0;
    for (int round = 0; round < 100; ++round) {
        auto here = rows;
        for (Row &row : here)
            row.t += Micros(shift);
        shift += 100'000'000;
        rig.store.append(SeriesId{static_cast<std::uint32_t>(round % 20)}, here);
        for (std::uint32_t i = 0; i < 20; ++i)
            rig.store.append(SeriesId{100 + static_cast<std::uint32_t>(round) * 20 + i}, std::span(here).first(3));
        if (round % 4 != 3)
            storeSealed(rig.store, *rig.disk);
        rig.store.retain(ceiling);
        QVERIFY2(rig.store.bytes() <= ceiling, qPrintable(QString::number(rig.store.bytes())));
    }
}

void TestColdChunks::olderHeadsAreSealed()
{
    Rig rig;
    const auto rows = signals::rows("walk", "even", 100);
    rig.store.append(Series, rows);
    rig.store.sealOlder(rows.front().t);
    QCOMPARE(rig.store.takeSealed().size(), 0U);
    rig.store.sealOlder(rows.front().t + Micros(1));
    const auto sealed = rig.store.takeSealed();
    QCOMPARE(sealed.size(), 1U);
    QCOMPARE(sealed[0].chunk->size(), 99U);
    QVERIFY(isSame(all(rig.store.view(Series)), rows));
}

// For ThreadSanitizer: two readers page in through one small cache while rows are appended, stored and turned cold.
void TestColdChunks::readersPageInBesideTheWriter()
{
    Rig rig(300'000);
    const auto rows = signals::rows("walk", "jitter", 200'000);
    std::mutex mutex;
    SeriesView shared;
    std::atomic<bool> isDone{false};
    std::atomic<int> wrong{0};
    std::vector<std::jthread> readers;
    for (int i = 0; i < 2; ++i) {
        readers.emplace_back([&] {
            while (!isDone) {
                SeriesView view;
                {
                    const std::lock_guard lock(mutex);
                    view = shared;
                }
                const auto read = all(view);
                if (!isSame(read, {rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(read.size())}))
                    ++wrong;
                if (!read.empty())
                    (void)queryColumns(view, read.front().t, read.back().t + Micros(1), 100);
            }
        });
    }
    for (std::size_t i = 0; i < rows.size(); i += 2'000) {
        rig.store.append(Series, std::span(rows).subspan(i, 2'000));
        storeSealed(rig.store, *rig.disk);
        rig.store.retain(200'000);
        const std::lock_guard lock(mutex);
        shared = rig.store.view(Series);
    }
    isDone = true;
    readers.clear();
    QCOMPARE(wrong.load(), 0);
    QVERIFY(isSame(all(rig.store.view(Series)), rows));
}

QTEST_GUILESS_MAIN(TestColdChunks)
#include "tst_coldchunks.moc"
