#pragma once

#include "decode/declaration.h"

namespace sg {

// One entry of `fields`, or of `scalar`, without its place. Its keys have been checked against their table.
FieldRule readFieldRule(const std::string &name, const Node &node, std::vector<Error> &faults);

}
