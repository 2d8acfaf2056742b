#pragma once

#include "core/source.h"

namespace sg {

// Processed Kafka topics: a consumer of its own that joins no group and commits nothing, so the watched pipeline does not notice it.
SourceKind kafkaKind();

}
