#pragma once

#include "alarms/rule.h"

#include <QTemporaryDir>

class QSoundEffect;

namespace sg {

// One sound a priority, made by code; the system's beep where there is no audio output. UI thread.
class SoundPlayer
{
public:
    SoundPlayer();
    ~SoundPlayer();
    void play(Priority priority);
    void stop();

private:
    std::array<std::unique_ptr<QSoundEffect>, 4> m_effects;
    QTemporaryDir m_files;
};

}
