#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

// The bytes in which an alarm's state is saved: fixed-size values as the machine has them, texts with their length. Only for
// models/alarms; reading never trusts what it reads.
namespace sg {

class SavedWriter
{
public:
    explicit SavedWriter(std::vector<std::byte> &out)
        : m_out(out)
    {
    }
    template <class T> void operator()(const T &value)
    {
        static_assert(std::is_trivially_copyable_v<T>);
        const auto *raw = reinterpret_cast<const std::byte *>(&value);
        m_out.insert(m_out.end(), raw, raw + sizeof value);
    }
    void operator()(const std::string &text)
    {
        (*this)(static_cast<std::uint32_t>(text.size()));
        const auto *raw = reinterpret_cast<const std::byte *>(text.data());
        m_out.insert(m_out.end(), raw, raw + text.size());
    }

private:
    std::vector<std::byte> &m_out;
};

class SavedReader
{
public:
    explicit SavedReader(std::span<const std::byte> bytes)
        : m_bytes(bytes)
    {
    }
    template <class T> void operator()(T &value)
    {
        static_assert(std::is_trivially_copyable_v<T>);
        if (const auto raw = take(sizeof value); !raw.empty())
            std::memcpy(&value, raw.data(), sizeof value);
    }
    void operator()(std::string &text)
    {
        std::uint32_t size = 0;
        (*this)(size);
        const auto raw = take(size);
        text.assign(reinterpret_cast<const char *>(raw.data()), raw.size());
    }
    // How many entries follow, each of at least `least` bytes; 0 when there cannot be so many.
    std::size_t count(std::size_t least)
    {
        std::uint32_t count = 0;
        (*this)(count);
        if (count > m_bytes.size() / least)
            m_isWell = false;
        return m_isWell ? count : 0;
    }
    [[nodiscard]] bool isWell() const { return m_isWell; }
    [[nodiscard]] bool isAtEnd() const { return m_bytes.empty(); }
    std::span<const std::byte> take(std::size_t size)
    {
        if (size > m_bytes.size())
            m_isWell = false;
        if (!m_isWell)
            return {};
        const auto out = m_bytes.first(size);
        m_bytes = m_bytes.subspan(size);
        return out;
    }

private:
    std::span<const std::byte> m_bytes;
    bool m_isWell = true;
};

}
