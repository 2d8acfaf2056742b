#include "engine/querypool.h"

namespace sg {

QueryPool::QueryPool(std::size_t threads)
{
    for (std::size_t i = 0; i < threads; ++i)
        m_threads.emplace_back([this](std::stop_token stop) { serve(stop); });
}

QueryPool::~QueryPool()
{
    for (std::jthread &thread : m_threads)
        thread.request_stop();
    m_threads.clear();
}

void QueryPool::run(std::function<void()> work)
{
    {
        const std::lock_guard guard(m_mutex);
        m_work.push_back(std::move(work));
    }
    m_hasWork.notify_one();
}

void QueryPool::serve(std::stop_token stop)
{
    while (true) {
        std::function<void()> work;
        {
            std::unique_lock lock(m_mutex);
            m_hasWork.wait(lock, stop, [this] { return !m_work.empty(); });
            if (stop.stop_requested())
                return;
            work = std::move(m_work.front());
            m_work.pop_front();
        }
        work();
    }
}

}
