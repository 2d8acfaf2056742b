#pragma once

#include "core/result.h"
#include "core/types.h"

#include <optional>
#include <string>
#include <string_view>

namespace sg {

// What a bearer token says of itself when it is a JWT: its claims exp and sub. Nothing for one that cannot be looked into.
struct KafkaTokenClaims
{
    std::optional<Time> expires;
    std::string subject;
};
KafkaTokenClaims kafkaTokenClaims(std::string_view token);

}
