#pragma once

#include "decode/decoder.h"
#include "decode/recordkey.h"

namespace sg {

// Record keys, the same for all formats of payload: their window, their number, or JSON, which is unwrapped like the value.
class KeyReader
{
public:
    explicit KeyReader(const Declaration &declaration);
    ~KeyReader();

    // False: no place stands in it, and the others need not be called.
    [[nodiscard]] bool isAsked() const { return m_isAsked; }
    // Of the next message. Views of all answers are valid until the next open().
    Result<Done> open(const Message &message);
    // What stands at a place of it, for conditions, and for the places that are no pointers.
    [[nodiscard]] Value at(const Where &where);
    // Each place that points into it, into shape.values.
    Result<Done> fill(Shape &shape);

private:
    struct Private;
    std::unique_ptr<Private> d;
    bool m_isAsked = false;
};

}
