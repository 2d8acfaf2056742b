#include "agent/consenting.h"

#include "core/text.h"

#include <cstdio>

namespace sg {

const Option TrustOption{"--trust", "HASH", "agree to the servers and secrets of the list with this hash; kept on this machine"};

namespace {

void print(const std::vector<Demand> &demands)
{
    for (const Demand &demand : demands) {
        std::string by;
        for (const std::string &one : demand.by)
            by += (by.empty() ? "" : ", ") + one;
        std::fprintf(stderr, "  %s  (%s)\n", sentenceOf(demand.access).plain().c_str(), shown(by).c_str());
    }
}

}

Result<Consents> consentsFor(const Arguments &arguments, const Workspace &workspace)
{
    const std::vector<Demand> all = demandsOf(workspace);
    const std::string hash = trustHash(all);
    if (arguments.has("--trust") && !all.empty()) {
        if (arguments.value("--trust") != hash) {
            std::fprintf(stderr, "this workspace would connect to:\n");
            print(all);
            return Error{
                SG_TR("--trust %1 is the hash of another list; the hash of this one is %2"), {shown(arguments.value("--trust")), hash}, {}};
        }
        std::vector<Access> accesses;
        for (const Demand &demand : all)
            accesses.push_back(demand.access);
        if (auto kept = trust(workspace.folder, accesses); !kept)
            return kept.error();
    }
    Consents consents = Consents::keptFor(workspace);
    if (const auto missing = consents.missing(workspace); !missing.empty()) {
        std::fprintf(stderr, "nobody on this machine agreed yet that this workspace connects to:\n");
        print(missing);
        std::fprintf(stderr,
                     "it waits for that, and no secret of it is read. Look whether these are the servers and secrets you expect; then\n"
                     "--trust %s agrees to all that the workspace would reach now.\n",
                     hash.c_str());
    }
    return consents;
}

}
