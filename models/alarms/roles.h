#pragma once

#include "core/batch.h"

namespace sg {

enum class Role : std::uint8_t { Operator, Maintenance, Engineer };
const char *nameOf(Role role); // "maintenance", as in the grammar

// Who may take out of service (21) and switch off (22). A desktop knows people by the names their system gives them, so this keeps
// colleagues from a slip, not an attacker out. A role that nobody is named for is everybody's; an engineer has the others too.
struct Roles
{
    std::vector<std::string> maintenance, engineer; // "ann", or "ann@desk-3"

    [[nodiscard]] bool has(Role role, const std::string &actor) const;
    // The sentence of why this actor may not do so; nothing: it may.
    [[nodiscard]] std::optional<Error> refuses(Verb verb, const std::string &actor) const;
};
Role roleFor(Verb verb); // the least that is needed

}
