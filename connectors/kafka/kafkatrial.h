#pragma once

#include "core/source.h"

namespace sg {

// The Test button: connects, lists topics, looks at the newest record, and tells each step. At most about ten seconds.
Result<Done> tryKafka(const SourceSpec &spec, const std::function<void(const Error &step)> &say, std::stop_token stop);

}
