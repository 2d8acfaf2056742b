#include "workspace/textedit.h"

#include "core/platform.h"
#include "core/text.h"
#include "core/workspacefile.h"

#include <algorithm>
#include <filesystem>

namespace sg {

namespace {

namespace fs = std::filesystem;

// A file that is not there yet: its folder must be inside the workspace all the same.
Result<std::string> pathOfNewFile(const std::string &folder, const std::string &file)
{
    const fs::path relative(file);
    std::error_code failed;
    const bool isPlain = !relative.empty() && relative.is_relative() && relative.has_filename()
        && std::none_of(relative.begin(), relative.end(), [](const fs::path &part) { return part == ".." || part == "."; });
    const fs::path root = fs::canonical(folder, failed);
    if (failed || !isPlain)
        return Error{SG_TR("'%1' is no place for a file of this workspace"), {shown(file)}, {}};
    const fs::path parent = root / relative.parent_path();
    // Made only when it is missing, and only directly in the workspace: rules/, dashboards/, limits/.
    if (fs::symlink_status(parent, failed).type() == fs::file_type::not_found)
        fs::create_directory(parent, failed);
    const fs::path real = fs::canonical(parent, failed);
    const auto [inRoot, inReal] = std::mismatch(root.begin(), root.end(), real.begin(), real.end());
    if (failed || inRoot != root.end())
        return Error{SG_TR("'%1' is no place for a file of this workspace"), {shown(file)}, {}};
    if (fs::symlink_status(real / relative.filename(), failed).type() != fs::file_type::not_found)
        return Error{SG_TR("'%1' leads out of the workspace, or to nothing"), {shown(file)}, {}};
    return (real / relative.filename()).string();
}

}

Result<Done> applyEdit(const std::string &folder, const TextEdit &edit)
{
    std::string text;
    auto path = fileInWorkspace(folder, edit.file, "file");
    if (path) {
        auto read = readFile(*path);
        if (!read)
            return read.error();
        text = std::move(*read);
    } else if (edit.before.empty() && edit.at == 0) {
        path = pathOfNewFile(folder, edit.file);
        if (!path)
            return path.error();
    } else {
        return path.error();
    }
    if (edit.at > text.size() || text.compare(edit.at, edit.before.size(), edit.before) != 0)
        return Error{SG_TR("the file was changed meanwhile; nothing was written"), {}, edit.file};
    text.replace(edit.at, edit.before.size(), edit.after);
    return writeFileAtomically(*path, text);
}

}
