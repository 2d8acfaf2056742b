#include "engine/notifier.h"

#include "alarms/catchuphold.h"
#include "core/text.h"
#include "core/times.h"
#include "engine/notifytext.h"

#include <algorithm>

namespace sg {

namespace {

using State = OutboxRow::State;

// Rows after which an alarm is to sound, at once or when its sound is let go.
bool calls(const JournalRow &row)
{
    static const std::set<std::string, std::less<>> events{"RAISED", "ESCALATED", "REALARMED", "SHELF_OVER", "RELEASED", "IN_SERVICE"};
    return events.contains(row.event);
}

// Rows after which nobody needs to be told of this occurrence any more.
bool settles(const JournalRow &row)
{
    static const std::set<std::string, std::less<>> events{"ACKNOWLEDGED", "SUPERSEDED", "DELETED", "RETIRED", "DISABLED"};
    if (events.contains(row.event))
        return true;
    if (row.to.empty())
        return false;
    return row.to != nameOf(AlarmState::Unacknowledged) && row.to != nameOf(AlarmState::ReturnedUnacknowledged)
        && row.to != nameOf(AlarmState::LatchedUnacknowledged);
}

// Whose sounds come one after the other, each at its view's `soundsFrom`.
bool isLetGo(const JournalRow &row)
{
    return row.event == "SHELF_OVER" || row.event == "RELEASED" || row.event == "IN_SERVICE";
}

template <class List, class T> bool allows(const List &list, const T &one)
{
    return list.empty() || std::find(list.begin(), list.end(), one) != list.end();
}

// Those that ran before and are refused now go on.
template <class Spec, class IsRefused>
void keepRefused(std::vector<Spec> &next, const std::vector<Spec> &before, const IsRefused &isRefused)
{
    for (const Spec &one : before) {
        const auto isIt = [&](const Spec &other) { return other.target.id == one.target.id; };
        if (isRefused(one.target.id) && std::none_of(next.begin(), next.end(), isIt))
            next.push_back(one);
    }
}

const Rule *ruleOf(const Workspace &workspace, const std::string &id)
{
    if (workspace.rules)
        for (const auto &rule : workspace.rules->rules)
            if (rule->id == id)
                return rule.get();
    return nullptr;
}

}

Notifier::Notifier(ViewOf viewOf, Limits limits)
    : m_viewOf(std::move(viewOf))
    , m_limits(limits)
{
}

void Notifier::restore(std::vector<OutboxRow> rows)
{
    for (OutboxRow &row : rows) {
        m_nextId = std::max(m_nextId, row.id + 1);
        // Its alarm sounds no more after a restart, and the summary that it waited for may never come.
        const bool isHeld = row.state == State::Held;
        OutboxRow &mine = add(std::move(row));
        m_dirty.erase(mine.id);
        if (isHeld)
            change(mine, State::Held, Time::max());
    }
    m_isRestored = true;
}

const RouteSpec *Notifier::routeOf(const std::string &id) const
{
    const auto found
        = std::find_if(m_routes.routes.begin(), m_routes.routes.end(), [&](const RouteSpec &route) { return route.target.id == id; });
    return found == m_routes.routes.end() ? nullptr : &*found;
}

void Notifier::apply(std::shared_ptr<const Workspace> workspace, Time now)
{
    m_workspace = std::move(workspace);
    Routes next = m_workspace->routes;
    const auto isRefused = [&](const std::string &id) {
        return next.isFileRefused || std::find(next.refused.begin(), next.refused.end(), id) != next.refused.end();
    };
    keepRefused(next.routes, m_routes.routes, isRefused);
    keepRefused(next.heartbeats, m_routes.heartbeats, isRefused);
    m_routes = std::move(next);
    for (auto &[id, route] : m_byRoute)
        if (routeOf(id) == nullptr && !isRefused(id)) { // what ailed it is no trouble any more
            route.failedInRow = 0;
            route.failsSince = NoTime;
            route.notReached.clear();
        }
    std::vector<std::uint64_t> gone;
    for (const auto &[id, row] : m_rows)
        if (!row.isOver() && !row.isGone && row.number != 0 && routeOf(row.route) == nullptr && !isRefused(row.route))
            gone.push_back(id);
    for (const std::uint64_t id : gone) {
        OutboxRow &row = m_rows.at(id);
        if (row.state == State::Waiting)
            journal(row, "NOTIFY_FAILED", "the route is no longer in routes.yaml", now);
        if (row.state == State::Waiting)
            finish(row, State::Failed, "the route is no longer in routes.yaml", now);
        else
            forget(id);
    }
    std::vector<std::uint64_t> silent; // rows of heartbeats that are no more
    for (const auto &[name, id] : m_heartbeats)
        if (std::none_of(m_routes.heartbeats.begin(), m_routes.heartbeats.end(),
                         [&](const HeartbeatSpec &one) { return one.target.id == name; }))
            silent.push_back(id);
    for (const std::uint64_t id : silent)
        forget(id);
    if (std::exchange(m_isRestored, false))
        for (const std::uint64_t id : std::set(m_held)) {
            OutboxRow &row = m_rows.at(id);
            change(row, State::Held, now + HeldOthers);
        }
}

bool Notifier::isFor(const RouteSpec &route, const JournalRow &row, const Rule *rule) const
{
    if (!route.isKnown)
        return false;
    const Audience audience = rule != nullptr ? rule->audience : Audience::Operator;
    if (route.audience.empty() ? audience == Audience::Event : !allows(route.audience, audience))
        return false;
    const auto isItsName = [&](Priority one) { return row.priority == nameOf(one); };
    return allows(route.areas, row.area) && allows(route.rules, row.rule)
        && (route.priorities.empty() || std::any_of(route.priorities.begin(), route.priorities.end(), isItsName));
}

OutboxRow &Notifier::add(OutboxRow row)
{
    if (row.id == 0)
        row.id = m_nextId++;
    OutboxRow &mine = m_rows[row.id] = std::move(row);
    Route &route = m_byRoute[mine.route];
    if (mine.number == 0 && mine.occurrence == 0) {
        m_heartbeats[mine.route] = mine.id;
    } else {
        (mine.isOver() ? route.over : route.live).insert(mine.id);
        if (mine.occurrence != 0)
            m_byOccurrence[mine.occurrence].push_back(mine.id);
        if (!mine.isOver())
            m_due.insert({mine.due == NoTime ? Time{} : mine.due, mine.id});
        if (mine.state == State::Held)
            m_held.insert(mine.id);
    }
    markDirty(mine);
    return mine;
}

// Of one that is not over.
void Notifier::change(OutboxRow &row, State state, Time due)
{
    m_due.erase({row.due == NoTime ? Time{} : row.due, row.id});
    m_byRoute[row.route].ready.erase(row.id);
    m_held.erase(row.id);
    m_behind.erase(row.id);
    row.state = state;
    row.due = due;
    m_due.insert({due, row.id});
    if (state == State::Held)
        m_held.insert(row.id);
    markDirty(row);
}

void Notifier::finish(OutboxRow &row, State state, std::string why, Time now)
{
    Route &route = m_byRoute[row.route];
    m_due.erase({row.due == NoTime ? Time{} : row.due, row.id});
    m_held.erase(row.id);
    route.live.erase(row.id);
    route.ready.erase(row.id);
    route.over.insert(row.id);
    row.state = state;
    row.why = std::move(why);
    row.ended = now;
    markDirty(row);
    // What waited behind it for the same alarm has its way now.
    if (const auto same = m_byOccurrence.find(row.occurrence); same != m_byOccurrence.end())
        for (const std::uint64_t id : same->second)
            if (m_behind.contains(id) && m_rows.at(id).route == row.route)
                change(m_rows.at(id), State::Scheduled, now);
    while (route.over.size() > m_limits.over)
        forget(*route.over.begin());
}

void Notifier::forget(std::uint64_t id)
{
    const auto found = m_rows.find(id);
    if (found == m_rows.end())
        return;
    OutboxRow &row = found->second;
    Route &route = m_byRoute[row.route];
    m_due.erase({row.due == NoTime ? Time{} : row.due, id});
    m_held.erase(id);
    m_behind.erase(id);
    route.live.erase(id);
    route.over.erase(id);
    route.ready.erase(id);
    if (row.number == 0 && row.occurrence == 0)
        m_heartbeats.erase(row.route);
    if (const auto same = m_byOccurrence.find(row.occurrence); same != m_byOccurrence.end()) {
        std::erase(same->second, id);
        if (same->second.empty())
            m_byOccurrence.erase(same);
    }
    row.isGone = true; // the next collect() takes it out of the file, and here
    markDirty(row);
}

// What was not told yet is not told any more; what is on its way goes on. Gives when the first of them was due, but for repetitions.
std::optional<Time> Notifier::cancel(std::uint64_t occurrence, const std::string &route)
{
    std::optional<Time> first;
    const auto found = m_byOccurrence.find(occurrence);
    if (found == m_byOccurrence.end())
        return first;
    for (const std::uint64_t id : std::vector(found->second)) {
        const OutboxRow &row = m_rows.at(id);
        if ((row.state != State::Scheduled && row.state != State::Held) || (!route.empty() && row.route != route))
            continue;
        if (m_behind.contains(id))
            first = Time{}; // its time has come already
        else if (row.state == State::Scheduled && !isRepetition(row))
            first = std::min(row.due, first.value_or(row.due));
        forget(id);
    }
    return first;
}

// It says what was told already.
bool Notifier::isRepetition(const OutboxRow &row) const
{
    const std::vector<std::uint64_t> &same = m_byOccurrence.at(row.occurrence);
    return std::any_of(same.begin(), same.end(), [&](std::uint64_t id) {
        const OutboxRow &other = m_rows.at(id);
        return other.route == row.route && other.number < row.number && other.facts == row.facts;
    });
}

// One more than the newest, so that a key is never given to two messages. When the newest may have been forgotten, the id that the message
// gets: ids only ascend, and no number of before is above them.
std::uint32_t Notifier::nextNumber(const std::string &route, const JournalRow &row) const
{
    const auto state = m_byRoute.find(route);
    if (row.event != "RAISED" && state != m_byRoute.end() && state->second.over.size() >= m_limits.over)
        return static_cast<std::uint32_t>(m_nextId);
    std::uint32_t newest = 0;
    if (const auto found = m_byOccurrence.find(row.occurrence); found != m_byOccurrence.end())
        for (const std::uint64_t id : found->second)
            if (const OutboxRow &other = m_rows.at(id); other.route == route)
                newest = std::max(newest, other.number);
    return newest + 1;
}

// When each route was to tell of this occurrence.
std::map<std::string, Time> Notifier::scheduled(std::uint64_t occurrence) const
{
    std::map<std::string, Time> out;
    if (const auto found = m_byOccurrence.find(occurrence); found != m_byOccurrence.end())
        for (const std::uint64_t id : found->second)
            if (const OutboxRow &row = m_rows.at(id); row.state == State::Scheduled)
                out[row.route] = row.due;
    return out;
}

void Notifier::take(std::span<const JournalRow> rows, Time now)
{
    std::map<std::string, Time> inherited; // by the RAISED that follows
    for (const JournalRow &row : rows) {
        if (row.event == "CATCHUP_SUMMARY")
            for (const std::uint64_t id : std::set(m_held))
                lookAtHeld(m_rows.at(id), now);
        if (row.occurrence == 0 || row.rule.empty())
            continue;
        // A chattering alarm is one occurrence after the other, and nobody has acknowledged any: what was due for one is due for the next.
        if (row.event == "SUPERSEDED")
            inherited = scheduled(row.occurrence);
        if (settles(row))
            cancel(row.occurrence);
        if (!m_isSending || !m_workspace || m_routes.routes.empty())
            continue;
        std::optional<AlarmView> alarm;
        bool isHeld = false;
        Time from = now; // not before
        if (row.isAnnunciated && isLetGo(row)) {
            if (alarm = m_viewOf(row.occurrence); alarm && alarm->soundsFrom != Time::max())
                from = std::max(now, alarm->soundsFrom);
        } else if (!row.isAnnunciated && calls(row)) {
            alarm = m_viewOf(row.occurrence);
            // Its sound may have been let go already: rows of a step are seen after it.
            isHeld = alarm && alarm->regions.occurrence == row.occurrence && alarm->regions.ack == AckRegion::Unacked
                && alarm->regions.suppression == 0;
        }
        if (!row.isAnnunciated && !isHeld)
            continue;
        const Rule *rule = alarm && alarm->rule ? alarm->rule.get() : ruleOf(*m_workspace, row.rule);
        for (const RouteSpec &route : m_routes.routes) {
            if (!isFor(route, row, rule))
                continue;
            // One that escalates or alarms again is not told later than it was to be.
            std::optional<Time> before = cancel(row.occurrence, route.target.id);
            if (const auto found = inherited.find(route.target.id); found != inherited.end())
                before = std::min(found->second, before.value_or(found->second));
            OutboxRow fresh;
            fresh.state = State::Scheduled;
            fresh.due = from + route.after;
            if (before) {
                fresh.due = isHeld ? *before : std::min(fresh.due, *before);
            } else if (isHeld) {
                fresh.state = State::Held;
                fresh.due = std::max(alarm->soundsFrom, now);
            }
            fresh.route = route.target.id;
            fresh.occurrence = row.occurrence;
            fresh.number = nextNumber(route.target.id, row);
            fresh.made = now;
            fresh.facts = factsOf(row, rule, *m_workspace);
            OutboxRow &mine = add(std::move(fresh));
            if (mine.state == State::Scheduled && mine.due <= now)
                come(mine, now);
            keepBound(m_byRoute[route.target.id], now);
        }
        if (row.event == "RAISED")
            inherited.clear();
    }
}

void Notifier::keepBound(Route &route, Time now)
{
    while (route.live.size() > m_limits.live) {
        const auto oldest = std::find_if(route.live.begin(), route.live.end(), [&](std::uint64_t id) { return !m_inFlight.contains(id); });
        if (oldest == route.live.end())
            return;
        ++route.dropped;
        finish(m_rows.at(*oldest), State::Dropped, "the outbox of the route was full", now);
    }
}

void Notifier::lookAtHeld(OutboxRow &row, Time now)
{
    const auto alarm = m_viewOf(row.occurrence);
    const bool isOpen = alarm && alarm->regions.occurrence == row.occurrence && alarm->regions.ack == AckRegion::Unacked
        && alarm->regions.suppression == 0
        && (alarm->regions.condition == ConditionRegion::Active || alarm->regions.condition == ConditionRegion::PendingOff);
    if (!isOpen) {
        forget(row.id); // over while it was held: the summary has said so
        return;
    }
    if (alarm->soundsFrom > now && (row.due > now || row.due == Time::max())) {
        change(row, State::Held, alarm->soundsFrom);
        return;
    }
    const RouteSpec *route = routeOf(row.route);
    change(row, State::Scheduled, now + (route != nullptr ? route->after : Micros(0)));
}

// Of one that is scheduled: told now, unless nobody needs to be any more.
void Notifier::come(OutboxRow &row, Time now)
{
    const RouteSpec *route = routeOf(row.route);
    if (route == nullptr) { // refused at present, and of the run before
        change(row, State::Scheduled, now + LongestRetry);
        return;
    }
    if (const auto alarm = m_viewOf(row.occurrence); alarm && alarm->regions.occurrence == row.occurrence
        && (alarm->regions.ack == AckRegion::Acked || alarm->regions.suppression != 0)) {
        forget(row.id);
        return;
    }
    if (route->hours && !route->hours->holds(now)) {
        change(row, State::Scheduled, route->hours->askAgain(now));
        return;
    }
    const std::vector<std::uint64_t> &same = m_byOccurrence[row.occurrence];
    if (std::any_of(same.begin(), same.end(), [&](std::uint64_t id) {
            const OutboxRow &other = m_rows.at(id);
            return other.route == row.route && other.state == State::Waiting;
        })) { // messages do not pile up behind one that does not arrive; what is news follows it at once
        const bool isNews = !isRepetition(row);
        change(row, State::Scheduled, now + (isNews ? LongestRetry : std::max(route->repeat, FirstRetry)));
        if (isNews)
            m_behind.insert(row.id);
        return;
    }
    row.made = now;
    change(row, State::Waiting, now);
    if (route->repeat.count() > 0) {
        OutboxRow again;
        again.route = row.route;
        again.occurrence = row.occurrence;
        again.number = row.number + 1;
        again.due = now + route->repeat;
        again.made = now;
        again.facts = row.facts;
        add(std::move(again));
    }
}

void Notifier::elapse(Time now)
{
    if (!m_isSending || !m_workspace)
        return;
    while (!m_due.empty() && m_due.begin()->due <= now) {
        const ByDue first = *m_due.begin();
        OutboxRow &row = m_rows.at(first.id);
        switch (row.state) {
        case State::Held:
            lookAtHeld(row, now);
            break;
        case State::Scheduled:
            come(row, now);
            break;
        case State::Waiting:
            m_due.erase(m_due.begin());
            m_byRoute[row.route].ready.insert(row.id);
            break;
        case State::Delivered:
        case State::Failed:
        case State::Dropped:
            m_due.erase(m_due.begin());
            break;
        }
    }
    begin(now);
}

std::optional<Time> Notifier::due() const
{
    if (!m_isSending || m_due.empty() || m_due.begin()->due == Time::max())
        return std::nullopt;
    return m_due.begin()->due;
}

}
