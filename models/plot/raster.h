#pragma once

#include "store/columns.h"

#include <QImage>

namespace sg {

// One series as it is to be drawn.
struct Stroke
{
    enum class Style : std::uint8_t { Line, Step, Points };

    Columns columns; // of the job's width; another width is stretched, e.g. for one frame while zooming
    QRgb colour = qRgb(0, 0, 0); // opaque; see palette.h
    Style style = Style::Line;
    int thickness = 1; // device pixels
    int dash = 0; // number of a dash pattern of palette.h
};

struct RasterJob
{
    int width = 0, height = 0; // device pixels
    double yMin = 0, yMax = 1; // values at the centre of the lowest and of the highest pixel row
    std::vector<Stroke> strokes; // later ones on top
};

// The strokes on a transparent ground, ARGB32_Premultiplied; a null image when stopped or without pixels. Any thread, pure.
// A column is drawn as one span from min to max, and columns are joined last to first by one integer rule, so the picture is the one
// that drawing every row would give; only a gap narrower than a column does not show as a hole. Values of doubtful quality are hatched.
// Where few rows are visible (see Columns::rows) these are drawn themselves, antialiased and with points.
QImage raster(const RasterJob &job, std::stop_token stop = {});

// The pixel row of a value, unclipped but bounded; the rule of the raster, also for cursors and limit lines.
int pixelRow(double value, double yMin, double yMax, int height);

// The integer rule: calls use(x, y0, y1) for every column of the line from (x0, y0) to (x1, y1), x0 <= x1, within 0 <= x < width.
void forEachSpan(std::int64_t x0, std::int64_t y0, std::int64_t x1, std::int64_t y1, int width,
                 const std::function<void(int x, std::int64_t from, std::int64_t to)> &use);

}
