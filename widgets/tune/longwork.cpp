#include "widgets/tune/longwork.h"

#include "items/texts.h"
#include "widgets/main/posting.h"

#include <QThreadPool>

namespace sg {

LongWork::LongWork(QObject *parent, QThreadPool &pool)
    : QObject(parent)
    , m_pool(pool)
{
}

LongWork::~LongWork()
{
    m_stop.request_stop();
}

QThreadPool &LongWork::threads()
{
    // Ends with the application, and what still runs then was asked to stop.
    static QPointer<QThreadPool> pool;
    if (!pool) {
        pool = new QThreadPool(QCoreApplication::instance());
        pool->setMaxThreadCount(4); // one by one beyond: nobody waits for more than that at a time
    }
    return *pool;
}

void LongWork::stop()
{
    m_stop.request_stop();
}

void LongWork::begin(std::function<std::function<void()>(std::stop_token, const Tell &)> work)
{
    m_stop.request_stop();
    m_stop = std::stop_source();
    const auto number = ++m_number;
    const QPointer<QObject> self(this);
    const Tell tell = [this, self, number](double share, const std::string &text) {
        postTo(self, [this, number, share, text] {
            if (number == m_number && m_isRunning)
                Q_EMIT told(share, textOf(text));
        });
    };
    m_isRunning = true;
    Q_EMIT runningChanged(true);
    m_pool.start([this, self, number, work = std::move(work), tell, stop = m_stop.get_token()]() mutable {
        auto answer = work(stop, tell);
        work = nullptr; // what it holds is not freed on the UI thread
        postTo(self, [this, number, answer = std::move(answer)] {
            if (number != m_number)
                return;
            m_isRunning = false;
            Q_EMIT runningChanged(false);
            answer();
        });
    });
}

}
