#pragma once

#include "alarms/rule.h"

#include <cstddef>
#include <functional>

namespace sg {

enum class Truth : std::uint8_t { No, Yes, Unknown };
// Severity levels of a rule in display order. Equal, absence and the like have the one level On.
enum class Level : std::uint8_t { None, On, Low, High, LowLow, HighHigh };
const char *nameOf(Level level); // "high_high", as in the grammar; "" for None and On

// What a condition says of the newest sample or instant.
struct Finding
{
    Truth truth = Truth::Unknown;
    Level level = Level::None;
    double value = std::numeric_limits<double>::quiet_NaN();
    double limit = std::numeric_limits<double>::quiet_NaN();
    Time since = NoTime; // raw stamp of what began it: part of the occurrence id
};

// Finite values, both ends included; empty at first.
struct CalmRange
{
    double least = std::numeric_limits<double>::infinity();
    double most = -std::numeric_limits<double>::infinity();
};

// Delay and priority per level; a condition without levels has one row.
struct LevelSettings
{
    Level level = Level::On;
    Micros onDelay{0}, offDelay{0};
    Priority priority = Priority::Medium;
    double limit = std::numeric_limits<double>::quiet_NaN(); // NaN: the condition has none
};

// One rule type, one file. Knows one instance's inputs and time as an argument; no delays, no acknowledgement, no suppression.
// Immutable: the state of one instance is the caller's bytes, which are saved with the commit.
class Condition
{
public:
    virtual ~Condition() = default;
    [[nodiscard]] virtual std::size_t stateBytes() const = 0; // fixed; a fresh state is all zero
    virtual Finding see(const Sample &sample, std::span<std::byte> state) const = 0;
    // Reference time at which elapse() must be called although no sample came; nothing: never.
    [[nodiscard]] virtual std::optional<Time> due(std::span<const std::byte>) const { return std::nullopt; }
    virtual Finding elapse(Time, std::span<std::byte>) const { return {}; }
    // Rising severity, one to MaxLevels rows.
    [[nodiscard]] virtual std::span<const LevelSettings> levels() const = 0;
    // Hash of what decides this instance's condition (limits, deadbands, texts): part of the occurrence id, and another one
    // redefines the alarm. Delays and priorities are not in it.
    [[nodiscard]] virtual std::uint64_t parameters() const = 0;
    // Nothing is concluded from silence until the source has been connected for this long.
    [[nodiscard]] virtual Micros grace() const { return Micros{0}; }

    // It is shown samples that are no value too; all others are spared them.
    [[nodiscard]] virtual bool judgesBad() const { return false; }
    // see() finds the same of every value in it as it found last, and leaves the state as it is: most samples need not be compared then.
    // By default none is known.
    [[nodiscard]] virtual CalmRange calm(std::span<const std::byte> /*state*/) const { return {}; }
    // The limit of a level is a series: its value from now on. REQUIRES: row < levels().size().
    virtual void setLimit(std::size_t /*row*/, double /*limit*/) { }

    static constexpr std::size_t MaxLevels = 4;
    static constexpr std::size_t MaxStateBytes = 24;
};

class Measure;
struct MeasureContext;

struct ConditionContext
{
    const Rule &rule;
    const Tag &tag; // of the series of the instance, for percent deadbands
    ValueKind kind = ValueKind::Number; // of that series: whether texts or numbers are compared
    std::function<std::optional<std::uint32_t>(std::string_view text)> codeOf; // dictionary of state texts; adds the text when new
};

struct ConditionKind
{
    const char *name = ""; // key in the grammar, or "levels"
    const char *label = ""; // SG_TR, "Value outside limits"
    const char *sentence = ""; // SG_TR with %1.., "when %1 is above %2"
    Fields fields; // keys of the rule item that belong to this kind
    std::span<const char *const> modifiers = {}; // common keys that it takes beyond those of every rule: on_delay off_delay deadband
    bool isPerKey = false; // one instance per key instead of per series
    bool isOnArrival = false; // judged by arrival on the reference clock, never by stamps
    bool isByStamp = false; // on arrival, but its times are the samples' own
    bool mayBeGrouped = false; // takes `per`
    std::vector<Error> (*check)(const Node &settings) = nullptr; // beyond the table; defaults are filled in
    Result<std::unique_ptr<Condition>> (*make)(const ConditionContext &context) = nullptr; // per instance, as limits may differ by key
    // What is judged instead of the value itself, when the test brings its own measure.
    Result<std::unique_ptr<Measure>> (*makeMeasure)(const MeasureContext &context) = nullptr;
    // Keys that must exist although nothing was ever received from them (absence: expect); empty for others.
    std::vector<std::string> (*expectedKeys)(const Rule &rule) = nullptr;
};
std::span<const ConditionKind> conditionKinds();
const ConditionKind *conditionKind(std::string_view name);

}
