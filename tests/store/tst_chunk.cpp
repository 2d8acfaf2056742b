#include "store/chunkbytes.h"

#include "store/chunkdata.h"
#include "store/chunkreader.h"
#include "store/signals.h"

#include <QtTest>

#include <random>

using namespace sg;
using signals::isSame;

namespace {

std::vector<Row> all(const Chunk &chunk)
{
    std::vector<Row> rows;
    chunk.open().read(0, chunk.size(), rows);
    return rows;
}

Digest slowDigest(std::span<const Row> rows)
{
    Digest sum;
    for (const Row &row : rows)
        sum.add(row.value, row.quality, row.isLate);
    return sum;
}

bool isSame(const Digest &a, const Digest &b)
{
    return a.finite == b.finite && a.worst == b.worst && a.hasLate == b.hasLate && (a.finite == 0 || (a.min == b.min && a.max == b.max));
}

}

class TestChunk : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void rowsComeBack_data();
    void rowsComeBack();
    void readerAgreesWithTheRows_data();
    void readerAgreesWithTheRows();
    void joinedChunksHoldBoth_data();
    void joinedChunksHoldBoth();
    void sensorDataIsSmall_data();
    void sensorDataIsSmall();
    void aSummaryComesBack();
    void aSummaryThatCannotBeIsRefused();
    void damageIsAGapAndIsTold_data();
    void damageIsAGapAndIsTold();
    void aDamagedHeadIsAnError();
    void hostileBytesDoNoHarm_data();
    void hostileBytesDoNoHarm();
    void hostileBlocksDoNoHarm();
};

void TestChunk::rowsComeBack_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("pace");
    QTest::addColumn<int>("count");
    for (const char *kind : signals::Kinds) {
        for (const char *pace : signals::Paces)
            QTest::addRow("%s, %s", kind, pace) << kind << pace << 5'000;
    }
    for (const int count : {1, 2, 255, 256, 257, 512, 65'536})
        QTest::addRow("%d rows", count) << "odd"
                                        << "jitter" << count;
}

void TestChunk::rowsComeBack()
{
    QFETCH(QString, kind);
    QFETCH(QString, pace);
    QFETCH(int, count);
    const auto rows = signals::rows(kind.toStdString(), pace.toStdString(), static_cast<std::size_t>(count));
    const Chunk chunk{std::span(rows)};
    QVERIFY(isSame(all(chunk), rows));
    QVERIFY(isSame(chunk.summary().digest, slowDigest(rows)));
    QVERIFY(chunk.summary().isSane());
    const std::string bytes = encodeChunk(chunk);
    const auto back = decodeChunk(bytes);
    QVERIFY(back);
    QVERIFY(back->damaged.empty());
    QVERIFY(isSame(all(*back->chunk), rows));
    QCOMPARE(encodeChunk(*back->chunk), bytes);
}

void TestChunk::readerAgreesWithTheRows_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("pace");
    for (const char *kind : signals::Kinds)
        QTest::addRow("%s", kind) << kind << "jitter";
    for (const char *pace : signals::Paces)
        QTest::addRow("%s", pace) << "gaps" << pace;
}

void TestChunk::readerAgreesWithTheRows()
{
    QFETCH(QString, kind);
    QFETCH(QString, pace);
    auto rows = signals::rows(kind.toStdString(), pace.toStdString(), 9'001);
    std::fill_n(rows.begin() + 3'000, 2'500, Row{{}, std::numeric_limits<double>::quiet_NaN(), Quality::Bad}); // whole blocks without any
    const auto times = signals::rows(kind.toStdString(), pace.toStdString(), 9'001);
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i].t = times[i].t;
    const Chunk chunk{std::span(rows)};
    const ChunkReader reader = chunk.open();
    std::mt19937 random(3);
    const auto finite = [&](std::size_t i) { return std::isfinite(rows[i].value); };
    for (int i = 0; i < 2'000; ++i) {
        std::size_t begin = random() % rows.size();
        std::size_t end = std::min(rows.size(), begin + 1 + random() % (i % 3 == 0 ? 9'001 : 400));
        if (i % 50 == 0)
            begin = 0;
        if (i % 70 == 0)
            end = rows.size();
        const auto here = std::span(rows).subspan(begin, end - begin);
        QVERIFY(isSame(reader.digest(begin, end), slowDigest(here)));
        std::size_t first = begin, last = end;
        while (first < end && !finite(first))
            ++first;
        while (last > begin && !finite(last - 1))
            --last;
        QCOMPARE(reader.firstFinite(begin, end), first);
        QCOMPARE(reader.lastFinite(begin, end), last > begin ? last - 1 : end);
        QCOMPARE(reader.hasValue(begin), finite(begin));
        QVERIFY(isSame({reader.row(begin)}, {rows[begin]}));
        // A time that is there, and one beside it.
        const Time t = rows[random() % rows.size()].t + Micros(static_cast<int>(random() % 3) - 1);
        const auto found = std::partition_point(rows.begin() + static_cast<std::ptrdiff_t>(begin), rows.end(),
                                                [t](const Row &row) { return row.t < t; });
        QCOMPARE(reader.firstAtOrAfter(t, begin), static_cast<std::size_t>(found - rows.begin()));
    }
}

void TestChunk::joinedChunksHoldBoth_data()
{
    QTest::addColumn<int>("left");
    QTest::addColumn<int>("right");
    QTest::newRow("full blocks") << 512 << 1'024;
    QTest::newRow("right one ends in a part") << 256 << 300;
    QTest::newRow("left one ends in a part") << 300 << 256;
    QTest::newRow("single rows") << 1 << 1;
}

void TestChunk::joinedChunksHoldBoth()
{
    QFETCH(int, left);
    QFETCH(int, right);
    const auto rows = signals::rows("gaps", "jitter", static_cast<std::size_t>(left + right));
    const auto a = ChunkData::of(std::span(rows).first(static_cast<std::size_t>(left)));
    const auto b = ChunkData::of(std::span(rows).subspan(static_cast<std::size_t>(left)));
    const Chunk both(ChunkData::joined(*a, *b));
    QVERIFY(isSame(all(both), rows));
    QCOMPARE(encodeSummary(both.summary()), encodeSummary(ChunkData::of(rows)->summary()));
    const auto back = decodeChunk(encodeChunk(both));
    QVERIFY(back && back->damaged.empty() && isSame(all(*back->chunk), rows));
}

void TestChunk::sensorDataIsSmall_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("pace");
    QTest::addColumn<double>("most");
    QTest::newRow("walk") << "walk"
                          << "jitter" << 3.0;
    QTest::newRow("steps") << "steps"
                           << "jitter" << 3.0;
    QTest::newRow("constant, even") << "constant"
                                    << "even" << 0.4;
    QTest::newRow("bits cost no more than they are") << "bits"
                                                     << "even" << 8.4;
}

// Pyramid and index included.
void TestChunk::sensorDataIsSmall()
{
    QFETCH(QString, kind);
    QFETCH(QString, pace);
    QFETCH(double, most);
    auto rows = signals::rows(kind.toStdString(), pace.toStdString(), Chunk::MaxRows);
    for (Row &row : rows) {
        row.quality = Quality::Good;
        row.isLate = false;
    }
    const Chunk chunk{std::span(rows)};
    const double each = static_cast<double>(chunk.bytes()) / static_cast<double>(rows.size());
    QVERIFY2(each <= most, qPrintable(QString::number(each)));
}

void TestChunk::aSummaryComesBack()
{
    for (const char *kind : signals::Kinds) {
        const auto rows = signals::rows(kind, "jitter", 777);
        const ChunkSummary summary = Chunk{std::span(rows)}.summary();
        const std::string bytes = encodeSummary(summary);
        QCOMPARE(bytes.size(), SummaryBytes);
        const auto back = decodeSummary(bytes);
        QVERIFY(back);
        QCOMPARE(encodeSummary(*back), bytes);
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            std::string bad = bytes;
            bad[i] = static_cast<char>(bad[i] ^ 0x10);
            QVERIFY(!decodeSummary(bad));
            QVERIFY(!decodeSummary(std::string_view(bytes).substr(0, i)));
        }
    }
}

void TestChunk::aSummaryThatCannotBeIsRefused()
{
    const auto rows = signals::rows("walk", "jitter", 100);
    const ChunkSummary good = Chunk{std::span(rows)}.summary();
    const auto isRefused = [&](auto change) {
        ChunkSummary bad = good;
        change(bad);
        return !bad.isSane() && !decodeSummary(encodeSummary(bad)); // its check sum is right
    };
    QVERIFY(isRefused([](ChunkSummary &s) { s.rows = 0; }));
    QVERIFY(isRefused([](ChunkSummary &s) { s.rows = Chunk::MaxRows + 1; }));
    QVERIFY(isRefused([](ChunkSummary &s) { s.last = s.first; }));
    QVERIFY(isRefused([](ChunkSummary &s) { s.last = s.first - Micros(1); }));
    QVERIFY(isRefused([](ChunkSummary &s) { s.digest.finite = 101; }));
    QVERIFY(isRefused([](ChunkSummary &s) { s.lastFinite = 100; }));
    QVERIFY(isRefused([](ChunkSummary &s) { s.firstValue = s.digest.max + 1; }));
    QVERIFY(isRefused([](ChunkSummary &s) { s.digest.min = std::numeric_limits<double>::quiet_NaN(); }));
}

void TestChunk::damageIsAGapAndIsTold_data()
{
    QTest::addColumn<int>("block");
    QTest::addColumn<int>("blocks");
    QTest::newRow("first") << 0 << 1;
    QTest::newRow("two in the middle") << 3 << 2;
    QTest::newRow("last, a part") << 10 << 1;
}

void TestChunk::damageIsAGapAndIsTold()
{
    QFETCH(int, block);
    QFETCH(int, blocks);
    const auto rows = signals::rows("walk", "jitter", 10 * 256 + 100);
    const Chunk chunk{std::span(rows)};
    const auto data = chunk.data();
    std::string bytes = encodeChunk(chunk);
    std::size_t at = bytes.size();
    for (std::size_t i = data->blocks(); i > static_cast<std::size_t>(block); --i)
        at -= data->blockBytes(i - 1).size();
    for (int i = 0; i < blocks; ++i) {
        bytes[at + 5] = static_cast<char>(bytes[at + 5] ^ 1);
        at += data->blockBytes(static_cast<std::size_t>(block + i)).size();
    }
    const auto back = decodeChunk(bytes);
    QVERIFY(back);
    QCOMPARE(back->damaged.size(), 1U);
    const std::size_t begin = static_cast<std::size_t>(block) * 256,
                      end = std::min(rows.size(), begin + static_cast<std::size_t>(blocks) * 256);
    QVERIFY(back->damaged[0].from == rows[begin].t);
    QVERIFY(back->damaged[0].to == (end < rows.size() ? rows[end].t - Micros(1) : rows.back().t));
    const auto read = all(*back->chunk);
    QCOMPARE(read.size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        QVERIFY(i == 0 || read[i].t > read[i - 1].t);
        if (i < begin || i >= end)
            QVERIFY(isSame({read[i]}, {rows[i]}));
        else
            QVERIFY(std::isnan(read[i].value) && read[i].quality == Quality::Bad);
    }
    // Torn off in the middle of a block: that block and those behind it.
    const auto torn = decodeChunk(std::string_view(bytes).substr(0, bytes.size() - 10));
    QVERIFY(torn);
    QVERIFY(torn->damaged.back().to == rows.back().t);
}

void TestChunk::aDamagedHeadIsAnError()
{
    const auto rows = signals::rows("walk", "jitter", 700);
    const std::string bytes = encodeChunk(Chunk{std::span(rows)});
    const std::size_t head = 20 + 3 * 16;
    for (std::size_t i = 0; i < head; ++i) {
        std::string bad = bytes;
        bad[i] = static_cast<char>(bad[i] ^ 4);
        QVERIFY(!decodeChunk(bad));
        QVERIFY(!decodeChunk(std::string_view(bytes).substr(0, i)));
    }
}

void TestChunk::hostileBytesDoNoHarm_data()
{
    QTest::addColumn<QString>("kind");
    for (const char *kind : signals::Kinds)
        QTest::addRow("%s", kind) << kind;
}

// Whatever flips, what is shown as data is what was stored.
void TestChunk::hostileBytesDoNoHarm()
{
    QFETCH(QString, kind);
    const auto rows = signals::rows(kind.toStdString(), "jitter", 600);
    const std::string bytes = encodeChunk(Chunk{std::span(rows)});
    std::mt19937 random(11);
    for (int i = 0; i < 500; ++i) {
        std::string bad = bytes;
        for (unsigned flips = 1 + random() % 4; flips > 0; --flips)
            bad[random() % bad.size()] = static_cast<char>(random());
        if (i % 5 == 0)
            bad.resize(random() % bad.size());
        const auto back = decodeChunk(bad);
        if (!back)
            continue;
        const auto read = all(*back->chunk);
        QCOMPARE(read.size(), rows.size());
        for (std::size_t k = 0; k < rows.size(); ++k)
            QVERIFY(isSame({read[k]}, {rows[k]}) || (std::isnan(read[k].value) && read[k].quality == Quality::Bad));
    }
    std::string noise(5'000, '\0');
    for (char &byte : noise)
        byte = static_cast<char>(random());
    QVERIFY(!decodeChunk(noise));
}

// A block whose check sum is right was still not written by us, perhaps.
void TestChunk::hostileBlocksDoNoHarm()
{
    std::mt19937 random(12);
    std::vector<Row> out;
    for (const char *kind : signals::Kinds) {
        const auto rows = signals::rows(kind, "jitter", 256);
        std::string block;
        encodeBlock(rows, block);
        for (int i = 0; i < 3'000; ++i) {
            std::string bad = block;
            for (unsigned flips = 1 + random() % 4; flips > 0; --flips)
                bad[random() % std::min<std::size_t>(bad.size(), i % 2 == 0 ? 40 : 4'000)] = static_cast<char>(random());
            if (i % 3 == 0)
                bad.resize(random() % bad.size());
            const std::size_t size = bad.size();
            bad.append(IntPadding, '\0');
            // In memory of its own length, so that AddressSanitizer sees a read behind it.
            const std::vector<char> exact(bad.begin(), bad.end());
            out.clear();
            if (!decodeRows({exact.data(), size}, rows.front().t, rows.back().t, rows.size(), out))
                continue;
            QCOMPARE(out.size(), rows.size());
            for (std::size_t k = 1; k < out.size(); ++k)
                QVERIFY(out[k].t > out[k - 1].t);
            (void)firstAtOrAfter({exact.data(), size}, rows.front().t, rows.size(), rows[random() % 256].t);
        }
    }
}

QTEST_GUILESS_MAIN(TestChunk)
#include "tst_chunk.moc"
