#include "widgets/chart/alarmspans.h"

#include "core/selector.h"
#include "widgets/main/posting.h"

namespace sg {

namespace {

Priority priorityOf(std::string_view name)
{
    for (const auto priority : {Priority::Low, Priority::Medium, Priority::High, Priority::Urgent})
        if (name == nameOf(priority))
            return priority;
    return Priority::Medium;
}

bool isOpen(const Regions &regions)
{
    return regions.condition == ConditionRegion::Active || regions.condition == ConditionRegion::PendingOff;
}

}

AlarmSpans::AlarmSpans(std::shared_ptr<Session> session, SnapshotFeed &feed)
    : m_session(std::move(session))
    , m_feed(feed)
{
    connect(&feed, &SnapshotFeed::changed, this, [this] { next(); });
}

void AlarmSpans::next()
{
    if (m_isReading)
        return;
    const auto newest = m_feed.current()->journalSeq;
    const auto isPast = m_wantedFrom < m_readFrom && m_known.size() < MaxKnown;
    const auto isNew = m_readFrom != Time::max() && m_seq < newest;
    if (newest == 0 || (!isPast && !isNew))
        return;
    m_isReading = true;
    JournalQuery query;
    query.limit = PageRows;
    if (isNew) {
        query.afterSeq = m_seq;
    } else {
        if (m_pastSeq == 0) {
            // More than is asked for, so that panning does not read at each step.
            m_readingFrom = m_wantedFrom - std::max<Micros>(std::chrono::hours(1), (m_feed.now() - m_wantedFrom) / 2);
            if (m_readFrom == Time::max())
                m_seq = newest; // what is read now holds all of them
        }
        query.afterSeq = m_pastSeq;
        query.from = m_readingFrom;
        query.to = m_readFrom;
    }
    m_session->journal(query, [this, self = QPointer<QObject>(this), isNew, newest](const Result<std::vector<JournalRow>> &rows) {
        auto taken = rows ? *rows : std::vector<JournalRow>();
        postTo(self, [this, isNew, newest, taken = std::move(taken)] {
            m_isReading = false;
            const auto isAll = taken.size() < PageRows;
            if (isNew) {
                m_seq = isAll ? newest : taken.back().seq;
            } else if (isAll) {
                m_readFrom = m_readingFrom;
                m_pastSeq = 0;
            } else {
                m_pastSeq = taken.back().seq;
            }
            take(taken);
            next();
        });
    });
}

void AlarmSpans::take(const std::vector<JournalRow> &rows)
{
    for (const auto &row : rows) {
        if (row.occurrence == 0)
            continue;
        const auto isRaised = row.event == "RAISED";
        const auto isClosed = row.event == "CLEARED" || row.event == "RETIRED" || row.event == "REDEFINED" || row.event == "DISABLED"
            || row.event == "DELETED";
        if (!isRaised && !isClosed && row.event != "ESCALATED")
            continue;
        auto [place, isFirst] = m_known.try_emplace(row.occurrence);
        auto &known = place->second;
        if (isFirst) {
            known.path = row.field.empty() ? row.key : row.key + "/" + row.field;
            known.rule = row.rule;
            m_byPath[known.path].push_back(row.occurrence);
        }
        known.priority = std::max(known.priority, priorityOf(row.priority));
        if (isRaised)
            known.from = row.tEvent;
        if (isClosed)
            known.to = row.tEvent;
    }
    Q_EMIT changed();
}

std::vector<AlarmSpans::Span> AlarmSpans::of(const std::string &path, Time from, Time to)
{
    if (from < m_wantedFrom) {
        m_wantedFrom = from;
        next();
    }
    std::vector<Span> out;
    const std::string key(keyOf(path));
    for (const auto &name : {path, key})
        if (const auto past = m_byPath.find(name); past != m_byPath.end())
            for (const auto occurrence : past->second) {
                const auto &known = m_known.at(occurrence);
                const auto begin = known.from == NoTime ? m_readFrom : known.from;
                if (known.to != NoTime && known.to >= from && begin < to)
                    out.push_back({std::min(begin, known.to), known.to, known.priority, false, known.rule});
            }
    const auto &alarms = m_feed.current()->alarms;
    for (std::size_t i = 0; i < alarms.size(); ++i) {
        const auto &alarm = alarms.at(i).alarm;
        if (!alarm.rule || !isOpen(alarm.regions) || (alarm.path != path && alarm.path != key))
            continue;
        out.push_back({alarm.regions.raised, NoTime, alarm.priority, alarm.regions.ack == AckRegion::Unacked, alarm.rule->id});
    }
    return out;
}

}
