#include "agent/commands.h"
#include "agent/consenting.h"
#include "agent/trials.h"
#include "catalog/catalog.h"

#include "core/json.h"
#include "core/text.h"
#include "workspace/ruletests.h"

#include <cstdio>

namespace sg {

namespace {

std::string listOf(const std::vector<std::string> &texts)
{
    std::string out;
    for (const std::string &text : texts)
        out += (out.empty() ? "" : ",") + jsonText(text);
    return "[" + out + "]";
}

void printFault(const Error &error, bool isJson)
{
    if (!isJson) {
        std::printf("%s\n", error.plain().c_str());
        return;
    }
    const Error apart{error.text, error.args, {}};
    std::printf("{\"fault\":%s,\"place\":%s}\n", jsonText(apart.plain()).c_str(), jsonText(error.place).c_str());
}

// What it would reach, and whether somebody agreed; `trust` is what SIGHTGLASS_TRUST and --trust take.
void printReach(const Workspace &workspace, const Consents &consents, bool isJson)
{
    const std::vector<Demand> demands = demandsOf(workspace);
    if (isJson) {
        for (const Demand &demand : demands)
            std::printf("{\"host\":%s,\"secret\":%s,\"by\":%s,\"agreed\":%s}\n", jsonText(demand.access.host).c_str(),
                        jsonText(demand.access.secret).c_str(), listOf(demand.by).c_str(),
                        consents.covers(demand.access) ? "true" : "false");
        return;
    }
    for (const Demand &demand : demands)
        std::printf("reaches %s%s\n", sentenceOf(demand.access).plain().c_str(),
                    consents.covers(demand.access) ? "" : "; nobody on this machine agreed yet");
}

}

int checkCommand(const Arguments &arguments)
{
    const bool isJson = arguments.has("--json");
    const auto workspace = openWorkspace(arguments.value("--workspace"), arguments.value("--state"));
    if (!workspace) {
        if (isJson)
            printFault(workspace.error(), true);
        return fail(workspace.error());
    }
    std::vector<Error> errors = (*workspace)->errors; // of refused rules too
    const RuleTests tests = readRuleTestsOf((*workspace)->folder);
    errors.insert(errors.end(), tests.errors.begin(), tests.errors.end());
    for (const Error &error : errors)
        printFault(error, isJson);
    const bool isTrying = arguments.has("--connect");
    const auto consents
        = isTrying || arguments.has("--trust") ? consentsFor(arguments, **workspace) : Result<Consents>(Consents::keptFor(**workspace));
    if (!consents)
        return fail(consents.error());
    printReach(**workspace, *consents, isJson);
    const auto &rules = (*workspace)->rules;
    const struct
    {
        const char *name;
        std::size_t count;
    } counts[] = {{"sources", (*workspace)->sources.size()},
                  {"rules", rules ? rules->rules.size() : 0},
                  {"pages", (*workspace)->pages.size()},
                  {"routes", (*workspace)->routes.routes.size()},
                  {"tests", tests.tests.size()},
                  {"faults", errors.size()}};
    std::string text = isJson ? "{\"workspace\":" + jsonText((*workspace)->name) : shown((*workspace)->name) + ":";
    for (const auto &[name, count] : counts)
        text += isJson ? ",\"" + std::string(name) + "\":" + std::to_string(count)
                       : (text.ends_with(':') ? " " : ", ") + std::to_string(count) + " " + name;
    const std::string hash = trustHash(demandsOf(**workspace));
    text += isJson ? ",\"trust\":" + jsonText(hash) + "}" : hash.empty() ? "" : "; --trust " + hash;
    std::printf("%s\n", text.c_str());
    std::fflush(stdout);
    const bool isReached = !isTrying || tryAll(**workspace, *consents, isJson);
    return errors.empty() && isReached ? ExitDone : ExitFailed;
}

}
