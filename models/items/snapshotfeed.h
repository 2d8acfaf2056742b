#pragma once

#include "engine/session.h"

#include <QObject>
#include <QTimer>

namespace sg {

using SnapshotPtr = std::shared_ptr<const Snapshot>;

// Brings the session's newest snapshot to the UI thread, once a frame. UI thread only; the session must outlive it.
class SnapshotFeed : public QObject
{
    Q_OBJECT

public:
    static constexpr Millis Frame{33};

    explicit SnapshotFeed(const Session &session, QObject *parent = nullptr);

    [[nodiscard]] const SnapshotPtr &current() const { return m_current; }
    [[nodiscard]] const std::shared_ptr<const Workspace> &workspace() const { return m_workspace; } // as applied
    [[nodiscard]] Time now() const { return m_session.referenceNow(); }
    void start();
    void stop();
    // What the timer does; tests call it by hand.
    void poll();

Q_SIGNALS:
    // Only when the version moved. Everything that differs is between these two, whatever was skipped.
    void changed(const sg::SnapshotPtr &before, const sg::SnapshotPtr &after);
    void frame(); // every frame, after changed()
    void second(); // once a second: ages

private:
    const Session &m_session;
    SnapshotPtr m_current;
    std::shared_ptr<const Workspace> m_workspace;
    QTimer m_timer;
    Mono m_lastSecond{};
};

}
