#include "decode/stampguess.h"

#include "core/text.h"
#include "core/times.h"
#include "decode/value.h"

#include <array>

namespace sg {

namespace {

constexpr Micros Near = std::chrono::hours(24);
constexpr double Most = 0.9; // of the values
using Quarters = std::chrono::duration<std::int64_t, std::ratio<900>>;
constexpr Micros Delay = std::chrono::minutes(6); // that a pipeline may take, told apart from the next quarter of an hour
constexpr Micros FarthestZone = std::chrono::hours(14);

// One for each offset; the first that fits is proposed, and a person corrects it where a neighbour is meant.
constexpr std::array Zones = {"UTC",
                              "Asia/Tokyo",
                              "Asia/Seoul",
                              "Asia/Shanghai",
                              "Asia/Kolkata",
                              "Asia/Dubai",
                              "Asia/Bangkok",
                              "Europe/Berlin",
                              "Europe/London",
                              "Europe/Helsinki",
                              "Europe/Istanbul",
                              "America/New_York",
                              "America/Chicago",
                              "America/Denver",
                              "America/Los_Angeles",
                              "America/Sao_Paulo",
                              "America/Halifax",
                              "America/St_Johns",
                              "America/Phoenix",
                              "America/Anchorage",
                              "Pacific/Honolulu",
                              "Asia/Karachi",
                              "Asia/Dhaka",
                              "Asia/Kathmandu",
                              "Asia/Tehran",
                              "Asia/Kabul",
                              "Asia/Yangon",
                              "Australia/Adelaide",
                              "Australia/Darwin",
                              "Australia/Sydney",
                              "Australia/Brisbane",
                              "Pacific/Noumea",
                              "Pacific/Auckland",
                              "Atlantic/Azores",
                              "Atlantic/South_Georgia",
                              "Pacific/Tongatapu"};

bool isWithin(Time t, int first, int last)
{
    const auto year = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(t)).year();
    return year >= std::chrono::year(first) && year <= std::chrono::year(last);
}

std::optional<Time> timeOf(const std::string &text, const std::string &unit, const std::string &zone)
{
    if (unit == "iso") {
        const auto time = parseIso(text, zone);
        return time ? std::optional(*time) : std::nullopt;
    }
    const auto number = numberIn(text);
    if (!number)
        return std::nullopt;
    return number->kind == Value::Kind::Integer ? fromEpoch(number->integer, unit) : fromEpoch(number->number, unit);
}

bool has(const std::vector<std::string> &words, std::initializer_list<std::string_view> any)
{
    return std::any_of(words.begin(), words.end(),
                       [&](const std::string &word) { return std::find(any.begin(), any.end(), word) != any.end(); });
}

int rankOf(const PlaceSeen &place)
{
    const auto words = wordsOf(place.tokens.empty() ? std::string() : place.tokens.back());
    int rank = 0;
    if (has(words, {"ts", "timestamp", "time", "stamp", "datetime"}))
        rank = 3;
    else if (has(words, {"at", "t", "date", "epoch", "when", "recorded", "measured", "utc"}))
        rank = 2;
    if (rank == 3 && words.size() == 1)
        ++rank;
    if (has(words, {"ingest",  "ingested", "ingestion", "process", "processed", "processing", "received",
                    "receive", "load",     "loaded",    "insert",  "inserted",  "created",    "create",
                    "start",   "started",  "expires",   "expire",  "due",       "updated",    "published"}))
        rank -= 4;
    return rank;
}

// Every value in this unit, between the years that a plant's data come from.
bool reads(const PlaceSeen &place, const std::string &unit)
{
    return std::all_of(place.stamps.begin(), place.stamps.end(), [&](const PlaceSeen::Stamp &stamp) {
        const auto time = timeOf(stamp.text, unit, "UTC");
        return time && isWithin(*time, 2000, 2100);
    });
}

// The middle of (stamp - the time its message came); nothing without a value.
std::optional<Micros> middleAhead(const PlaceSeen &place, const std::string &unit, const std::string &zone)
{
    std::vector<Micros> ahead;
    for (const PlaceSeen::Stamp &stamp : place.stamps)
        if (const auto time = timeOf(stamp.text, unit, zone))
            ahead.push_back(*time - stamp.reference);
    if (ahead.empty())
        return std::nullopt;
    const auto middle = ahead.begin() + static_cast<std::ptrdiff_t>(ahead.size() / 2);
    std::nth_element(ahead.begin(), middle, ahead.end());
    return *middle;
}

void guessZone(const PlaceSeen &place, StampGuess &guess)
{
    const auto ahead = middleAhead(place, "iso", "UTC");
    if (!ahead || *ahead > FarthestZone + Quarters(1) || *ahead < -FarthestZone - Quarters(1))
        return; // of another day: nothing to compare with
    // A message comes after its stamp: what is missing to the quarter above is the delay, and a clock may be a little ahead.
    const Micros rounded = std::chrono::floor<Quarters>(*ahead + std::chrono::minutes(14));
    if (rounded - *ahead > Delay)
        return;
    guess.ahead = rounded;
    for (const char *zone : Zones)
        if (const auto left = middleAhead(place, "iso", zone); left && *left <= std::chrono::minutes(1) && *left >= -Delay) {
            guess.zone = zone;
            guess.isNear = true;
            return;
        }
}

const char *unitSentence(const std::string &unit)
{
    return unit == "s" ? SG_TR("%1: epoch seconds")
        : unit == "ms" ? SG_TR("%1: epoch milliseconds")
        : unit == "us" ? SG_TR("%1: epoch microseconds")
                       : SG_TR("%1: epoch nanoseconds");
}

std::string hours(Micros ahead)
{
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(std::chrono::abs(ahead)).count();
    return std::to_string(minutes / 60) + " h" + (minutes % 60 != 0 ? " " + std::to_string(minutes % 60) + " min" : "");
}

}

std::vector<std::string> wordsOf(std::string_view name)
{
    std::vector<std::string> words;
    bool wasLower = false;
    bool isOpen = false;
    for (const char c : name) {
        const bool isUpper = c >= 'A' && c <= 'Z';
        const bool isLower = c >= 'a' && c <= 'z';
        if (!isUpper && !isLower) {
            isOpen = false;
            wasLower = false;
            continue;
        }
        if (!isOpen || (isUpper && wasLower))
            words.emplace_back();
        isOpen = true;
        wasLower = isLower;
        words.back() += isUpper ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return words;
}

std::optional<StampGuess> guessStamp(const PlaceSeen &place)
{
    const std::size_t all = place.scalars();
    if (all == 0 || place.stamps.empty())
        return std::nullopt;
    const auto isMost = [&](std::size_t some) { return static_cast<double>(some) >= Most * static_cast<double>(all); };
    StampGuess guess;
    guess.rank = rankOf(place);
    if (isMost(place.isoZoned + place.isoBare)) {
        guess.unit = "iso";
        guess.isBare = place.isoBare > 0;
    } else if (isMost(place.numbers + place.numericTexts)) {
        for (const char *unit : {"s", "ms", "us", "ns"})
            if (guess.unit.empty() && reads(place, unit))
                guess.unit = unit;
    }
    if (guess.unit.empty())
        return std::nullopt;
    if (guess.isBare) {
        guessZone(place, guess);
        return guess;
    }
    const auto ahead = middleAhead(place, guess.unit, "UTC");
    guess.isNear = ahead && *ahead<Near && * ahead> - Near;
    // A counter may be as large as an epoch: it is a stamp when its messages came at that time, or when it is called one.
    if (guess.unit != "iso" && !guess.isNear && guess.rank == 0)
        return std::nullopt;
    return guess;
}

PayloadFinding stampFinding(const PlaceSeen &place, const StampGuess &stamp, bool isRow)
{
    PayloadFinding finding;
    finding.settings.emplace_back("time",
                                  std::string("{ basis: ") + (isRow ? "database" : "message") + ", at: " + flowText(place.where)
                                      + ", unit: " + stamp.unit + (stamp.zone.empty() ? "" : ", zone: " + stamp.zone) + " }");
    finding.says.args = {shown(place.where, 60)};
    if (!stamp.isBare) {
        finding.says.text = stamp.unit == "iso" ? SG_TR("%1: ISO stamps with their zone") : unitSentence(stamp.unit);
    } else if (stamp.zone.empty()) {
        finding.says.text = SG_TR("%1: stamps without zone; which zone cannot be told from when they came");
        finding.isProblem = true;
    } else if (stamp.ahead == Micros{0}) {
        finding.says = {SG_TR("%1: stamps without zone, as a clock of UTC shows: %2?"), {finding.says.args[0], stamp.zone}, {}};
    } else {
        finding.says = {stamp.ahead > Micros{0} ? SG_TR("%1: stamps without zone, %2 ahead of arrival: %3?")
                                                : SG_TR("%1: stamps without zone, %2 behind arrival: %3?"),
                        {finding.says.args[0], hours(stamp.ahead), stamp.zone},
                        {}};
    }
    return finding;
}

}
