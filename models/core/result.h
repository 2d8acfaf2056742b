#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// Marks a text for translation; it is translated where it is shown. (Qt's macro of the same meaning, without Qt.)
#define SG_TR(text) text

namespace sg {

// What went wrong, as a text with %1 %2 ... and its arguments. `place` is "rules/press.yaml:14" where a file is to blame.
// Text and arguments are kept apart up to the screen; arguments may hold hostile text from outside, never secrets.
struct Error
{
    const char *text = ""; // a literal, marked by SG_TR
    std::vector<std::string> args;
    std::string place;

    // English, arguments filled in, place in front: for logs, the agent and tests.
    [[nodiscard]] std::string plain() const;
    bool operator==(const Error &other) const { return std::string_view(text) == other.text && args == other.args && place == other.place; }
};

struct Done
{
};

// A value or an Error.
template <class T> class [[nodiscard]] Result
{
public:
    Result(T value)
        : m_held(std::in_place_index<0>, std::move(value))
    {
    }
    Result(Error error)
        : m_held(std::in_place_index<1>, std::move(error))
    {
    }

    explicit operator bool() const { return m_held.index() == 0; }
    const T &operator*() const & { return std::get<0>(m_held); }
    T &operator*() & { return std::get<0>(m_held); }
    T &&operator*() && { return std::get<0>(std::move(m_held)); }
    const T *operator->() const { return &std::get<0>(m_held); }
    T *operator->() { return &std::get<0>(m_held); }
    const Error &error() const { return std::get<1>(m_held); }

private:
    std::variant<T, Error> m_held;
};

}
