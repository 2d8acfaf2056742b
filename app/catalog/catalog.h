#pragma once

#include "core/sender.h"
#include "workspace/workspace.h"

namespace sg {

// Every kind of source of this program: the one place that names all connectors. Lives as long as the program.
const SourceCatalog &sourceCatalog();

// Every kind of receiver beyond the desk, in the same way.
const SenderCatalog &senderCatalog();

// The embedded demo plant as a folder of its own under the state home, made when it is not there yet: people edit it like any
// workspace. Its state folder is kept apart as well.
Result<std::string> demoFolder();

// Reads a workspace with what the state remembers of its rules; `folder` empty: the demo plant.
Result<std::shared_ptr<const Workspace>> openWorkspace(const std::string &folder, const std::string &stateFolder = {});

}
