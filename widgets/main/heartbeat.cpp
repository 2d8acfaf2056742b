#include "widgets/main/heartbeat.h"

#include <QCoreApplication>
#include <QEvent>

namespace sg {

namespace {

const auto BeatType = static_cast<QEvent::Type>(QEvent::registerEventType());

class BeatEvent : public QEvent
{
public:
    explicit BeatEvent(Mono posted)
        : QEvent(BeatType)
        , m_posted(posted)
    {
    }
    [[nodiscard]] Mono posted() const { return m_posted; }

private:
    Mono m_posted;
};

std::int64_t secondOf(Mono at)
{
    return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
}

}

Heartbeat::Heartbeat(QObject *parent)
    : QObject(parent)
{
    m_thread = std::jthread([this](std::stop_token stop) {
        for (auto next = Mono::clock::now(); !stop.stop_requested(); next = std::max(next + Beat, Mono::clock::now())) {
            std::this_thread::sleep_until(next);
            if (!m_isWaiting.exchange(true))
                QCoreApplication::postEvent(this, new BeatEvent(Mono::clock::now()), Qt::HighEventPriority);
        }
    });
}

Heartbeat::~Heartbeat() = default; // the thread is joined before the object is torn down further

Micros Heartbeat::longest() const
{
    Micros out{0};
    const auto now = secondOf(Mono::clock::now());
    for (const auto &second : m_seconds)
        if (second.number > now - Seconds)
            out = std::max(out, second.longest);
    return out;
}

void Heartbeat::forget()
{
    m_seconds = {};
    m_beats = 0;
}

bool Heartbeat::event(QEvent *event)
{
    if (event->type() != BeatType)
        return QObject::event(event);
    const auto now = Mono::clock::now();
    const auto waited = std::chrono::duration_cast<Micros>(now - static_cast<BeatEvent *>(event)->posted());
    m_isWaiting = false;
    ++m_beats;
    auto &second = m_seconds[static_cast<std::size_t>(secondOf(now) % Seconds)];
    if (second.number != secondOf(now))
        second = {secondOf(now), Micros(0)};
    second.longest = std::max(second.longest, waited);
    Q_EMIT beat(waited);
    return true;
}

}
