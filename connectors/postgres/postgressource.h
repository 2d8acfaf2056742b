#pragma once

#include "core/source.h"

namespace sg {

// Rows of a PostgreSQL table or view, polled by a cursor column in read-only transactions; nothing is ever written there.
SourceKind postgresKind();

}
