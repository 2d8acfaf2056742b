#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sg {

// Appends JSON to a text that is kept between documents, so that a known kind of message allocates nothing. Commas come by themselves.
class JsonWriter
{
public:
    JsonWriter(std::string &out, std::size_t most) // bytes; past them isFull()
        : m_out(out)
        , m_most(most)
    {
        m_out.clear();
    }

    [[nodiscard]] bool isFull() const { return m_out.size() > m_most; }
    void open(char bracket); // '{' or '['
    void close(char bracket) { m_out += bracket; }
    void name(std::string_view name); // of the member that follows
    void null() { plain("null"); }
    void truth(bool is) { plain(is ? "true" : "false"); }
    void whole(std::int64_t number);
    void whole(std::uint64_t number);
    void real(double number); // null when it is no number
    void real(float number); // its own shortest form: 0.1, not 0.10000000149011612
    void text(std::string_view text); // REQUIRES: UTF-8
    void base64(std::string_view bytes);
    void plain(std::string_view json); // a number, or a text without anything to escape, quotes included
    // The exact decimal of a big-endian two's complement number with so many places; false: too long to be one.
    bool decimal(std::string_view bytes, unsigned places);
    // ISO 8601: "2026-03-04T00:15:00.25Z", without Z where it is on a clock that is not named, "2026-03-04", "09:15:00". What is outside
    // the years 1 to 9999 stays the number.
    void instant(std::int64_t ticks, std::int64_t perSecond, bool isLocal);
    void date(std::int64_t days);
    void timeOfDay(std::int64_t ticks, std::int64_t perSecond);

private:
    void separate();
    void appendDate(std::int64_t days);
    void appendTime(std::int64_t ticks, std::int64_t perSecond);
    void appendPadded(std::uint64_t number, int digits);

    std::string &m_out;
    const std::size_t m_most;
};

}
