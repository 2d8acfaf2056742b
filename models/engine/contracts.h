#pragma once

#include "core/result.h"
#include "core/types.h"

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sg {

// What every source promises without a rule: that something comes, that it can be read, and that a field which came stays. Built in and
// always on; an engineer's event tells when a promise is broken, and one that it is kept again. No thread, no clock of its own, no I/O.
//
// No data: the source is live, and for 60 s and three times its longest usual silence nothing came (10 min until three silences are known).
// Decode errors: of the messages of the last 5 min more than 1 % and at least 3 could not be read; over again at 0.5 %.
// A field: it came in 10 messages of its key, and then 10 messages of that key, and three times as many as ever lay between two of it,
// came without it, for 30 s and three times as long as it ever was away. One that was stored before this run and has not come in it: 100
// messages and 10 min, and only where something needs it.
class DataContracts
{
public:
    static constexpr std::uint32_t NotWatched = std::numeric_limits<std::uint32_t>::max();
    explicit DataContracts(std::size_t mostFields) // at once
        : m_most(mostFields)
    {
    }

    struct Change
    {
        enum class Kind : std::uint8_t { NoData, DataBack, DecodeErrors, DecodeOk, FieldMissing, FieldBack };
        Kind kind = Kind::NoData;
        std::uint32_t number = 0;
        std::string source; // its id
        std::string path; // of a field; the first of `count`
        std::size_t count = 1; // fields of this name that went, or came back, with it
        Time since = NoTime;
        double share = 0; // of unreadable messages
        bool isGone = false; // of FieldBack: nobody waits for it any more
    };
    using IsNeeded = std::function<bool(std::string_view path)>;

    // `saved`: what save() gave. A source that is opened again begins anew.
    void open(std::uint32_t source, const std::string &id, const std::string &saved);
    void close(std::uint32_t source);
    // A field of a key of it. `isStored`: known from an earlier run, not seen in this one.
    std::uint32_t numberOf(std::uint32_t source, const std::string &path, bool isStored);
    // It came in a message at its place in a stream; `now` on the reference clock.
    void see(std::uint32_t field, std::uint32_t stream, std::int64_t offset, Time now);
    void noteArrival(std::uint32_t source, Time now); // a batch of messages, after see()
    void noteStatus(std::uint32_t source, bool isLive, std::uint64_t unreadable, std::uint64_t messages, Time now); // since the last
    void retire(std::uint32_t source, std::string_view key); // nobody waits for it

    // Looks at fields where messages came, at most every 5 s, and at silences whose time is over. `isNeeded` is asked of fields that were
    // not seen in this run.
    void elapse(Time now, const IsNeeded &isNeeded);
    [[nodiscard]] std::optional<Time> due() const; // when a silence is too long
    std::vector<Change> takeChanges() { return std::exchange(m_changes, {}); }

    // What is broken now, by name of field where there are many.
    [[nodiscard]] std::vector<Change> broken(std::uint32_t source) const;
    [[nodiscard]] std::string save(std::uint32_t source) const;

private:
    struct Key
    {
        std::uint32_t messages = 0; // of it in this run
        std::uint32_t stream = NotWatched;
        std::int64_t offset = -1; // of the newest message
        Time firstAt = NoTime;
    };
    struct Field
    {
        std::uint32_t source = NotWatched; // NotWatched: not in use
        std::uint32_t key = 0;
        std::uint32_t count = 0; // messages of this run that held it
        std::uint32_t lastAt = 0; // Key::messages then
        std::uint32_t longestGap = 1; // in messages of its key
        bool isStored = false, isMissing = false;
        Time lastSeen = NoTime;
        Micros longestTime{0}; // that it stayed away while its key came
        const std::string *path = nullptr; // Source::numbers holds it
    };
    struct Bucket
    {
        std::uint64_t unreadable = 0, all = 0;
    };
    static constexpr std::size_t Buckets = 30; // of 10 s
    struct Source
    {
        std::uint32_t number = 0;
        std::string id;
        bool isOpen = false, isLive = false, isSilent = false, isUnreadable = false;
        Time heardSince = NoTime, liveSince = NoTime, lastArrival = NoTime, silentSince = NoTime, unreadableSince = NoTime;
        std::deque<Micros> gaps; // the newest between arrivals
        Micros usualGap{0}; // the longest of the run before
        std::array<Bucket, Buckets> buckets{};
        std::int64_t bucket = -1; // the number of the newest
        double share = 0; // of unreadable messages in all buckets
        std::uint64_t messages = 0; // in them
        std::map<std::string, Time> missing; // path -> since when
        std::map<std::string, std::uint32_t> numbers; // path -> field
        std::map<std::string, std::uint32_t, std::less<>> keys;
    };

    [[nodiscard]] static Micros longestGap(const Source &source);
    [[nodiscard]] static std::optional<Time> silentAt(const Source &source);
    void turnBuckets(Source &source, Time now);
    void judgeErrors(Source &source, Time now);
    void judgeFields(Time now, const IsNeeded &isNeeded);
    void endMissing(Source &source, const std::string &path, bool isGone);
    void tell(Change::Kind kind, const Source &source, Time since);
    void gather(std::size_t from); // changes of fields of one name, where there are many

    const std::size_t m_most;
    std::deque<Source> m_sources; // by number; they stay where they are, as Field::path points into them
    std::vector<Field> m_fields;
    std::vector<std::uint32_t> m_freeFields, m_freeKeys;
    std::vector<Key> m_keys;
    std::size_t m_used = 0;
    Time m_nextLook = NoTime;
    bool m_hasNews = false;
    std::vector<Change> m_changes;
};

// "field temp of press/L1/P-07, needed by rule press-hot and page press, is missing since ..."; `neededBy` may be empty.
Error sentenceOf(const DataContracts::Change &change, const std::string &neededBy);

}
