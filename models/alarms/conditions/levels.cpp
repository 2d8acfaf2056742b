#include "alarms/conditions/kinds.h"

#include "core/text.h"
#include "core/times.h"

#include <array>
#include <cmath>

namespace sg {

namespace {

struct LevelName
{
    const char *key;
    Level level;
    bool isUpper;
};
constexpr LevelName LevelNames[] = {
    // rising severity
    {"low", Level::Low, false},
    {"high", Level::High, true},
    {"low_low", Level::LowLow, false},
    {"high_high", Level::HighHigh, true},
};

std::span<const Field> levelFields()
{
    static const Field fields[] = {
        {"limit", FieldType::Any, true, "", "", SG_TR("Limit"),
         SG_TR("Beyond this value the alarm is raised: a number, a duration, or { series } for a limit that is a series itself.")},
        {"deadband", FieldType::Any, false, "", "", SG_TR("Deadband"),
         SG_TR("How far the value must come back before the alarm clears; a percentage is of the tag's range.")},
        {"on_delay", FieldType::Duration, false, "", "", SG_TR("On-delay"), SG_TR("How long the value must stay beyond the limit.")},
        {"off_delay", FieldType::Duration, false, "", "", SG_TR("Off-delay"),
         SG_TR("How long the value must stay back before the alarm clears.")},
        {"priority", FieldType::Choice, false, "", "", SG_TR("Priority"), SG_TR("How fast an operator must answer."), priorityNames()},
    };
    return fields;
}

class Levels : public Condition
{
public:
    struct Row
    {
        double limit = 0;
        double clear = 0; // the alarm clears when the value is back beyond this
        bool isUpper = false;
        double band = 0;
    };

    // Inline, because a condition is read for every sample.
    std::array<Row, MaxLevels> rows; // rising severity, like settings
    unsigned count = 0;
    std::array<LevelSettings, MaxLevels> settings;
    std::uint64_t hash = 0;

    // One byte: which rows hold. That alone keeps a value in the deadband as it was, also across a restart.
    std::size_t stateBytes() const override { return 1; }
    std::span<const LevelSettings> levels() const override { return {settings.data(), count}; }
    std::uint64_t parameters() const override { return hash; }

    void setLimit(std::size_t row, double limit) override
    {
        rows[row].limit = settings[row].limit = limit;
        rows[row].clear = rows[row].isUpper ? limit - rows[row].band : limit + rows[row].band;
    }

    // Within all limits nothing holds, as long as nothing held before: no deadband says otherwise then.
    CalmRange calm(std::span<const std::byte> state) const override
    {
        if (state[0] != std::byte{0})
            return {};
        CalmRange out{std::numeric_limits<double>::lowest(), std::numeric_limits<double>::max()};
        for (const Row &row : std::span(rows).first(count)) {
            if (std::isnan(row.limit))
                return {};
            if (row.isUpper)
                out.most = std::min(out.most, row.limit);
            else
                out.least = std::max(out.least, row.limit);
        }
        return out;
    }

    Finding see(const Sample &sample, std::span<std::byte> state) const override
    {
        const double v = sample.value;
        const auto held = static_cast<unsigned>(state[0]);
        unsigned beyondUpper = 0, beyondLower = 0, bandUpper = 0, bandLower = 0;
        for (unsigned i = 0; i < count; ++i) {
            const Row &row = rows[i];
            const unsigned bit = 1U << i;
            if (row.isUpper) {
                if (v > row.limit)
                    beyondUpper |= bit;
                else if (row.clear < row.limit && v >= row.clear)
                    bandUpper |= bit;
            } else {
                if (v < row.limit)
                    beyondLower |= bit;
                else if (row.clear > row.limit && v <= row.clear)
                    bandLower |= bit;
            }
        }
        // Exclusive levels: a value that is really beyond one side is no longer in the deadband of the other.
        unsigned now = beyondUpper | beyondLower;
        now |= held & ((beyondLower ? 0U : bandUpper) | (beyondUpper ? 0U : bandLower));
        state[0] = static_cast<std::byte>(now);
        for (unsigned i = count; i-- > 0;)
            if (now & (1U << i))
                return {Truth::Yes, settings[i].level, v, rows[i].limit, NoTime};
        return {Truth::No, Level::None, v, std::numeric_limits<double>::quiet_NaN(), NoTime};
    }
};

// The text of a deadband that belongs to this level: its own, else the common one.
const Node &deadbandOf(const Node &settings, const Node &level)
{
    return level.has("deadband") ? level["deadband"] : settings["deadband"];
}

// A number, or a duration in seconds, as in limits of a lag.
Result<double> readLimit(const Node &node, std::string_view key)
{
    const auto number = readNumber(node, key);
    if (number)
        return number;
    const auto duration = node.kind == Node::Kind::Scalar ? parseDuration(node.scalar) : Result<Micros>(Error());
    return duration ? Result<double>(static_cast<double>(duration->count()) / 1e6) : number;
}

Result<Share> readBand(const Node &node)
{
    const auto share = readShare(node, "deadband");
    if (share)
        return share;
    const auto seconds = readLimit(node, "deadband");
    return seconds ? Result<Share>(Share{*seconds, false}) : share;
}

bool isSeries(const Node &limit)
{
    return limit.kind == Node::Kind::Map;
}

std::vector<Error> checkLevels(const Node &settings)
{
    std::vector<Error> out;
    const LevelName *falling[] = {&LevelNames[3], &LevelNames[1], &LevelNames[0], &LevelNames[2]}; // high_high high low low_low
    const char *above = nullptr;
    double limitAbove = 0;
    for (const LevelName *name : falling) {
        const Node &level = settings[name->key];
        if (level.isMissing())
            continue;
        const Node &node = level["limit"];
        if (node.isMissing())
            continue; // the table has said so
        if (isSeries(node)) {
            static constexpr Field keys[] = {{.key = "series", .type = FieldType::Selector, .isRequired = true}};
            const auto faults = check(node, keys);
            out.insert(out.end(), faults.begin(), faults.end());
            continue;
        }
        const auto limit = readLimit(node, "limit");
        if (!limit) {
            out.push_back(limit.error());
            continue;
        }
        if (above && *limit >= limitAbove)
            out.push_back(
                level.error(SG_TR("%1 %2 must be below %3 %4"), {name->key, formatNumber(*limit), above, formatNumber(limitAbove)}));
        above = name->key;
        limitAbove = *limit;
        const Node &band = deadbandOf(settings, level);
        if (band.isMissing())
            continue;
        const auto share = readBand(band);
        if (!share)
            out.push_back(share.error());
        if (share && share->value < 0)
            out.push_back(band.error(SG_TR("deadband: '%1' is below 0"), {band.scalar}));
        if (share && share->isPercent && share->value > 1)
            out.push_back(band.error(SG_TR("deadband: '%1' is more than the whole range"), {band.scalar}));
    }
    return out;
}

Result<std::unique_ptr<Condition>> makeLevels(const ConditionContext &context)
{
    const Node &all = context.rule.settings;
    auto condition = std::make_unique<Levels>();
    StableHash hash;
    hash.add("levels");
    for (const LevelName &name : LevelNames) {
        const Node &level = all[name.key];
        if (level.isMissing())
            continue;
        if (context.kind != ValueKind::Number && context.rule.measure.empty())
            return level.error(SG_TR("%1 compares numbers, but this series is a state text; use equals"), {name.key});
        const bool isDynamic = isSeries(level["limit"]);
        const auto limit = isDynamic ? Result<double>(0.0) : readLimit(level["limit"], "limit");
        if (!limit)
            return limit.error();
        double band = 0;
        if (const Node &text = deadbandOf(all, level); !text.isMissing()) {
            const auto share = readBand(text);
            if (!share)
                return share.error();
            if (share->isPercent && !context.tag.range)
                return text.error(SG_TR("deadband %1 is a percentage, but tags.yaml gives this series no range"), {text.scalar});
            band = share->isPercent ? share->value * (context.tag.range->second - context.tag.range->first) : share->value;
        }
        const double clear = name.isUpper ? *limit - band : *limit + band;
        if (!isDynamic && context.rule.measure.empty() && context.tag.range && band > 0
            && (clear < context.tag.range->first || clear > context.tag.range->second))
            return level.error(
                SG_TR("%1 would clear only at %2, outside the range %3 to %4: the deadband is too large"),
                {name.key, formatNumber(clear), formatNumber(context.tag.range->first), formatNumber(context.tag.range->second)});
        LevelSettings settings;
        settings.level = name.level;
        settings.onDelay = durationOf(level, "on_delay", context.rule.onDelay);
        settings.offDelay = durationOf(level, "off_delay", context.rule.offDelay);
        settings.priority = priorityOf(level.text("priority"), context.rule.priority);
        settings.limit = *limit;
        condition->settings[condition->count] = settings;
        condition->rows[condition->count] = {*limit, clear, name.isUpper, band};
        ++condition->count;
        hash.add(name.key).add(isDynamic ? level["limit"].text("series") : formatNumber(*limit)).add(formatNumber(band));
    }
    if (!context.rule.measure.empty())
        hash.add(static_cast<std::int64_t>(context.rule.measureHash));
    if (condition->count == 0)
        return Error{SG_TR("no level is left for this key"), {}, {}};
    condition->hash = hash.value();
    return std::unique_ptr<Condition>(std::move(condition));
}

}

ConditionKind levelsKind()
{
    static const Field fields[] = {
        {"high_high", FieldType::Map, false, "", "", SG_TR("High high"), SG_TR("The upper level that matters most."), {}, levelFields()},
        {"high", FieldType::Map, false, "", "", SG_TR("High"), SG_TR("The upper level."), {}, levelFields()},
        {"low", FieldType::Map, false, "", "", SG_TR("Low"), SG_TR("The lower level."), {}, levelFields()},
        {"low_low", FieldType::Map, false, "", "", SG_TR("Low low"), SG_TR("The lower level that matters most."), {}, levelFields()},
    };
    static constexpr const char *modifiers[] = {"deadband", "on_delay", "off_delay"};
    ConditionKind kind;
    kind.name = "levels";
    kind.label = SG_TR("Value outside limits");
    kind.sentence = SG_TR("when %1 is outside its limits");
    kind.fields = fields;
    kind.modifiers = modifiers;
    kind.check = checkLevels;
    kind.make = makeLevels;
    return kind;
}

}
