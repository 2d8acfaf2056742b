#include "alarms/hours.h"

#include "core/fields.h"
#include "core/text.h"
#include "core/times.h"

#include <algorithm>

namespace sg {

namespace {

constexpr int Day = 24 * 60;
constexpr const char *DayNames[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
// A summer time that begins or ends before a change would move it; so far ahead nobody relies on what was foretold.
constexpr int LookAgain = 15;

struct Local
{
    int day = 0; // 0 is Monday
    int minute = 0;
    Micros into{0}; // the minute
};

Local localOf(Time t, const std::string &zone)
{
    const std::string text = formatLocal(t, zone); // "2026-10-12T08:00:00.000+09:00"
    const auto number = [&](std::size_t at, std::size_t size) {
        return text.size() >= at + size ? static_cast<int>(parseNumber(text.substr(at, size)).value_or(0)) : 0;
    };
    const std::chrono::sys_days date(std::chrono::year(number(0, 4)) / number(5, 2) / number(8, 2));
    Local out;
    out.day = static_cast<int>(std::chrono::weekday(date).iso_encoding()) - 1;
    out.minute = number(11, 2) * 60 + number(14, 2);
    out.into = t - std::chrono::floor<std::chrono::minutes>(t); // zones of our days are whole minutes
    return out;
}

// "06:00", and "24:00" for the end of the day.
std::optional<int> minuteOf(const std::string &text)
{
    if (text.size() != 5 || text[2] != ':')
        return std::nullopt;
    for (const std::size_t n : {0, 1, 3, 4})
        if (text[n] < '0' || text[n] > '9')
            return std::nullopt;
    const int hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';
    const bool isTime = (hour < 24 && minute < 60) || (hour == 24 && minute == 0);
    return isTime ? std::optional(hour * 60 + minute) : std::nullopt;
}

}

Fields Hours::fields()
{
    static constexpr Field fields[] = {
        {"zone", FieldType::Text, false, "", "", SG_TR("Zone"), SG_TR("E.g. Asia/Seoul; else the workspace's, else this machine's.")},
        {"days", FieldType::Texts, false, "", "", SG_TR("Days"), SG_TR("mon tue wed thu fri sat sun; all without it.")},
        {"from", FieldType::Text, true, "", "", SG_TR("From"), SG_TR("Local time of the day, e.g. 06:00.")},
        {"to", FieldType::Text, true, "", "", SG_TR("To"), SG_TR("Before `from`: on the next day.")},
    };
    return fields;
}

Result<Hours> Hours::read(const Node &node, const std::string &zone)
{
    Hours hours;
    hours.zone = node.text("zone", zone);
    if (!hours.zone.empty())
        if (const auto probe = parseIso("2026-01-01T00:00:00", hours.zone); !probe)
            return node["zone"].error(probe.error().text, probe.error().args);
    if (node.has("days")) {
        hours.days = 0;
        for (const std::string &name : readTexts(node["days"])) {
            const auto found = std::find(std::begin(DayNames), std::end(DayNames), name);
            if (found == std::end(DayNames))
                return node["days"].error(SG_TR("days: '%1' is not one of mon, tue, wed, thu, fri, sat, sun"), {shown(name)});
            hours.days = static_cast<std::uint8_t>(hours.days | 1U << static_cast<unsigned>(found - std::begin(DayNames)));
        }
        if (hours.days == 0)
            return node["days"].error(SG_TR("days takes a list of mon, tue, wed, thu, fri, sat, sun"));
    }
    for (const auto &[key, to] : {std::pair("from", &hours.from), std::pair("to", &hours.to)}) {
        const auto minute = minuteOf(node.text(key));
        if (!minute)
            return node[key].error(SG_TR("%1: '%2' is no time of the day; expected one such as 06:00"), {key, shown(node.text(key))});
        *to = *minute;
    }
    return hours;
}

bool Hours::holds(Time t) const
{
    const Local local = localOf(t, zone);
    const auto isDay = [&](int day) { return (days >> static_cast<unsigned>((day + 7) % 7) & 1U) != 0; };
    if (from == to)
        return isDay(local.day);
    if (from < to)
        return isDay(local.day) && local.minute >= from && local.minute < to;
    return (local.minute >= from && isDay(local.day)) || (local.minute < to && isDay(local.day - 1));
}

Time Hours::askAgain(Time t) const
{
    const Local local = localOf(t, zone);
    int ahead = LookAgain;
    for (const int edge : {from % Day, to % Day, 0}) {
        const int until = (edge - local.minute + Day) % Day;
        ahead = std::min(ahead, until == 0 ? Day : until);
    }
    return t - local.into + std::chrono::minutes(ahead);
}

}
