#pragma once

#include "core/fields.h"

// The tables that rule.cpp reads by. Only for models/alarms.
namespace sg {

Fields ruleDefaultFields(); // what a file's `defaults` may hold

}
