#pragma once

#include "core/result.h"
#include "core/types.h"

#include <optional>

// How values stand in the bytes between an evaluator and the programs attached to it. Little-endian; a number of unknown size is a varint
// (seven bits a byte, least first), a text its length and its bytes.
namespace sg {

class ByteWriter
{
public:
    void byte(std::uint8_t value) { m_bytes.push_back(static_cast<char>(value)); }
    void flag(bool value) { byte(value ? 1 : 0); }
    void number(std::uint64_t value); // varint
    void word(std::uint64_t value); // eight bytes
    void real(double value); // its bits
    void time(Time t) { word(static_cast<std::uint64_t>(t.time_since_epoch().count())); }
    void micros(Micros d) { word(static_cast<std::uint64_t>(d.count())); }
    void mono(Mono t) { word(static_cast<std::uint64_t>(t.time_since_epoch().count())); }
    void text(std::string_view value);
    void error(const Error &error);
    template <class E> void choice(E value) { byte(static_cast<std::uint8_t>(value)); }
    void raw(std::string_view bytes) { m_bytes.append(bytes); }

    [[nodiscard]] std::size_t size() const { return m_bytes.size(); }
    [[nodiscard]] const std::string &bytes() const { return m_bytes; }
    std::string take() { return std::exchange(m_bytes, {}); }

private:
    std::string m_bytes;
};

// Reads what the other process wrote, which may be anything: after the first fault isGood() is false and every value is empty or zero.
// Allocates nothing before the bytes for it are there. `bytes` must outlive it.
class ByteReader
{
public:
    explicit ByteReader(std::string_view bytes)
        : m_rest(bytes)
    {
    }
    [[nodiscard]] bool isGood() const { return m_isGood; }
    [[nodiscard]] bool isAtEnd() const { return m_rest.empty(); }
    void fail()
    {
        m_isGood = false;
        m_rest = {};
    }

    std::uint8_t byte();
    bool flag();
    std::uint64_t number();
    std::uint64_t numberUpTo(std::uint64_t most); // more is a fault
    std::size_t count(std::size_t leastBytes); // of things that follow, each of at least so many bytes: no more than can follow
    std::uint64_t word();
    double real();
    Time time(); // NoTime, Time::max(), or a time that can be added to and subtracted from without overflow
    Micros micros();
    Mono mono(); // the same machine's clock; one that lies in the future or before it began is now
    std::string text();
    Error error();
    template <class E> E choice(E last) // an enumeration whose values are 0 to `last`
    {
        const std::uint8_t value = byte();
        if (value > static_cast<std::uint8_t>(last)) {
            fail();
            return {};
        }
        return static_cast<E>(value);
    }

private:
    std::string_view m_rest;
    bool m_isGood = true;
};

}
