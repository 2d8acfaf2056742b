#include "alarms/conditions/flag.h"

namespace sg {

namespace {

class Flag : public Condition
{
public:
    LevelSettings settings;
    std::uint64_t hash = 0;

    std::size_t stateBytes() const override { return 0; }
    std::span<const LevelSettings> levels() const override { return {&settings, 1}; }
    std::uint64_t parameters() const override { return hash; }
    Finding see(const Sample &sample, std::span<std::byte>) const override
    {
        const bool isTrue = sample.value != 0;
        return {isTrue ? Truth::Yes : Truth::No, isTrue ? Level::On : Level::None, sample.value, std::numeric_limits<double>::quiet_NaN(),
                NoTime};
    }
};

}

Result<std::unique_ptr<Condition>> makeFlag(const ConditionContext &context, std::uint64_t parameters)
{
    auto flag = std::make_unique<Flag>();
    flag->settings
        = {Level::On, context.rule.onDelay, context.rule.offDelay, context.rule.priority, std::numeric_limits<double>::quiet_NaN()};
    flag->hash = parameters;
    return std::unique_ptr<Condition>(std::move(flag));
}

}
