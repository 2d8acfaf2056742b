#pragma once

#include "engine/session.h"
#include "store/columncache.h"
#include "workspace/chartlook.h"

#include <QColor>
#include <QImage>

namespace sg {

// One series as a chart shows it.
struct ChartSeries
{
    SeriesId id{};
    std::string path;
    QString name; // in full
    QString shortName; // without the words that all of the chart share, for legend, strips and readout
    QString unit;
    ValueKind kind = ValueKind::Number;
    QColor colour;
    int dash = 0;
    SeriesStyle style = SeriesStyle::Line;
    bool isRight = false; // which value axis
    int width = 1; // logical pixels
};

// Values as an axis places them: log10 on a log scale, so that a chart is linear in them everywhere. What is not above 0 lies below
// everything there.
inline double axisValue(double value, bool isLog)
{
    return !isLog ? value : value > 0 ? std::log10(value) : -400;
}
inline double valueOfAxis(double placed, bool isLog)
{
    return isLog ? std::pow(10.0, placed) : placed;
}

// One value axis of a chart; ranges in axis values.
struct FrameAxis
{
    bool isLog = false;
    std::optional<std::pair<double, double>> fixed;
    std::pair<double, double> last{0, 0}; // kept while the data fits it well, so that the axis does not tremble
};
enum AxisSide : std::uint8_t { LeftAxis, RightAxis };

// What to draw, as values that a pool thread may keep.
struct FrameRequest
{
    std::uint64_t generation = 0;
    Time from{}, to{};
    int width = 0, height = 0; // device pixels
    std::vector<SeriesView> views;
    std::vector<ChartSeries> series;
    std::vector<double> limits; // to be within the automatic range of the left axis
    std::array<FrameAxis, 2> axes; // by AxisSide
    double scale = 1; // device pixels a logical one
    std::vector<std::shared_ptr<const CachedColumns>> earlier; // Frame::cached of a frame before, or nothing
};

// Neighbouring columns with values that arrived late.
struct LateSpan
{
    Time from{}, to{};
    QRgb colour = 0; // of the series
    int lane = 0; // 0, 1, ... of the series that have any
};

// A finished picture of the plot area.
struct Frame
{
    std::uint64_t generation = 0;
    Time from{}, to{};
    double yMin = 0, yMax = 1; // left axis
    std::pair<double, double> right{0, 1};
    QImage image;
    std::vector<Columns> columns; // by series of the request: states are drawn out of them, and the export counts by them
    std::vector<std::shared_ptr<const CachedColumns>> cached; // for requests to come, so that they compute their new columns only
    std::vector<LateSpan> late;
    bool hasValues = false;
    bool isUnknown = false; // some series' values could not be had: there is no picture, and nothing is known
};

// Queries and rasters on the session's pool. `done` comes on a pool thread, once, unless stopped.
void drawFrame(Session &session, FrameRequest request, std::stop_token stop, std::function<void(Frame)> done);

}
