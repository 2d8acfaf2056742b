#include "alarms/conditions/flag.h"
#include "alarms/expression.h"
#include "alarms/inputs.h"
#include "core/text.h"

namespace sg {

namespace {

// Name n of the expression is set n of the inputs; 0 is `value`, the rule's own series.
class PresentValues : public ExpressionNames
{
public:
    explicit PresentValues(const Inputs &inputs)
        : m_inputs(inputs)
    {
    }

    std::size_t members(std::size_t name) const override
    {
        std::size_t count = 0;
        if (name < m_inputs.sets.size())
            for (const std::uint32_t n : m_inputs.sets[name])
                count += m_inputs.members[n].isGone ? 0 : 1;
        return count;
    }

    ExpressionValue member(std::size_t name, std::size_t member) const override
    {
        for (const std::uint32_t n : m_inputs.sets[name]) {
            const Inputs::Member &one = m_inputs.members[n];
            if (one.isGone || member-- > 0)
                continue;
            const bool isKnown = one.isTaken && one.newest.quality != Quality::Bad && one.newest.value == one.newest.value;
            if (one.isAlarm)
                return ExpressionValue::of(!isKnown ? Truth::Unknown : one.newest.value != 0 ? Truth::Yes : Truth::No);
            if (one.kind == ValueKind::State)
                return isKnown ? ExpressionValue::ofCode(one.newest.value) : ExpressionValue::unknown(ExpressionValue::Type::Text);
            return isKnown ? ExpressionValue::of(one.newest.value) : ExpressionValue::unknown(ExpressionValue::Type::Number);
        }
        return {};
    }

    double codeOfText(std::size_t text) const override { return m_inputs.textCodes[text]; }

private:
    const Inputs &m_inputs;
};

class When : public Measure
{
public:
    explicit When(std::shared_ptr<const Expression> expression)
        : m_expression(std::move(expression))
    {
    }

    void take(const Taken &) override { }
    Measured at(Time, const Inputs &inputs) override
    {
        const Truth truth = m_expression->evaluate(PresentValues(inputs));
        if (truth == Truth::Unknown)
            return {Measured::Kind::Unknown, 0, Quality::Good, {SG_TR("an input is not known"), {}, {}}};
        return {Measured::Kind::Value, truth == Truth::Yes ? 1.0 : 0.0, Quality::Good, {}};
    }

private:
    std::shared_ptr<const Expression> m_expression;
};

Result<std::unique_ptr<Measure>> makeMeasure(const MeasureContext &context)
{
    return std::unique_ptr<Measure>(std::make_unique<When>(context.rule.when));
}

Result<std::unique_ptr<Condition>> makeWhen(const ConditionContext &context)
{
    return makeFlag(context, StableHash().add("when").add(static_cast<std::int64_t>(context.rule.conditionHash)).value());
}

}

ConditionKind whenKind()
{
    static constexpr const char *modifiers[] = {"on_delay", "off_delay"};
    static const Field fields[]
        = {{"when", FieldType::Text, true, "", "", SG_TR("When"), SG_TR("An expression over the inputs, such as count(hot) >= 3.")}};
    ConditionKind kind;
    kind.name = "when";
    kind.label = SG_TR("Expression");
    kind.sentence = SG_TR("when %2");
    kind.fields = fields;
    kind.modifiers = modifiers;
    kind.mayBeGrouped = true;
    kind.make = makeWhen;
    kind.makeMeasure = makeMeasure;
    return kind;
}

}
