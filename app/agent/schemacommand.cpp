#include "agent/commands.h"
#include "catalog/catalog.h"

#include "decode/declarationfields.h"
#include "workspace/schema.h"

#include <algorithm>
#include <cstdio>

namespace sg {

int schemaCommand(const Arguments &arguments)
{
    const std::string file = arguments.rest.empty() ? schemaFiles().front() : arguments.rest.front();
    const bool isKnown = std::any_of(schemaFiles().begin(), schemaFiles().end(), [&](const char *name) { return file == name; });
    if (arguments.rest.size() > 1 || !isKnown) {
        std::string names;
        for (const char *name : schemaFiles())
            names += (names.empty() ? "" : "|") + std::string(name);
        std::fprintf(stderr, "usage: sightglass-agent schema [%s]\n", names.c_str());
        return ExitUsage;
    }
    std::fputs(
        schemaOf(file, sourceCatalog(), {sourceItemFields(), fieldRuleFields(), namedRuleFields(), caseFields(), elseFields()}).c_str(),
        stdout);
    return ExitDone;
}

}
