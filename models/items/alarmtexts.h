#pragma once

#include "engine/snapshot.h"
#include "alarms/alarmengine.h"
#include "workspace/workspace.h"

#include <QStringList>

namespace sg {

// A rule's text with its places filled in: {line}, {device} and other labels of the key, {field} {value} {limit} {unit} {source}.
// What is no such place stays as it is. Plain text. UI thread.
QString filledIn(const std::string &text, const AlarmView &alarm, const Workspace &workspace);

// What a row of the list says of an alarm. `workspace` knows the units.
QString stateOf(const AlarmView &alarm); // of a hidden one also what it hides: "Shelved, active"
QString raisedOf(const AlarmView &alarm); // "14:03:22"; of another day "09-21 14:03"
QString valueOf(const AlarmView &alarm, const Workspace &workspace); // newest value, with its unit
QString whyOf(const AlarmView &alarm, const Workspace &workspace); // "83 is above high 80 °C"; of one that is over its limit
// What else is to be known, the most urgent first: late, first out, chatters, its source is lost, who hides it until when, a note, what
// its message said beside the value. In full, and the same ones in a word each for a narrow column.
QStringList badgesOf(const AlarmView &alarm, Time now);
QStringList shortBadgesOf(const AlarmView &alarm, Time now);

// For a tooltip, which would take what looks like a tag for one.
QString tipText(QString text);

// An alarm that a waiting edit would close, its name filled in as in the list.
QString stagedText(const std::string &staged, const Snapshot &snapshot, const Workspace &workspace);

}
