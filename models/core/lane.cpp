#include "core/lane.h"

namespace sg {

void Doorbell::ring()
{
    {
        const std::lock_guard guard(m_mutex);
        m_isRung = true;
    }
    m_rung.notify_one();
}

bool Doorbell::waitUntil(Mono until)
{
    std::unique_lock lock(m_mutex);
    const bool rang = m_rung.wait_until(lock, until, [this] { return m_isRung; });
    m_isRung = false;
    return rang;
}

bool Doorbell::isRung() const
{
    const std::lock_guard guard(m_mutex);
    return m_isRung;
}

Lane::Lane(Doorbell &bell, std::size_t capacityBytes, Positions start)
    : m_bell(bell)
    , m_capacity(capacityBytes)
    , m_committed(start)
    , m_pushed(std::move(start))
{
}

bool Lane::push(Batch &batch)
{
    return pushTo(&Taken::live, batch);
}

bool Lane::pushHistory(Batch &batch)
{
    return pushTo(&Taken::history, batch);
}

bool Lane::pushTo(std::deque<Batch> Taken::*queue, Batch &batch)
{
    {
        const std::lock_guard guard(m_mutex);
        // An empty lane takes anything, so that one batch larger than the lane cannot wait for ever.
        const std::size_t bytes = batch.bytes();
        if (m_bytes > 0 && m_bytes + bytes > m_capacity)
            return false;
        m_bytes += bytes;
        for (const auto &[stream, position] : batch.after)
            m_pushed.insert_or_assign(stream, position);
        (m_waiting.*queue).push_back(std::move(batch));
    }
    batch = Batch();
    m_bell.ring();
    return true;
}

void Lane::waitForRoom(std::stop_token stop, Mono until)
{
    std::unique_lock lock(m_mutex);
    // Half empty, not "not full": else a source would wake for every batch that the ingest thread takes.
    const auto hasRoom = [this] { return m_bytes <= m_capacity / 2; };
    if (until == Mono::max())
        m_room.wait(lock, stop, hasRoom);
    else
        m_room.wait_until(lock, stop, until, hasRoom);
}

void Lane::report(SourceStatus status)
{
    {
        const std::lock_guard guard(m_mutex);
        m_waiting.status = std::move(status);
        ++m_waiting.statusVersion;
    }
    m_bell.ring();
}

void Lane::beforeCommit(std::function<Result<Done>()> sync)
{
    const std::lock_guard guard(m_mutex);
    m_sync = std::move(sync);
}

Result<Done> Lane::syncSource() const
{
    std::function<Result<Done>()> sync;
    {
        const std::lock_guard guard(m_mutex);
        sync = m_sync;
    }
    return sync ? sync() : Result<Done>(Done()); // without the lock: a disk may take its time
}

Positions Lane::committed() const
{
    const std::lock_guard guard(m_mutex);
    return m_committed;
}

Positions Lane::pushed() const
{
    const std::lock_guard guard(m_mutex);
    return m_pushed;
}

SourceStatus Lane::status() const
{
    const std::lock_guard guard(m_mutex);
    return m_waiting.status;
}

Lane::Taken Lane::take()
{
    Taken taken;
    {
        const std::lock_guard guard(m_mutex);
        taken.live.swap(m_waiting.live);
        taken.history.swap(m_waiting.history);
        taken.status = m_waiting.status;
        taken.statusVersion = m_waiting.statusVersion;
        m_bytes = 0;
    }
    m_room.notify_all();
    return taken;
}

bool Lane::hasCommitted() const
{
    const std::lock_guard guard(m_mutex);
    return m_hasCommitted;
}

void Lane::noteCommitted(const Positions &positions)
{
    const std::lock_guard guard(m_mutex);
    m_hasCommitted = true;
    for (const auto &[stream, position] : positions)
        m_committed.insert_or_assign(stream, position);
}

}
