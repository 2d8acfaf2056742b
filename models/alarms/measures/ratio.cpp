#include "alarms/measures/kinds.h"
#include "alarms/measures/points.h"
#include "core/text.h"

#include <cmath>

namespace sg {

namespace {

class Ratio : public Measure
{
public:
    Ratio(Micros over, double least)
        : m_above(over)
        , m_below(over)
        , m_least(least)
    {
    }

    void take(const Taken &taken) override
    {
        Points &to = taken.set == 0 ? m_above : m_below;
        if (taken.isGood())
            to.add(taken.sample.t, taken.sample.value);
        else
            m_badUntil = taken.sample.t + to.length(); // its number is missing in the sum
    }
    bool takeLate(const Taken &taken) override
    {
        return taken.isGood() && (taken.set == 0 ? m_above : m_below).addLate(taken.sample.t, taken.sample.value);
    }

    Measured at(Time t, const Inputs &) override
    {
        m_above.moveTo(t);
        m_below.moveTo(t);
        m_now = t;
        Measured out;
        out.kind = Measured::Kind::Unknown;
        const double below = m_below.sum();
        if (m_badUntil != NoTime && t < m_badUntil)
            out.why = {SG_TR("a bad value lies in the window"), {}, {}};
        else if (m_above.all().empty())
            out.why = {SG_TR("nothing to divide was received in the window"), {}, {}};
        else if (m_below.all().empty() || below < m_least || below == 0)
            out.why = {SG_TR("the sum to divide by is %1, at least %2 is needed"), {formatNumber(below), formatNumber(m_least)}, {}};
        else if (const double ratio = m_above.sum() / below; std::isfinite(ratio))
            return {Measured::Kind::Value, ratio, Quality::Good, {}};
        else
            out.why = {SG_TR("the numbers in the window are too large"), {}, {}};
        return out;
    }

    std::optional<Time> due() const override
    {
        std::optional<Time> next = m_above.due();
        if (const auto other = m_below.due(); other && (!next || *other < *next))
            next = other;
        if (m_badUntil != NoTime && m_badUntil > m_now && (!next || m_badUntil < *next))
            next = m_badUntil;
        return next;
    }

    void save(SavedWriter &write) const override
    {
        m_above.save(write);
        m_below.save(write);
        write(m_badUntil);
        write(m_now);
    }
    void load(SavedReader &read) override
    {
        m_above.load(read);
        m_below.load(read);
        read(m_badUntil);
        read(m_now);
    }

private:
    Points m_above, m_below;
    const double m_least;
    Time m_badUntil = NoTime, m_now = NoTime;
};

std::vector<Error> checkRatio(const Node &settings)
{
    std::vector<Error> out;
    checkIsPositive(settings, "over", out);
    return out;
}

Result<std::unique_ptr<Measure>> makeRatio(const MeasureContext &context)
{
    const Node &node = context.rule.settings["ratio"];
    return std::unique_ptr<Measure>(std::make_unique<Ratio>(durationOf(node, "over"), parseNumber(node.text("min_den", "0")).value_or(0)));
}

}

MeasureKind ratioKind()
{
    static const Field keys[] = {
        {"to", FieldType::Selector, true, "", "", SG_TR("To"), SG_TR("The series to divide by; {line} is the same line.")},
        {"over", FieldType::Duration, true, "", "", SG_TR("Over"), SG_TR("Both are summed over this time.")},
        {"min_den", FieldType::Number, false, "0", "", SG_TR("At least"), SG_TR("A smaller sum to divide by says nothing yet: unknown.")},
    };
    static const Field fields[] = {
        {"ratio", FieldType::Map, true, "", "", SG_TR("Ratio"), SG_TR("The sum of this series divided by the sum of another."), {}, keys}};
    MeasureKind kind;
    kind.name = "ratio";
    kind.label = SG_TR("Ratio to another value");
    kind.sentence = SG_TR("the sum of %1 divided by that of %2 over %3");
    kind.fields = fields;
    kind.other = "to";
    kind.mayBeGrouped = true;
    kind.check = checkRatio;
    kind.make = makeRatio;
    return kind;
}

}
