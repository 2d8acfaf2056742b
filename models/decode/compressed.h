#pragma once

#include "core/result.h"

#include <memory>

namespace sg {

// Payloads that were compressed as such (not the transport): gzip and zstd, told by their first bytes. Neither is text, so nothing else
// that is decoded here begins so.
class Inflater
{
public:
    explicit Inflater(std::size_t most); // bytes of an unpacked payload
    ~Inflater();

    static bool isCompressed(std::string_view payload);
    // REQUIRES: isCompressed(payload). The view is good until the next call. More than `most` bytes are an error, and are never made.
    Result<std::string_view> unpack(std::string_view payload);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

}
