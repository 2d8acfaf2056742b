#pragma once

#include "decode/schemas.h"

namespace sg {

// A schema registry by Confluent's REST interface (GET /schemas/ids/{id}, and /subjects/{name}/versions/{n} for what a schema refers to),
// with basic authentication and TLS, as the `registry` settings of a source say. Schemas are kept for ever by their id, which a registry
// never gives another meaning; that it has no such id is asked again after a minute.
std::unique_ptr<Schemas> makeRegistry(const SourceSpec &spec);

}
