#pragma once

#include "widgets/connect/itemkinds.h"

namespace sg {

// What a place of a message is used for in a source's item; `kind`: of its kinds of messages, kindOf(). Pure.
enum class PlaceRole { None, Field, Label, Note, Stamp };

struct PlaceUse
{
    PlaceRole role = PlaceRole::None;
    std::string name; // of the field, label or note
};

PlaceUse useOf(const Node &item, const std::string &where, int kind = NoKinds);
// Gives a place another use, and takes it away from the one it had. `rule`: the entry of `fields`, in flow YAML; `stamp`: what stands in
// `time` beside `at`, such as unit and zone.
void setUse(Node &item, const std::string &where, const PlaceUse &use, const std::string &rule, const Node &stamp, int kind = NoKinds);
// The name as the grammar has it for a label or a note: "Asset-Id" -> "asset_id".
std::string labelName(const std::string &name);
bool isLearning(const Node &item, int kind = NoKinds);
void setLearning(Node &item, bool isLearning, int kind = NoKinds);

}
