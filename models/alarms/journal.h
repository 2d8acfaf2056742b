#pragma once

#include "core/types.h"

#include <string>

namespace sg {

// One record of what happened, with the journal columns of the design. Append-only; `seq` and the hash chain are the state file's.
struct JournalRow
{
    std::uint64_t seq = 0; // given by the state file
    std::string event; // RAISED ESCALATED LOWERED CLEARED ACKNOWLEDGED SUPERSEDED RULE_CHANGED REDEFINED DELETED DISABLED ENABLED QUALITY
                       // RETIRED GAP STARTED ... (RECORD_EVENTS in transition.h)
    std::string rule, key, field; // instance; empty for records about a source or the program
    std::string source; // of GAP, CATCHUP and the like
    std::uint64_t occurrence = 0;
    std::string from, to; // projected states: "Normal" "Unacknowledged" "Acknowledged" "Returned unacknowledged" ...
    std::string level; // "high_high"
    std::string priority, area; // as they were then
    Time tStamp = NoTime; // raw
    Time tEvent = NoTime; // placed
    Time tDetect = NoTime; // reference clock when it was found
    double value = std::numeric_limits<double>::quiet_NaN();
    std::string valueText; // of a state series
    double limit = std::numeric_limits<double>::quiet_NaN();
    Quality quality = Quality::Good;
    std::string actor, reason; // "ann@desk-3"
    std::uint64_t ruleHash = 0;
    std::string origin; // source position: "orders/3@1718"
    std::string notes; // of the message that began the occurrence, see core/notes.h
    bool isAnnunciated = false; // sounds and flashes; for those who watch live, not a column of the journal
};

}
