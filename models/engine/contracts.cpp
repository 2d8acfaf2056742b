#include "engine/contracts.h"

#include "alarms/bytes.h"
#include "core/selector.h"
#include "core/text.h"
#include "core/times.h"

#include <algorithm>
#include <cstdio>

namespace sg {

namespace {

using namespace std::chrono_literals;

constexpr Micros LookEvery = 5s, BucketLength = 10s, ErrorWindow = 300s;
constexpr Micros LeastSilence = 60s, UnknownSilence = 600s; // until LeastGaps say how often something comes
constexpr std::size_t LeastGaps = 3;
constexpr Micros LeastAway = 30s, LeastAwayStored = 600s;
constexpr std::uint32_t LeastWithout = 10, LeastWith = 10, LeastWithoutStored = 100;
constexpr std::size_t MostGaps = 20, MostMissing = 10'000, MostApart = 3;
constexpr double TooMany = 0.01, FewAgain = 0.005;
constexpr std::uint64_t LeastUnreadable = 3, EnoughMessages = 200;

}

void DataContracts::open(std::uint32_t number, const std::string &id, const std::string &saved)
{
    if (number >= m_sources.size())
        m_sources.resize(number + 1);
    Source &source = m_sources[number];
    source.number = number;
    source.id = id;
    source.isOpen = true;
    SavedReader read(std::as_bytes(std::span(saved)));
    if (saved.empty())
        return;
    read(source.silentSince);
    read(source.unreadableSince);
    read(source.share);
    read(source.usualGap);
    while (read.isWell() && !read.isAtEnd() && source.missing.size() < MostMissing) {
        std::string path;
        Time since = NoTime;
        read(path);
        read(since);
        if (read.isWell() && sourceOf(path) == id)
            source.missing.emplace(std::move(path), since);
    }
    source.isSilent = source.silentSince != NoTime;
    source.isUnreadable = source.unreadableSince != NoTime;
}

void DataContracts::close(std::uint32_t number)
{
    if (number >= m_sources.size())
        return;
    Source &source = m_sources[number];
    for (const auto &[path, field] : source.numbers) {
        m_fields[field] = Field();
        m_freeFields.push_back(field);
    }
    for (const auto &[key, n] : source.keys)
        m_freeKeys.push_back(n);
    m_used -= source.numbers.size();
    source = Source();
}

std::uint32_t DataContracts::numberOf(std::uint32_t number, const std::string &path, bool isStored)
{
    Source &source = m_sources[number];
    if (const auto known = source.numbers.find(path); known != source.numbers.end())
        return known->second;
    if (m_used >= m_most)
        return NotWatched;
    ++m_used;
    auto take = [](auto &all, std::vector<std::uint32_t> &free) {
        if (free.empty()) {
            all.emplace_back();
            return static_cast<std::uint32_t>(all.size() - 1);
        }
        const std::uint32_t n = free.back();
        free.pop_back();
        all[n] = {};
        return n;
    };
    const std::uint32_t field = take(m_fields, m_freeFields);
    const auto place = source.numbers.emplace(path, field).first;
    const std::string key(keyOf(path));
    auto owner = source.keys.find(key);
    if (owner == source.keys.end())
        owner = source.keys.emplace(key, take(m_keys, m_freeKeys)).first;
    Field &fresh = m_fields[field];
    fresh.source = number;
    fresh.key = owner->second;
    fresh.isStored = isStored;
    fresh.isMissing = source.missing.contains(path);
    fresh.path = &place->first;
    return field;
}

void DataContracts::see(std::uint32_t number, std::uint32_t stream, std::int64_t offset, Time now)
{
    if (number == NotWatched)
        return;
    Field &field = m_fields[number];
    Key &key = m_keys[field.key];
    // A field that comes again is of the next message, also where messages have no place.
    if (key.messages == 0 || key.stream != stream || key.offset != offset || (field.count > 0 && field.lastAt == key.messages)) {
        if (++key.messages == 1)
            key.firstAt = now;
        key.stream = stream;
        key.offset = offset;
    }
    if (field.isMissing) {
        field.isMissing = false;
        endMissing(m_sources[field.source], *field.path, false);
    } else if (const std::uint32_t gap = key.messages - field.lastAt; field.count > 0 && gap > field.longestGap) {
        field.longestGap = gap;
        field.longestTime = std::max(field.longestTime, now - field.lastSeen);
    }
    ++field.count;
    field.lastAt = key.messages;
    field.lastSeen = now;
}

void DataContracts::noteArrival(std::uint32_t number, Time now)
{
    Source &source = m_sources[number];
    m_hasNews = true;
    if (source.lastArrival != NoTime && source.isLive && source.liveSince <= source.lastArrival) {
        source.gaps.push_back(now - source.lastArrival);
        if (source.gaps.size() > MostGaps)
            source.gaps.pop_front();
    }
    source.lastArrival = now;
    if (!source.isSilent)
        return;
    tell(Change::Kind::DataBack, source, std::exchange(source.silentSince, NoTime));
    source.isSilent = false;
}

void DataContracts::noteStatus(std::uint32_t number, bool isLive, std::uint64_t unreadable, std::uint64_t messages, Time now)
{
    Source &source = m_sources[number];
    if (source.heardSince == NoTime)
        source.heardSince = now;
    if (isLive && !source.isLive)
        source.liveSince = now;
    source.isLive = isLive;
    turnBuckets(source, now);
    Bucket &bucket = source.buckets[static_cast<std::size_t>(source.bucket) % Buckets];
    bucket.unreadable += unreadable;
    bucket.all += messages;
    if (messages > 0 || unreadable > 0)
        judgeErrors(source, now);
}

void DataContracts::turnBuckets(Source &source, Time now)
{
    const std::int64_t wanted = now.time_since_epoch() / BucketLength;
    if (source.bucket < 0 || wanted - source.bucket >= static_cast<std::int64_t>(Buckets))
        source.buckets.fill({});
    else
        for (std::int64_t n = source.bucket + 1; n <= wanted; ++n)
            source.buckets[static_cast<std::size_t>(n) % Buckets] = {};
    source.bucket = std::max(source.bucket, wanted);
}

void DataContracts::judgeErrors(Source &source, Time now)
{
    Bucket sum;
    for (const Bucket &one : source.buckets) {
        sum.unreadable += one.unreadable;
        sum.all += one.all;
    }
    if (sum.all == 0)
        return;
    source.share = static_cast<double>(sum.unreadable) / static_cast<double>(sum.all);
    if (!source.isUnreadable && source.share > TooMany && sum.unreadable >= LeastUnreadable) {
        source.isUnreadable = true;
        source.unreadableSince = now;
        tell(Change::Kind::DecodeErrors, source, now);
    } else if (source.isUnreadable && source.share <= FewAgain && (sum.all >= EnoughMessages || now - source.heardSince >= ErrorWindow)) {
        source.isUnreadable = false;
        tell(Change::Kind::DecodeOk, source, std::exchange(source.unreadableSince, NoTime));
    }
}

Micros DataContracts::longestGap(const Source &source)
{
    const Micros seen = source.gaps.empty() ? Micros{0} : *std::max_element(source.gaps.begin(), source.gaps.end());
    return source.gaps.size() < LeastGaps ? std::max(seen, source.usualGap) : seen;
}

std::optional<Time> DataContracts::silentAt(const Source &source)
{
    if (!source.isOpen || !source.isLive || source.isSilent)
        return std::nullopt;
    if (source.lastArrival == NoTime)
        return source.liveSince + std::max(LeastSilence, 3 * source.usualGap);
    const bool isRhythmKnown = source.gaps.size() >= LeastGaps || source.usualGap > Micros{0};
    return std::max(source.lastArrival, source.liveSince)
        + (isRhythmKnown ? std::max(LeastSilence, 3 * longestGap(source)) : UnknownSilence);
}

std::optional<Time> DataContracts::due() const
{
    std::optional<Time> due;
    for (const Source &source : m_sources)
        if (const auto at = silentAt(source); at && (!due || *at < *due))
            due = at;
    return due;
}

void DataContracts::elapse(Time now, const IsNeeded &isNeeded)
{
    for (Source &source : m_sources)
        if (const auto at = silentAt(source); at && *at <= now) {
            source.isSilent = true;
            source.silentSince = source.lastArrival == NoTime ? source.liveSince : source.lastArrival;
            tell(Change::Kind::NoData, source, source.silentSince);
        }
    if (!m_hasNews || (m_nextLook != NoTime && now < m_nextLook))
        return;
    m_hasNews = false;
    m_nextLook = now + LookEvery;
    judgeFields(now, isNeeded);
}

void DataContracts::judgeFields(Time now, const IsNeeded &isNeeded)
{
    const std::size_t before = m_changes.size();
    for (Field &field : m_fields) {
        if (field.source == NotWatched || field.isMissing)
            continue;
        Source &source = m_sources[field.source];
        const Key &key = m_keys[field.key];
        const std::uint32_t without = key.messages - field.lastAt;
        bool isMissing = false;
        if (field.count >= LeastWith)
            isMissing = without >= std::max(LeastWithout, 3 * field.longestGap)
                && now - field.lastSeen >= std::max(LeastAway, 3 * field.longestTime);
        else if (field.count == 0 && field.isStored && without >= LeastWithoutStored)
            isMissing = now - key.firstAt >= LeastAwayStored && isNeeded(*field.path);
        if (!isMissing || !source.isLive || source.missing.size() >= MostMissing)
            continue;
        field.isMissing = true;
        const Time since = field.count > 0 ? field.lastSeen : key.firstAt;
        source.missing.emplace(*field.path, since);
        tell(Change::Kind::FieldMissing, source, since);
        m_changes.back().path = *field.path;
    }
    gather(before);
}

void DataContracts::endMissing(Source &source, const std::string &path, bool isGone)
{
    const auto missing = source.missing.find(path);
    if (missing == source.missing.end())
        return;
    tell(Change::Kind::FieldBack, source, missing->second);
    m_changes.back().path = path;
    m_changes.back().isGone = isGone;
    source.missing.erase(missing);
    gather(0);
}

void DataContracts::retire(std::uint32_t number, std::string_view key)
{
    Source &source = m_sources[number];
    const std::string below = std::string(key) + "/";
    for (auto field = source.numbers.lower_bound(below); field != source.numbers.end() && field->first.starts_with(below); ++field) {
        if (keyOf(field->first) != key)
            continue;
        endMissing(source, field->first, true);
        // It may come again, as a new key would.
        Field &one = m_fields[field->second];
        one.count = 0;
        one.isMissing = one.isStored = false;
        one.longestGap = 1;
        one.longestTime = Micros{0};
    }
}

void DataContracts::tell(Change::Kind kind, const Source &source, Time since)
{
    Change change;
    change.kind = kind;
    change.number = source.number;
    change.source = source.id;
    change.since = since;
    change.share = source.share;
    m_changes.push_back(std::move(change));
}

void DataContracts::gather(std::size_t from)
{
    const auto isAlike = [](const Change &a, const Change &b) {
        return a.kind == b.kind && a.source == b.source && a.isGone == b.isGone && fieldOf(a.path) == fieldOf(b.path);
    };
    for (std::size_t n = from; n < m_changes.size(); ++n) {
        if (m_changes[n].path.empty())
            continue;
        const auto rest = m_changes.begin() + static_cast<std::ptrdiff_t>(n);
        std::size_t all = 0;
        Time since = m_changes[n].since;
        for (auto one = rest; one != m_changes.end(); ++one)
            if (isAlike(*one, m_changes[n])) {
                all += one->count;
                since = std::min(since, one->since);
            }
        if (all <= MostApart)
            continue;
        const Change kept = m_changes[n];
        m_changes.erase(std::remove_if(rest + 1, m_changes.end(), [&](const Change &one) { return isAlike(one, kept); }), m_changes.end());
        m_changes[n].count = all;
        m_changes[n].since = since;
    }
}

std::vector<DataContracts::Change> DataContracts::broken(std::uint32_t number) const
{
    DataContracts shown(0);
    const Source &source = m_sources[number];
    if (source.isSilent)
        shown.tell(Change::Kind::NoData, source, source.silentSince);
    if (source.isUnreadable)
        shown.tell(Change::Kind::DecodeErrors, source, source.unreadableSince);
    for (const auto &[path, since] : source.missing) {
        shown.tell(Change::Kind::FieldMissing, source, since);
        shown.m_changes.back().path = path;
    }
    shown.gather(0);
    return shown.takeChanges();
}

std::string DataContracts::save(std::uint32_t number) const
{
    const Source &source = m_sources[number];
    std::vector<std::byte> bytes;
    SavedWriter write(bytes);
    write(source.silentSince);
    write(source.unreadableSince);
    write(source.share);
    write(longestGap(source));
    for (const auto &[path, since] : source.missing) {
        write(path);
        write(since);
    }
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

Error sentenceOf(const DataContracts::Change &change, const std::string &neededBy)
{
    using Kind = DataContracts::Change::Kind;
    const std::string since = formatUtc(change.since);
    char share[16];
    std::snprintf(share, sizeof share, "%.1f %%", change.share * 100);
    const std::string field = shown(decodeSegment(fieldOf(change.path))), key = shown(keyOf(change.path));
    const std::string needed = neededBy.empty() ? std::string() : ", needed by " + neededBy + ",";
    switch (change.kind) {
    case Kind::NoData:
        return {SG_TR("no data: %1 is connected, and nothing came since %2"), {change.source, since}, {}};
    case Kind::DataBack:
        return {SG_TR("data of %1 comes again; there was none since %2"), {change.source, since}, {}};
    case Kind::DecodeErrors:
        return {SG_TR("%1 of the messages of %2 in the last 5 min cannot be read, since %3"), {share, change.source, since}, {}};
    case Kind::DecodeOk:
        return {SG_TR("messages of %1 can be read again; too many could not since %2"), {change.source, since}, {}};
    case Kind::FieldMissing:
        if (change.count > 1)
            return {SG_TR("field %1 of %2 keys of %3%4 is missing since %5; the first is %6"),
                    {field, std::to_string(change.count), change.source, needed, since, key},
                    {}};
        return {SG_TR("field %1 of %2%3 is missing since %4"), {field, key, needed, since}, {}};
    case Kind::FieldBack:
        if (change.count > 1)
            return {change.isGone ? SG_TR("field %1 of %2 keys of %3%4 was missing since %5; the keys were retired")
                                  : SG_TR("field %1 of %2 keys of %3%4 comes again; it was missing since %5"),
                    {field, std::to_string(change.count), change.source, needed, since},
                    {}};
        return {change.isGone ? SG_TR("field %1 of %2%3 was missing since %4; the key was retired")
                              : SG_TR("field %1 of %2%3 comes again; it was missing since %4"),
                {field, key, needed, since},
                {}};
    }
    return {};
}

}
