#pragma once

#include "state/commit.h"

namespace sg {

// What the last run left, as one large commit; `rows` are those of the newest segments, bounded.
struct Saved
{
    Commit whole;
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
};

// For tests and for sites with little disk; the defaults are what a state has.
struct StateOptions
{
    const char *vfs = nullptr; // name of a registered SQLite VFS; null: the system's
    bool isSynchronous = true; // false: nothing is durable (tests only, which must then fail)
    // Readings kept in the file: past either bound, the oldest segments go in the transaction that brought the newest.
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
    ~StateFile();

    Result<Saved> load(std::size_t maxRows = 4'000'000); // `maxRows` bounds the readings it brings back, newest first
    Result<Done> write(const Commit &commit); // one transaction: all or nothing, durable when it returns
    [[nodiscard]] const std::string &folder() const;

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
    struct LastValue
    {
        std::string path;
        ValueKind kind = ValueKind::Number;
        Row row;
        std::string text;
    };
    Result<std::vector<LastValue>> lastValues() const; // of every series, out of the newest segments
    Result<std::map<std::string, std::string>> ruleTexts() const;
    Result<Done> verifyJournal() const; // the hash chain; the error names the first record that is missing or changed

private:
    struct Private;
    explicit StateReader(std::unique_ptr<Private> p);
    std::unique_ptr<Private> d;
};

}
