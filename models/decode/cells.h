#pragma once

#include "decode/jsoncell.h"

namespace sg {

// From column names to slots, for the two decoders that have columns. A column mostly stands where it stood in the row before.
struct CellShape : Shape
{
    using Shape::Shape;
    struct Column
    {
        std::string name;
        std::vector<std::size_t> slots;
        std::unique_ptr<JsonCell> json; // places point into its cells
        bool isUndecided = false;
        std::uint64_t seen = 0;
    };
    std::vector<Column> columns;
    std::uint64_t message = 0;

    // Begins a message.
    void beginRow();
    // The value of the cell at `index`. An error when a column comes twice. isJson: the text is JSON by the column's type.
    Result<Done> put(std::size_t index, std::string_view column, Value value, bool isJson = false);

private:
    Column *columnAt(std::size_t index, std::string_view name);
};

}
