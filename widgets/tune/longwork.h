#pragma once

#include <QObject>

#include <functional>
#include <memory>
#include <stop_token>

class QThreadPool;

namespace sg {

// One piece of work that takes seconds to minutes, on a thread beside the query pool, which charts need. A new one stops the one before,
// whose answer is dropped; so does the end of this object, which waits for nothing. UI thread, but for the work itself.
class LongWork : public QObject
{
    Q_OBJECT

public:
    using Tell = std::function<void(double share, const std::string &text)>; // from the work's thread; share 0 to 1, below 0: not known

    explicit LongWork(QObject *parent = nullptr, QThreadPool &pool = threads());
    ~LongWork() override;

    // `work(stop, tell)` runs elsewhere and must hold nothing of the window; `done(answer)` is called on the UI thread.
    template <class Work, class Done> void start(Work work, Done done)
    {
        begin([work = std::move(work), done = std::move(done)](std::stop_token stop, const Tell &tell) mutable -> std::function<void()> {
            using Answer = decltype(work(stop, tell));
            auto answer = std::make_shared<Answer>(work(stop, tell));
            return [answer, done = std::move(done)]() mutable { done(std::move(*answer)); };
        });
    }
    void stop(); // asks it to end soon; it still answers
    // Where all of them run. Not Qt's own pool: with that one it paints, and waits for a free thread.
    static QThreadPool &threads();
    [[nodiscard]] bool isRunning() const { return m_isRunning; }

Q_SIGNALS:
    void told(double share, const QString &text);
    void runningChanged(bool isRunning);

private:
    void begin(std::function<std::function<void()>(std::stop_token, const Tell &)> work);

    QThreadPool &m_pool;
    std::stop_source m_stop;
    std::uint64_t m_number = 0; // of the newest work
    bool m_isRunning = false;
};

}
