#pragma once

#include "workspace/workspace.h"

#include <functional>
#include <set>

// What the readers of the single files share while one workspace is read. Private to this folder.
namespace sg {

// The texts of a workspace, wherever they come from; read when needed, so that a big file nobody names costs nothing.
struct FileSet
{
    std::vector<std::string> names; // "rules/press.yaml", sorted
    std::function<Result<std::string>(const std::string &name)> read;
};
Result<FileSet> filesOfFolder(const std::string &folder, std::vector<Error> &errors);
FileSet filesInMemory(const std::map<std::string, std::string> &files);

struct Connection
{
    std::string kind;
    Node settings;
    bool isValid = false;
};

struct Reading
{
    const SourceCatalog &catalog;
    const FileSet &files;
    const std::map<std::string, std::string> &lastValid;
    Workspace workspace;
    std::map<std::string, Connection> connections = {};
    std::set<std::string> declared = {}; // source ids, those of refused sources too: a selector on one is no second fault

    void add(Error error) { workspace.errors.push_back(std::move(error)); }
    // True when there was none.
    bool add(std::vector<Error> errors);
    [[nodiscard]] Result<std::string> text(const std::string &name) const; // of one of the files
    // A file whose root is a map with `format: 1` and the keys of the table. Every fault is an Error; unknown keys do not stop it.
    Result<Node> document(const std::string &name, const std::string &text, Fields fields);
    // Nothing, or why this selector selects nothing: it does not parse, names no source, or has the wrong number of segments.
    std::optional<Error> checkSelector(const Node &node) const;
    [[nodiscard]] std::vector<std::string> namesBelow(std::string_view folder) const; // "rules/": those that end in .yaml
};

void readSources(Reading &reading, const Node &root);
void readRoutes(Reading &reading); // after sources and rules, which it names
void readTags(Reading &reading);
void readRules(Reading &reading);
void readPages(Reading &reading);
void readHistory(Reading &reading, const Node &root);

// The keys of a source's or a route's own map and of the connection it uses; one in both would leave open which is meant.
Result<Node> mergedSettings(const Reading &reading, const Node &own, const std::string &kind);
// Files that settings name (certificates): inside the workspace, whatever links say.
std::vector<Error> checkPaths(const std::string &folder, const Node &settings, Fields fields);
std::optional<Error> checkNewId(const Node &item, const char *what, const std::function<bool(const std::string &)> &isTaken);
std::string clientNameFor(const std::string &workspace);

// { en: ..., ko: ..., ja: ... } under this key becomes the text in this machine's language (English, or the first, without one).
std::optional<Error> chooseLanguage(Node &item, std::string_view key);
bool isId(std::string_view text); // [a-z][a-z0-9_-]*
bool isLabelName(std::string_view text); // [a-z][a-z0-9_]*
// `name:` with nothing behind it is an empty list.
std::optional<Error> checkIsList(const Node &root, std::string_view key);

}
