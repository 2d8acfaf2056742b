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
    connect(&feed, &SnapshotFeed::changed, this, [this] { read(); });
}

void AlarmSpans::read()
{
    if (m_isReading || m_feed.current()->journalSeq <= m_seq)
        return;
    m_isReading = true;
    JournalQuery query;
    query.afterSeq = m_seq;
    query.limit = MaxRows;
    query.isNewestFirst = true;
    m_session->journal(query, [this, self = QPointer<QObject>(this)](const Result<std::vector<JournalRow>> &rows) {
        auto taken = rows ? *rows : std::vector<JournalRow>();
        postTo(self, [this, taken = std::move(taken)] { take(taken); });
    });
}

void AlarmSpans::take(const std::vector<JournalRow> &rows)
{
    m_isReading = false;
    m_seq = std::max(m_seq, m_feed.current()->journalSeq);
    for (auto it = rows.rbegin(); it != rows.rend(); ++it) {
        m_seq = std::max(m_seq, it->seq);
        if (it->occurrence == 0)
            continue;
        if (it->event == "RAISED") {
            const auto path = it->field.empty() ? it->key : it->key + "/" + it->field;
            m_open[it->occurrence] = {path, Span{it->tEvent, NoTime, priorityOf(it->priority), false, it->rule}};
        } else if (it->event == "ESCALATED") {
            if (const auto open = m_open.find(it->occurrence); open != m_open.end())
                open->second.second.priority = std::max(open->second.second.priority, priorityOf(it->priority));
        } else if (it->event == "CLEARED" || it->event == "RETIRED" || it->event == "REDEFINED" || it->event == "DISABLED") {
            if (const auto open = m_open.find(it->occurrence); open != m_open.end()) {
                open->second.second.to = it->tEvent;
                m_past[open->second.first].push_back(open->second.second);
                m_open.erase(open);
            }
        }
    }
    Q_EMIT changed();
}

std::vector<AlarmSpans::Span> AlarmSpans::of(const std::string &path) const
{
    std::vector<Span> out;
    const std::string key(keyOf(path));
    for (const auto &name : {path, key})
        if (const auto past = m_past.find(name); past != m_past.end())
            out.insert(out.end(), past->second.begin(), past->second.end());
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
