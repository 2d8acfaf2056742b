#include "alarms/conditions/kinds.h"

#include "core/text.h"

#include <cmath>

namespace sg {

namespace {

// The alarm of its own that `on_missing: separate` asks for: samples that are no value.
class Missing : public Condition
{
public:
    LevelSettings settings;

    std::size_t stateBytes() const override { return 0; }
    std::span<const LevelSettings> levels() const override { return {&settings, 1}; }
    std::uint64_t parameters() const override { return StableHash().add("missing").value(); }
    bool judgesBad() const override { return true; }
    Finding see(const Sample &sample, std::span<std::byte>) const override
    {
        const bool isMissing = sample.quality == Quality::Bad || !std::isfinite(sample.value);
        return {isMissing ? Truth::Yes : Truth::No, isMissing ? Level::On : Level::None, sample.value,
                std::numeric_limits<double>::quiet_NaN(), sample.stamp};
    }
};

Result<std::unique_ptr<Condition>> makeMissing(const ConditionContext &context)
{
    auto condition = std::make_unique<Missing>();
    condition->settings
        = {Level::On, context.rule.onDelay, context.rule.offDelay, context.rule.priority, std::numeric_limits<double>::quiet_NaN()};
    return std::unique_ptr<Condition>(std::move(condition));
}

}

ConditionKind missingKind()
{
    ConditionKind kind;
    kind.name = "missing";
    kind.label = SG_TR("No value");
    kind.sentence = SG_TR("when %1 brings no value");
    kind.make = makeMissing;
    return kind;
}

std::shared_ptr<const Rule> missingRuleOf(const Rule &rule)
{
    auto own = std::make_shared<Rule>(rule);
    own->id += ".missing"; // no id of a file holds a point
    own->name += ": no value";
    own->kind = missingKind().name;
    own->isDerived = true;
    own->onMissing = OnMissing::Hold;
    own->limits = nullptr;
    own->inputs.clear();
    own->when = nullptr;
    own->suppress.reset();
    own->measureHash = own->inputsHash = 0;
    own->conditionHash = StableHash().add("missing").value();
    own->hash = StableHash().add("missing").add(static_cast<std::int64_t>(rule.hash)).value();
    return own;
}

}
