#include "engine/notifier.h"

#include "alarms/catchuphold.h"
#include "core/text.h"
#include "core/times.h"
#include "engine/notifytext.h"

#include <algorithm>

namespace sg {

namespace {

using State = OutboxRow::State;

constexpr Micros FirstRetry = std::chrono::seconds(1), LongestRetry = std::chrono::minutes(5);
constexpr std::uint32_t FailsAre = 2; // attempts in a row after which a route is a standing trouble

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

template <class List, class T> bool allows(const List &list, const T &one)
{
    return list.empty() || std::find(list.begin(), list.end(), one) != list.end();
}

// Half to the whole of 1 s, 2 s, 4 s ... 5 min; the half that is chance hangs on the message, so that many do not come back together.
Micros waitAfter(const OutboxRow &row)
{
    const unsigned doublings = std::min(row.attempts == 0 ? 0U : row.attempts - 1, 20U);
    const Micros whole = std::min<Micros>(FirstRetry * (std::int64_t(1) << doublings), LongestRetry);
    const std::uint64_t chance = StableHash().add(row.key()).add(static_cast<std::int64_t>(row.attempts)).value() >> 16U;
    return whole / 2 + Micros(static_cast<std::int64_t>(chance % static_cast<std::uint64_t>(whole.count() / 2 + 1)));
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
    for (const RouteSpec &before : m_routes.routes)
        if (isRefused(before.target.id))
            next.routes.push_back(before);
    if (next.isFileRefused)
        next.heartbeats = m_routes.heartbeats;
    m_routes = std::move(next);
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

// What was not told yet is not told any more; what is on its way goes on.
void Notifier::cancel(std::uint64_t occurrence, const std::string &route)
{
    const auto found = m_byOccurrence.find(occurrence);
    if (found == m_byOccurrence.end())
        return;
    for (const std::uint64_t id : std::vector(found->second)) {
        const OutboxRow &row = m_rows.at(id);
        if ((row.state == State::Scheduled || row.state == State::Held) && (route.empty() || row.route == route))
            forget(id);
    }
}

// One more than the newest, so that a key is never given to two messages.
std::uint32_t Notifier::nextNumber(const std::string &route, std::uint64_t occurrence) const
{
    std::uint32_t newest = 0;
    if (const auto found = m_byOccurrence.find(occurrence); found != m_byOccurrence.end())
        for (const std::uint64_t id : found->second)
            if (const OutboxRow &row = m_rows.at(id); row.route == route)
                newest = std::max(newest, row.number);
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
        if (!row.isAnnunciated && calls(row)) {
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
            cancel(row.occurrence, route.target.id);
            const auto before = inherited.find(route.target.id);
            OutboxRow fresh;
            fresh.state = State::Scheduled;
            fresh.due = now + route.after;
            if (before != inherited.end()) {
                fresh.due = isHeld ? before->second : std::min(fresh.due, before->second);
            } else if (isHeld) {
                fresh.state = State::Held;
                fresh.due = std::max(alarm->soundsFrom, now);
            }
            fresh.route = route.target.id;
            fresh.occurrence = row.occurrence;
            fresh.number = nextNumber(route.target.id, row.occurrence);
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
        })) { // repetitions do not pile up behind one that does not arrive
        change(row, State::Scheduled, now + std::max(route->repeat, FirstRetry));
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

// Hands as many to each sender as it may have at once.
void Notifier::begin(Time now)
{
    for (auto &[name, route] : m_byRoute) {
        if (route.ready.empty() || route.inFlight >= m_limits.inFlight)
            continue;
        if (routeOf(name) == nullptr) {
            for (const std::uint64_t id : std::set(route.ready))
                change(m_rows.at(id), State::Waiting, now + LongestRetry);
            continue;
        }
        while (!route.ready.empty() && route.inFlight < m_limits.inFlight) {
            OutboxRow &row = m_rows.at(*route.ready.begin());
            route.ready.erase(route.ready.begin());
            ++row.attempts;
            ++route.inFlight;
            m_inFlight.insert(row.id);
            m_ready.push_back(row.id);
            markDirty(row);
        }
    }
}

std::optional<Time> Notifier::due() const
{
    if (!m_isSending || m_due.empty() || m_due.begin()->due == Time::max())
        return std::nullopt;
    return m_due.begin()->due;
}

Outcome Notifier::test(const std::string &name, Time now)
{
    const RouteSpec *route = routeOf(name);
    if (route == nullptr || !route->isKnown)
        return {false, {SG_TR("there is no route '%1' in routes.yaml, or it is refused"), {shown(name)}, {}}};
    if (!m_isSending)
        return {false, {SG_TR("nothing is sent by this process"), {}, {}}};
    JournalRow row;
    row.event = "TEST";
    row.rule = "test";
    row.to = nameOf(AlarmState::Unacknowledged);
    row.priority = nameOf(Priority::Low);
    row.tEvent = now;
    OutboxRow fresh;
    fresh.route = name;
    fresh.number = 1;
    fresh.state = State::Waiting;
    fresh.due = fresh.made = now;
    fresh.facts = factsOf(row, nullptr, *m_workspace);
    fresh.facts["name"] = "Test message of Sightglass";
    add(std::move(fresh));
    elapse(now);
    return {true, {SG_TR("a test message to '%1' is on its way; the list of routes shows whether it arrived"), {shown(name)}, {}}};
}

void Notifier::note(std::uint64_t id, const Sent &sent, Time now)
{
    const auto found = m_rows.find(id);
    if (m_inFlight.erase(id) == 0 || found == m_rows.end())
        return;
    OutboxRow &row = found->second;
    Route &route = m_byRoute[row.route];
    --route.inFlight;
    if (row.isOver() || row.isGone)
        return; // its route went meanwhile
    if (sent.how == Sent::How::Delivered) {
        route.failedInRow = 0;
        route.failsSince = NoTime;
        finish(row, State::Delivered, {}, now);
        return;
    }
    if (sent.why == Error()) { // broken off
        change(row, State::Waiting, now);
        return;
    }
    const std::string why = sent.why.plain();
    ++route.failedInRow;
    route.why = why;
    if (route.failsSince == NoTime)
        route.failsSince = now;
    if (sent.how == Sent::How::Refused || now - row.made > m_limits.patience) {
        journal(row, "NOTIFY_FAILED",
                sent.how == Sent::How::Refused ? why : "given up after " + formatDuration(m_limits.patience) + ": " + why, now);
        finish(row, State::Failed, why, now);
        return;
    }
    row.why = why;
    change(row, State::Waiting, now + waitAfter(row));
}

void Notifier::noteHeartbeat(const std::string &id, const Sent &sent, Time now)
{
    const bool isBeating = sent.how == Sent::How::Delivered;
    const auto known = m_heartbeats.find(id);
    OutboxRow *row = nullptr;
    if (known == m_heartbeats.end()) {
        OutboxRow fresh;
        fresh.route = id;
        fresh.state = State::Waiting;
        row = &add(std::move(fresh));
    } else {
        row = &m_rows.at(known->second);
        // One that goes on as before is not worth a commit each time.
        if ((row->state == State::Delivered) == isBeating && row->why == (isBeating ? std::string() : sent.why.plain()))
            return;
    }
    row->state = isBeating ? State::Delivered : State::Waiting;
    row->why = isBeating ? std::string() : sent.why.plain();
    row->made = now; // since when it is so
    markDirty(*row);
}

void Notifier::journal(const OutboxRow &row, const char *event, std::string reason, Time now)
{
    const auto fact = [&](const char *name) {
        const auto found = row.facts.find(name);
        return found == row.facts.end() ? std::string() : found->second;
    };
    JournalRow out;
    out.event = event;
    out.rule = row.occurrence == 0 ? std::string() : fact("rule");
    out.key = fact("key");
    out.field = fact("field");
    out.area = fact("area");
    out.priority = fact("priority");
    out.occurrence = row.occurrence;
    out.tEvent = out.tDetect = now;
    out.reason = "route " + row.route + ", message " + row.key() + ": " + std::move(reason);
    m_journal.push_back(std::move(out));
}

void Notifier::collect(std::vector<OutboxRow> &rows, std::vector<JournalRow> &journal, Time now)
{
    elapse(now); // what was scheduled a moment ago may be due at once
    for (auto &[name, route] : m_byRoute)
        if (const std::size_t dropped = std::exchange(route.dropped, 0); dropped > 0) {
            JournalRow out;
            out.event = "NOTIFY_DROPPED";
            out.tEvent = out.tDetect = now;
            out.reason = "route " + name + ": the oldest " + std::to_string(dropped) + " messages were dropped, because "
                + std::to_string(m_limits.live) + " are not delivered yet"
                + (route.why.empty() || route.failedInRow == 0 ? "" : ": " + route.why);
            m_journal.push_back(std::move(out));
        }
    for (const std::uint64_t id : std::exchange(m_ready, {})) {
        const OutboxRow &row = m_rows.at(id);
        if (const RouteSpec *route = routeOf(row.route); route != nullptr && !row.isGone)
            m_counted.push_back({id, row.route, messageOf(row, route->target)});
        else if (m_inFlight.erase(id) != 0)
            --m_byRoute[row.route].inFlight;
    }
    for (const std::uint64_t id : std::exchange(m_dirty, {})) {
        const auto found = m_rows.find(id);
        rows.push_back(found->second);
        if (found->second.isGone) {
            if (m_inFlight.erase(id) != 0)
                --m_byRoute[found->second.route].inFlight;
            m_rows.erase(found);
        }
    }
    journal.insert(journal.end(), std::make_move_iterator(m_journal.begin()), std::make_move_iterator(m_journal.end()));
    m_journal.clear();
}

std::vector<Notifier::Attempt> Notifier::takeAttempts()
{
    return std::exchange(m_counted, {});
}

std::vector<Error> Notifier::troubles() const
{
    std::vector<Error> out;
    for (const auto &[name, route] : m_byRoute)
        if (route.failedInRow >= FailsAre)
            out.push_back({SG_TR("route '%1' cannot deliver since %2: %3; %4 messages wait, and it is tried again and again"),
                           {name, formatUtc(route.failsSince), route.why, std::to_string(route.live.size())},
                           {}});
    for (const auto &[name, id] : m_heartbeats)
        if (const OutboxRow &row = m_rows.at(id); row.state == State::Waiting)
            out.push_back({SG_TR("heartbeat '%1' does not arrive since %2: %3"), {name, formatUtc(row.made), row.why}, {}});
    return out;
}

}
