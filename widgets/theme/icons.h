#pragma once

#include "widgets/theme/theme.h"

#include <QIcon>

class QPainter;

// Every icon is painted by code: shape, letter and colour, sharp at any scale. UI thread.
namespace sg {

// Diamond U, triangle H, square M, circle L. `isSolid`: unacknowledged and lit; else the outline only.
void paintPriority(QPainter &painter, const QRectF &in, Priority priority, bool isSolid);
void paintSourceState(QPainter &painter, const QRectF &in, SourceStatus::State state);

enum class Symbol : std::uint8_t {
    Acknowledge,
    Sound,
    Silence,
    Add,
    Remove,
    Live,
    Freeze,
    Fit,
    Export,
    Rule,
    Source,
    Open,
    Undo,
    Redo,
    Theme
};
QIcon symbolIcon(Symbol symbol);
QIcon appIcon();

}
