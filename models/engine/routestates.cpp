#include "engine/routestates.h"

#include "core/secret.h"
#include "core/weburl.h"

#include <algorithm>

namespace sg {

namespace {

std::string receiverOf(const SourceSpec &target)
{
    std::string out;
    const Node &settings = target.settings;
    if (settings.has("url"))
        out = isSecretReference(settings["url"]) ? nameOfSecret(settings["url"]) : placeOfUrl(settings.text("url"));
    for (const char *key : {"to", "host", "broker", "brokers", "topic"})
        for (const std::string &text : readTexts(settings[key]))
            out += (out.empty() ? "" : " ") + text;
    return out;
}

void count(RouteState &state, const OutboxRow &row)
{
    if (row.number == 0 && row.occurrence == 0) { // a heartbeat: one row that says how it is since when
        state.isHeartbeat = true;
        if (row.state == OutboxRow::State::Delivered) {
            state.lastDelivered = row.made;
            ++state.delivered;
        } else {
            ++state.waiting;
            state.why = row.why;
            state.since = row.made;
        }
        return;
    }
    switch (row.state) {
    case OutboxRow::State::Held:
    case OutboxRow::State::Scheduled:
        ++state.scheduled;
        return;
    case OutboxRow::State::Waiting:
        ++state.waiting;
        if (state.waiting == 1) {
            state.attempts = row.attempts;
            state.since = row.made;
            state.why = row.why;
        }
        return;
    case OutboxRow::State::Delivered:
        ++state.delivered;
        state.lastDelivered = std::max(state.lastDelivered, row.ended);
        return;
    case OutboxRow::State::Failed:
    case OutboxRow::State::Dropped:
        ++(row.state == OutboxRow::State::Failed ? state.failed : state.dropped);
        if (state.waiting == 0 && row.ended >= state.since) {
            state.why = row.why;
            state.since = row.ended;
        }
        return;
    }
}

}

std::vector<RouteState> routeStates(const Routes &routes, const std::vector<OutboxRow> &outbox)
{
    std::vector<RouteState> out;
    for (const RouteSpec &route : routes.routes)
        out.push_back({.id = route.target.id, .kind = route.target.kind, .receiver = receiverOf(route.target)});
    for (const HeartbeatSpec &heartbeat : routes.heartbeats)
        out.push_back(
            {.id = heartbeat.target.id, .kind = heartbeat.target.kind, .receiver = receiverOf(heartbeat.target), .isHeartbeat = true});
    for (const OutboxRow &row : outbox) {
        auto state = std::find_if(out.begin(), out.end(), [&](const RouteState &one) { return one.id == row.route; });
        if (state == out.end())
            state = out.insert(out.end(), {.id = row.route, .isInFile = false});
        count(*state, row);
    }
    // What failed is old news once a later one arrived.
    for (RouteState &state : out)
        if (state.waiting == 0 && state.lastDelivered > state.since)
            state.why.clear();
    return out;
}

const char *nameOf(OutboxRow::State state)
{
    switch (state) {
    case OutboxRow::State::Held:
        return SG_TR("Held");
    case OutboxRow::State::Scheduled:
        return SG_TR("Scheduled");
    case OutboxRow::State::Waiting:
        return SG_TR("Waiting");
    case OutboxRow::State::Delivered:
        return SG_TR("Delivered");
    case OutboxRow::State::Failed:
        return SG_TR("Failed");
    case OutboxRow::State::Dropped:
        return SG_TR("Dropped");
    }
    return "";
}

}
