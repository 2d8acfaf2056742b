#pragma once

#include "workspace/consent.h"

namespace sg {

// Tries to reach the server of every source, route and heartbeat, some at a time, and prints the steps of each as it ends. Nothing is
// sent, stored or taken from another reader. Bounded in time whatever a server does. False: one was not reached, or waits for consent.
bool tryAll(const Workspace &workspace, const Consents &consents, bool isJson);

}
