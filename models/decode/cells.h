#pragma once

#include "decode/decoder.h"

namespace sg {

// From column names to slots, for the two decoders that have columns. A column mostly stands where it stood in the row before.
struct CellShape : Shape
{
    using Shape::Shape;
    struct Column
    {
        std::string name;
        std::vector<std::size_t> slots;
        bool isUndecided = false;
        std::uint64_t seen = 0;
    };
    std::vector<Column> columns;
    std::uint64_t message = 0;

    // Begins a message.
    void begin();
    // The value of the cell at `index`. An error when a column comes twice.
    Result<Done> put(const Declaration &declaration, std::size_t index, std::string_view column, const Value &value);
};

}
