#include "core/sender.h"

namespace sg {

SourceSpec asSource(SourceSpec target)
{
    Node topics;
    topics.kind = Node::Kind::List;
    topics.list.push_back(target.settings["topic"]);
    Node &settings = target.settings;
    std::erase_if(settings.map,
                  [](const auto &entry) { return entry.first == "topic" || entry.first == "timeout" || entry.first == "body"; });
    settings.map.emplace_back("topics", std::move(topics));
    target.declaration = Node();
    target.id = "route." + target.id; // no source's id has a point
    return target;
}

}
