#pragma once

// Only the few files that read JSON include this: simdjson costs seconds to compile.
#include <simdjson.h>
