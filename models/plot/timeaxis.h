#pragma once

#include "core/types.h"

#include <QString>
#include <QTimeZone>

#include <vector>

namespace sg {

struct TimeTick
{
    Time t{};
    QString label; // digits only, of one length for one step; a second line names the day (or the year) where it changes
    bool isMajor = false; // a new day begins here, for steps of days a new month, for months a new year
};

// Ticks in [from, to) for an axis of `pixels`, at least `labelPixels` apart (the width of a label and its distance to the next), at
// round local times of the zone. The first tick has a second line too, so that the day can always be read. Any thread, pure.
std::vector<TimeTick> timeTicks(Time from, Time to, int pixels, int labelPixels, const QTimeZone &zone);

}
