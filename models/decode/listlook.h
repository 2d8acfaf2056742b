#pragma once

#include "decode/roleguess.h"

namespace sg {

// A list of objects in the messages, whose items can be read one by one.
struct ListLook
{
    std::string pointer;
    std::string reads; // how an item is read, as flow YAML: "reading: {...}" or "fields: {...}"; empty: nothing in it can be
    bool isAll = false; // every message has it, and nothing to chart stands beside it
};

// REQUIRES: !stats.lists.empty()
ListLook lookAtList(const PlaceStats &stats, const RoleGuess &roles);

}
