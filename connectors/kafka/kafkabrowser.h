#pragma once

#include "core/browse.h"
#include "core/source.h"

namespace sg {

// Topics and their records, looked at by hand with a client of its own: no group is joined, nothing is committed, little is fetched ahead.
std::unique_ptr<Browser> browseKafka(const SourceSpec &spec);

}
