#include "items/snapshotfeed.h"

namespace sg {

SnapshotFeed::SnapshotFeed(const Session &session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_current(std::make_shared<Snapshot>())
    , m_workspace(session.workspace())
{
    m_timer.setTimerType(Qt::PreciseTimer); // a coarse one makes 36 ms of 33
    m_timer.setInterval(Frame);
    connect(&m_timer, &QTimer::timeout, this, &SnapshotFeed::poll);
}

void SnapshotFeed::start()
{
    m_timer.start();
    poll();
}

void SnapshotFeed::stop()
{
    m_timer.stop();
}

void SnapshotFeed::poll()
{
    auto newest = m_session.snapshot();
    if (newest->version != m_current->version) {
        m_workspace = m_session.workspace();
        const auto before = std::exchange(m_current, std::move(newest));
        Q_EMIT changed(before, m_current);
    }
    Q_EMIT frame();
    if (const auto now = Mono::clock::now(); now - m_lastSecond >= std::chrono::seconds(1)) {
        m_lastSecond = now;
        Q_EMIT second();
    }
}

}
