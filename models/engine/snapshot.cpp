#include "engine/snapshot.h"

namespace sg {

std::optional<Error> whyNotRead(const Snapshot &snapshot, std::string_view path)
{
    const std::string_view id = sourceOf(path);
    const auto &sources = snapshot.sources;
    const auto source = std::find_if(sources.begin(), sources.end(), [&](const SourceRow &row) { return row.id == id; });
    if (source == sources.end()) // before the first workspace took effect there is none at all
        return sources.empty() ? std::nullopt
                               : std::optional(Error{SG_TR("the workspace has no source '%1' any more"), {std::string(id)}, {}});
    return source->status.state == SourceStatus::State::Stopped ? source->status.why : std::nullopt;
}

}
