#pragma once

#include "alarms/rule.h"
#include "core/source.h"

namespace sg {

// routes.yaml: who is told beyond the desk. Data, so that a check knows every kind without its client library.
struct RouteKind
{
    const char *name = ""; // "smtp"
    const char *label = ""; // SG_TR
    Fields fields; // of the kind's own map, with those that a connection may say
};
std::span<const RouteKind> routeKinds();
const RouteKind *routeKind(std::string_view name); // null: none of this version

// What stands for {name} in texts of a route: of the alarm, and of the message. Sorted.
std::span<const char *const> routePlaceholders();

struct RouteSpec
{
    SourceSpec target; // id, kind, settings with the used connection's keys merged in, folder, clientName
    bool isKnown = true; // false: a newer version's kind; it keeps its text and tells nobody
    std::vector<std::string> areas, rules; // empty: all
    std::vector<Priority> priorities;
    std::vector<Audience> audience; // empty: operators and engineers
    Micros after{0}; // told when it is still unacknowledged then
    Micros repeat{0}; // until acknowledged; 0: once
    std::optional<Hours> hours; // outside of them it waits for their begin
};

// Says that Sightglass lives, so that something else notices that it died.
struct HeartbeatSpec
{
    SourceSpec target;
    Micros every{std::chrono::seconds(30)};
};

struct Routes
{
    std::vector<RouteSpec> routes;
    std::vector<HeartbeatSpec> heartbeats;
    // Ids of routes and heartbeats with faults, and whether the file itself has some: what ran before goes on for those.
    std::vector<std::string> refused;
    bool isFileRefused = false;
};

}
