#pragma once

#include "core/result.h"

#include <memory>

namespace sg {

// A parsed YAML node without yaml-cpp: every reader sees only this, with the place for its messages.
// Scalars are text as written; they are typed by their key (see fields.h).
struct Node
{
    enum class Kind : std::uint8_t { Missing, Scalar, Map, List };
    Kind kind = Kind::Missing;
    std::string scalar;
    std::vector<std::pair<std::string, Node>> map; // in file order, keys unique
    std::vector<Node> list;
    std::shared_ptr<const std::string> file; // relative to the workspace
    int line = 0; // from 1
    int column = 0;

    [[nodiscard]] const Node &operator[](std::string_view key) const; // a Missing node when absent
    [[nodiscard]] bool has(std::string_view key) const { return (*this)[key].kind != Kind::Missing; }
    [[nodiscard]] bool isMissing() const { return kind == Kind::Missing; }
    [[nodiscard]] std::string text(std::string_view key, std::string_view otherwise = {}) const;
    [[nodiscard]] std::string place() const; // "rules/press.yaml:14"
    [[nodiscard]] Error error(const char *text, std::vector<std::string> args = {}) const { return {text, std::move(args), place()}; }

    static Node ofScalar(std::string text);
    [[nodiscard]] bool saysTheSame(const Node &other) const; // whatever its place in a file
};

}
