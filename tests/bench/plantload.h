#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>

namespace sg::bench {

// A plant that is told to Kafka and to Prometheus alike: presses whose temperature is new each second, and every tenth of a second one of
// them, each at most once, goes beyond 80 for 6 s.
struct PlantLoad
{
    static constexpr int Presses = 2'000;
    static constexpr int Rules = 25; // the first is "above 80"; the others look at the same series and stay false
    static constexpr int WarmUp = 5, Seconds = 30; // before the first change; in all, with the warm-up
    static constexpr int Changes = (Seconds - WarmUp - 6) * 10;

    // Which press the n-th change is about, and when, in milliseconds from the start: at no special part of the second.
    static int pressOf(int change) { return change * 37 % Presses; }
    static int millisOf(int change) { return WarmUp * 1'000 + change * 100 + change * 7919 % 97; }
    static constexpr int HoldMillis = 6'000;

    static std::string line(int press) { return "L" + std::to_string(press % 20); }
    static std::string device(int press)
    {
        char text[16];
        std::snprintf(text, sizeof text, "P-%04d", press);
        return text;
    }
    // 20.00 to 69.99, another one each second.
    static double temp(int press, int second)
    {
        const std::uint32_t mixed
            = (static_cast<std::uint32_t>(press) * 2654435761U) ^ (static_cast<std::uint32_t>(second) * 40503U * 65537U);
        return 20 + static_cast<double>((mixed >> 8U) % 5'000) / 100;
    }
};

}
