#pragma once

#include "items/snapshotfeed.h"

namespace sg {

// When something was in alarm, as charts draw it: past spans out of the journal, open ones out of the snapshot. UI thread.
class AlarmSpans : public QObject
{
    Q_OBJECT

public:
    struct Span
    {
        Time from{};
        Time to = NoTime; // NoTime: still so
        Priority priority = Priority::Medium;
        bool isUnacknowledged = false; // of an open one
        std::string rule;
    };

    AlarmSpans(std::shared_ptr<Session> session, SnapshotFeed &feed);

    // Of the alarms that watch this series, or its whole key, as far as they touch from..to. What is not read yet comes with changed().
    [[nodiscard]] std::vector<Span> of(const std::string &path, Time from, Time to);

Q_SIGNALS:
    void changed();

private:
    static constexpr std::size_t PageRows = 5000; // of the journal, at once
    static constexpr std::size_t MaxKnown = 500'000; // occurrences; with more of them, older ones are not read
    struct Known // of one occurrence, out of rows in any order
    {
        std::string path, rule;
        Time from = NoTime; // NoTime: raised before what is read
        Time to = NoTime; // NoTime: not closed
        Priority priority = Priority::Low;
    };
    void next(); // one query at a time: new rows first, then what charts want to see of the past
    void take(const std::vector<JournalRow> &rows);

    std::shared_ptr<Session> m_session;
    SnapshotFeed &m_feed;
    std::unordered_map<std::uint64_t, Known> m_known; // by occurrence
    std::unordered_map<std::string, std::vector<std::uint64_t>> m_byPath; // "key/field" or key
    std::uint64_t m_seq = 0; // new rows are read up to here
    Time m_readFrom = Time::max(); // all rows from here on are read
    Time m_wantedFrom = Time::max();
    Time m_readingFrom = Time::max(); // of the past that is being read
    std::uint64_t m_pastSeq = 0; // read of it up to here
    bool m_isReading = false;
};

}
