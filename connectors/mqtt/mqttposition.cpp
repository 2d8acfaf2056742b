#include "connectors/mqtt/mqttposition.h"

#include <charconv>

namespace sg {
namespace {

template <class Number> bool readLine(std::string_view &bytes, Number &number)
{
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos)
        return false;
    const auto read = std::from_chars(bytes.data(), bytes.data() + end, number);
    const bool isWhole = read.ec == std::errc() && read.ptr == bytes.data() + end;
    bytes.remove_prefix(end + 1);
    return isWhole;
}

bool readText(std::string_view &bytes, std::string &text)
{
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos)
        return false;
    text = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    return true;
}

}

std::string MqttPosition::bytes() const
{
    std::string bytes = "2\n" + std::to_string(isSettled ? 1 : 0) + '\n' + std::to_string(qos) + '\n'
        + std::to_string(newest.time_since_epoch().count()) + '\n' + std::to_string(received) + '\n' + std::to_string(isSpooled ? 1 : 0)
        + '\n' + std::to_string(next) + '\n' + machine + '\n';
    for (const std::string &filter : filters)
        bytes += filter + '\n';
    return bytes;
}

std::optional<MqttPosition> MqttPosition::parse(std::string_view bytes)
{
    MqttPosition position;
    int version = 0;
    int isSettled = 0;
    int isSpooled = 0;
    std::int64_t newest = 0;
    if (!readLine(bytes, version) || version < 1 || version > 2 || !readLine(bytes, isSettled) || !readLine(bytes, position.qos)
        || !readLine(bytes, newest) || !readLine(bytes, position.received))
        return std::nullopt;
    if (version == 2 && (!readLine(bytes, isSpooled) || !readLine(bytes, position.next) || !readText(bytes, position.machine)))
        return std::nullopt;
    position.isSettled = isSettled != 0;
    position.isSpooled = isSpooled != 0;
    position.newest = Time(Micros(newest));
    while (!bytes.empty()) {
        if (!readText(bytes, position.filters.emplace_back()))
            return std::nullopt;
    }
    return position;
}

}
