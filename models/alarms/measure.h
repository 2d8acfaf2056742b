#pragma once

#include "alarms/bytes.h"
#include "alarms/condition.h"

namespace sg {

// What a measure says at an instant of event time.
struct Measured
{
    enum class Kind : std::uint8_t { Nothing, Value, Unknown };
    Kind kind = Kind::Nothing;
    double value = std::numeric_limits<double>::quiet_NaN();
    Quality quality = Quality::Good;
    Error why; // of Unknown: "the window is covered 40 %, 80 % are needed"
};

// One sample, or the new state of an alarm, among the inputs of an alarm.
struct Taken
{
    std::uint32_t set = 0; // 0: the rule's own series; else as Rule::inputs, from 1
    std::uint32_t member = 0; // which series or alarm
    const Sample &sample; // NaN: not known
    bool isGood() const { return sample.quality != Quality::Bad && sample.value == sample.value; }
};

// The present values of all inputs, for expressions.
class Inputs;

// Turns the samples of one alarm's inputs into the value that its test judges. Gets them in the order of their times, all inputs
// merged; at(t) is asked when everything up to and including `t` was taken. Event time only: no clock. One object an alarm.
class Measure
{
public:
    Measure() = default;
    Measure(const Measure &) = delete;
    Measure &operator=(const Measure &) = delete;
    virtual ~Measure() = default;
    virtual void take(const Taken &taken) = 0;
    virtual Measured at(Time t, const Inputs &inputs) = 0;
    // Event time at which at() may say something else although nothing was taken. Always later than the last at().
    [[nodiscard]] virtual std::optional<Time> due() const { return std::nullopt; }
    // A sample from beyond the lateness, older than what was judged. True: at() may say something else now.
    virtual bool takeLate(const Taken &) { return false; }
    // The same sample again; all but a share of duplicates ignore it.
    virtual void takeDuplicate(const Taken &) { }
    // Of messages instead of samples: their series are no inputs. How many came from their sources since the last call, at a reference
    // time.
    [[nodiscard]] virtual bool takesMessages() const { return false; }
    virtual void takeMessages(Time, std::uint64_t /*unreadable*/, std::uint64_t /*all*/) { }
    virtual void acknowledge() { } // an operator acknowledged: what clears by that clears
    virtual void save(SavedWriter &) const { }
    virtual void load(SavedReader &) { }
};

struct MeasureContext
{
    const Rule &rule;
    ValueKind kind = ValueKind::Number; // of the series
    std::function<std::optional<std::uint32_t>(std::string_view text)> codeOf;
};

// A row for every measure of the grammar: `window`, `deviation` ... For the check, the form, the schema and the help.
struct MeasureKind
{
    const char *name = "";
    const char *label = ""; // SG_TR
    const char *sentence = ""; // SG_TR
    Fields fields; // the one key of the rule item
    const char *other = nullptr; // its key that names the second series: "from", "to"
    bool mayBeGrouped = false;
    bool isPerKey = false; // one alarm a key instead of a series
    bool takesStates = false; // also of series that hold texts
    std::vector<Error> (*check)(const Node &settings) = nullptr; // of the map behind the key
    Result<std::unique_ptr<Measure>> (*make)(const MeasureContext &context) = nullptr;
};
bool countsMessages(const Node &settings); // of a rule: its measure takesMessages()
std::span<const MeasureKind> measureKinds();
const MeasureKind *measureKind(std::string_view name);

}
