#pragma once

#include "core/browse.h"

namespace sg {

std::unique_ptr<Browser> browsePostgres(const SourceSpec &spec);

}
