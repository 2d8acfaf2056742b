#include "alarms/roles.h"

#include "core/text.h"

#include <algorithm>

namespace sg {

const char *nameOf(Role role)
{
    switch (role) {
    case Role::Operator:
        return "operator";
    case Role::Maintenance:
        return "maintenance";
    case Role::Engineer:
        return "engineer";
    }
    return "";
}

Role roleFor(Verb verb)
{
    switch (verb) {
    case Verb::OutOfService:
    case Verb::InService:
        return Role::Maintenance;
    case Verb::Disable:
    case Verb::Enable:
        return Role::Engineer;
    case Verb::Acknowledge:
    case Verb::Unacknowledge:
    case Verb::Shelve:
    case Verb::Unshelve:
    case Verb::Reset:
    case Verb::Retire:
    case Verb::Note:
        return Role::Operator;
    }
    return Role::Operator;
}

bool Roles::has(Role role, const std::string &actor) const
{
    const std::string name = actor.substr(0, actor.find('@'));
    const auto holds = [&](const std::vector<std::string> &names) {
        return std::any_of(names.begin(), names.end(), [&](const std::string &one) { return one == actor || one == name; });
    };
    switch (role) {
    case Role::Operator:
        return true;
    case Role::Maintenance:
        return maintenance.empty() || holds(maintenance) || holds(engineer);
    case Role::Engineer:
        return engineer.empty() || holds(engineer);
    }
    return false;
}

std::optional<Error> Roles::refuses(Verb verb, const std::string &actor) const
{
    const Role role = roleFor(verb);
    if (has(role, actor))
        return std::nullopt;
    return Error{SG_TR("this needs the role %1, which '%2' does not have; workspace.yaml says under roles who has it"),
                 {nameOf(role), shown(actor)},
                 {}};
}

}
