#pragma once

#include <deque>
#include <functional>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace sg {

// A few threads for work on immutable values: column queries, rasters, exports, text edits. Thread-safe.
class QueryPool
{
public:
    explicit QueryPool(std::size_t threads);
    ~QueryPool(); // what has not begun is dropped
    void run(std::function<void()> work);

private:
    void serve(std::stop_token stop);

    std::mutex m_mutex;
    std::condition_variable_any m_hasWork;
    std::deque<std::function<void()>> m_work; // guarded by m_mutex
    std::vector<std::jthread> m_threads;
};

}
