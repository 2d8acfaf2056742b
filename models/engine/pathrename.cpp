#include "engine/pathrename.h"

#include "core/selector.h"
#include "core/text.h"

#include <algorithm>

namespace sg {

namespace {

bool holds(const std::vector<std::string> &names, const std::string &name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool isOfGroups(const Workspace &workspace, const std::string &rule)
{
    const auto groups = [&](const auto &rules) {
        return std::any_of(rules.begin(), rules.end(), [&](const auto &one) { return one->id == rule && !one->per.empty(); });
    };
    return groups(workspace.ranLast) || (workspace.rules && groups(workspace.rules->rules));
}

}

Result<PathRename> PathRename::between(const std::string &source, const std::vector<std::string> &from, const std::vector<std::string> &to)
{
    if (from.size() != to.size())
        return Error{SG_TR("source '%1': its path had %2 labels and has %3 now; that makes other things of its keys, so give it a new id"),
                     {source, std::to_string(from.size()), std::to_string(to.size())},
                     {}};
    PathRename out{source, from, to, {}};
    std::size_t next = 0; // of those that lost their name
    for (const std::string &label : to) {
        const auto same = std::find(from.begin(), from.end(), label);
        if (same != from.end()) {
            out.places.push_back(static_cast<std::size_t>(same - from.begin()));
            continue;
        }
        while (holds(to, from[next]))
            ++next;
        out.places.push_back(next++);
    }
    return out;
}

std::string PathRename::renamed(std::string_view path, std::size_t fields) const
{
    const auto segments = segmentsOf(path);
    if (segments.front() != source || segments.size() != 1 + from.size() + fields)
        return std::string(path);
    std::string out = source;
    for (const std::size_t place : places)
        out.append(1, '/').append(segments[1 + place]);
    for (std::size_t i = 1 + from.size(); i < segments.size(); ++i)
        out.append(1, '/').append(segments[i]);
    return out;
}

Commit rename(Saved &saved, const PathRename &how, const Workspace &workspace)
{
    Commit out;
    for (KnownSeries &series : saved.whole.series)
        if (std::string path = how.renamed(series.path, 1); path != series.path) {
            series.path = std::move(path);
            out.series.push_back(series);
        }
    std::vector<InstanceState> renamed;
    for (InstanceState &instance : saved.whole.instances) {
        std::string key = isOfGroups(workspace, instance.rule) ? instance.key : how.renamed(instance.key, 0);
        if (key == instance.key)
            continue;
        InstanceState gone = instance;
        gone.isGone = true;
        out.instances.push_back(std::move(gone)); // all of them first: two may change places
        instance.key = std::move(key);
        renamed.push_back(instance);
    }
    std::move(renamed.begin(), renamed.end(), std::back_inserter(out.instances));
    saved.whole.pathLabels[how.source] = how.to;
    return out;
}

}
