#include "engine/notifier.h"

#include "core/text.h"
#include "core/times.h"
#include "engine/notifytext.h"

#include <algorithm>

// The attempts: which begin, how they ended, and what of it is committed and shown.
namespace sg {

namespace {

using State = OutboxRow::State;

constexpr std::uint32_t FailsAre = 2; // attempts in a row after which a route is a standing trouble

// Half to the whole of 1 s, 2 s, 4 s ... 5 min; the half that is chance hangs on the message, so that many do not come back together.
Micros waitAfter(const OutboxRow &row, Micros first, Micros longest)
{
    const unsigned doublings = std::min(row.attempts == 0 ? 0U : row.attempts - 1, 20U);
    const Micros whole = std::min<Micros>(first * (std::int64_t(1) << doublings), longest);
    const std::uint64_t chance = StableHash().add(row.key()).add(static_cast<std::int64_t>(row.attempts)).value() >> 16U;
    return whole / 2 + Micros(static_cast<std::int64_t>(chance % static_cast<std::uint64_t>(whole.count() / 2 + 1)));
}

// But for numbers: libcurl says how many milliseconds it took.
bool isSameReason(std::string a, std::string b)
{
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    std::erase_if(a, isDigit);
    std::erase_if(b, isDigit);
    return a == b;
}

}

// Hands as many to each sender as it may have at once.
void Notifier::begin(Time now)
{
    if (!m_isBeginning)
        return;
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

Outcome Notifier::test(const std::string &name, Time now)
{
    const RouteSpec *route = routeOf(name);
    if (route == nullptr || !route->isKnown)
        return {false, {SG_TR("there is no route '%1' in routes.yaml, or it is refused"), {shown(name)}, {}}};
    if (!m_isSending)
        return {false, {SG_TR("nothing is sent by this process"), {}, {}}};
    const std::set<std::uint64_t> &live = m_byRoute[name].live;
    if (std::any_of(live.begin(), live.end(), [this](std::uint64_t id) { return m_rows.at(id).occurrence == 0; }))
        return {false, {SG_TR("the test message to '%1' of before has not arrived yet; the list of routes shows why"), {shown(name)}, {}}};
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
    keepBound(m_byRoute[name], now);
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
        const bool isToAll = sent.why == Error();
        if (isToAll || route.notReached.empty())
            route.notReachedSince = now;
        route.notReached = isToAll ? std::string() : sent.why.plain();
        finish(row, State::Delivered, route.notReached, now);
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
    change(row, State::Waiting, now + waitAfter(row, FirstRetry, LongestRetry));
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
        if ((row->state == State::Delivered) == isBeating && isSameReason(row->why, isBeating ? std::string() : sent.why.plain()))
            return;
    }
    if (known == m_heartbeats.end() || (row->state == State::Delivered) != isBeating)
        row->made = now; // since when it is so
    row->state = isBeating ? State::Delivered : State::Waiting;
    row->why = isBeating ? std::string() : sent.why.plain();
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
    for (const auto &[name, route] : m_byRoute) {
        if (!route.notReached.empty())
            out.push_back(
                {SG_TR("route '%1' reaches only some since %2: %3"), {name, formatUtc(route.notReachedSince), route.notReached}, {}});
        if (route.failedInRow >= FailsAre)
            out.push_back({SG_TR("route '%1' cannot deliver since %2: %3; %4 messages wait, and it is tried again and again"),
                           {name, formatUtc(route.failsSince), route.why, std::to_string(route.live.size())},
                           {}});
    }
    for (const auto &[name, id] : m_heartbeats)
        if (const OutboxRow &row = m_rows.at(id); row.state == State::Waiting)
            out.push_back({SG_TR("heartbeat '%1' does not arrive since %2: %3"), {name, formatUtc(row.made), row.why}, {}});
    return out;
}

}
