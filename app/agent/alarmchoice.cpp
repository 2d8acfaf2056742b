#include "agent/alarmchoice.h"

#include "core/fields.h"
#include "core/text.h"
#include "state/statefile.h"

#include <set>

namespace sg {

namespace {

Error unknown(const std::string &name, const std::set<std::string> &known, bool isKey)
{
    const std::string nearest = nearestName(name, std::vector<std::string>(known.begin(), known.end()));
    if (!nearest.empty())
        return {isKey ? SG_TR("this rule has no alarm of '%1'; did you mean '%2'?") : SG_TR("no alarm of '%1'; did you mean '%2'?"),
                {shown(name), shown(nearest)},
                {}};
    return {isKey ? SG_TR("this rule has no alarm of '%1'; sightglass-agent alarms --all lists them")
                  : SG_TR("no alarm of '%1'; sightglass-agent alarms --all lists them"),
            {shown(name)},
            {}};
}

}

std::string pathOf(const InstanceState &alarm)
{
    return alarm.field.empty() ? alarm.key : alarm.key + "/" + alarm.field;
}

Result<std::vector<InstanceState>> chosenAlarms(const Arguments &arguments, const std::string &stateFolder)
{
    const auto reader = StateReader::open(stateFolder);
    if (!reader)
        return reader.error();
    const auto instances = (*reader)->instances();
    if (!instances)
        return instances.error();
    const std::string &name = arguments.rest[0];
    std::vector<InstanceState> out;
    std::set<std::string> rules, keys;
    for (const InstanceState &i : *instances) {
        rules.insert(i.rule);
        const std::string path = pathOf(i);
        if (i.rule == name)
            keys.insert({i.key, path});
        const bool isNamed = i.rule == name && (arguments.rest.size() < 2 || i.key == arguments.rest[1] || path == arguments.rest[1]);
        if (isNamed || (arguments.rest.size() == 1 && i.regions.occurrence != 0 && hex(i.regions.occurrence) == name))
            out.push_back(i);
    }
    if (out.empty())
        return keys.empty() ? unknown(name, rules, false) : unknown(arguments.rest[1], keys, true);
    return out;
}

}
