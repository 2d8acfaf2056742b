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

    // Of the alarms that watch this series, or its whole key.
    [[nodiscard]] std::vector<Span> of(const std::string &path) const;

Q_SIGNALS:
    void changed();

private:
    static constexpr std::size_t MaxRows = 5000; // of the journal, kept
    void read();
    void take(const std::vector<JournalRow> &rows);

    std::shared_ptr<Session> m_session;
    SnapshotFeed &m_feed;
    std::unordered_map<std::string, std::vector<Span>> m_past; // closed ones by "key/field" or key
    std::map<std::uint64_t, std::pair<std::string, Span>> m_open; // by occurrence
    std::uint64_t m_seq = 0; // read up to here
    bool m_isReading = false;
};

}
