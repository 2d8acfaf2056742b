#include "alarms/conditions/flag.h"
#include "alarms/measures/kinds.h"
#include "core/fields.h"
#include "core/text.h"

#include <algorithm>
#include <deque>
#include <set>

namespace sg {

namespace {

using Codes = std::vector<double>; // empty: any

bool has(const Codes &codes, double value)
{
    return codes.empty() || std::find(codes.begin(), codes.end(), value) != codes.end();
}

// Changes of a state, in the order of their times. Repeats of the same value are no changes; neither is a bad value in between.
class StateChange : public Measure
{
public:
    Codes from, to;
    bool isTransition = false; // from, to or any change
    std::set<std::pair<double, double>> illegal;
    Micros stuck{0};
    std::size_t toggles = 0;
    Micros over{0};
    bool clearsByAck = false;

    void take(const Taken &taken) override
    {
        if (!taken.isGood()) {
            m_isBad = true;
            return;
        }
        m_isBad = false;
        const double before = m_value, now = taken.sample.value;
        m_value = now;
        if (!std::exchange(m_isKnown, true)) {
            m_since = taken.sample.t;
            return;
        }
        if (before == now)
            return;
        m_since = taken.sample.t;
        if (toggles > 0) {
            m_changes.push_back(taken.sample.t);
            if (m_changes.size() > MaxChanges)
                m_changes.pop_front();
        }
        const bool isHit = isTransition ? has(from, before) && has(to, now) : illegal.contains({before, now});
        if (isHit)
            m_isOn = true;
        else if (!clearsByAck)
            m_isOn = false; // it left the state that it had come into
    }

    Measured at(Time t, const Inputs &) override
    {
        while (!m_changes.empty() && m_changes.front() <= t - over)
            m_changes.pop_front();
        if (m_isBad || !m_isKnown)
            return {Measured::Kind::Unknown,
                    0,
                    Quality::Good,
                    {m_isBad ? SG_TR("the state is bad") : SG_TR("nothing was received yet"), {}, {}}};
        bool is = m_isOn;
        if (stuck > Micros{0})
            is = m_isStuck = t >= m_since + stuck;
        if (toggles > 0)
            is = m_changes.size() >= toggles;
        return {Measured::Kind::Value, is ? 1.0 : 0.0, Quality::Good, {}};
    }

    std::optional<Time> due() const override
    {
        if (stuck > Micros{0})
            return m_isKnown && !m_isStuck ? std::optional(m_since + stuck) : std::nullopt;
        return m_changes.empty() ? std::nullopt : std::optional(m_changes.front() + over);
    }

    void acknowledge() override { m_isOn = clearsByAck ? false : m_isOn; }

    void save(SavedWriter &write) const override
    {
        write(m_value);
        write(m_since);
        for (const bool flag : {m_isKnown, m_isOn, m_isBad, m_isStuck})
            write(flag);
        write(static_cast<std::uint32_t>(m_changes.size()));
        for (const Time t : m_changes)
            write(t);
    }
    void load(SavedReader &read) override
    {
        read(m_value);
        read(m_since);
        for (bool *flag : {&m_isKnown, &m_isOn, &m_isBad, &m_isStuck})
            read(*flag);
        m_changes.resize(read.count(sizeof(Time)));
        for (Time &t : m_changes)
            read(t);
    }

private:
    static constexpr std::size_t MaxChanges = 10'000;
    double m_value = 0;
    Time m_since = NoTime;
    bool m_isKnown = false, m_isOn = false, m_isBad = false, m_isStuck = false;
    std::deque<Time> m_changes;
};

std::vector<Error> checkStateChange(const Node &settings)
{
    const Node &node = settings["state_change"];
    std::vector<Error> out;
    checkIsPositive(node, "stuck", out);
    checkIsPositive(node, "over", out);
    const int kinds = (node.has("from") || node.has("to") ? 1 : 0) + (node.has("illegal") ? 1 : 0) + (node.has("stuck") ? 1 : 0)
        + (node.has("toggles") ? 1 : 0);
    if (kinds > 1)
        out.push_back(node.error(SG_TR("state_change takes from and to, or illegal, or stuck, or toggles and over")));
    if (node.has("toggles") != node.has("over"))
        out.push_back(node.error(SG_TR("toggles and over go together: { toggles: 5, over: 10min }")));
    if (const auto count = readNumber(node["toggles"], "toggles"); node.has("toggles") && count && (*count < 1 || *count > 10'000))
        out.push_back(node["toggles"].error(SG_TR("toggles: '%1' is not between 1 and 10000"), {node["toggles"].scalar}));
    for (const auto &[state, next] : node["illegal"].map)
        if (readTexts(next).empty())
            out.push_back(next.error(SG_TR("illegal: '%1' takes the state, or a list of states, that must not follow"), {state}));
    if (node.has("clears") && (node.has("stuck") || node.has("toggles")))
        out.push_back(node["clears"].error(SG_TR("clears goes with from, to and illegal only")));
    return out;
}

Result<std::unique_ptr<Measure>> makeMeasure(const MeasureContext &context)
{
    const Node &node = context.rule.settings["state_change"];
    auto out = std::make_unique<StateChange>();
    std::optional<Error> fault;
    const auto codesOf = [&](const std::vector<std::string> &texts, const Node &place) {
        Codes codes;
        for (const std::string &text : texts) {
            std::optional<double> code = parseNumber(text);
            if (context.kind == ValueKind::State)
                code = context.codeOf ? std::optional<double>(context.codeOf(text)) : std::nullopt;
            if (code)
                codes.push_back(*code);
            else if (!fault)
                fault = place.error(SG_TR("state_change: this series holds numbers, and '%1' is not a number"), {shown(text)});
        }
        return codes;
    };
    out->from = codesOf(readTexts(node["from"]), node["from"]);
    out->to = codesOf(readTexts(node["to"]), node["to"]);
    for (const auto &[state, next] : node["illegal"].map)
        for (const double before : codesOf({state}, node["illegal"]))
            for (const double after : codesOf(readTexts(next), next))
                out->illegal.emplace(before, after);
    if (fault)
        return *fault;
    out->stuck = durationOf(node, "stuck");
    out->over = durationOf(node, "over");
    out->toggles = static_cast<std::size_t>(parseNumber(node.text("toggles", "0")).value_or(0));
    out->isTransition = !node.has("illegal") && !node.has("stuck") && !node.has("toggles");
    out->clearsByAck = node.text("clears") == "ack";
    return std::unique_ptr<Measure>(std::move(out));
}

Result<std::unique_ptr<Condition>> makeStateChange(const ConditionContext &context)
{
    return makeFlag(context, StableHash().add("state_change").add(static_cast<std::int64_t>(context.rule.conditionHash)).value());
}

}

ConditionKind stateChangeKind()
{
    static constexpr const char *clears[] = {"leave", "ack"};
    static constexpr const char *modifiers[] = {"on_delay", "off_delay"};
    static const Field keys[] = {
        {"from", FieldType::Texts, false, "", "", SG_TR("From"), SG_TR("The state, or one of a list, that it leaves; any when empty.")},
        {"to", FieldType::Texts, false, "", "", SG_TR("To"), SG_TR("The state, or one of a list, that it enters; any when empty.")},
        {"illegal", FieldType::Map, false, "", "", SG_TR("Illegal"),
         SG_TR("For a state the states that must not follow: { stopped: [fault] }.")},
        {"stuck", FieldType::Duration, false, "", "", SG_TR("Stuck"), SG_TR("No change for this long.")},
        {"toggles", FieldType::Integer, false, "", "", SG_TR("Toggles"), SG_TR("So many changes within `over`.")},
        {"over", FieldType::Duration, false, "", "", SG_TR("Over"), SG_TR("The time in which changes are counted.")},
        {"clears", FieldType::Choice, false, "leave", "", SG_TR("Clears"), SG_TR("With the next change, or when somebody acknowledges."),
         clears},
    };
    static const Field fields[] = {{"state_change",
                                    FieldType::Map,
                                    true,
                                    "",
                                    "",
                                    SG_TR("Change of state"),
                                    SG_TR("A state was entered, left, changes too often or not at all."),
                                    {},
                                    keys}};
    ConditionKind kind;
    kind.name = "state_change";
    kind.label = SG_TR("Change of state");
    kind.sentence = SG_TR("when %1 changes from %2 to %3");
    kind.fields = fields;
    kind.modifiers = modifiers;
    kind.check = checkStateChange;
    kind.make = makeStateChange;
    kind.makeMeasure = makeMeasure;
    return kind;
}

}
