#pragma once

#include "alarms/roles.h"
#include "alarms/rule.h"
#include "core/source.h"
#include "workspace/routes.h"

namespace sg {

bool isStopped(const SourceSpec &source); // it says `enabled: false`: declared, and not read

struct TileSpec
{
    std::string id;
    std::string kind; // "chart", "alarms"; unknown kinds keep their text and show a placeholder
    int column = 0, row = 0, width = 12, height = 6; // on a grid of 24 columns
    Node settings; // the kind's own map
};
struct TileKind // data, so that `agent check` knows every tile without Widgets
{
    const char *name = "";
    const char *label = "";
    Fields fields;
};
std::span<const TileKind> tileKinds();
struct PageSpec
{
    std::string file, name;
    std::vector<TileSpec> tiles;
};

// How long readings stay on disk: whole chunks that are older, or the oldest above the size, go. The journal is not touched by it.
struct HistoryBounds
{
    Micros age{0}; // 0: no bound
    std::uint64_t bytes = std::uint64_t(10) << 30U;
};

// A workspace folder as values. Immutable once read.
struct Workspace
{
    std::string folder; // absolute
    std::string name;
    std::string zone; // of hours that name none; empty: this machine's
    std::vector<SourceSpec> sources;
    std::map<std::string, std::vector<std::string>> pathLabels; // source id -> path labels in order
    // Sources whose path is not the one that their history is kept by, and why that is refused: pathLabels has the one of before, and
    // they are read as before, or not at all.
    std::map<std::string, Error> refusedPaths;
    std::shared_ptr<const RuleSet> rules;
    // The versions of `lastValid` that the files do not hold any more: where leaving them would close a live alarm, they go on until
    // Apply, also after a restart.
    std::vector<std::shared_ptr<const Rule>> ranLast;
    std::shared_ptr<const Tags> tags;
    std::vector<PageSpec> pages;
    HistoryBounds history;
    Routes routes; // who is told beyond the desk
    Roles roles;
    std::vector<Error> errors; // of files and items that were left out; each names file and line
    bool isDemo = false;
};

// Reads and checks the whole folder; never connects anywhere. An Error only when there is no workspace at all (no folder, no
// workspace.yaml, a workspace.yaml that cannot be parsed); any other fault is in Workspace::errors and leaves out its item only.
// `lastValid` (rule id -> text) are the versions that stay when an edit is broken.
Result<Workspace> readWorkspace(const std::string &folder, const SourceCatalog &catalog,
                                const std::map<std::string, std::string> &lastValid = {});

// The same from texts in memory, by their path relative to the workspace ("rules/press.yaml"): the demo, tests, a check before an
// edit is written. `folder` may be empty; then no path in it can be followed.
Result<Workspace> readWorkspaceFiles(const std::map<std::string, std::string> &files, const SourceCatalog &catalog,
                                     const std::map<std::string, std::string> &lastValid = {}, const std::string &folder = {});

// `known`: of every source that has a history, the path labels that it is kept by.
void refuseChangedPaths(Workspace &workspace, const std::map<std::string, std::vector<std::string>> &known);

Result<Node> parseYaml(std::string_view text, const std::string &file); // one document; see the text habits of the grammar

}
