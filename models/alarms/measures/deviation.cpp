#include "alarms/measures/kinds.h"
#include "core/times.h"

#include <cmath>

namespace sg {

namespace {

enum class In : std::uint8_t { Absolute, Percent, Signed };

// |a - b| at the samples of `a`, each paired with what `b` was then.
class Deviation : public Measure
{
public:
    Deviation(Micros within, In in)
        : m_within(within)
        , m_in(in)
    {
    }

    void take(const Taken &taken) override
    {
        (taken.set == 0 ? m_a : m_b) = taken.sample;
        if (taken.set == 0)
            m_isNew = true;
    }

    Measured at(Time, const Inputs &) override
    {
        Measured out;
        if (!std::exchange(m_isNew, false))
            return out; // a new `b` alone is paired with the next `a`
        out.kind = Measured::Kind::Unknown;
        if (m_a.quality == Quality::Bad || !std::isfinite(m_a.value))
            out.why = {SG_TR("the value is bad"), {}, {}};
        else if (m_b.quality == Quality::Bad || !std::isfinite(m_b.value))
            out.why = {SG_TR("the value to compare with is missing or bad"), {}, {}};
        else if (m_a.t - m_b.t > m_within)
            out.why
                = {SG_TR("the value to compare with is %1 old, at most %2"), {formatDuration(m_a.t - m_b.t), formatDuration(m_within)}, {}};
        if (*out.why.text)
            return out;
        const double off = m_a.value - m_b.value;
        out.kind = Measured::Kind::Value;
        out.value = m_in == In::Signed ? off : std::abs(off);
        if (m_in == In::Percent)
            out.value = std::abs(off) / std::max(std::abs(m_b.value), Epsilon) * 100;
        if (m_a.quality == Quality::Uncertain || m_b.quality == Quality::Uncertain)
            out.quality = Quality::Uncertain;
        return out;
    }

    void save(SavedWriter &write) const override
    {
        for (const Sample *s : {&m_a, &m_b}) {
            write(s->t);
            write(s->value);
            write(s->quality);
        }
    }
    void load(SavedReader &read) override
    {
        for (Sample *s : {&m_a, &m_b}) {
            read(s->t);
            read(s->value);
            read(s->quality);
        }
    }

private:
    static constexpr double Epsilon = 1e-9; // a reference of 0 has no percentage

    const Micros m_within;
    const In m_in;
    Sample m_a, m_b;
    bool m_isNew = false;
};

std::vector<Error> checkDeviation(const Node &settings)
{
    std::vector<Error> out;
    checkIsPositive(settings, "within", out);
    return out;
}

Result<std::unique_ptr<Measure>> makeDeviation(const MeasureContext &context)
{
    const Node &node = context.rule.settings["deviation"];
    const std::string in = node.text("in");
    return std::unique_ptr<Measure>(std::make_unique<Deviation>(durationOf(node, "within"),
                                                                in == "percent"      ? In::Percent
                                                                    : in == "signed" ? In::Signed
                                                                                     : In::Absolute));
}

}

MeasureKind deviationKind()
{
    static constexpr const char *ways[] = {"absolute", "percent", "signed"};
    static const Field keys[] = {
        {"from", FieldType::Selector, true, "", "", SG_TR("From"), SG_TR("The series to compare with; {line} is the same line.")},
        {"within", FieldType::Duration, true, "", "", SG_TR("Within"), SG_TR("How old the other value may be.")},
        {"in", FieldType::Choice, false, "absolute", "", SG_TR("In"),
         SG_TR("The distance, in percent of the other value, or with its sign."), ways},
    };
    static const Field fields[]
        = {{"deviation", FieldType::Map, true, "", "", SG_TR("Deviation"), SG_TR("How far the value is from another one."), {}, keys}};
    MeasureKind kind;
    kind.name = "deviation";
    kind.label = SG_TR("Deviation from another value");
    kind.sentence = SG_TR("the distance of %1 from %2");
    kind.fields = fields;
    kind.other = "from";
    kind.check = checkDeviation;
    kind.make = makeDeviation;
    return kind;
}

}
