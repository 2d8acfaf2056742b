#include "alarms/measures/kinds.h"
#include "core/text.h"

#include <algorithm>
#include <deque>
#include <unordered_map>

namespace sg {

namespace {

// How often something was true in (t - over, t]: every such sample, or only those that became true.
class Count : public Measure
{
public:
    std::vector<double> equals;
    std::optional<double> above, below;
    bool isOfEdges = true;
    Micros over{0};

    void take(const Taken &taken) override
    {
        if (!taken.isGood())
            return; // neither true nor false, and no edge
        bool &was = m_was[taken.member];
        const bool is = isTrue(taken.sample.value);
        if (is && !(isOfEdges && was))
            m_times.push_back(taken.sample.t);
        was = is;
        m_isKnown = true;
        if (m_times.size() > MaxTimes)
            m_times.pop_front();
    }

    bool takeLate(const Taken &taken) override
    {
        if (isOfEdges || !taken.isGood() || !isTrue(taken.sample.value)) // whether it was an edge is not known any more
            return false;
        m_times.insert(std::lower_bound(m_times.begin(), m_times.end(), taken.sample.t), taken.sample.t);
        return true;
    }

    Measured at(Time t, const Inputs &) override
    {
        while (!m_times.empty() && m_times.front() <= t - over)
            m_times.pop_front();
        if (!m_isKnown)
            return {Measured::Kind::Unknown, 0, Quality::Good, {SG_TR("nothing was received yet"), {}, {}}};
        return {Measured::Kind::Value, static_cast<double>(m_times.size()), Quality::Good, {}};
    }

    std::optional<Time> due() const override { return m_times.empty() ? std::nullopt : std::optional(m_times.front() + over); }

    void save(SavedWriter &write) const override
    {
        write(static_cast<std::uint32_t>(m_times.size()));
        for (const Time t : m_times)
            write(t);
        const std::map<std::uint32_t, bool> sorted(m_was.begin(), m_was.end());
        write(static_cast<std::uint32_t>(sorted.size()));
        for (const auto &[member, was] : sorted) {
            write(member);
            write(was);
        }
        write(m_isKnown);
    }
    void load(SavedReader &read) override
    {
        m_times.resize(read.count(sizeof(Time)));
        for (Time &t : m_times)
            read(t);
        for (std::size_t n = read.count(5); n-- > 0 && read.isWell();) {
            std::uint32_t member = 0;
            bool was = false;
            read(member);
            read(was);
            m_was[member] = was;
        }
        read(m_isKnown);
    }

private:
    static constexpr std::size_t MaxTimes = 100'000; // a count beyond it stays there

    bool isTrue(double value) const
    {
        return (above && value > *above) || (below && value < *below) || std::find(equals.begin(), equals.end(), value) != equals.end();
    }

    std::deque<Time> m_times;
    std::unordered_map<std::uint32_t, bool> m_was; // by member
    bool m_isKnown = false;
};

std::vector<Error> checkCount(const Node &settings)
{
    std::vector<Error> out;
    checkIsPositive(settings, "over", out);
    int tests = 0;
    for (const char *key : {"equals", "above", "below"})
        tests += settings.has(key) ? 1 : 0;
    if (tests != 1)
        out.push_back(settings.error(SG_TR("count takes exactly one of equals, above and below")));
    return out;
}

Result<std::unique_ptr<Measure>> makeCount(const MeasureContext &context)
{
    const Node &node = context.rule.settings["count"];
    auto count = std::make_unique<Count>();
    count->over = durationOf(node, "over");
    count->isOfEdges = node.text("of") != "samples";
    count->above = parseNumber(node.text("above"));
    count->below = parseNumber(node.text("below"));
    if (context.kind == ValueKind::State && !node.has("equals"))
        return node.error(SG_TR("count compares numbers, but this series is a state text; use equals"));
    if (node.has("equals"))
        for (const std::string &text : readTexts(node["equals"])) {
            const auto code = context.kind != ValueKind::State ? parseNumber(text)
                : context.codeOf                               ? std::optional<double>(context.codeOf(text))
                                                               : std::nullopt;
            if (!code)
                return node["equals"].error(SG_TR("equals: this series holds numbers, and '%1' is not a number"), {shown(text)});
            count->equals.push_back(*code);
        }
    return std::unique_ptr<Measure>(std::move(count));
}

}

MeasureKind countKind()
{
    static constexpr const char *of[] = {"edges", "samples"};
    static const Field keys[] = {
        {"equals", FieldType::Texts, false, "", "", SG_TR("Equals"),
         SG_TR("Counts values that are this text or number, or one of a list.")},
        {"above", FieldType::Number, false, "", "", SG_TR("Above"), SG_TR("Counts values above this.")},
        {"below", FieldType::Number, false, "", "", SG_TR("Below"), SG_TR("Counts values below this.")},
        {"of", FieldType::Choice, false, "edges", "", SG_TR("Of"), SG_TR("How often it became true, or every sample."), of},
        {"over", FieldType::Duration, true, "", "", SG_TR("Over"), SG_TR("Length of the window, back from now.")},
    };
    static const Field fields[]
        = {{"count", FieldType::Map, true, "", "", SG_TR("Count"), SG_TR("How often something happened in the last minutes."), {}, keys}};
    MeasureKind kind;
    kind.name = "count";
    kind.label = SG_TR("How often");
    kind.sentence = SG_TR("how often %1 happened in the last %2");
    kind.fields = fields;
    kind.mayBeGrouped = true;
    kind.takesStates = true;
    kind.check = checkCount;
    kind.make = makeCount;
    return kind;
}

}
