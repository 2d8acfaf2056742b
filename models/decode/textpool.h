#pragma once

#include <deque>
#include <string>

namespace sg {

// Texts that are made while a message is read. Each stays where it is until the next message, so that views into it are good as long.
class TextPool
{
public:
    void reset()
    {
        if (m_used > MostKept)
            m_texts.clear();
        m_used = 0;
    }
    std::string &next()
    {
        if (m_used == m_texts.size())
            m_texts.emplace_back();
        return m_texts[m_used++];
    }
    void giveBack() { --m_used; } // the newest one was not needed

private:
    static constexpr std::size_t MostKept = 1000;
    std::deque<std::string> m_texts;
    std::size_t m_used = 0;
};

}
