#pragma once

#include "state/statefile.h"
#include "workspace/workspace.h"

namespace sg {

// A source whose path names its labels otherwise, or in another order: the same things, whose history and alarms move along.
struct PathRename
{
    std::string source;
    std::vector<std::string> from, to;
    std::vector<std::size_t> places; // in `from`, of each label of `to`

    // Labels of the same name are the same; of those without one, the first takes the place of the first. An Error when there are more or
    // fewer: then a key is another thing, or several.
    static Result<PathRename> between(const std::string &source, const std::vector<std::string> &from, const std::vector<std::string> &to);
    // A key or a series of the source as it is called afterwards; anything else stays.
    [[nodiscard]] std::string renamed(std::string_view path, std::size_t fields) const;
};

// Makes of what was saved the state of a source that always had the new path, and says what of it has to be written. The journal keeps
// what it says. `workspace`: whose rules tell alarms of a group, which are called by labels and not by a path.
Commit rename(Saved &saved, const PathRename &how, const Workspace &workspace);

}
