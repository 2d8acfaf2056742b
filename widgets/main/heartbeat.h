#pragma once

#include "core/types.h"

#include <QObject>

#include <array>
#include <atomic>
#include <thread>

namespace sg {

// How late the UI thread is: another thread posts a beat to this object's event loop every 5 ms, and each tells how long it waited to
// be handled. While one waits no other is posted, so a stall costs one event however long it lasts, and is counted in full. UI thread.
class Heartbeat : public QObject
{
    Q_OBJECT

public:
    static constexpr Millis Beat{5};
    static constexpr int Seconds = 60; // of the past that longest() knows

    explicit Heartbeat(QObject *parent = nullptr);
    ~Heartbeat() override;

    [[nodiscard]] Micros longest() const; // wait of the last 60 s, the one that is handled now included
    [[nodiscard]] std::uint64_t beats() const { return m_beats; } // handled
    void forget(); // what was

Q_SIGNALS:
    void beat(sg::Micros waited);

protected:
    bool event(QEvent *event) override;

private:
    struct Second
    {
        std::int64_t number = -1; // of the steady clock
        Micros longest{0};
    };
    std::array<Second, Seconds> m_seconds;
    std::uint64_t m_beats = 0;
    std::atomic<bool> m_isWaiting = false;
    std::jthread m_thread;
};

}
