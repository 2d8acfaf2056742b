#include "engine/sourcerunner.h"

#include "core/text.h"

#include <random>

namespace sg {

namespace {

constexpr auto FirstWait = std::chrono::milliseconds(500);
constexpr auto LongestWait = std::chrono::seconds(30);
constexpr auto RefusedWait = std::chrono::seconds(60); // a refusal needs another setting, or a server that changes its mind
constexpr auto Healthy = std::chrono::seconds(20); // an attempt that lived this long starts the back-off anew

bool waitUntil(std::stop_token stop, Mono until)
{
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_until(lock, stop, until, [] { return false; });
    return !stop.stop_requested();
}

}

SourceRunner::SourceRunner(SourceSpec spec, const SourceKind &kind, std::shared_ptr<Lane> lane)
    : m_spec(std::move(spec))
    , m_kind(kind)
    , m_lane(std::move(lane))
    , m_thread([this](std::stop_token stop) { run(stop); })
{
}

SourceRunner::~SourceRunner() = default;

void SourceRunner::run(std::stop_token stop)
{
    std::minstd_rand random(std::random_device{}());
    std::unique_ptr<Source> source;
    auto wait = std::chrono::duration_cast<Micros>(FirstWait);
    while (!stop.stop_requested()) {
        SourceStatus status = m_lane->status();
        status.state = SourceStatus::State::Connecting;
        status.nextTry.reset();
        m_lane->report(status);
        const Mono began = Mono::clock::now();
        bool isRefused = false;
        Error why;
        try {
            if (!source)
                source = m_kind.make(m_spec);
            why = source->run(*m_lane, m_lane->pushed(), stop);
        } catch (const Refusal &refusal) {
            isRefused = true;
            why = refusal.error;
        } catch (const std::exception &error) {
            why = Error{SG_TR("the connector failed: %1"), {shown(error.what())}, {}};
        }
        if (stop.stop_requested())
            break;
        const Mono ended = Mono::clock::now();
        if (ended - began > Healthy)
            wait = FirstWait;
        // Half to the whole of it, so that many clients of a server that restarts do not come back in one instant.
        const auto jittered = wait / 2 + Micros(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(wait.count() / 2 + 1)));
        status = m_lane->status();
        status.state = isRefused ? SourceStatus::State::Refused : SourceStatus::State::Lost;
        status.why = why;
        status.messagesPerSecond = status.bytesPerSecond = status.queriesPerSecond = 0;
        status.nextTry = ended + (isRefused ? std::chrono::duration_cast<Micros>(RefusedWait) : jittered);
        const Mono next = *status.nextTry;
        m_lane->report(std::move(status));
        wait = std::min<Micros>(wait * 2, LongestWait);
        if (!waitUntil(stop, next))
            break;
    }
    SourceStatus status = m_lane->status();
    status.state = SourceStatus::State::Stopped;
    status.nextTry.reset();
    m_lane->report(std::move(status));
}

}
