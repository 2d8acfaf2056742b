#pragma once

#include "core/fields.h"

// The tables that rule.cpp reads by; the schema of the workspace is made of them too.
namespace sg {

Fields ruleDefaultFields(); // what a file's `defaults` may hold

}
