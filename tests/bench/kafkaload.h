#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace sg::bench {

struct Sum // of what a topic holds: both sides must agree on it
{
    std::uint64_t count = 0;
    std::int64_t checksum = 0; // of temp and pressure in hundredths
};

void createTopic(const std::string &brokers, const std::string &topic, int partitions);
// About 150 bytes of JSON with device, ts, temp, pressure, over 40 devices; lz4, acks=all. Returns what was written.
Sum produce(const std::string &brokers, const std::string &topic, int partitions, std::uint64_t messages);
// `perSecond` messages for `seconds`, evenly, linger 0. Each `every`-th is of the device "toggle", whose temp alternates 90 and 70 and
// whose ts is the instant of producing in microseconds; the others are filler. Returns the number of toggles.
std::uint64_t producePaced(const std::string &brokers, const std::string &topic, int perSecond, double seconds, int every);

// The plant of plantload.h: each press once a second, evenly, and each change at its instant; `ts` is the instant of producing in
// microseconds. Linger 0.
void producePlant(const std::string &brokers, const std::string &topic);

struct RawResult
{
    Sum sum;
    double seconds = 0; // from making the consumer to the last message
    std::vector<double> latencies; // ms, of toggles, when `measuresLatency`
};
enum class RawSide { Receive, Parse, Latency };
// A bare librdkafka consumer of the whole topic, until `messages` (Receive, Parse) or `toggles` (Latency) arrived. Latency starts at the
// end.
RawResult consume(const std::string &brokers, const std::string &topic, int partitions, RawSide side, std::uint64_t messages,
                  const std::function<void()> &ready = {});

double percentile(std::vector<double> values, double share);

}
