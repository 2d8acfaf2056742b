#pragma once

#include "items/snapshotfeed.h"

namespace sg {

// Newest five minutes of the series that somebody looks at, as columns for a sparkline. Asks the pool, at most every two seconds
// a series and a few at a time. UI thread.
class SparkCache : public QObject
{
    Q_OBJECT

public:
    static constexpr int Width = 60; // columns
    static constexpr Micros Span = std::chrono::minutes(5);

    SparkCache(std::shared_ptr<Session> session, SnapshotFeed &feed);
    // What is known; asks for newer when it is old. Null until the first answer.
    const Columns *of(std::size_t series);

Q_SIGNALS:
    void changed();

private:
    static constexpr int MostAtOnce = 8;
    struct Entry
    {
        Columns columns;
        Mono asked{};
        bool isWaiting = false, isKnown = false;
    };
    std::shared_ptr<Session> m_session;
    SnapshotFeed &m_feed;
    std::unordered_map<std::size_t, Entry> m_entries;
    int m_waiting = 0;
};

}
