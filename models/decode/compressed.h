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

    static bool isCompressed(std::string_view payload)
    {
        // Asked of every message.
        return payload.size() > 3 && (payload[0] == Gzip[0] || payload[0] == Zstd[0])
            && (payload.starts_with(Gzip) || payload.starts_with(Zstd));
    }
    // REQUIRES: isCompressed(payload). The view is good until the next call. More than `most` bytes are an error, and are never made.
    Result<std::string_view> unpack(std::string_view payload);

private:
    static constexpr std::string_view Gzip{"\x1F\x8B\x08", 3};
    static constexpr std::string_view Zstd{"\x28\xB5\x2F\xFD", 4};

    struct Private;
    std::unique_ptr<Private> d;
};

}
