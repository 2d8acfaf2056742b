#include "widgets/sources/sparkcache.h"

#include "widgets/main/posting.h"

namespace sg {

SparkCache::SparkCache(std::shared_ptr<Session> session, SnapshotFeed &feed)
    : m_session(std::move(session))
    , m_feed(feed)
{
}

const Columns *SparkCache::of(std::size_t series)
{
    constexpr auto Refresh = std::chrono::seconds(2);
    constexpr std::size_t MostKept = 2000;
    if (m_entries.size() > MostKept && !m_entries.count(series) && m_waiting == 0)
        m_entries.clear(); // somebody scrolled through everything; what is visible is asked again at once
    auto &entry = m_entries[series];
    const auto now = Mono::clock::now();
    const auto &rows = m_feed.current()->series;
    if (!entry.isWaiting && m_waiting < MostAtOnce && now - entry.asked > Refresh && series < rows.size()) {
        entry.isWaiting = true;
        entry.asked = now;
        ++m_waiting;
        const auto to = m_feed.now();
        m_session->query(rows.at(series).view, to - Span, to, Width, {}, [this, self = QPointer<QObject>(this), series](Columns columns) {
            postTo(self, [this, series, columns = std::move(columns)]() mutable {
                auto &there = m_entries[series];
                there.columns = std::move(columns);
                there.isWaiting = false;
                there.isKnown = true;
                --m_waiting;
                Q_EMIT changed();
            });
        });
    }
    return entry.isKnown ? &entry.columns : nullptr;
}

}
