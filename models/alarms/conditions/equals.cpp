#include "alarms/conditions/kinds.h"

#include "core/text.h"

#include <algorithm>

namespace sg {

namespace {

class Equals : public Condition
{
public:
    std::vector<double> values; // numbers, or the codes of state texts
    bool isNegated = false;
    LevelSettings settings;
    std::uint64_t hash = 0;

    std::size_t stateBytes() const override { return 0; }
    std::span<const LevelSettings> levels() const override { return {&settings, 1}; }
    std::uint64_t parameters() const override { return hash; }

    Finding see(const Sample &sample, std::span<std::byte>) const override
    {
        const bool isAny = std::find(values.begin(), values.end(), sample.value) != values.end();
        const bool isTrue = isAny != isNegated;
        return {isTrue ? Truth::Yes : Truth::No, isTrue ? Level::On : Level::None, sample.value, std::numeric_limits<double>::quiet_NaN(),
                NoTime};
    }
};

std::vector<Error> checkEquals(const Node &settings)
{
    for (const char *key : {"equals", "not_equals"})
        if (const Node &node = settings[key]; !node.isMissing() && readTexts(node).empty())
            return {node.error(SG_TR("%1: a value or a list of values is expected"), {key})};
    return {};
}

template <bool Negated> Result<std::unique_ptr<Condition>> makeEquals(const ConditionContext &context)
{
    const char *key = Negated ? "not_equals" : "equals";
    const Node &node = context.rule.settings[key];
    auto condition = std::make_unique<Equals>();
    condition->isNegated = Negated;
    condition->settings
        = {Level::On, context.rule.onDelay, context.rule.offDelay, context.rule.priority, std::numeric_limits<double>::quiet_NaN()};
    std::vector<std::string> texts = readTexts(node);
    std::sort(texts.begin(), texts.end()); // another order of the same list redefines nothing
    StableHash hash;
    hash.add(key);
    for (const std::string &text : texts) {
        hash.add(text);
        if (context.kind == ValueKind::State) {
            // The text is added when it is new, so that a code does not depend on whether it was seen before.
            const auto code = context.codeOf ? context.codeOf(text) : std::nullopt;
            if (!code)
                return node.error(SG_TR("%1: the dictionary of state texts is full at '%2'"), {key, shown(text)});
            condition->values.push_back(*code);
        } else if (const auto value = parseNumber(text)) {
            condition->values.push_back(*value);
        } else {
            return node.error(SG_TR("%1: this series holds numbers, and '%2' is not a number"), {key, shown(text)});
        }
    }
    condition->hash = hash.value();
    return std::unique_ptr<Condition>(std::move(condition));
}

constexpr const char *Modifiers[] = {"on_delay", "off_delay"};

}

ConditionKind equalsKind()
{
    static const Field fields[] = {{"equals", FieldType::Texts, true, "", "", SG_TR("Equals"),
                                    SG_TR("The text or number, or a list of them, that raises the alarm.")}};
    ConditionKind kind;
    kind.name = "equals";
    kind.label = SG_TR("Value equals");
    kind.sentence = SG_TR("when %1 is %2");
    kind.fields = fields;
    kind.modifiers = Modifiers;
    kind.check = checkEquals;
    kind.make = makeEquals<false>;
    return kind;
}

ConditionKind notEqualsKind()
{
    static const Field fields[] = {{"not_equals", FieldType::Texts, true, "", "", SG_TR("Does not equal"),
                                    SG_TR("Any other text or number than these raises the alarm.")}};
    ConditionKind kind;
    kind.name = "not_equals";
    kind.label = SG_TR("Value differs");
    kind.sentence = SG_TR("when %1 is not %2");
    kind.fields = fields;
    kind.modifiers = Modifiers;
    kind.check = checkEquals;
    kind.make = makeEquals<true>;
    return kind;
}

}
