#pragma once

#include "state/outbox.h"
#include "workspace/routes.h"

namespace sg {

// How one receiver beyond the desk is doing, out of the outbox as it was committed.
struct RouteState
{
    std::string id, kind;
    std::string receiver; // where it goes, without secrets: scheme and host of a URL, addresses, a topic
    bool isHeartbeat = false, isInFile = true; // false: only the outbox knows it
    std::size_t scheduled = 0; // told later, unless acknowledged before
    std::size_t waiting = 0; // not delivered yet
    std::size_t delivered = 0, failed = 0, dropped = 0; // of those that are kept to be looked at
    Time lastDelivered = NoTime;
    std::uint32_t attempts = 0; // of the message that waits longest
    std::string why; // it does not arrive, or the newest one failed for good
    Time since = NoTime; // of `why`
};
// In the order of the file, then those that only the outbox knows.
std::vector<RouteState> routeStates(const Routes &routes, const std::vector<OutboxRow> &outbox);

const char *nameOf(OutboxRow::State state); // SG_TR

}
