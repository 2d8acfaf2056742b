#include "connectors/mqtt/mqttspool.h"

#include "core/crc.h"
#include "core/text.h"

#include <algorithm>
#include <charconv>

namespace sg {
namespace {

constexpr std::string_view Magic = "SGQ2";
constexpr std::string_view OlderMagic = "SGQ1"; // its records hold no headers, and are read as they are
constexpr std::uint64_t HeaderSize = 4 + 4 + 8 + 8;
constexpr std::string_view Suffix = ".spool";

std::string headerOf(std::uint64_t begin, std::uint64_t owner, std::string_view magic = Magic)
{
    std::string body;
    putNumber(body, begin);
    putNumber(body, owner);
    std::string header(magic);
    putNumber(header, crc32(body));
    return header + body;
}

std::string nameOf(std::uint64_t number)
{
    return hex(number) + std::string(Suffix);
}

std::optional<std::uint64_t> numberOf(std::string_view name)
{
    if (name.size() != 16 + Suffix.size() || !name.ends_with(Suffix))
        return std::nullopt;
    std::uint64_t number = 0;
    const auto read = std::from_chars(name.data(), name.data() + 16, number, 16);
    return read.ec == std::errc() && read.ptr == name.data() + 16 ? std::optional(number) : std::nullopt;
}

}

MqttSpool::MqttSpool(std::unique_ptr<SpoolDisk> disk, std::string_view owner, Limits limits)
    : m_disk(std::move(disk))
    , m_limits(limits)
    , m_owner(StableHash().add(owner).value())
{
}

MqttSpool::~MqttSpool()
{
    static_cast<void>(sync()); // what was handed on may be committed after this
    if (m_isWritable && !m_segments.empty())
        m_segments.back().file->cut(m_segments.back().used);
    if (m_spare)
        m_disk->remove(m_spare->name);
}

Result<std::shared_ptr<MqttSpool>> MqttSpool::open(std::unique_ptr<SpoolDisk> disk, std::string_view owner,
                                                   std::optional<std::uint64_t> next, Limits limits, MqttSeen &seen)
{
    std::shared_ptr<MqttSpool> spool(new MqttSpool(std::move(disk), owner, limits));
    if (auto loaded = spool->load(next, seen); !loaded)
        return loaded.error();
    if (!spool->prepare() && spool->trouble())
        return *spool->trouble();
    return spool;
}

Result<Done> MqttSpool::load(std::optional<std::uint64_t> next, MqttSeen &seen)
{
    const auto names = m_disk->names();
    if (!names)
        return names.error();
    std::vector<std::pair<std::uint64_t, std::string>> files; // by their first record: one for a large message is made later than the next
    for (const std::string &name : *names) {
        const auto number = numberOf(name);
        if (!number)
            continue;
        m_nextName = std::max(m_nextName, *number + 1);
        const auto begin = beginOf(name);
        if (!begin)
            return begin.error();
        if (*begin)
            files.emplace_back(**begin, name);
        else
            m_disk->remove(name);
    }
    std::ranges::sort(files);
    for (const auto &[begin, name] : files) {
        if (!loadSegment(begin, name, seen))
            m_disk->remove(name);
    }
    // A power cut may have taken the newest records and left the commit that knows them: their numbers are not given again.
    m_end = std::max(m_segments.empty() ? 0 : m_segments.back().end, next.value_or(0));
    return Done();
}

Result<std::optional<std::uint64_t>> MqttSpool::beginOf(const std::string &name)
{
    const auto file = m_disk->open(name);
    if (!file)
        return file.error();
    std::string header;
    if ((*file)->size() < HeaderSize || !(*file)->read(0, HeaderSize, header))
        return std::optional<std::uint64_t>();
    if (header.starts_with(std::string_view("\0\0\0\0", 4)))
        return std::optional<std::uint64_t>(); // room that was never used
    const std::string_view magic = header.starts_with(OlderMagic) ? OlderMagic : Magic;
    if (header.starts_with("SGQ") && !header.starts_with(magic))
        return Error{SG_TR("the spool %1 is of a newer Sightglass"), {name}, {}};
    const auto begin = getNumber<std::uint64_t>(header, 8);
    const auto owner = getNumber<std::uint64_t>(header, 16);
    m_hasHole = m_hasHole || header != headerOf(begin, owner, magic);
    return header == headerOf(begin, m_owner, magic) ? std::optional(begin) : std::nullopt;
}

bool MqttSpool::loadSegment(std::uint64_t begin, const std::string &name, MqttSeen &seen)
{
    const auto file = m_disk->open(name);
    std::string bytes;
    if (!file || !(*file)->read(0, (*file)->size(), bytes)) {
        m_hasHole = true;
        return false;
    }
    const std::string_view all(bytes);
    if (!m_segments.empty() && begin < m_segments.back().end)
        return false;
    Segment segment{name, *file, begin, begin, HeaderSize, all.size(), false};
    std::size_t size = 0;
    for (auto record = readRecord(all.substr(segment.used), size); record && record->seq == segment.end;
         record = readRecord(all.substr(segment.used), size)) {
        segment.used += size;
        ++segment.end;
        seen.note(*record);
        m_lastConnection = std::max(m_lastConnection, record->connection);
    }
    if (segment.end == segment.begin)
        return false;
    m_segments.push_back(std::move(segment));
    return true;
}

Result<MqttSpool::Segment> MqttSpool::makeSegment(std::uint64_t size)
{
    Segment segment;
    segment.name = nameOf(m_nextName++);
    segment.size = size;
    auto file = m_disk->create(segment.name, size);
    if (!file)
        return file.error();
    segment.file = *std::move(file);
    return segment;
}

bool MqttSpool::append(MqttRecord record)
{
    const std::lock_guard guard(m_mutex);
    record.seq = m_end;
    writeRecord(record, m_scratch);
    const auto hasRoom = [this] { return m_isWritable && m_segments.back().used + m_scratch.size() <= m_segments.back().size; };
    if (!hasRoom() && !rotate(HeaderSize + m_scratch.size()))
        return false;
    Segment &segment = m_segments.back();
    segment.isDirty = true;
    if (!segment.file->write(segment.used, m_scratch)) {
        m_isWritable = false; // nobody knows what stands behind its last record now
        return false;
    }
    segment.used += m_scratch.size();
    segment.end = ++m_end;
    return true;
}

// The lock is held. The new last segment has room for `size` bytes, its header included.
bool MqttSpool::rotate(std::uint64_t size)
{
    std::optional<Segment> fresh;
    if (m_spare && m_spare->size >= size) {
        fresh = std::exchange(m_spare, std::nullopt);
    } else {
        const std::uint64_t wanted = std::max(m_limits.segmentBytes, size);
        if (bytesLocked() + wanted > m_limits.mostBytes + m_limits.beyondBytes)
            return false;
        auto made = makeSegment(wanted);
        if (!made)
            return false;
        m_areNamesDirty = true;
        fresh = *std::move(made);
    }
    fresh->begin = fresh->end = m_end;
    fresh->used = HeaderSize;
    fresh->isDirty = true;
    if (!fresh->file->write(0, headerOf(m_end, m_owner))) {
        m_disk->remove(fresh->name);
        return false;
    }
    // Without a record it would only be in the way; its file is removed at the next start.
    if (!m_segments.empty() && m_segments.back().begin == m_segments.back().end)
        m_segments.pop_back();
    m_segments.push_back(*std::move(fresh));
    m_isWritable = true;
    return true;
}

Result<Done> MqttSpool::sync()
{
    std::vector<std::shared_ptr<SpoolFile>> dirty;
    bool areNamesDirty = false;
    {
        const std::lock_guard guard(m_mutex);
        for (Segment &segment : m_segments) {
            if (std::exchange(segment.isDirty, false))
                dirty.push_back(segment.file);
        }
        areNamesDirty = std::exchange(m_areNamesDirty, false);
    }
    // Without the lock: receiving goes on meanwhile.
    Result<Done> synced = areNamesDirty ? m_disk->syncNames() : Result<Done>(Done());
    areNamesDirty = areNamesDirty && !synced;
    std::erase_if(dirty, [&synced](const std::shared_ptr<SpoolFile> &file) { return synced && (synced = file->sync()); });
    if (synced)
        return synced;
    const std::lock_guard guard(m_mutex);
    m_areNamesDirty = m_areNamesDirty || areNamesDirty;
    for (Segment &segment : m_segments)
        segment.isDirty = segment.isDirty || std::ranges::find(dirty, segment.file) != dirty.end();
    return synced;
}

bool MqttSpool::prepare()
{
    {
        const std::lock_guard guard(m_mutex);
        m_trouble.reset();
        if (m_spare)
            return true;
        if (bytesLocked() + m_limits.segmentBytes > m_limits.mostBytes)
            return false;
    }
    // Of m_nextName the receiving thread is the other user; a name that is taken twice must not be.
    Result<Segment> made = [this] {
        const std::lock_guard guard(m_mutex);
        return makeSegment(m_limits.segmentBytes);
    }();
    const Result<Done> isNamed = made ? m_disk->syncNames() : made.error();
    if (!isNamed) {
        m_trouble = isNamed.error();
        return false;
    }
    const std::lock_guard guard(m_mutex);
    m_spare = *std::move(made);
    return true;
}

void MqttSpool::trim(std::uint64_t next)
{
    std::vector<std::string> names;
    {
        const std::lock_guard guard(m_mutex);
        while (!m_segments.empty() && m_segments.front().end <= next
               && (m_segments.front().end + MqttSeen::Capacity <= m_end || bytesLocked() > m_limits.mostBytes / 2)) {
            // The one that is written to stays, unless one large message got a file of its own, which would fill the spool for ever.
            if (m_segments.size() == 1 && m_isWritable) {
                if (m_segments.front().size <= m_limits.segmentBytes || m_segments.front().begin == m_segments.front().end)
                    break;
                m_isWritable = false;
            }
            names.push_back(std::move(m_segments.front().name));
            m_segments.pop_front();
        }
    }
    for (const std::string &name : names)
        m_disk->remove(name);
}

MqttSpool::Found MqttSpool::read(std::uint64_t from, std::size_t bytes)
{
    m_records.clear();
    Segment segment; // as it is now; more may come
    {
        const std::lock_guard guard(m_mutex);
        const auto at = std::ranges::find_if(m_segments, [from](const Segment &one) { return from < one.end; });
        if (at == m_segments.end())
            return {{}, std::max(from, m_end), from < m_end};
        segment = *at;
    }
    if (from < segment.begin)
        return {{}, segment.begin, true};
    if (m_readFile != segment.file || m_readSeq != from) {
        m_readFile = segment.file;
        m_readSeq = segment.begin;
        m_readAt = HeaderSize;
    }
    const Found damaged{{}, segment.end, true};
    while (m_readSeq < segment.end && m_records.empty()) {
        auto size = static_cast<std::size_t>(std::min<std::uint64_t>(segment.used - m_readAt, std::max(bytes, MqttRecordHead)));
        if (!m_readFile->read(m_readAt, size, m_buffer))
            return damaged;
        if (const std::size_t whole = sizeOfRecord(m_buffer); whole > size) {
            size = whole;
            if (m_readAt + size > segment.used || !m_readFile->read(m_readAt, size, m_buffer))
                return damaged;
        }
        std::size_t done = 0;
        while (m_readSeq < segment.end && done < m_buffer.size()) {
            std::size_t one = 0;
            const auto record = readRecord(std::string_view(m_buffer).substr(done), one);
            if (!record && (one == 0 ? m_buffer.size() - done >= MqttRecordHead : one <= m_buffer.size() - done))
                return m_records.empty() ? damaged : Found{m_records, m_readSeq, false}; // the next call finds it at its front
            if (!record)
                break; // only its beginning was read
            done += one;
            m_readAt += one;
            if (m_readSeq++ >= from)
                m_records.push_back(*record);
        }
        if (done == 0)
            return damaged;
    }
    return {m_records, m_readSeq, false};
}

std::uint64_t MqttSpool::first() const
{
    const std::lock_guard guard(m_mutex);
    return m_segments.empty() ? m_end : m_segments.front().begin;
}

std::uint64_t MqttSpool::end() const
{
    const std::lock_guard guard(m_mutex);
    return m_end;
}

std::uint64_t MqttSpool::bytes() const
{
    const std::lock_guard guard(m_mutex);
    return bytesLocked();
}

Micros MqttSpool::rest(std::size_t bytes) const
{
    const std::lock_guard guard(m_mutex);
    if (m_spare || bytesLocked() + m_limits.segmentBytes <= m_limits.mostBytes)
        return Micros(0);
    return Micros(bytes * static_cast<std::uint64_t>(Micros(BeyondLasts).count()) / std::max<std::uint64_t>(1, m_limits.beyondBytes));
}

std::uint64_t MqttSpool::bytesLocked() const
{
    std::uint64_t sum = m_spare ? m_spare->size : 0;
    for (const Segment &segment : m_segments)
        sum += segment.size;
    return sum;
}

}
