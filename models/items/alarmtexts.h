#pragma once

#include "engine/snapshot.h"
#include "alarms/alarmengine.h"
#include "workspace/workspace.h"

#include <QString>

namespace sg {

// A rule's text with its places filled in: {line}, {device} and other labels of the key, {field} {value} {limit} {unit} {source}.
// What is no such place stays as it is. Plain text. UI thread.
QString filledIn(const std::string &text, const AlarmView &alarm, const Workspace &workspace);

// An alarm that a waiting edit would close, its name filled in as in the list.
QString stagedText(const std::string &staged, const Snapshot &snapshot, const Workspace &workspace);

}
