#pragma once

#include "workspace/reading.h"

namespace sg {

// What a connection of kind `registry` says.
Fields registryFields();
// Fills spec.registry of a source whose `decode` names a registry. False: a fault was told.
bool readRegistry(Reading &reading, SourceSpec &spec);

}
