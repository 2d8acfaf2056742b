#pragma once

#include <QToolButton>

namespace sg {

class AlarmSounds;
class Attention;

// In the status bar while alarms do not sound as they would: switched off, or muted by whom until when. A click undoes it. Hidden
// otherwise. UI thread.
class SoundLine : public QToolButton
{
    Q_OBJECT

public:
    SoundLine(Attention &attention, AlarmSounds &sounds, QWidget *parent = nullptr);

private:
    void refresh();

    Attention &m_attention;
    AlarmSounds &m_sounds;
};

}
