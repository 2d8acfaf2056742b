#pragma once

#include "engine/snapshot.h"

#include <QString>
#include <vector>

namespace sg {

// What people are told of the times when nobody watched: one line for the program's own absence, one for each source that was lost
// meanwhile and whose catch-up found something, or can find nothing any more. UI thread.
struct UnwatchedLine
{
    QString key; // of this absence
    QString text;
    bool isFinal = false; // nothing will be added
};
std::vector<UnwatchedLine> unwatchedLines(const Snapshot &snapshot);

}
