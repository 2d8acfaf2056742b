#include "workspace/reading.h"

#include "core/platform.h"
#include "core/text.h"
#include "core/workspacefile.h"

#include <algorithm>
#include <filesystem>

namespace sg {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t MaxFiles = 10'000; // per folder: more is a wrong folder, not a workspace

bool isWanted(std::string_view name, std::string_view ending)
{
    return !name.starts_with('.') && name.ends_with(ending); // editors leave .#name behind
}

void list(const fs::path &root, const char *folder, const char *ending, FileSet &files, std::vector<Error> &errors)
{
    std::error_code failed;
    fs::directory_iterator entry(root / folder, failed);
    if (failed)
        return; // no such folder: nothing of that kind
    std::size_t count = 0;
    for (const fs::directory_iterator end; entry != end; entry.increment(failed)) {
        if (failed || ++count > MaxFiles) {
            errors.push_back({SG_TR("the folder cannot be listed, or holds more than %1 files"), {std::to_string(MaxFiles)}, folder});
            return;
        }
        const std::string name = entry->path().filename().string();
        const std::string relative = std::string(folder) + "/" + name;
        if (isWanted(name, ending))
            files.names.push_back(relative);
        else if (isWanted(name, ".yml"))
            errors.push_back({SG_TR("files end in .yaml; this one is not read"), {}, shown(relative)});
    }
}

}

Result<FileSet> filesOfFolder(const std::string &folder, std::vector<Error> &errors)
{
    std::error_code failed;
    const fs::path root = fs::canonical(folder, failed);
    if (failed || !fs::is_directory(root, failed))
        return Error{SG_TR("there is no folder '%1'"), {shown(folder)}, {}};
    FileSet files;
    for (const char *name : {"workspace.yaml", "tags.yaml", "routes.yaml"})
        if (fs::symlink_status(root / name, failed).type() != fs::file_type::not_found)
            files.names.emplace_back(name);
    list(root, "rules", ".yaml", files, errors);
    list(root, "dashboards", ".yaml", files, errors);
    list(root, "tests", ".yaml", files, errors);
    std::sort(files.names.begin(), files.names.end());
    files.read = [folder = root.string()](const std::string &name) -> Result<std::string> {
        auto path = fileInWorkspace(folder, name, "file");
        if (!path)
            return path.error();
        auto text = readFile(*path);
        if (!text)
            return Error{SG_TR("the file '%1' cannot be read, or is larger than 16 MB"), {shown(name)}, {}};
        return text;
    };
    return files;
}

FileSet filesInMemory(const std::map<std::string, std::string> &files)
{
    FileSet out;
    for (const auto &[name, text] : files)
        out.names.push_back(name);
    out.read = [&files](const std::string &name) -> Result<std::string> {
        const auto found = files.find(name);
        if (found == files.end())
            return Error{SG_TR("there is no file '%1' in the workspace"), {shown(name)}, {}};
        return found->second;
    };
    return out;
}

}
