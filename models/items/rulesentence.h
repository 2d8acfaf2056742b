#pragma once

#include "core/node.h"

#include <QString>

namespace sg {

// What a rule's sentence has to know of the plant around it.
struct SentenceSubject
{
    std::vector<std::string> labels; // of the path of the rule's source, in order; empty: not known
    QString unit; // of all series that it watches; empty: none, or not the same
    QString name; // of the one series that it watches; empty: it is said by its path
};

// A rule as people say it: "When oil pressure of each press is below 3.5 bar for 5 s, an alarm of high priority is raised." `item` is the
// rule's map with its defaults filled in, faults and all: what is not there yet, or cannot be, is an ellipsis. Plain text of bounded
// length. UI thread, otherwise pure.
QString ruleSentence(const Node &item, const SentenceSubject &subject = {});

}
