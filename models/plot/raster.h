#pragma once

#include "store/columns.h"

#include <QImage>

#include <memory>

namespace sg {

// The values at the centre of the lowest and of the highest pixel row.
struct ValueRange
{
    double min = 0, max = 1;
};

// One series as it is to be drawn.
struct Stroke
{
    enum class Style : std::uint8_t { Line, Step, Points, Area };

    Columns columns; // of the job's width; another width is stretched, e.g. for one frame while zooming
    QRgb colour = qRgb(0, 0, 0); // opaque; see palette.h
    Style style = Style::Line;
    int thickness = 1; // device pixels
    int dash = 0; // number of a dash pattern of palette.h
    std::optional<ValueRange> range; // of its own axis; else the job's
    double base = 0; // of an area: the value that it stands on
};

struct RasterJob
{
    int width = 0, height = 0; // device pixels
    double yMin = 0, yMax = 1; // the range of strokes without one of their own
    std::vector<Stroke> strokes; // later ones on top
    // The number of the left column, counted from any fixed instant: dashes and hatches stay where their values are while the window moves.
    std::int64_t firstColumn = 0;
};

// The strokes on a transparent ground, ARGB32_Premultiplied; a null image when stopped or without pixels. Any thread, pure.
//
// With more than one row to two columns the picture is, to the pixel, the one that this rule gives for EVERY row, in time order:
// - A row at t belongs to column floor((t - from) * width / (to - from)), in pixels between -2^37 and 2^37, its value to pixelRow().
// - A row with a finite value covers its pixel. A line joins it by forEachSpan() to the row before it, also when one of the two lies
//   outside, unless that has no value. Values of one column are joined even over a gap: one narrower than a column cannot show.
// - A step covers the row of its value up to the column before the next value's, and there everything between the two. A row without
//   a value ends it behind that row's column, or before it when that column has a value behind the gap.
// - An area also covers, faintly and below its line, what lies between the line and its base, or the edge nearer to that.
// - A column that has values and any row, with a value or not, of doubtful quality is hatched below the line, from 4 pixels above to
//   4 below what is covered.
// - A dash leaves out columns of which not more than 3 rows are covered. Then every pixel grows to thickness x thickness.
// Points alone show of each column its first, last, least and greatest value.
// With fewer rows these are drawn themselves, antialiased, at their exact places.
QImage raster(const RasterJob &job, std::stop_token stop = {});

// The same picture, painted by several threads together: each takes the next columns that nobody has, and none waits for another.
class RasterWork
{
public:
    explicit RasterWork(RasterJob job);
    ~RasterWork();
    // Makes the strokes ready to be painted. True for the one call, of all of them, after which paint() may be called; for none when
    // stopped.
    [[nodiscard]] bool prepare(const std::stop_token &stop);
    // Paints until nothing is left to take. True for the one call, of all of them, that finished the picture.
    [[nodiscard]] bool paint(const std::stop_token &stop);
    [[nodiscard]] QImage take(); // for the one that finished it; null when stopped or without pixels

private:
    struct Private;
    std::unique_ptr<Private> d;
};

// The pixel row of a value, unclipped but bounded; the rule of the raster, also for cursors and limit lines.
int pixelRow(double value, const ValueRange &range, int height);
int pixelRow(double value, double yMin, double yMax, int height);

// The integer rule: calls use(x, y0, y1) for every column of the line from (x0, y0) to (x1, y1), x0 <= x1, within 0 <= x < width.
void forEachSpan(std::int64_t x0, std::int64_t y0, std::int64_t x1, std::int64_t y1, int width,
                 const std::function<void(int x, std::int64_t from, std::int64_t to)> &use);

// When fewer rows are visible, they are drawn themselves.
inline bool drawsRows(const Columns &columns)
{
    return columns.samples <= columns.columns.size() / 2;
}

}
