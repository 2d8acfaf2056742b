#pragma once

#include "decode/decoder.h"

namespace sg {

// A column whose cells hold JSON: what places like column:kpi/oee point at, and what is learned of it as kpi.oee.
class JsonCell
{
public:
    explicit JsonCell(std::string column);
    ~JsonCell();

    void addPlace(const std::vector<std::string> &tokens, std::size_t slot);
    // Values into the shape; what the whole cell is. Views are valid until the next read().
    Result<Value> read(std::string_view text, Shape &shape, bool isLearning);
    void readNull(Shape &shape) const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

}
