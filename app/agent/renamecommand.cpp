#include "agent/commands.h"

#include "catalog/catalog.h"
#include "core/text.h"
#include "engine/evaluator.h"
#include "engine/pathrename.h"

#include <cstdio>

namespace sg {

namespace {

std::string listOf(const std::vector<std::string> &labels)
{
    std::string out;
    for (const std::string &label : labels)
        out += (out.empty() ? "" : ", ") + label;
    return "[" + out + "]";
}

Result<PathRename> renameIn(const Workspace &workspace, const std::string &id)
{
    const auto source
        = std::find_if(workspace.sources.begin(), workspace.sources.end(), [&](const SourceSpec &one) { return one.id == id; });
    if (source == workspace.sources.end())
        return Error{SG_TR("there is no source '%1' without a fault in this workspace"), {shown(id)}, {}};
    if (!workspace.refusedPaths.contains(id))
        return Error{SG_TR("source '%1' has the path that it had: there is nothing to rename"), {id}, {}};
    return PathRename::between(id, workspace.pathLabels.at(id), readTexts(source->declaration["path"]));
}

}

// The state takes over the path that the files say.
int renameCommand(const Arguments &arguments)
{
    if (arguments.rest.size() != 1) {
        std::fprintf(stderr, "usage: sightglass-agent rename SOURCE\n");
        return ExitUsage;
    }
    const std::string id = arguments.rest.front();
    const auto stateFolder = stateFolderOf(arguments);
    if (!stateFolder)
        return fail(stateFolder.error());
    const auto files = openWorkspace(arguments.value("--workspace"), *stateFolder);
    if (!files)
        return fail(files.error());
    const auto how = renameIn(**files, id);
    if (!how)
        return fail(how.error());
    auto file = StateFile::open(*stateFolder); // nobody evaluates meanwhile
    if (!file)
        return fail(file.error());
    auto saved = (*file)->load();
    if (!saved)
        return fail(saved.error());
    auto workspace = std::make_shared<Workspace>(**files);
    workspace->pathLabels[id] = how->to;
    workspace->refusedPaths.erase(id);

    Commit commit = rename(*saved, *how, *workspace);
    const std::size_t series = commit.series.size();
    const std::string what = listOf(how->from) + " is " + listOf(how->to);
    const std::string actor = actorOf(arguments), reason = arguments.value("--reason");
    // The rules take effect as they would at the next start, so what would close an alarm still waits for Apply.
    const Mono now = Mono::clock::now();
    const Time wall = std::chrono::floor<Micros>(std::chrono::system_clock::now());
    Evaluator evaluator(now, wall);
    evaluator.restore(std::move(*saved));
    evaluator.apply(workspace, false, actor, reason, now);
    Commit taken = evaluator.collect(now);
    taken.instances.insert(taken.instances.begin(), commit.instances.begin(), commit.instances.end());
    taken.series.insert(taken.series.begin(), commit.series.begin(), commit.series.end());
    taken.journal.insert(taken.journal.begin(),
                         JournalRow{.event = "SOURCE_RENAMED",
                                    .source = id,
                                    .tEvent = wall,
                                    .tDetect = wall,
                                    .actor = actor,
                                    .reason = what + (reason.empty() ? "" : ": " + reason)});
    taken.isWatching = false; // nobody watched: the next start must still say since when
    if (const auto written = (*file)->write(taken); !written)
        return fail(written.error());
    std::printf("renamed %zu series of %s: %s now\n", series, id.c_str(), what.c_str());
    return ExitDone;
}

}
