#pragma once

#include "core/types.h"

#include <queue>

namespace sg {

// When to ask which instance again, on the reference clock. An entry may be outdated; the instance knows its valid one.
class Timers
{
public:
    struct Entry
    {
        Time at;
        std::uint32_t instance = 0;
        bool operator>(const Entry &other) const { return at != other.at ? at > other.at : instance > other.instance; }
    };

    void add(Time at, std::uint32_t instance) { m_heap.push({at, instance}); }
    [[nodiscard]] bool isEmpty() const { return m_heap.empty(); }
    [[nodiscard]] const Entry &next() const { return m_heap.top(); }
    void drop() { m_heap.pop(); }

private:
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> m_heap;
};

}
