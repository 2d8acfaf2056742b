#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace sg {

enum class PlantPart : std::uint8_t { Press, Pumps, Gateways, Orders };

struct PlantReading
{
    std::string field;
    double value = 0; // rounded as the sensor rounds it; the code of a state
};

// What one thing of the plant says at one step.
struct PlantMessage
{
    std::string line; // "L1"
    std::string thing; // "P-03", "PU-02", "G2"; empty for a whole line
    std::string order; // what the line works at
    std::vector<PlantReading> readings;
    std::chrono::microseconds clockError{0}; // of the device that stamps it
};

constexpr std::chrono::milliseconds PlantStep{100};
constexpr int PlantLines = 3;
constexpr int PressesPerLine = 4;
constexpr int PumpsPerLine = 2;
constexpr double StateStopped = 0, StateRunning = 1, StateFault = 2, StateSetup = 3;

// A made-up plant: three lines of presses and pumps, a gateway each, orders. Every value is a function of seed and step alone, so that a
// test or an exporter computes what the window shows, and a restart goes on as if nothing had been. Steps below 0 are the time before the
// plant was opened, without faults. Thread-safe: it keeps nothing.
//
// The opening: press P-03 runs hot from 8 s to 25 s, gateway G2 is silent from 20 s to 45 s, press P-07 has a fault from 32 s to 50 s,
// and the vibration of pump PU-06 hovers at its limit for twenty minutes. Later about one of these in ten minutes.
class Plant
{
public:
    explicit Plant(std::uint64_t seed)
        : m_seed(seed)
    {
    }
    // Step 0 has a message of everything.
    [[nodiscard]] std::vector<PlantMessage> step(PlantPart part, std::int64_t n) const;

private:
    [[nodiscard]] std::vector<PlantMessage> presses(std::int64_t n) const;
    [[nodiscard]] std::vector<PlantMessage> pumps(std::int64_t n) const;
    [[nodiscard]] std::vector<PlantMessage> gateways(std::int64_t n) const;
    [[nodiscard]] std::vector<PlantMessage> orders(std::int64_t n) const;

    const std::uint64_t m_seed;
};

}
