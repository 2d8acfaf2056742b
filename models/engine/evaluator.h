#pragma once

#include "engine/clocknotes.h"
#include "engine/clockwatch.h"
#include "engine/contracts.h"
#include "engine/historybook.h"
#include "engine/messagenotes.h"
#include "engine/notifier.h"
#include "engine/reorderbuffer.h"
#include "engine/rowsbyseries.h"
#include "engine/snapshot.h"
#include "engine/staging.h"
#include "engine/texttable.h"
#include "state/statefile.h"
#include "workspace/workspace.h"

namespace sg {

// All state of one engine and no thread, no clock, no I/O: live watching, rule tests, backtests and the agent's `ack` run this
// class. Whoever owns it calls from one thread.
class Evaluator
{
public:
    struct Limits
    {
        std::size_t storeBytes = std::size_t(1) << 30U; // samples in memory; the oldest chunks go first
        std::size_t cacheBytes = std::size_t(128) << 20U; // rows of chunks on disk that were looked at lately
        std::size_t clocks = 200'000; // of devices, watched at once
        std::size_t fields = 200'000; // of keys, watched at once for staying
        HistoryBook::Limits history;
    };
    Evaluator(Mono mono, Time wall, Limits limits);
    Evaluator(Mono mono, Time wall)
        : Evaluator(mono, wall, Limits())
    {
    }

    // The last run's state. Once, before apply().
    void restore(Saved saved);
    // Rules, tags and path labels take effect; what would close a live alarm keeps its old rule and is named in the answer unless
    // `closesAlarms`.
    std::vector<std::string> apply(std::shared_ptr<const Workspace> workspace, bool closesAlarms, const std::string &actor,
                                   const std::string &reason, Mono now);

    SourceId open(const SourceSpec &spec, bool isReplayable);
    void close(SourceId source);
    [[nodiscard]] Positions positionsOf(std::string_view source) const;

    void take(SourceId source, Batch &&batch); // ids, placed times, reorder, store, evaluate
    void takeHistory(SourceId source, Batch &&batch); // ids, placed times, store
    void endHistory(SourceId source); // all of a demand was taken: what the store keeps apart is seen now
    void noteStatus(SourceId source, SourceStatus status, Mono now);
    void noteNotRead(SourceId source, Error why, Mono now); // opened, and stopped on purpose or waiting for consent
    void noteTrouble(std::optional<Error> trouble) { m_trouble = std::move(trouble); }
    Outcome act(const OperatorAction &action, Mono now);
    void elapse(Mono now, Time wall); // timers that are due
    [[nodiscard]] std::optional<Mono> due() const; // when elapse() is to be called at the latest
    void noteStarted(Mono now, const std::string &actor);
    void noteStopped(Mono now, const std::string &actor);

    Commit collect(Mono now); // what changed since the last collect()
    [[nodiscard]] bool isTransitionPending() const { return m_alarms.isTransitionPending() || m_notifier.isCommitWanted(); }
    std::shared_ptr<const Snapshot> snapshot(Mono now); // a new version of what readers see
    // The commit that the last collect() gave, or that it was merged into, is durable.
    void noteCommitted(std::uint64_t journalRows, const HistoryTotals &history);
    void reuse(std::vector<StoredRow> &&rows); // of a commit that is written: the memory for those of the next

    // Messages beyond the desk: how attempts ended, and those that the last collect() counted, which may begin now.
    void setSending(bool is) { m_notifier.setSending(is); }
    void setBeginning(bool is) { m_notifier.setBeginning(is); } // of attempts; what waits is kept
    Outcome testRoute(const std::string &route, Mono now);
    void noteSent(std::uint64_t attempt, const Sent &sent, Mono now) { m_notifier.note(attempt, sent, m_timing.reference(now)); }
    void noteHeartbeat(const std::string &id, const Sent &sent, Mono now) { m_notifier.noteHeartbeat(id, sent, m_timing.reference(now)); }
    std::vector<Notifier::Attempt> takeAttempts() { return m_notifier.takeAttempts(); }
    [[nodiscard]] const Routes &routes() const { return m_notifier.routes(); }

    [[nodiscard]] const SeriesStore &store() const { return m_store; }
    [[nodiscard]] Time referenceAt(Mono mono) const { return m_timing.reference(mono); }

private:
    struct OpenSource
    {
        SourceSpec spec;
        bool isOpen = true;
        std::vector<SeriesId> local; // by LocalId
        std::vector<std::uint32_t> texts; // by the source's text code
        std::vector<SeriesId> historyLocal; // as `local` and `texts`, of batches of older data: another reader numbers them
        std::vector<std::uint32_t> historyTexts;
        std::map<SeriesId, Time> heldBefore; // with clocks that are corrected: its oldest row before older data came; NoTime: none
        SourceRow row;
        bool isHeard = false; // it was live or down at least once
        bool wasLive = false;
        Time behindSince = NoTime; // placed time at which catching up began
        std::optional<ClockWatch::Settings> clock; // its stamps are its devices' own
        std::vector<std::uint32_t> clocks; // by LocalId
        ClockNotes clockNotes;
        SourceNotes notes;
        bool hasUnwatchedClocks = false; // there are too many
        std::vector<std::uint32_t> fields; // by LocalId, of m_contracts
        std::vector<Error> broken; // promises that are not kept, as sentences
        bool areContractsToShow = false;
        bool areClocksToShow = false, areClocksToSave = false; // what is known of one is another than before
    };
    struct KnownSeriesState
    {
        std::string path;
        ValueKind kind = ValueKind::Number;
        bool isChanged = false;
        Time arrived = NoTime;
        std::shared_ptr<const Tag> tag;
        std::shared_ptr<const std::string> sharedPath;
    };

    SeriesId seriesOf(const std::string &path, ValueKind kind);
    void putInForce(std::shared_ptr<const Workspace> workspace, const std::string &actor, const std::string &reason, Time now);
    [[nodiscard]] Time heardBefore(SeriesId series) const;
    void describe(SeriesId series); // labels, tag and rules, from the workspace
    void takeNew(OpenSource &source, const Batch &batch);
    void note(SourceId id, const Mark &mark, Mono arrival, Time now);
    void keep(SeriesId series, std::span<const Row> rows); // in the store already: into the next commit and the next snapshot
    void noteKept(SeriesId series, std::span<const Row> rows); // those that are in the next commit already
    void restoreHistory(const Saved &saved);
    [[nodiscard]] Time oldest(SeriesId series) const; // that is stored; NoTime: none
    void noteDamagedChunks();
    [[nodiscard]] double ownValue(const OpenSource &source, SeriesId series, double value) const; // a source's text code becomes ours
    void noteChanged(SeriesId series);
    void land(Time now); // m_inOrder and m_late into store, commit and rules
    void noteCatchUp(Unwatched &unwatched, const OpenSource &source, const std::vector<CatchUp> &catchUps) const;
    void noteGap(OpenSource &source, const Gap &gap, Time now);
    void journal(JournalRow row);
    void takeClocks(SourceId id, const Batch &batch); // which device's clock writes the stamps of its series
    void setClock(SourceId id, LocalId series);
    void noteClocks(Time now);
    void saveClocks(OpenSource &source);
    void noteContracts(Time now);
    void saveContracts(const OpenSource &source);
    void showContracts(OpenSource &source) const;
    [[nodiscard]] std::string neededBy(std::string_view path) const; // "rule press-hot and page Press shop"
    void noteIdleRules(Time now);

    Limits m_limits;
    Timing m_timing;
    ClockWatch m_clocks;
    std::unordered_map<std::uint32_t, std::vector<SeriesId>> m_seriesOfClock;
    std::map<std::string, std::string> m_savedClocks; // by source id, of the run before
    DataContracts m_contracts;
    std::map<std::string, std::string> m_savedContracts; // as m_savedClocks
    ReorderBuffer m_reorder;
    SeriesStore m_store;
    TextTable m_texts;
    NoteSets m_noteSets;
    AlarmEngine m_alarms;
    Notifier m_notifier;
    std::shared_ptr<const Workspace> m_workspace; // as it runs: what waits for Apply is not in it
    PathLabels m_labelsBefore; // of the run before
    std::vector<OpenSource> m_sources; // by number(SourceId)
    std::unordered_map<std::string, SeriesId> m_byPath;
    std::vector<KnownSeriesState> m_series; // by number(SeriesId)
    std::vector<SeriesId> m_changed; // shown values that changed since the last snapshot
    std::map<std::string, Positions, std::less<>> m_positions; // of every source, newest taken
    std::vector<Sample> m_inOrder, m_late, m_arrived; // of the step under way; m_arrived: those that wait for their watermark
    RowsBySeries m_bySeries; // of m_inOrder
    HistoryBook m_book;
    Commit m_next; // what changed since the last collect()
    Time m_goneUpTo = NoTime; // retention forgot what ended up to here
    bool m_wasWaiting = false;
    Snapshot m_shown;
    std::uint64_t m_watchesVersion = 0; // of those in m_shown
    std::optional<Error> m_trouble; // of writing, now
    std::vector<Error> m_damages; // found when the state was read
    std::set<std::string> m_idleRules; // journaled as watching nothing
    Time m_idleRulesAt = NoTime; // when to look; NoTime: looked
};

}
