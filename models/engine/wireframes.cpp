#include "engine/wireframes.h"

namespace sg {

namespace {

constexpr std::size_t LengthBytes = 4, HeadBytes = 4 + 1 + 4;

void putWord(std::string &out, std::uint64_t value)
{
    for (unsigned i = 0; i < 4; ++i)
        out.push_back(static_cast<char>((value >> (8 * i)) & 0xFFU));
}

std::uint32_t wordAt(const std::string &bytes, std::size_t at)
{
    std::uint32_t value = 0;
    for (unsigned i = 0; i < 4; ++i)
        value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    return value;
}

}

std::string frameOf(FrameKind kind, std::uint32_t request, std::string_view body)
{
    std::string out;
    out.reserve(HeadBytes + body.size());
    putWord(out, HeadBytes - LengthBytes + body.size());
    out.push_back(static_cast<char>(kind));
    putWord(out, request);
    out.append(body);
    return out;
}

void FrameInbox::feed(std::string_view bytes)
{
    if (m_isBroken)
        return;
    if (m_begin > 0) {
        m_bytes.erase(0, m_begin);
        m_begin = 0;
    }
    m_bytes.append(bytes);
}

std::optional<WireFrame> FrameInbox::next()
{
    if (m_isBroken || waiting() < LengthBytes)
        return std::nullopt;
    const std::size_t length = wordAt(m_bytes, m_begin);
    if (length < HeadBytes - LengthBytes || length > m_longest) {
        m_isBroken = true;
        m_bytes = {};
        m_begin = 0;
        return std::nullopt;
    }
    if (waiting() < LengthBytes + length)
        return std::nullopt;
    WireFrame frame;
    frame.kind = static_cast<FrameKind>(static_cast<unsigned char>(m_bytes[m_begin + LengthBytes]));
    frame.request = wordAt(m_bytes, m_begin + LengthBytes + 1);
    frame.body = m_bytes.substr(m_begin + HeadBytes, LengthBytes + length - HeadBytes);
    m_begin += LengthBytes + length;
    return frame;
}

}
