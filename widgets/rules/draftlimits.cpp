#include "widgets/rules/draftlimits.h"

#include "alarms/limitstable.h"
#include "core/text.h"
#include "core/times.h"

namespace sg {

namespace {

constexpr const char *Levels[] = {"high_high", "high", "low", "low_low"};

// A number, or a duration in seconds, as the rule reads it.
std::optional<double> numberOf(const Node &node)
{
    if (node.kind != Node::Kind::Scalar)
        return std::nullopt;
    if (const auto number = parseNumber(node.scalar))
        return number;
    const auto duration = parseDuration(node.scalar);
    return duration ? std::optional(static_cast<double>(duration->count()) / 1e6) : std::nullopt;
}

Micros spanOf(const Node &level, const Node &item, const char *key)
{
    const auto &node = level.has(key) ? level[key] : item[key];
    const auto duration = node.kind == Node::Kind::Scalar ? parseDuration(node.scalar) : Result<Micros>(Micros{0});
    return duration ? *duration : Micros{0};
}

std::optional<double> bandOf(const Node &node, const Tag &tag)
{
    if (!node.scalar.ends_with('%'))
        return numberOf(node);
    const auto share = readShare(node, "deadband");
    if (!share || !tag.range)
        return std::nullopt;
    return share->value * (tag.range->second - tag.range->first);
}

// Whether a measure says a value that can stand beside the series' own.
bool isOfTheSeries(const Node &item)
{
    for (const auto *measure : {"rate_of_change", "deviation", "ratio", "count", "quality", "lag"})
        if (item.has(measure))
            return false;
    const auto take = item["window"].text("take");
    return take != "sum" && take != "count" && take != "rate" && take != "stddev";
}

}

DraftLimits draftLimits(const Node &item, const Rule *rule, const std::string &path, const std::vector<std::string> &labels, const Tag &tag)
{
    DraftLimits out;
    KeyLabels key;
    const auto segments = segmentsOf(path);
    for (std::size_t i = 0; i < labels.size() && i + 1 < segments.size(); ++i)
        key.emplace_back(labels[i], decodeSegment(segments[i + 1]));
    const auto ofTable = rule != nullptr && rule->limits ? rule->limits->settingsFor(item, key) : std::nullopt;
    const auto &settings = ofTable ? *ofTable : item;
    out.isOfAnotherValue = !isOfTheSeries(item);
    for (const auto *name : Levels) {
        const auto &level = settings[name];
        if (level.kind != Node::Kind::Map)
            continue;
        if (level["limit"].has("series")) {
            if (const auto selector = Selector::parse(level["limit"].text("series")))
                if (const auto bound = selector->bind(key))
                    out.series.push_back(*bound);
            continue;
        }
        const auto limit = numberOf(level["limit"]);
        if (!limit || !std::isfinite(*limit))
            continue;
        DraftLimit line;
        line.level = name;
        line.limit = *limit;
        line.isUpper = name[0] == 'h';
        line.isOfTable = level["limit"].scalar != item[name]["limit"].scalar;
        line.band = bandOf(level.has("deadband") ? level["deadband"] : settings["deadband"], tag);
        line.onDelay = spanOf(level, settings, "on_delay");
        line.offDelay = spanOf(level, settings, "off_delay");
        const auto priority = level.text("priority", item.text("priority"));
        for (const auto one : {Priority::Low, Priority::Medium, Priority::High, Priority::Urgent})
            if (priority == nameOf(one))
                line.priority = one;
        out.lines.push_back(line);
    }
    return out;
}

double niceStep(double least)
{
    const auto power = std::pow(10.0, std::floor(std::log10(least)));
    for (const auto factor : {1.0, 2.0, 5.0})
        if (factor * power >= least * 0.999)
            return factor * power;
    return 10 * power;
}

std::string roundedTo(double value, double step)
{
    const auto decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 15);
    auto text = std::to_string(0);
    std::array<char, 400> room{};
    const auto [end, failed]
        = std::to_chars(room.data(), room.data() + room.size(), std::round(value / step) * step, std::chars_format::fixed, decimals);
    if (failed == std::errc())
        text.assign(room.data(), end);
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.ends_with('.'))
            text.pop_back();
    }
    return text == "-0" ? "0" : text;
}

}
