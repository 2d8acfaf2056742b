#pragma once

#include "alarms/rule.h"
#include "core/fields.h"
#include "core/selector.h"

namespace sg {

// How a chart tile draws, as its page says it: style, axes, thresholds, bands. Colours and widths are of the file; what it does not
// say is left to the theme. A value; any thread.
enum class SeriesStyle : std::uint8_t { Line, Step, Points, Area };

struct SeriesLook // of the series that a selector means; later ones win key by key
{
    Selector series;
    std::optional<SeriesStyle> style;
    std::optional<bool> isRight;
    std::optional<std::uint32_t> colour; // 0xRRGGBB
    std::optional<int> width; // logical pixels, 1 to 5
};
struct ChartScale
{
    bool isLog = false;
    std::optional<std::pair<double, double>> range; // else it follows the values
};
struct ChartThreshold
{
    double value = 0;
    std::string label;
    std::optional<Priority> priority; // whose colour the line has
};
struct ChartBand
{
    double from = 0, to = 0;
    std::string label;
};
struct ChartLook
{
    SeriesStyle style = SeriesStyle::Line;
    ChartScale left, right;
    std::vector<SeriesLook> styles;
    std::vector<ChartThreshold> thresholds; // on the left axis
    std::vector<ChartBand> bands;

    [[nodiscard]] SeriesLook lookOf(std::string_view path) const; // everything but the width and the colour is set
};

Fields chartFields(); // of `chart:` in a page
// What can be read of it; faults beyond the table go to `faults` when it is given, each with its place.
ChartLook readChartLook(const Node &settings, std::vector<Error> *faults = nullptr);

}
