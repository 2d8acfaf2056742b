#pragma once

#include "alarms/alarmengine.h"
#include "core/lane.h"
#include "store/columns.h"

#include <functional>
#include <mutex>

namespace sg {

// Copy-on-write rows: a copy of Paged is a copy of page pointers, so a frame costs what changed.
template <class T> class Paged
{
public:
    static constexpr std::size_t PageRows = 256;

    [[nodiscard]] std::size_t size() const { return m_size; }
    [[nodiscard]] const T &at(std::size_t i) const
    {
        static const T none{};
        const auto &page = m_pages[i / PageRows]; // null where a whole page of numbers was left out
        return page ? page->rows[i % PageRows] : none;
    }
    // The writer's: pages made at this version are its own until the version moves (that is, until it was published).
    void set(std::size_t i, T row, std::uint64_t version)
    {
        if (i >= m_size) {
            m_size = i + 1;
            m_pages.resize((m_size + PageRows - 1) / PageRows);
        }
        auto &page = m_pages[i / PageRows];
        if (!page || page->version != version) {
            auto fresh = page ? std::make_shared<Page>(*page) : std::make_shared<Page>();
            fresh->version = version;
            page = std::move(fresh);
        }
        page->rows[i % PageRows] = std::move(row);
    }
    // Calls f(begin, end) for each page that differs from `old`, whatever happened between.
    template <class F> void changedSince(const Paged &old, F f) const
    {
        for (std::size_t p = 0; p < m_pages.size(); ++p)
            if (p >= old.m_pages.size() || m_pages[p] != old.m_pages[p] || (m_size != old.m_size && p + 1 == old.m_pages.size()))
                f(p * PageRows, std::min(m_size, (p + 1) * PageRows));
    }

private:
    struct Page
    {
        std::uint64_t version = 0;
        std::array<T, PageRows> rows{};
    };
    std::vector<std::shared_ptr<Page>> m_pages;
    std::size_t m_size = 0;
};

struct SeriesRow // by number(SeriesId); path is null for a number that is not in use
{
    std::shared_ptr<const std::string> path;
    std::shared_ptr<const Tag> tag;
    ValueKind kind = ValueKind::Number;
    Time t = NoTime; // of the newest value
    Time arrived = NoTime; // when it reached us, on the reference clock: its age is judged by this
    double value = std::numeric_limits<double>::quiet_NaN();
    std::shared_ptr<const std::string> text; // of a State
    Quality quality = Quality::Good;
    SeriesView view;
};
struct AlarmRow // by instance number; rule is null for one that is gone
{
    AlarmView alarm;
};
// What is known of the clock of one device, by what it writes into its messages and when they arrive; see clockwatch.h.
struct ClockRow
{
    enum class State : std::uint8_t { Right, Ahead, Behind, Drifts, Jumped, RanBack };
    std::string key; // the source and the labels that name the clock: "press/L1/G2"
    State state = State::Right;
    Micros offset{0}; // of the device's clock against the reference; positive is ahead. Of Jumped and RanBack: by how much it moved
    std::optional<Micros> bound; // the true offset is within offset +- bound; nothing: it is at least so much
    Micros driftPerHour{0}; // of Drifts
    bool isCorrected = false; // its samples are placed by the offset
    Time since = NoTime;
};
// When nobody watched a source, because the program did not run or the source was lost, and what its catch-up then found.
struct Unwatched
{
    Time from = NoTime, to = NoTime; // on the reference clock; no `to`: it is not back
    bool isCatchingUp = false; // it is back and still reads what came meanwhile
    bool isLost = false; // some of it cannot be read any more; the journal's GAP says why
    std::size_t raised = 0, cleared = 0, active = 0; // by the catch-up; `active` of the source at its end
};
struct SourceRow
{
    std::string id, kind;
    bool isReplayable = false;
    SourceStatus status;
    Time newest = NoTime; // newest stamp
    Time lastArrival = NoTime; // on the reference clock
    Micros clockOffset{0}; // measured of its server against this machine
    std::size_t series = 0;
    std::uint64_t messagesTaken = 0; // reached the evaluator in this run
    std::vector<ClockRow> clocks; // of its devices: those that are not right, the first 1000
    std::optional<Unwatched> unwatched; // the newest time of this run
};

// Immutable view for readers; newest wins, none is missed that matters because it holds states, not events.
struct Snapshot
{
    std::uint64_t version = 0;
    Time reference = NoTime; // the reference clock when it was made
    Mono made{};
    Paged<SeriesRow> series;
    Paged<AlarmRow> alarms;
    Paged<std::shared_ptr<const std::string>> texts; // by code: what the values of State series mean
    std::vector<SourceRow> sources;
    std::shared_ptr<const std::vector<RuleWatch>> watches;
    std::vector<std::string> staged; // what an edit that waits for Apply would close
    std::vector<Flood> floods;
    std::vector<Error> troubles; // standing ones: "history is not written: disk full"
    std::uint64_t journalSeq = 0; // newest committed record
    std::uint64_t commits = 0;
    Time watchedSince = NoTime, notWatchedFrom = NoTime; // this run began; the run before ended
    bool isDemo = false;
    bool isLost = false; // of an attached session: the evaluator does not answer, and this is what it said last

    [[nodiscard]] std::string textOf(double code) const // of a State's value; "" for one that is none
    {
        return code >= 0 && code < static_cast<double>(texts.size()) ? *texts.at(static_cast<std::size_t>(code)) : std::string();
    }
};

// Why nothing comes for a series or a key although no server failed: its source is stopped, waits for consent, or was removed.
std::optional<Error> whyNotRead(const Snapshot &snapshot, std::string_view path);

class SnapshotSlot
{
public:
    // `onPublish` is called after each publish(), on its thread; it must return at once.
    explicit SnapshotSlot(std::function<void()> onPublish = {})
        : m_onPublish(std::move(onPublish))
    {
    }
    void publish(std::shared_ptr<const Snapshot> snapshot)
    {
        {
            const std::lock_guard guard(m_mutex);
            m_newest.swap(snapshot);
        }
        if (m_onPublish)
            m_onPublish();
    }
    [[nodiscard]] std::shared_ptr<const Snapshot> newest() const
    {
        const std::lock_guard guard(m_mutex);
        return m_newest;
    }

private:
    const std::function<void()> m_onPublish;
    mutable std::mutex m_mutex;
    std::shared_ptr<const Snapshot> m_newest; // guarded by m_mutex
};

}
