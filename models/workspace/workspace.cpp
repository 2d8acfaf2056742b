#include "workspace/reading.h"

#include "core/text.h"
#include "core/times.h"
#include "workspace/tables.h"

#include <algorithm>
#include <filesystem>

namespace sg {

namespace {

constexpr Field RootFields[] = {
    {.key = "format", .type = FieldType::Any},  {.key = "name", .type = FieldType::Any},    {.key = "connections", .type = FieldType::Any},
    {.key = "sources", .type = FieldType::Any}, {.key = "history", .type = FieldType::Any}, {.key = "roles", .type = FieldType::Any},
    {.key = "zone", .type = FieldType::Text},
};
constexpr Field RoleFields[] = {
    {.key = "maintenance", .type = FieldType::Texts, .label = SG_TR("Maintenance"), .help = SG_TR("Who may take alarms out of service.")},
    {.key = "engineer", .type = FieldType::Texts, .label = SG_TR("Engineer"), .help = SG_TR("Who may disable alarms.")},
};

void readRoles(Reading &reading, const Node &root)
{
    const Node &node = root["roles"];
    if (node.isMissing() || !reading.add(check(node, RoleFields)))
        return;
    reading.workspace.roles = {readTexts(node["maintenance"]), readTexts(node["engineer"])};
}

// Of the hours of rules that name none.
void readZone(Reading &reading, const Node &root)
{
    const Node &zone = root["zone"];
    if (zone.isMissing())
        return;
    if (const auto probe = parseIso("2026-01-01T00:00:00", zone.scalar); !probe)
        reading.add(zone.error(probe.error().text, probe.error().args));
    else
        reading.workspace.zone = zone.scalar;
}

Result<Workspace> readAll(const FileSet &files, const SourceCatalog &catalog, const std::map<std::string, std::string> &lastValid,
                          const std::string &folder, std::vector<Error> errors)
{
    Reading reading{catalog, files, lastValid, {}};
    reading.workspace.folder = folder;
    reading.workspace.errors = std::move(errors);
    if (std::find(files.names.begin(), files.names.end(), "workspace.yaml") == files.names.end())
        return Error{SG_TR("there is no workspace.yaml in '%1'"), {shown(folder)}, {}};
    const auto text = reading.text("workspace.yaml");
    if (!text)
        return text.error();
    auto root = reading.document("workspace.yaml", *text, RootFields);
    if (!root)
        return root.error();
    if (auto error = chooseLanguage(*root, "name"))
        reading.add(*error);
    reading.workspace.name = root->text("name", std::filesystem::path(folder).filename().string());
    readHistory(reading, *root);
    readRoles(reading, *root);
    readZone(reading, *root);
    readSources(reading, *root);
    readTags(reading);
    readRules(reading);
    readRoutes(reading);
    readPages(reading);
    return std::move(reading.workspace);
}

}

Fields workspaceFields()
{
    return RootFields;
}

Fields roleFields()
{
    return RoleFields;
}

Result<Workspace> readWorkspace(const std::string &folder, const SourceCatalog &catalog,
                                const std::map<std::string, std::string> &lastValid)
{
    std::vector<Error> errors;
    const auto files = filesOfFolder(folder, errors);
    if (!files)
        return files.error();
    std::error_code failed;
    const std::string absolute = std::filesystem::canonical(folder, failed).string();
    return readAll(*files, catalog, lastValid, absolute, std::move(errors));
}

Result<Workspace> readWorkspaceFiles(const std::map<std::string, std::string> &files, const SourceCatalog &catalog,
                                     const std::map<std::string, std::string> &lastValid, const std::string &folder)
{
    return readAll(filesInMemory(files), catalog, lastValid, folder, {});
}

}
