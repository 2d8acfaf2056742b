#pragma once

#include "core/result.h"

namespace sg {

// The absolute path of a file that a workspace names: relative, a regular file of at most 16 MB, and inside `folder` after every link is
// resolved, so that a cloned workspace cannot point at the rest of the disk. `key` names the setting in the error.
Result<std::string> fileInWorkspace(const std::string &folder, std::string_view named, std::string_view key);

}
