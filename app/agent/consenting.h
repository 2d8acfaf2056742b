#pragma once

#include "agent/commands.h"

#include "workspace/consent.h"

namespace sg {

extern const Option TrustOption; // --trust HASH

// What a command may reach: takes `--trust HASH` where it is given, else lists on stderr what nobody agreed to yet, with the hash that
// does. An Error when the hash is of another list; nothing connects then.
Result<Consents> consentsFor(const Arguments &arguments, const Workspace &workspace);

}
