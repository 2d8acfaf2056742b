#pragma once

#include <QImage>

#include <cstdint>
#include <vector>

// The picture that a chart has to show, drawn the slow way: every sample of plain arrays, one after the other, by the rule that
// models/plot/raster.h states. It includes and links nothing of the product.
namespace oracle {

struct Signal // times strictly rising, in microseconds; a value that is not finite is a gap
{
    std::vector<std::int64_t> times;
    std::vector<double> values;
    std::vector<int> qualities; // 0 good, 1 uncertain, 2 bad
};

enum class Style { Line, Step, Area };

struct Trace
{
    const Signal *signal = nullptr;
    QRgb colour = 0;
    Style style = Style::Line;
    int thickness = 1;
    std::vector<int> dashes; // dash, space, ...
    double low = 0, high = 1; // values at the lowest and highest pixel row
    bool isLog = false; // low, high and the values are then placed by their decimal logarithm, an area's ground is the lower edge
};

struct Picture
{
    std::int64_t from = 0, to = 0; // microseconds
    int width = 0, height = 0;
    std::int64_t firstColumn = 0;
    std::vector<Trace> traces;
};

QImage draw(const Picture &picture);
// How many samples the window shows: with at most one to two columns they are drawn one by one, antialiased.
std::size_t visible(const Signal &signal, const Picture &picture);

}
