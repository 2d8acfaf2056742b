#include "decode/guards.h"

#include "core/text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sg {
namespace {
using namespace std::chrono_literals;

struct Unit
{
    std::string_view name;
    double bytes;
};
constexpr std::array Units{Unit{"kB", 0x1p10}, Unit{"MB", 0x1p20}, Unit{"GB", 0x1p30}, Unit{"TB", 0x1p40}};

// "500MB", "1.5GB"; binary units, as of `history`.
std::optional<double> sizeOf(std::string_view text)
{
    for (const Unit &unit : Units) {
        if (!text.ends_with(unit.name))
            continue;
        const auto number = parseNumber(text.substr(0, text.size() - unit.name.size()));
        if (number && *number > 0 && *number * unit.bytes < 0x1p60)
            return *number * unit.bytes;
    }
    return std::nullopt;
}

constexpr Micros Burst = 100ms; // what was not spent is kept for so long
constexpr std::chrono::seconds Remembered = 5s;

}

SourceGuards SourceGuards::read(const Node &declaration, std::vector<Error> &faults)
{
    SourceGuards guards;
    if (const Node &rate = declaration["max_rate"]; !rate.isMissing()) {
        std::string_view text = rate.scalar;
        const bool isRate = text.ends_with("/s");
        if (isRate)
            text.remove_suffix(2);
        const auto size = sizeOf(text);
        const auto count = parseNumber(text);
        if (isRate && size)
            guards.bytesPerSecond = *size;
        else if (isRate && count && *count >= 1)
            guards.messagesPerSecond = *count;
        else
            faults.push_back(rate.error(SG_TR("max_rate: '%1' is no rate; expected messages or bytes a second: 5000/s, 2MB/s"),
                                        {shown(rate.scalar, 40)}));
        guards.rate = rate.scalar;
    }
    if (const Node &backlog = declaration["max_backlog"]; !backlog.isMissing()) {
        if (const auto size = sizeOf(backlog.scalar))
            guards.mostBacklog = static_cast<std::int64_t>(*size);
        else
            faults.push_back(backlog.error(SG_TR("max_backlog: '%1' is no size; expected a number and a unit: 500MB, 2GB, 1TB"),
                                           {shown(backlog.scalar, 40)}));
    }
    return guards;
}

std::string formatSize(double bytes)
{
    std::string_view unit = "bytes";
    for (const Unit &larger : Units) {
        if (bytes < larger.bytes)
            break;
        unit = larger.name;
    }
    const auto found = std::ranges::find(Units, unit, &Unit::name);
    const double number = found == Units.end() ? bytes : bytes / found->bytes;
    // Two digits say enough.
    return formatNumber(number < 10 ? std::round(number * 10) / 10 : std::round(number)) + ' ' + std::string(unit);
}

void RateGate::spend(std::uint64_t messages, std::uint64_t bytes, Mono now)
{
    double seconds = 0;
    if (m_guards.messagesPerSecond > 0)
        seconds = static_cast<double>(messages) / m_guards.messagesPerSecond;
    if (m_guards.bytesPerSecond > 0)
        seconds = std::max(seconds, static_cast<double>(bytes) / m_guards.bytesPerSecond);
    if (seconds <= 0)
        return;
    m_opens = std::max(m_opens, now - Burst) + std::chrono::ceil<Micros>(std::chrono::duration<double>(seconds));
    if (m_opens > now)
        m_limited = m_opens;
}

std::size_t RateGate::atOnce(std::size_t most) const
{
    if (m_guards.messagesPerSecond <= 0)
        return m_guards.bytesPerSecond > 0 ? std::min<std::size_t>(most, 100) : most;
    const double burst = m_guards.messagesPerSecond * std::chrono::duration<double>(Burst).count();
    return static_cast<std::size_t>(std::clamp(burst, 1.0, static_cast<double>(most)));
}

bool RateGate::isLimiting(Mono now) const
{
    return m_limited != Mono{} && now - m_limited < Remembered;
}

}
