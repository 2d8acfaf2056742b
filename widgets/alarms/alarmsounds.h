#pragma once

#include "items/snapshotfeed.h"

#include <QTemporaryDir>

class QSoundEffect;

namespace sg {

// A sound per priority while something unacknowledged was not silenced. Silence stops what sounds now; a new alarm sounds again.
// The highest priority sounds. UI thread.
class AlarmSounds : public QObject
{
    Q_OBJECT

public:
    explicit AlarmSounds(SnapshotFeed &feed, QObject *parent = nullptr);
    ~AlarmSounds() override;
    void setEnabled(bool isEnabled);
    [[nodiscard]] bool isEnabled() const { return m_isEnabled; }
    [[nodiscard]] bool isSounding() const { return m_isSounding; }
    void silence();

Q_SIGNALS:
    void changed();

private:
    void check();
    void play(Priority priority);

    SnapshotFeed &m_feed;
    std::unordered_map<std::uint32_t, std::uint32_t> m_silenced; // instance -> its seq when silenced
    std::array<std::unique_ptr<QSoundEffect>, 4> m_effects;
    QTemporaryDir m_files;
    QTimer m_repeat;
    bool m_isEnabled = false;
    bool m_isSounding = false;
};

}
