#pragma once

#include "core/source.h"

// The tables that the readers of this folder check by, for the schema. Private to this folder.
namespace sg {

Fields workspaceFields(); // of the root of workspace.yaml
Fields roleFields();
Fields historyFields();
Fields tagFields();
Fields routeFields(); // what all kinds of routes have
Fields heartbeatFields();
Fields ruleTestFields();
Fields ruleTestActionFields();
Fields ruleTestStateFields();

// What a connection of this kind may say; `kind` is one of connectionKinds().
std::span<const char *const> connectionKinds();
Fields connectionFields(const SourceCatalog &catalog, std::string_view kind);

}
