#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sg {

// What a schema registry's serializers write in front of a payload: a byte 0 and the schema's id in 4 bytes.
struct Framing
{
    std::uint32_t schema = 0;
    std::string_view rest;

    static std::optional<Framing> in(std::string_view bytes)
    {
        constexpr std::size_t size = 5;
        if (bytes.size() < size || bytes.front() != '\0')
            return std::nullopt;
        Framing framing{0, bytes.substr(size)};
        for (std::size_t i = 1; i < size; ++i)
            framing.schema = framing.schema << 8U | static_cast<unsigned char>(bytes[i]);
        return framing;
    }
    // What stands behind it may be JSON: by JSON Schema it always is.
    [[nodiscard]] bool mayBeJson() const
    {
        const std::size_t first = rest.find_first_not_of(" \t\r\n");
        return first != std::string_view::npos && (rest[first] == '{' || rest[first] == '[');
    }
    // Behind the id stand the index of the type, nearly always the one byte 0, then fields that end with the payload. Avro bytes hardly
    // ever do.
    [[nodiscard]] bool looksLikeProtobuf() const;
};

}
