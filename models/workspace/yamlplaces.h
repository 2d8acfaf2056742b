#pragma once

#include "core/result.h"

#include <cstddef>

namespace sg {

// Where a node stands in its file, in bytes. yaml-cpp has no end marks, so this comes from libyaml; a block collection ends where
// its last value ends, not where the next token begins.
struct Place
{
    enum class Kind : unsigned char { Scalar, Map, List };
    Kind kind = Kind::Scalar;
    bool isFlow = false; // [ ] or { }
    bool isBlockText = false; // | or >
    std::size_t begin = 0;
    std::size_t end = 0; // of | and >: behind the last line with text, without its line end
    std::size_t column = 0; // of begin, in characters from 0
    std::string scalar;
    std::vector<std::pair<Place, Place>> entries; // of a Map
    std::vector<Place> items; // of a List

    [[nodiscard]] bool isNothing() const { return kind == Kind::Scalar && begin == end; } // `rules:` and no more
    [[nodiscard]] const std::pair<Place, Place> *entry(std::string_view key) const;
};

// The root of the one document. A file without any node gives a Scalar of nothing at its end.
Result<Place> placesOf(std::string_view text);

}
