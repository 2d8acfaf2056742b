#pragma once

#include "core/source.h"

namespace sg {

// The tables of what a source item says beside its kind; they are the decoders'.
struct SourceItemFields
{
    Fields item; // path, labels, time, decode ...
    Fields fieldRule; // one entry of `fields` of a decoder
    Fields namedRule; // the same where a `reading` may name the field
    Fields caseItem; // one entry of `cases`
    Fields otherwise; // what `else` holds
};

// The JSON Schema (draft-07) of one of a workspace's files, made of the tables that its readers check by, so that an editor completes,
// explains and marks as `check` does. `file`: one of schemaFiles().
std::string schemaOf(std::string_view file, const SourceCatalog &catalog, const SourceItemFields &source);
std::span<const char *const> schemaFiles(); // "workspace", "tags", "rules", "dashboards", "routes", "tests"

}
