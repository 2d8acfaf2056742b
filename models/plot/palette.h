#pragma once

#include <QRgb>

#include <span>

namespace sg {

// The colour of the n-th series of a chart: Okabe and Ito's eight, told apart by colour-blind readers too. On a light ground the three
// palest are darkened, on a dark ground the blue is lightened, until each stands out from it by 3:1.
QRgb seriesColour(int index, bool isDarkGround);

// The dash pattern of the n-th series, so that lines are told apart without colour; the first is solid.
int seriesDash(int index);

// Lengths of dash, space, dash, ... in units of the line's thickness; empty: solid.
std::span<const int> dashPattern(int dash);

}
