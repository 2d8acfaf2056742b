#pragma once

#include "plot/raster.h"

// Between the files of the raster only.
namespace sg {

constexpr double FarY = 1 << 22; // rows beyond are drawn as if they were here: far outside, and safe to multiply
constexpr std::int64_t FarX = std::int64_t(1) << 37;
constexpr int AreaAlpha = 60; // of 255

// The exact place of a value in pixel rows, bounded; half the height when the range is none.
double exactRow(double value, const ValueRange &range, int height);
double baseRow(const Stroke &stroke, const ValueRange &range, int height); // the edge of an area, within the picture

// Draws rows one by one, antialiased.
void paintRows(QImage &image, const Stroke &stroke, const ValueRange &range);

}
