#pragma once

#include "engine/session.h"

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
};

// What to draw, as values that a pool thread may keep.
struct FrameRequest
{
    std::uint64_t generation = 0;
    Time from{}, to{};
    int width = 0, height = 0; // device pixels
    std::vector<SeriesView> views;
    std::vector<ChartSeries> series;
    std::vector<double> limits; // to be within the automatic range
    std::optional<std::pair<double, double>> fixedY;
    std::pair<double, double> lastY{0, 0}; // kept while the data fits it well, so that the axis does not tremble
};

// A finished picture of the plot area.
struct Frame
{
    std::uint64_t generation = 0;
    Time from{}, to{};
    double yMin = 0, yMax = 1;
    QImage image;
    std::vector<Columns> columns; // by series of the request: states are drawn out of them, and the export counts by them
    bool hasValues = false;
};

// Queries and rasters on the session's pool. `done` comes on a pool thread, once, unless stopped.
void drawFrame(Session &session, FrameRequest request, std::stop_token stop, std::function<void(Frame)> done);

}
