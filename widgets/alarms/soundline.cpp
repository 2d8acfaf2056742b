#include "widgets/alarms/soundline.h"

#include "items/texts.h"
#include "widgets/alarms/alarmsounds.h"
#include "widgets/alarms/attention.h"
#include "widgets/main/usersettings.h"
#include "widgets/theme/icons.h"

namespace sg {

SoundLine::SoundLine(Attention &attention, AlarmSounds &sounds, QWidget *parent)
    : QToolButton(parent)
    , m_attention(attention)
    , m_sounds(sounds)
{
    setObjectName(QStringLiteral("soundLine"));
    setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    setFocusPolicy(Qt::StrongFocus);
    setIcon(symbolIcon(Symbol::Silence));
    auto bold = font();
    bold.setBold(true);
    setFont(bold);
    connect(&attention, &Attention::changed, this, &SoundLine::refresh);
    connect(&sounds, &AlarmSounds::changed, this, &SoundLine::refresh);
    connect(this, &QToolButton::clicked, this, [this] {
        if (!m_sounds.isEnabled())
            m_sounds.setEnabled(true);
        else
            m_attention.unmute(userSettings().value(QStringLiteral("operator/name")).toString());
    });
    refresh();
}

void SoundLine::refresh()
{
    const auto isMuted = m_attention.isMuted();
    if (!m_sounds.isEnabled()) {
        setText(tr("Sound off"));
        setToolTip(tr("No alarm sounds in this window, urgent ones neither. Click to switch the sound on."));
    } else if (isMuted) {
        setText(tr("Muted until %1 by %2").arg(clockText(m_attention.mutedUntil()), m_attention.mutedBy().left(30)));
        setToolTip(tr("Only urgent alarms sound until %1. Click to end the mute.").arg(clockText(m_attention.mutedUntil())));
    }
    setAccessibleName(text());
    setVisible(!m_sounds.isEnabled() || isMuted);
}

}
