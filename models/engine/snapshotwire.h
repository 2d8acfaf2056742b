#pragma once

#include "engine/snapshot.h"
#include "engine/wirebytes.h"
#include "store/farrows.h"

namespace sg {

// The snapshots of an evaluator as frames for one attached program. Remembers what that program has, so that a transfer holds the rows
// that differ and nothing else; pages that are the same are not even looked at. One thread.
class SnapshotWriter
{
public:
    // The next transfer: from the snapshot before to this one. `workspaceNumber` moves when another workspace is in effect.
    void begin(std::shared_ptr<const Snapshot> next, std::uint64_t workspaceNumber);
    [[nodiscard]] bool isWriting() const { return m_next != nullptr; }
    // The body of a Part of about `PartBytes`; afterwards, when isRoot, of the Root, which ends the transfer.
    struct Piece
    {
        bool isRoot = false;
        std::string body;
    };
    Piece write();

    static constexpr std::size_t PartBytes = 256U << 10U;

private:
    enum class Rows : std::uint8_t { Series, Alarms, Texts, Watches };
    struct Range // of rows to be looked at
    {
        Rows rows = Rows::Series;
        std::size_t begin = 0, end = 0;
    };
    void writeRow(ByteWriter &out, Rows rows, std::size_t i);
    void writeSeries(ByteWriter &out, std::size_t i);
    void writeAlarm(ByteWriter &out, std::size_t i);
    void writeWatch(ByteWriter &out, std::size_t i);
    std::uint64_t numberOf(const std::shared_ptr<const Rule> &rule, ByteWriter &out); // writes a rule that the program does not know yet
    std::string root();

    std::shared_ptr<const Snapshot> m_sent = std::make_shared<Snapshot>(), m_next;
    std::uint64_t m_workspaceNumber = 0;
    bool m_isAfresh = true; // the program is to forget what it had
    std::deque<Range> m_ranges;
    std::unordered_map<const Rule *, std::pair<std::uint64_t, std::shared_ptr<const Rule>>>
        m_rules; // keeps them, so that no other gets the address
    std::string m_sentSources, m_sentTroubles; // bytes
};

// The numbers of rows by their names, so that a row keeps its number when another process numbers them anew.
class StableNumbers
{
public:
    void startAfresh() { m_byTheirs.clear(); }
    // Ours for `theirs`; nothing when it has no name yet, or is beyond what can be.
    [[nodiscard]] std::optional<std::uint32_t> of(std::uint64_t theirs) const;
    std::optional<std::uint32_t> name(std::uint64_t theirs, const std::string &name);
    void forget(std::uint64_t theirs);
    [[nodiscard]] std::vector<bool> seen() const; // by ours: those that were named since startAfresh()

private:
    static constexpr std::uint32_t None = 0xFFFFFFFFU;
    std::vector<std::uint32_t> m_byTheirs;
    std::unordered_map<std::string, std::uint32_t> m_byName;
};

// The other end: makes snapshots out of frames, which may hold anything. One thread. After an Error it is good for the next connection
// only, whose first transfer begins afresh.
class SnapshotReader
{
public:
    // What stands for the rows of a series (its number is `theirs` in the process that has them).
    using FarMaker = std::function<std::shared_ptr<const FarRows>(std::uint32_t theirs, const Row &newest, Time oldest)>;
    // The rule of this id and hash, complete, where this process has read it too; null: what came is used.
    using RuleFinder = std::function<std::shared_ptr<const Rule>(const Rule &rule)>;
    SnapshotReader(FarMaker far, RuleFinder find)
        : m_far(std::move(far))
        , m_find(std::move(find))
    {
    }
    Result<Done> takePart(std::string_view body);
    Result<std::shared_ptr<Snapshot>> takeRoot(std::string_view body); // a new one, the caller's; Snapshot::version is the evaluator's
    [[nodiscard]] std::uint64_t workspaceNumber() const { return m_workspaceNumber; }

private:
    void readSeries(ByteReader &in);
    void readAlarm(ByteReader &in);
    void readText(ByteReader &in);
    void readWatch(ByteReader &in);
    void readRule(ByteReader &in);
    std::shared_ptr<const Rule> ruleOf(ByteReader &in);
    void startAfresh();

    const FarMaker m_far;
    const RuleFinder m_find;
    Snapshot m_next;
    std::uint64_t m_pageVersion = 1;
    std::uint64_t m_workspaceNumber = 0;
    StableNumbers m_series, m_alarms;
    std::vector<std::shared_ptr<const Rule>> m_rules; // by number
    std::vector<RuleWatch> m_watches;
    bool m_watchesChanged = false, m_isAfresh = false;
};

}
