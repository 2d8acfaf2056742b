#pragma once

#include "state/commit.h"

namespace sg {

struct KnownChunk
{
    SeriesId series{};
    ColdChunk chunk;
    std::uint64_t upTo = 0; // see StoredChunk
};
struct GoneRows // of a series, that retention freed; a segment may still hold them
{
    SeriesId series{};
    Time last{};
    std::uint64_t upTo = 0;
};
struct KnownSegment
{
    std::uint64_t number = 0;
    std::size_t rows = 0; // that many of Saved::whole.rows, in order
};

// What the last run left, as one large commit; `rows` are those of the newest segments, bounded, `held` the newest ones of idle series.
struct Saved
{
    Commit whole;
    std::vector<KnownSegment> segments;
    std::vector<KnownChunk> chunks; // by series, oldest first; only what an index keeps of them
    std::vector<GoneRows> gone;
    std::shared_ptr<ChunkLoader> loader; // of the chunks' rows
    std::uint64_t lastSegment = 0; // newest number that was given
    std::int64_t nextPlace = 0; // for a chunk
    std::map<std::string, std::string> ruleTexts; // rule id -> last valid text
    std::string stateName; // random, made once per state
    Time lastSeen = NoTime; // of the last commit: since then nobody watched
    bool wasClean = true; // STOPPED was journaled
    std::uint64_t nextSeq = 1;
    std::vector<Error> troubles; // what could not be read and was left out: damaged segments
};

struct JournalQuery
{
    Time from = NoTime;
    Time to = Time::max();
    std::uint64_t afterSeq = 0;
    std::size_t limit = 1000; // newest first when `isNewestFirst`
    bool isNewestFirst = false;
    std::uint64_t occurrence = 0; // 0: any
    std::uint64_t beforeSeq = 0; // older records only; 0: any
};

// Of the chunks in the file.
struct HistoryTotals
{
    std::uint64_t chunks = 0, bytes = 0;
    Time goneUpTo = NoTime; // retention freed chunks that ended up to here, in this run
};

// For tests and for sites with little disk; the defaults are what a state has.
struct StateOptions
{
    const char *vfs = nullptr; // name of a registered SQLite VFS; null: the system's
    bool isTemporary = false; // the folder goes with the StateFile
    bool isSynchronous = true; // false: nothing is durable (tests only, which must then fail)
    // Readings kept in segments, that is, not in chunks yet: past either bound, the oldest segments go in the transaction that brought
    // the newest. Never reached while chunks can be written.
    std::uint64_t keptRows = 20'000'000;
    std::uint64_t keptBytes = 400U << 20U;
    std::uint64_t keptSegments = 1'000'000;
};

// One SQLite file in the state folder (WAL, synchronous=FULL; format: FORMAT.md). The writing side: ingest thread only, one process
// at a time.
class StateFile
{
public:
    // Takes the folder's lock, opens or makes the file, migrates forward. A damaged or newer file is an Error and stays untouched.
    static Result<std::unique_ptr<StateFile>> open(const std::string &folder);
    static Result<std::unique_ptr<StateFile>> open(const std::string &folder, const StateOptions &options);
    // As open(); where the folder cannot be used (read-only, full, damaged), a state for this run only, in the folder of temporary files,
    // and `why` says so: watching goes on without history. The given folder stays as it is. Fails all the same when another evaluator
    // holds the folder, and for a newer version's or another program's file: nobody wants to run beside those.
    static Result<std::unique_ptr<StateFile>> openOrStandIn(const std::string &folder, std::optional<Error> &why);
    ~StateFile();

    Result<Saved> load(std::size_t maxRows = 20'000'000); // `maxRows` bounds the readings it brings back, newest first
    Result<Done> write(const Commit &commit); // one transaction: all or nothing, durable when it returns
    [[nodiscard]] const std::string &folder() const;
    [[nodiscard]] const HistoryTotals &history() const; // as committed

private:
    struct Private;
    explicit StateFile(std::unique_ptr<Private> p);
    std::unique_ptr<Private> d;
};

// Read-only, by any process and thread that opens its own; also while an evaluator writes.
class StateReader
{
public:
    static Result<std::unique_ptr<StateReader>> open(const std::string &folder);
    ~StateReader();

    Result<std::vector<JournalRow>> journal(const JournalQuery &query) const;
    Result<std::vector<InstanceState>> instances() const;
    Result<std::vector<OutboxRow>> outbox() const; // by id; nothing in a file of a version that told nobody
    struct LastValue
    {
        std::string path;
        ValueKind kind = ValueKind::Number;
        Row row;
        std::string text;
    };
    Result<std::vector<LastValue>> lastValues() const; // of every series, out of the newest segments
    Result<std::map<std::string, std::string>> ruleTexts() const;
    // Path labels of the sources that series are kept of. Nothing in a file of a version that kept no labels.
    Result<std::map<std::string, std::vector<std::string>>> knownPaths() const;
    Result<Done> verifyJournal() const; // the hash chain; the error names the first record that is missing or changed

private:
    struct Private;
    explicit StateReader(std::unique_ptr<Private> p);
    std::unique_ptr<Private> d;
};

}
