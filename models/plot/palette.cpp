#include "plot/palette.h"

#include <array>

namespace sg {

namespace {

constexpr int Colours = 8;
// #0072B2 #E69F00 #009E73 #CC79A7 #56B4E9 #D55E00 #F0E442 and black or white, where their contrast with the ground suffices.
constexpr std::array<QRgb, Colours> OnLight
    = {0xff0072b2, 0xffb87f00, 0xff009e73, 0xffcc79a7, 0xff3f94c6, 0xffd55e00, 0xff9a9000, 0xff000000};
constexpr std::array<QRgb, Colours> OnDark
    = {0xff0a80c2, 0xffe69f00, 0xff009e73, 0xffcc79a7, 0xff56b4e9, 0xffd55e00, 0xfff0e442, 0xffffffff};

constexpr std::array<int, 2> Dashed = {8, 3};
constexpr std::array<int, 2> Dotted = {2, 3};
constexpr std::array<int, 4> DashDotted = {8, 3, 2, 3};

}

QRgb seriesColour(int index, bool isDarkGround)
{
    const auto at = static_cast<std::size_t>(index < 0 ? 0 : index % Colours);
    return isDarkGround ? OnDark[at] : OnLight[at];
}

int seriesDash(int index)
{
    // The second round of colours begins with another pattern, so that no two of the first 32 series look alike.
    return index < 0 ? 0 : (index + index / Colours) % 4;
}

std::span<const int> dashPattern(int dash)
{
    switch (dash % 4) {
    case 1:
        return Dashed;
    case 2:
        return Dotted;
    case 3:
        return DashDotted;
    }
    return {};
}

}
