#include "alarms/conditions/kinds.h"
#include "alarms/conditions/statebytes.h"
#include "core/fields.h"
#include "core/text.h"

namespace sg {

namespace {

// The newest stamp of a key is too old, whether nothing arrives (idle) or what arrives is old (late).
class Freshness : public Condition
{
public:
    Micros olderThan{0}, graceTime{0};
    LevelSettings settings;
    std::uint64_t hash = 0;

    struct State
    {
        std::int64_t newest = 0; // placed time
        std::int64_t stamp = 0; // raw
        std::uint8_t isSeen = 0, isOld = 0;
    };
    static_assert(sizeof(State) <= MaxStateBytes);

    std::size_t stateBytes() const override { return sizeof(State); }
    std::span<const LevelSettings> levels() const override { return {&settings, 1}; }
    std::uint64_t parameters() const override { return hash; }
    Micros grace() const override { return graceTime; }

    // A sample does not say how late it is now; elapse() does.
    Finding see(const Sample &sample, std::span<std::byte> bytes) const override
    {
        State state = loadState<State>(bytes);
        if (!state.isSeen || sample.t.time_since_epoch().count() > state.newest) {
            state.newest = sample.t.time_since_epoch().count();
            state.stamp = sample.stamp.time_since_epoch().count();
        }
        state.isSeen = 1;
        storeState(state, bytes);
        return found(state);
    }

    std::optional<Time> due(std::span<const std::byte> bytes) const override
    {
        const State state = loadState<State>(bytes);
        return state.isSeen && !state.isOld ? std::optional(Time(Micros(state.newest)) + olderThan) : std::nullopt;
    }

    Finding elapse(Time now, std::span<std::byte> bytes) const override
    {
        State state = loadState<State>(bytes);
        state.isOld = state.isSeen && now >= Time(Micros(state.newest)) + olderThan;
        storeState(state, bytes);
        return found(state);
    }

private:
    static Finding found(const State &state)
    {
        Finding finding;
        finding.truth = !state.isSeen ? Truth::Unknown : state.isOld ? Truth::Yes : Truth::No;
        finding.level = state.isOld ? Level::On : Level::None;
        finding.since = state.isSeen ? Time(Micros(state.stamp)) : NoTime;
        return finding;
    }
};

std::vector<Error> checkFreshness(const Node &settings)
{
    const Node &node = settings["freshness"]["older_than"];
    const auto duration = readDuration(node, "older_than");
    if (!node.isMissing() && duration && *duration <= Micros{0})
        return {node.error(SG_TR("%1: '%2' is not longer than 0"), {"older_than", node.scalar})};
    return {};
}

Result<std::unique_ptr<Condition>> makeFreshness(const ConditionContext &context)
{
    auto condition = std::make_unique<Freshness>();
    condition->olderThan = durationOf(context.rule.settings["freshness"], "older_than");
    condition->graceTime = std::chrono::seconds(10); // reconnecting and the first messages take a moment
    condition->settings.priority = context.rule.priority;
    condition->hash = StableHash().add("freshness").add(static_cast<std::int64_t>(condition->olderThan.count())).value();
    return std::unique_ptr<Condition>(std::move(condition));
}

}

ConditionKind freshnessKind()
{
    static const Field keys[] = {{"older_than", FieldType::Duration, true, "", "", SG_TR("Older than"),
                                  SG_TR("How old the newest stamp may be, by the reference clock.")}};
    static const Field fields[] = {{"freshness",
                                    FieldType::Map,
                                    true,
                                    "",
                                    "",
                                    SG_TR("Freshness"),
                                    SG_TR("The newest data is too old, whether nothing comes or what comes is old."),
                                    {},
                                    keys}};
    ConditionKind kind;
    kind.name = "freshness";
    kind.label = SG_TR("Data too old");
    kind.sentence = SG_TR("when the newest data of %1 is older than %2");
    kind.fields = fields;
    kind.isPerKey = true;
    kind.isOnArrival = true;
    kind.isByStamp = true;
    kind.mayBeGrouped = true;
    kind.check = checkFreshness;
    kind.make = makeFreshness;
    return kind;
}

}
