#pragma once

#include "alarms/rule.h"
#include "core/lane.h"

#include <QColor>

namespace sg {

// The colours of the window: neutral greys, so that only an alarm has a saturated colour. UI thread.
struct Theme
{
    bool isDark = false;
    QColor ground, panel, raised, line, text, faint, accent, plot, grid;

    [[nodiscard]] QColor priority(Priority priority) const;
    [[nodiscard]] QColor onPriority(Priority priority) const; // of the letter on it
    [[nodiscard]] QColor source(SourceStatus::State state) const;
    [[nodiscard]] QColor series(int index) const; // colour-blind safe, in order of use
};

const Theme &theme();
// Sets palette, style and style sheet of the whole application.
void applyTheme(bool isDark);

}
