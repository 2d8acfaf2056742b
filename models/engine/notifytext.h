#pragma once

#include "alarms/alarmengine.h"
#include "core/sender.h"
#include "state/outbox.h"
#include "workspace/workspace.h"

namespace sg {

// What texts of a route may name (routePlaceholders()) of one journal row. `rule` may be null.
std::map<std::string, std::string> factsOf(const JournalRow &row, const Rule *rule, const Workspace &workspace);

// The message of a row as its route wants it: JSON from its `body`, or a mail's subject and text. Every text in the JSON is escaped where
// it is written, so no value can end the string that it stands in.
Notification messageOf(const OutboxRow &row, const SourceSpec &target);
// What a heartbeat says.
std::string heartbeatBody(const SourceSpec &target, const std::string &workspace, Time now);

}
