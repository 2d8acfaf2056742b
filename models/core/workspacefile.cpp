#include "core/workspacefile.h"

#include "core/text.h"

#include <filesystem>

namespace sg {

namespace {

constexpr std::uintmax_t LargestFile = 16U << 20U; // as readFile() takes; a client library that reads it itself has no bound

}

Result<std::string> fileInWorkspace(const std::string &folder, std::string_view named, std::string_view key)
{
    namespace fs = std::filesystem;
    const std::string name = shown(named);
    const fs::path relative{std::string(named)};
    if (relative.empty() || relative.is_absolute())
        return Error{SG_TR("%1: '%2' is not a relative path; files are named relative to the workspace"), {std::string(key), name}};
    std::error_code failed;
    const fs::path root = fs::canonical(folder, failed);
    if (failed)
        return Error{SG_TR("%1: the workspace folder cannot be read"), {std::string(key)}};
    const fs::path file = fs::canonical(root / relative, failed);
    if (failed)
        return Error{SG_TR("%1: there is no file '%2' in the workspace"), {std::string(key), name}};
    const auto [inRoot, inFile] = std::mismatch(root.begin(), root.end(), file.begin(), file.end());
    if (inRoot != root.end() || inFile == file.end())
        return Error{SG_TR("%1: '%2' leads out of the workspace"), {std::string(key), name}};
    if (!fs::is_regular_file(file, failed))
        return Error{SG_TR("%1: '%2' is not a regular file"), {std::string(key), name}};
    if (const auto size = fs::file_size(file, failed); failed || size > LargestFile)
        return Error{SG_TR("%1: '%2' is larger than 16 MB"), {std::string(key), name}};
    return file.string();
}

}
