#pragma once

#include "core/browse.h"

namespace sg {

// Looks into the broker of the settings under a client id of its own, in a session that ends with it, with QoS 0 and without a share:
// nothing is taken from anybody. A broker keeps no history, so topics are what comes while it listens, and messages what is retained and
// what comes. May throw Refusal.
std::unique_ptr<Browser> browseMqtt(const SourceSpec &spec);

// By the same steps, and then for a moment whether a message comes.
Result<Done> tryMqtt(const SourceSpec &spec, const std::function<void(const Error &step)> &say, std::stop_token stop);

}
