#include "alarms/measures/kinds.h"
#include "alarms/measures/points.h"

#include <cmath>

namespace sg {

namespace {

class RateOfChange : public Measure
{
public:
    RateOfChange(Micros over, Micros per, bool isLeastSquares)
        : m_points(over)
        , m_per(per)
        , m_isLeastSquares(isLeastSquares)
    {
    }

    void take(const Taken &taken) override
    {
        if (taken.isGood())
            m_points.add(taken.sample.t, taken.sample.value);
        else
            m_points.breakOff();
    }
    bool takeLate(const Taken &taken) override { return taken.isGood() && m_points.addLate(taken.sample.t, taken.sample.value); }

    Measured at(Time t, const Inputs &) override
    {
        m_points.moveTo(t);
        const auto &all = m_points.all();
        Measured out;
        out.kind = Measured::Kind::Unknown;
        // A slope needs two samples that lie far enough apart, else noise is multiplied.
        if (all.size() < 2 || (all.back().t - all.front().t) * 2 < m_points.length()) {
            out.why = {SG_TR("the samples cover less than half of the window"), {}, {}};
            return out;
        }
        const double slope = m_isLeastSquares
            ? leastSquares()
            : (all.back().value - all.front().value) / static_cast<double>((all.back().t - all.front().t).count());
        const double rate = slope * static_cast<double>(m_per.count());
        if (std::isfinite(rate))
            return {Measured::Kind::Value, rate, Quality::Good, {}};
        out.why = {SG_TR("the numbers in the window are too large"), {}, {}};
        return out;
    }

    std::optional<Time> due() const override { return m_points.due(); }
    void save(SavedWriter &write) const override { m_points.save(write); }
    void load(SavedReader &read) override { m_points.load(read); }

private:
    // Ordinary least squares around the means.
    double leastSquares() const
    {
        const auto &all = m_points.all();
        const Time first = all.front().t;
        double meanT = 0;
        for (const auto &point : all)
            meanT += static_cast<double>((point.t - first).count()) / static_cast<double>(all.size());
        const double mean = m_points.mean();
        double above = 0, below = 0;
        for (const auto &point : all) {
            const double off = static_cast<double>((point.t - first).count()) - meanT;
            above += off * (point.value - mean);
            below += off * off;
        }
        return above / below;
    }

    Points m_points;
    const Micros m_per;
    const bool m_isLeastSquares;
};

std::vector<Error> checkRate(const Node &settings)
{
    std::vector<Error> out;
    checkIsPositive(settings, "per", out);
    checkIsPositive(settings, "over", out);
    return out;
}

Result<std::unique_ptr<Measure>> makeRate(const MeasureContext &context)
{
    const Node &node = context.rule.settings["rate_of_change"];
    return std::unique_ptr<Measure>(
        std::make_unique<RateOfChange>(durationOf(node, "over"), durationOf(node, "per"), node.text("method") == "least_squares"));
}

}

MeasureKind rateOfChangeKind()
{
    static constexpr const char *methods[] = {"endpoints", "least_squares"};
    static const Field keys[] = {
        {"per", FieldType::Duration, true, "", "", SG_TR("Per"), SG_TR("The unit of time of the limits: 1min means so much a minute.")},
        {"over", FieldType::Duration, true, "", "", SG_TR("Over"), SG_TR("Length of the window, back from now.")},
        {"method", FieldType::Choice, false, "endpoints", "", SG_TR("Method"),
         SG_TR("From the first to the last sample, or a line through all."), methods},
    };
    static const Field fields[] = {{"rate_of_change",
                                    FieldType::Map,
                                    true,
                                    "",
                                    "",
                                    SG_TR("Rate of change"),
                                    SG_TR("How fast the value rises (above 0) or falls (below 0)."),
                                    {},
                                    keys}};
    MeasureKind kind;
    kind.name = "rate_of_change";
    kind.label = SG_TR("Rate of change");
    kind.sentence = SG_TR("the change per %1 over %2");
    kind.fields = fields;
    kind.check = checkRate;
    kind.make = makeRate;
    return kind;
}

}
