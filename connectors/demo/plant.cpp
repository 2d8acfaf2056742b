#include "connectors/demo/plant.h"

#include "connectors/demo/plantsignals.h"

#include <cmath>
#include <numbers>

namespace sg {

using namespace plant;

namespace {

// Periods that add up to about one alarm in ten minutes.
constexpr Schedule Hot{3, 32, 2400, 2, PlantLines *PressesPerLine};
constexpr Schedule PressFault{32, 18, 2100, 6, PlantLines *PressesPerLine};
constexpr Schedule GatewaySilent{20, 25, 3600, 1, PlantLines};
constexpr double HoverFirst = 12, HoverFirstEnd = 1200, HoverPeriod = 1800, HoverSeconds = 240; // of the last pump
constexpr double VibrationLimit = 4.5; // mm/s: what the demo's rule says too
constexpr std::chrono::microseconds SlowClock = -std::chrono::seconds(180); // of the last gateway

constexpr int PressEvery = 5, PumpEvery = 10, BeatEvery = 20, OrderEvery = 50; // steps

enum Channel : std::uint64_t {
    PressLevel = 1000,
    PressTemp = 2000,
    PressPressure = 3000,
    PressVibration = 4000,
    PumpFlow = 5000,
    PumpPressure = 6000,
    PumpVibration = 7000,
    Rssi = 8000,
    Rate = 9000
};

double secondsOf(std::int64_t n)
{
    return static_cast<double>(n) * std::chrono::duration<double>(PlantStep).count();
}
bool isDue(std::int64_t n, int every, int turn)
{
    return n == 0 || ((n - turn) % every + every) % every == 0;
}
std::string twoDigits(int n)
{
    return (n < 10 ? "0" : "") + std::to_string(n);
}
std::string lineName(int line)
{
    return "L" + std::to_string(line + 1);
}
std::string orderName(int line, const Product &product)
{
    return "A-" + std::to_string(2000 + 3 * product.number + line);
}
std::uint64_t channel(Channel base, int thing)
{
    return base + static_cast<std::uint64_t>(thing);
}

// How hot a press runs beyond its normal course, 0 to 1.
double heatOf(double since)
{
    return since < 7 ? smoothStep(since / 7) : 1 - smoothStep((since - 15) / 17);
}

double pressTemperature(std::uint64_t seed, int press, const Product &product, double t, std::int64_t n)
{
    const double base = 57 + 6 * chance(seed, PressLevel, press);
    const auto level = [&](std::int64_t number) { return 3 * (chance(seed, channel(PressLevel, 1 + press), number) * 2 - 1); };
    const double settling = std::exp(-product.since / 40); // a product change shifts the level, slowly as metal does
    const double shift = level(product.number) + (level(product.number - 1) - level(product.number)) * settling;
    const double cooling = product.isSetup() ? 2 * smoothStep(product.since / 25) : 2 * settling;
    const double normal = base + shift - cooling + 2.5 * day(t, 0.1 * press) + 1.5 * drift(seed, channel(PressTemp, press), t, 300)
        + 0.25 * noise(seed, channel(PressTemp, 100 + press), n);
    const auto hot = inFault(Hot, seed, press, t);
    return hot ? normal + (88 - normal) * heatOf(*hot) : normal;
}

// One stroke takes six seconds.
double strokePressure(double t, int press)
{
    const double phase = t / 6 + 0.31 * press - std::floor(t / 6 + 0.31 * press);
    return 24 + 150 * smoothStep((phase - 0.15) / 0.2) * (1 - smoothStep((phase - 0.55) / 0.25));
}

double hoverOf(double t)
{
    if (t >= HoverFirst && t < HoverFirstEnd)
        return smoothStep((t - HoverFirst) / 6);
    if (t < HoverPeriod)
        return 0;
    const double since = std::fmod(t, HoverPeriod);
    return since < HoverSeconds ? smoothStep(since / 6) : 0;
}

}

std::vector<PlantMessage> Plant::step(PlantPart part, std::int64_t n) const
{
    switch (part) {
    case PlantPart::Press:
        return presses(n);
    case PlantPart::Pumps:
        return pumps(n);
    case PlantPart::Gateways:
        return gateways(n);
    case PlantPart::Orders:
        return orders(n);
    }
    return {};
}

std::vector<PlantMessage> Plant::presses(std::int64_t n) const
{
    const double t = secondsOf(n);
    std::vector<PlantMessage> out;
    for (int press = 0; press < PlantLines * PressesPerLine; ++press) {
        if (!isDue(n, PressEvery, press))
            continue;
        const int line = press / PressesPerLine;
        const Product product = productOf(line, t);
        const bool isFaulty = inFault(PressFault, m_seed, press, t).has_value();
        const double state = isFaulty ? StateFault : product.isSetup() ? StateSetup : StateRunning;
        const bool isMoving = state == StateRunning;
        const double pressure = (isMoving ? strokePressure(t, press) : 12) + 0.8 * noise(m_seed, channel(PressPressure, press), n);
        const double vibration = isMoving ? 1.7 + 0.5 * chance(m_seed, PressVibration, press)
                + 0.3 * drift(m_seed, channel(PressVibration, press), t, 90) + 0.12 * noise(m_seed, channel(PressVibration, 100 + press), n)
                                          : 0.2 + 0.05 * noise(m_seed, channel(PressVibration, 100 + press), n);
        PlantMessage message{lineName(line), "P-" + twoDigits(press + 1), orderName(line, product), {}, {}};
        message.readings = {{"temp", rounded(pressTemperature(m_seed, press, product, t, n), 1)},
                            {"pressure", rounded(pressure, 1)},
                            {"vibration", rounded(vibration, 2)},
                            {"state", state}};
        out.push_back(std::move(message));
    }
    return out;
}

std::vector<PlantMessage> Plant::pumps(std::int64_t n) const
{
    const double t = secondsOf(n);
    std::vector<PlantMessage> out;
    for (int pump = 0; pump < PlantLines * PumpsPerLine; ++pump) {
        const int line = pump / PumpsPerLine;
        if (!isDue(n, PumpEvery, pump) || inFault(GatewaySilent, m_seed, line, t)) // a pump speaks through its line's gateway
            continue;
        const Product product = productOf(line, t);
        const double load = product.isSetup() ? 0.6 : 1;
        const double flow = load * (38 + 6 * chance(m_seed, PumpFlow, pump) + 3 * day(t, 0.3 + 0.1 * pump))
            + 1.2 * drift(m_seed, channel(PumpFlow, pump), t, 60) + 0.4 * noise(m_seed, channel(PumpFlow, 100 + pump), n);
        const double pressure = 5.2 + 0.3 * load + 0.2 * drift(m_seed, channel(PumpPressure, pump), t, 120)
            + 0.03 * noise(m_seed, channel(PumpPressure, 100 + pump), n);
        const double normal = 2.4 + 0.6 * chance(m_seed, PumpVibration, pump) + 0.3 * drift(m_seed, channel(PumpVibration, pump), t, 75);
        const bool isLast = pump == PlantLines * PumpsPerLine - 1;
        const double atLimit = VibrationLimit + 0.11 * std::sin(2 * std::numbers::pi * t / 7);
        const double vibration
            = normal + (atLimit - normal) * (isLast ? hoverOf(t) : 0) + 0.04 * noise(m_seed, channel(PumpVibration, 100 + pump), n);
        PlantMessage message{lineName(line), "PU-" + twoDigits(pump + 1), {}, {}, {}};
        message.readings = {{"flow", rounded(flow, 1)}, {"pressure", rounded(pressure, 2)}, {"vibration", rounded(vibration, 2)}};
        out.push_back(std::move(message));
    }
    return out;
}

std::vector<PlantMessage> Plant::gateways(std::int64_t n) const
{
    const double t = secondsOf(n);
    std::vector<PlantMessage> out;
    for (int gateway = 0; gateway < PlantLines; ++gateway) {
        if (!isDue(n, BeatEvery, 7 * gateway) || inFault(GatewaySilent, m_seed, gateway, t))
            continue;
        const double rssi
            = -58 - 4 * gateway + 3 * drift(m_seed, channel(Rssi, gateway), t, 45) + 1.5 * noise(m_seed, channel(Rssi, 100 + gateway), n);
        PlantMessage message{lineName(gateway), "G" + std::to_string(gateway + 1), {}, {}, {}};
        message.readings = {{"beat", 1e6 + std::floor(static_cast<double>(n - 7 * gateway) / BeatEvery)}, {"rssi", rounded(rssi, 0)}};
        if (gateway == PlantLines - 1)
            message.clockError = SlowClock;
        out.push_back(std::move(message));
    }
    return out;
}

std::vector<PlantMessage> Plant::orders(std::int64_t n) const
{
    const double t = secondsOf(n);
    std::vector<PlantMessage> out;
    for (int line = 0; line < PlantLines; ++line) {
        if (!isDue(n, OrderEvery, 11 * line))
            continue;
        const Product product = productOf(line, t);
        // The integral of 42 + 3 cos: a counter that never goes back, faster and slower over the day.
        const double perSecond = 42.0 / 60;
        const double produced = std::floor(perSecond * (t + 7200) + 3.0 / 60 * 1200 / (2 * std::numbers::pi) * (1 + day(t, 0.2 * line)));
        const double rate
            = (product.isSetup() ? 0.4 : 1) * (42 + 3 * day(t, 0.2 * line + 0.25)) + 0.8 * noise(m_seed, channel(Rate, line), n);
        PlantMessage message{lineName(line), {}, orderName(line, product), {}, {}};
        message.readings
            = {{"produced", produced}, {"rejected", std::floor(produced * (0.012 + 0.004 * line))}, {"rate", rounded(rate, 1)}};
        out.push_back(std::move(message));
    }
    return out;
}

}
