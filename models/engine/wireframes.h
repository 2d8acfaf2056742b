#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The frames between an evaluator and the programs attached to it, over its local socket:
//   length (4 bytes, little-endian, of what follows)  kind (1)  request (4: a number that the answer repeats)  body
// The side that connects says Hello and is welcomed or refused; then it asks, and everything it asks is answered once. Snapshots come
// only when they are wanted, so neither side can be flooded. Values in a body: wirevalues.h. Both sides must be of one WireVersion:
// evaluator and window are of one installation, so nothing is translated; only Hello, Welcome and Refused keep their form for ever.
namespace sg {

constexpr std::uint32_t WireVersion = 4;
constexpr std::string_view WireMagic = "sightglass";

enum class FrameKind : std::uint8_t {
    // What an attached program says
    Hello = 1, // magic, version, process number
    Want, // version of the snapshot it has; answered by Parts and a Root when there is a newer one
    Columns, // series, from, to, width
    Rows, // series, from, to, at most
    RowsAt, // time, series ...
    Act, // an operator's action
    Apply, // the workspace was edited: read and apply it
    Load, // older data of a source: source, from, to
    TestRoute, // a test message: route
    // What the evaluator answers
    Welcome = 64, // version, process number, host, program version, workspace folder
    Refused, // an Error: of Hello, or of a request that could not be done
    Part, // of a snapshot
    Root, // of a snapshot, which is then complete
    Answer, // to Columns, Rows, RowsAt, Act, Apply, Load, TestRoute
};

struct WireFrame
{
    FrameKind kind = FrameKind::Hello;
    std::uint32_t request = 0;
    std::string body;
};

std::string frameOf(FrameKind kind, std::uint32_t request, std::string_view body);

// Bytes as they come in, cut into frames. Holds at most one frame of the longest length and what was fed last.
class FrameInbox
{
public:
    static constexpr std::size_t LongestRequest = 1U << 20U;
    static constexpr std::size_t LongestAnswer = 8U << 20U;

    explicit FrameInbox(std::size_t longest)
        : m_longest(longest)
    {
    }
    void feed(std::string_view bytes);
    std::optional<WireFrame> next(); // nothing: more bytes are needed, or it is broken
    [[nodiscard]] bool isBroken() const { return m_isBroken; } // a length that cannot be: nothing behind it can be understood
    [[nodiscard]] std::size_t waiting() const { return m_bytes.size() - m_begin; }

private:
    const std::size_t m_longest;
    std::string m_bytes;
    std::size_t m_begin = 0;
    bool m_isBroken = false;
};

}
