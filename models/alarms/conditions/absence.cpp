#include "alarms/conditions/kinds.h"
#include "alarms/conditions/statebytes.h"

#include "core/selector.h"
#include "core/text.h"
#include "core/times.h"

#include <algorithm>

namespace sg {

namespace {

constexpr Micros DefaultGrace = std::chrono::seconds(10); // reconnecting and the first messages take a moment

class Absence : public Condition
{
public:
    Micros timeout{0}, graceTime{0};
    LevelSettings settings;
    std::uint64_t hash = 0;

    // What is kept of a key. `isBegun` tells it from a fresh, all-zero state.
    struct State
    {
        std::int64_t from = 0; // reference time from which the timeout counts
        std::int64_t stamp = 0; // raw stamp of the last message
        std::uint8_t isBegun = 0, isSeen = 0, isAbsent = 0;
    };
    static_assert(sizeof(State) <= MaxStateBytes);

    std::size_t stateBytes() const override { return sizeof(State); }
    std::span<const LevelSettings> levels() const override { return {&settings, 1}; }
    std::uint64_t parameters() const override { return hash; }
    Micros grace() const override { return graceTime; }

    Finding see(const Sample &sample, std::span<std::byte> bytes) const override
    {
        State state = loadState<State>(bytes);
        state.from = sample.t.time_since_epoch().count();
        state.stamp = sample.stamp.time_since_epoch().count();
        state.isBegun = state.isSeen = 1;
        state.isAbsent = 0;
        storeState(state, bytes);
        return {Truth::No, Level::None, sample.value, std::numeric_limits<double>::quiet_NaN(), sample.stamp};
    }

    std::optional<Time> due(std::span<const std::byte> bytes) const override
    {
        const State state = loadState<State>(bytes);
        if (!state.isBegun || state.isAbsent)
            return std::nullopt;
        return Time(Micros(state.from)) + timeout;
    }

    Finding elapse(Time now, std::span<std::byte> bytes) const override
    {
        State state = loadState<State>(bytes);
        if (!state.isBegun) { // a key that was never seen counts from here on
            state.from = (now + graceTime).time_since_epoch().count();
            state.isBegun = 1;
            storeState(state, bytes);
        }
        if (!state.isAbsent && now >= Time(Micros(state.from)) + timeout) {
            state.isAbsent = 1;
            storeState(state, bytes);
        }
        Finding finding;
        finding.truth = state.isAbsent ? Truth::Yes : state.isSeen ? Truth::No : Truth::Unknown;
        finding.level = state.isAbsent ? Level::On : Level::None;
        finding.since = state.isSeen ? Time(Micros(state.stamp)) : NoTime;
        return finding;
    }
};

std::vector<Error> checkAbsence(const Node &settings)
{
    const Node &timeout = settings["absence"]["timeout"];
    const auto duration = readDuration(timeout, "timeout");
    if (duration && *duration <= Micros{0})
        return {timeout.error(SG_TR("timeout: '%1' is not longer than 0"), {timeout.scalar})};
    return {};
}

Result<std::unique_ptr<Condition>> makeAbsence(const ConditionContext &context)
{
    const Node &settings = context.rule.settings["absence"];
    auto condition = std::make_unique<Absence>();
    condition->timeout = durationOf(settings, "timeout");
    condition->graceTime = durationOf(settings, "grace", DefaultGrace);
    condition->settings.priority = context.rule.priority;
    condition->hash = StableHash().add("absence").add(static_cast<std::int64_t>(condition->timeout.count())).value();
    return std::unique_ptr<Condition>(std::move(condition));
}

std::vector<std::string> expectedKeys(const Rule &rule)
{
    std::vector<std::string> out;
    out.reserve(rule.expected.size());
    for (const KeyLabels &labels : rule.expected) {
        std::string key = rule.series.source();
        for (const auto &[label, value] : labels)
            if (!rule.isGrouped || std::find(rule.per.begin(), rule.per.end(), label) != rule.per.end())
                key.append(1, '/').append(encodeSegment(value));
        if (std::find(out.begin(), out.end(), key) == out.end() || !rule.isGrouped)
            out.push_back(std::move(key));
    }
    return out;
}

}

ConditionKind absenceKind()
{
    static constexpr const char *unlisted[] = {"watch", "event", "ignore"};
    static const Field expect[]
        = {{"file", FieldType::Path, true, "", "", SG_TR("File"), SG_TR("CSV file whose columns are the labels of the source's path.")}};
    static const Field absence[] = {
        {"timeout", FieldType::Duration, true, "", "", SG_TR("Timeout"), SG_TR("How long nothing may arrive.")},
        {"expect",
         FieldType::Map,
         false,
         "",
         "",
         SG_TR("Expected"),
         SG_TR("Keys that must exist although nothing was ever received."),
         {},
         expect},
        {"grace", FieldType::Duration, false, "10s", "", SG_TR("Grace"),
         SG_TR("How long after a start or a reconnect nothing is concluded from silence.")},
        {"unlisted", FieldType::Choice, false, "watch", "", SG_TR("Unlisted"),
         SG_TR("A key that is not expected: it is watched as well, journaled as an event, or ignored."), unlisted},
    };
    static const Field fields[] = {
        {"absence", FieldType::Map, true, "", "", SG_TR("Nothing received"), SG_TR("Nothing arrived from a key for a time."), {}, absence}};
    ConditionKind kind;
    kind.name = "absence";
    kind.label = SG_TR("Nothing received");
    kind.sentence = SG_TR("when nothing arrives from %1 for %2");
    kind.fields = fields;
    kind.isPerKey = true;
    kind.isOnArrival = true;
    kind.mayBeGrouped = true;
    kind.check = checkAbsence;
    kind.make = makeAbsence;
    kind.expectedKeys = expectedKeys;
    return kind;
}

}
