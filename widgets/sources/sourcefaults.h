#pragma once

#include "core/source.h"
#include "workspace/workspace.h"

namespace sg {

// What keeps a source from being saved, in the order in which a person mends it: its id, then what was typed. `made`: the source as it
// would be read, or why it cannot be. `change`: the id of the source that is changed; empty: a new one.
std::vector<Error> sourceFaults(const Workspace &workspace, const SourceKind *kind, const std::string &id, const std::string &change,
                                const Result<SourceSpec> &made);

}
