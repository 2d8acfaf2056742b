#pragma once

#include "core/result.h"

#include <map>
#include <optional>

namespace sg {

// What a command line says after the subcommand: options with a value, switches, and the rest.
struct Arguments
{
    std::map<std::string, std::string> values; // "--workspace" -> "DIR"
    std::vector<std::string> rest;

    [[nodiscard]] bool has(const char *name) const { return values.contains(name); }
    [[nodiscard]] std::string value(const char *name) const
    {
        const auto found = values.find(name);
        return found == values.end() ? std::string() : found->second;
    }
};

struct Option
{
    const char *name; // "--workspace"
    const char *value; // "DIR"; "" for a switch
    const char *help;
};

// Unknown options and missing values are errors that name them. "--name=value" and "--name value" both work.
Result<Arguments> parseArguments(int count, char **texts, const std::vector<Option> &options);

}
