#pragma once

#include <QSettings>

namespace sg {

// What this machine remembers of the person: window places, operator's name, theme. Tests redirect it by QSettings::setPath.
inline QSettings userSettings()
{
    return QSettings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("sightglass"), QStringLiteral("sightglass"));
}

}
