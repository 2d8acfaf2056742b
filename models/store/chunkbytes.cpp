#include "store/chunkbytes.h"

#include "core/crc.h"
#include "store/chunkdata.h"
#include "store/littleendian.h"

namespace sg {

namespace {

constexpr std::string_view Magic = "SGC1"; // the digit is the version of the format
constexpr std::size_t FixedBytes = 4 + 4 + 4 + 8; // magic, CRC of the rest of the head, rows, last time
constexpr std::size_t EntryBytes = 8 + 4 + 4; // of a block: first time, bytes, CRC of them
constexpr std::size_t MostBlockBytes = 16'384; // of the longest block that can be; none is longer by far

std::int64_t micros(Time t)
{
    return t.time_since_epoch().count();
}

Time timeOf(std::int64_t t)
{
    return Time(Micros(t));
}

Error isDamaged()
{
    return {SG_TR("Stored readings are damaged: they are shown as a gap. Other history is not affected; a backup of the state folder has "
                  "them. Check the disk."),
            {},
            {}};
}

}

std::string encodeChunk(const Chunk &chunk)
{
    const auto data = chunk.data();
    std::string table;
    std::string blocks;
    putLittle(table, static_cast<std::uint32_t>(chunk.size()));
    putLittle(table, micros(chunk.last()));
    for (std::size_t i = 0; i < data->blocks(); ++i) {
        const std::string_view block = data->blockBytes(i);
        putLittle(table, micros(data->blockFirst(i)));
        putLittle(table, static_cast<std::uint32_t>(block.size()));
        putLittle(table, crc32(block));
        blocks.append(block);
    }
    std::string out(Magic);
    putLittle(out, crc32(table));
    return out + table + blocks;
}

Result<DecodedChunk> decodeChunk(std::string_view bytes)
{
    if (bytes.size() < FixedBytes || bytes.substr(0, 4) != Magic)
        return isDamaged();
    const auto rows = getLittle<std::uint32_t>(bytes.data() + 8);
    const Time last = timeOf(getLittle<std::int64_t>(bytes.data() + 12));
    const std::size_t blocks = (std::size_t(rows) + Chunk::BlockRows - 1) / Chunk::BlockRows;
    if (rows == 0 || rows > Chunk::MaxRows || bytes.size() < FixedBytes + blocks * EntryBytes
        || getLittle<std::uint32_t>(bytes.data() + 4) != crc32(bytes.substr(8, FixedBytes - 8 + blocks * EntryBytes)))
        return isDamaged();

    DecodedChunk out;
    ChunkData::Builder builder;
    std::vector<Row> decoded;
    std::string block; // with the readable bytes behind it that decoding wants
    std::size_t at = FixedBytes + blocks * EntryBytes;
    for (std::size_t i = 0; i < blocks; ++i) {
        const char *entry = bytes.data() + FixedBytes + i * EntryBytes;
        const std::size_t count = std::min(Chunk::BlockRows, rows - i * Chunk::BlockRows);
        const bool isLast = i + 1 == blocks;
        const Time first = timeOf(getLittle<std::int64_t>(entry));
        const Time end = isLast ? last : timeOf(getLittle<std::int64_t>(entry + EntryBytes));
        const std::size_t size = getLittle<std::uint32_t>(entry + 8);
        // The times of the head have to leave room for the rows, or a damaged block could not be told as a gap.
        const std::uint64_t span = static_cast<std::uint64_t>(micros(end)) - static_cast<std::uint64_t>(micros(first));
        if (end < first || span < (isLast ? count - 1 : count) || (isLast && count == 1 && span != 0) || size > MostBlockBytes)
            return isDamaged();
        const std::size_t here = std::min(size, bytes.size() - at);
        block.assign(bytes.substr(at, here));
        at += here;
        const Time newest = isLast ? last : end - Micros(1);
        const bool isWhole = here == size && crc32(block) == getLittle<std::uint32_t>(entry + 12);
        block.append(IntPadding, '\0');
        const auto used = std::string_view(block).substr(0, size);
        decoded.clear();
        if (isWhole && decodeRows(used, first, newest, count, decoded) && (!isLast || decoded.back().t == last)) {
            builder.add(decoded, used);
        } else {
            builder.add(missingRows(first, newest, count));
            if (!out.damaged.empty() && i > 0 && out.damaged.back().to + Micros(1) == first)
                out.damaged.back().to = newest;
            else
                out.damaged.push_back({first, newest});
        }
    }
    out.chunk = std::make_shared<const Chunk>(builder.take());
    return out;
}

std::string encodeSummary(const ChunkSummary &summary)
{
    std::string out;
    putLittle(out, micros(summary.first));
    putLittle(out, micros(summary.last));
    putLittle(out, summary.rows);
    putLittle(out, summary.firstFinite);
    putLittle(out, summary.lastFinite);
    putLittle(out, summary.digest.finite);
    for (const double value : {summary.digest.min, summary.digest.max, summary.firstValue, summary.lastValue})
        putLittle(out, std::bit_cast<std::uint64_t>(value));
    putLittle(out, static_cast<std::uint16_t>(qualityBits(summary.digest.worst, summary.digest.hasLate)));
    putLittle(out, static_cast<std::uint16_t>(qualityBits(summary.lastQuality, summary.isLastLate)));
    putLittle(out, crc32(out));
    return out;
}

Result<ChunkSummary> decodeSummary(std::string_view bytes)
{
    if (bytes.size() != SummaryBytes
        || getLittle<std::uint32_t>(bytes.data() + SummaryBytes - 4) != crc32(bytes.substr(0, SummaryBytes - 4)))
        return isDamaged();
    const char *at = bytes.data();
    const auto next = [&at]<class Number>(Number) {
        const auto number = getLittle<Number>(at);
        at += sizeof(Number);
        return number;
    };
    const auto real = [&next] { return std::bit_cast<double>(next(std::uint64_t())); };
    ChunkSummary out;
    out.first = timeOf(next(std::int64_t()));
    out.last = timeOf(next(std::int64_t()));
    out.rows = next(std::uint32_t());
    out.firstFinite = next(std::uint32_t());
    out.lastFinite = next(std::uint32_t());
    out.digest.finite = next(std::uint32_t());
    out.digest.min = real();
    out.digest.max = real();
    out.firstValue = real();
    out.lastValue = real();
    const auto worst = next(std::uint16_t());
    const auto quality = next(std::uint16_t());
    out.digest.worst = qualityOf(worst);
    out.digest.hasLate = isLateOf(worst);
    out.lastQuality = qualityOf(quality);
    out.isLastLate = isLateOf(quality);
    if (!areQualityBits(worst) || !areQualityBits(quality) || !out.isSane())
        return isDamaged();
    return out;
}

}
