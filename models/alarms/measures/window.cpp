#include "alarms/measures/kinds.h"
#include "alarms/measures/points.h"
#include "core/text.h"

#include <algorithm>
#include <cmath>

namespace sg {

namespace {

enum class Take : std::uint8_t { Avg, Twa, Min, Max, Sum, Count, Rate, Stddev, Percentile, Last };
constexpr std::pair<const char *, Take> Takes[]
    = {{"avg", Take::Avg},     {"twa", Take::Twa},   {"min", Take::Min},       {"max", Take::Max},  {"sum", Take::Sum},
       {"count", Take::Count}, {"rate", Take::Rate}, {"stddev", Take::Stddev}, {"last", Take::Last}};

// "p95": the percentile by nearest rank.
std::optional<std::pair<Take, double>> readTake(std::string_view text)
{
    for (const auto &[name, take] : Takes)
        if (text == name)
            return std::pair(take, 0.0);
    if (!text.starts_with('p'))
        return std::nullopt;
    const auto percent = parseNumber(text.substr(1));
    if (!percent || *percent <= 0 || *percent >= 100)
        return std::nullopt;
    return std::pair(Take::Percentile, *percent);
}

class Window : public Measure
{
public:
    Window(Micros over, Take take, double percent, double coverage, std::size_t least)
        : m_points(over)
        , m_take(take)
        , m_percent(percent)
        , m_coverage(coverage)
        , m_least(least)
    {
    }

    void take(const Taken &taken) override
    {
        if (!taken.isGood()) {
            m_points.breakOff();
            return;
        }
        m_points.add(taken.sample.t, taken.sample.value);
        if (m_take == Take::Percentile)
            m_isSorted = false;
    }

    bool takeLate(const Taken &taken) override
    {
        m_isSorted = false;
        return taken.isGood() && m_points.addLate(taken.sample.t, taken.sample.value);
    }

    Measured at(Time t, const Inputs &) override
    {
        const std::size_t before = m_points.all().size();
        m_points.moveTo(t);
        m_isSorted = m_isSorted && before == m_points.all().size();
        Measured out;
        out.kind = Measured::Kind::Unknown;
        const std::size_t n = m_points.all().size();
        if (m_points.isCut())
            out.why = {SG_TR("the window holds more than %1 samples"), {std::to_string(Points::MaxPoints)}, {}};
        else if (const double coverage = m_points.coverage(); coverage < m_coverage)
            out.why = {SG_TR("the window is covered %1 %, %2 % are needed"),
                       {formatNumber(std::floor(coverage * 100)), formatNumber(m_coverage * 100)},
                       {}};
        else if (n < std::max<std::size_t>(m_least, 1))
            out.why = {SG_TR("the window holds %1 samples, %2 are needed"),
                       {std::to_string(n), std::to_string(std::max<std::size_t>(m_least, 1))},
                       {}};
        else if (const double value = aggregate(); std::isfinite(value))
            return {Measured::Kind::Value, value, Quality::Good, {}};
        else
            out.why = {SG_TR("the numbers in the window are too large"), {}, {}};
        return out;
    }

    std::optional<Time> due() const override { return m_points.due(); }
    void save(SavedWriter &write) const override { m_points.save(write); }
    void load(SavedReader &read) override { m_points.load(read); }

private:
    double aggregate()
    {
        const auto &all = m_points.all();
        const auto byValue = [](const auto &a, const auto &b) { return a.value < b.value; };
        switch (m_take) {
        case Take::Avg:
            return m_points.mean();
        case Take::Twa:
            return m_points.timeWeightedMean();
        case Take::Min:
            return std::min_element(all.begin(), all.end(), byValue)->value;
        case Take::Max:
            return std::max_element(all.begin(), all.end(), byValue)->value;
        case Take::Sum:
            return m_points.sum();
        case Take::Count:
            return static_cast<double>(all.size());
        case Take::Rate:
            return m_points.growth() / (static_cast<double>(m_points.covered().count()) / 1e6);
        case Take::Stddev:
            return m_points.deviation();
        case Take::Last:
            return all.back().value;
        case Take::Percentile:
            break;
        }
        if (!m_isSorted) {
            m_sorted.clear();
            for (const auto &point : all)
                m_sorted.push_back(point.value);
            std::sort(m_sorted.begin(), m_sorted.end());
            m_isSorted = true;
        }
        const auto rank = static_cast<std::size_t>(std::ceil(m_percent / 100 * static_cast<double>(m_sorted.size())));
        return m_sorted[std::clamp<std::size_t>(rank, 1, m_sorted.size()) - 1];
    }

    Points m_points;
    const Take m_take;
    const double m_percent, m_coverage;
    const std::size_t m_least;
    std::vector<double> m_sorted; // of Take::Percentile, while nothing came or went
    bool m_isSorted = false;
};

std::vector<Error> checkWindow(const Node &settings)
{
    std::vector<Error> out;
    checkIsPositive(settings, "over", out);
    const Node &take = settings["take"];
    if (!take.isMissing() && !readTake(take.scalar))
        out.push_back(take.error(SG_TR("take: '%1' is not one of avg, twa, min, max, sum, count, rate, stddev, last, p1 to p99"),
                                 {shown(take.scalar)}));
    const Node &coverage = settings["coverage"];
    if (const auto share = readShare(coverage, "coverage"); !coverage.isMissing() && share && (share->value < 0 || share->value > 1))
        out.push_back(coverage.error(SG_TR("coverage: '%1' is not between 0% and 100%"), {shown(coverage.scalar)}));
    return out;
}

Result<std::unique_ptr<Measure>> makeWindow(const MeasureContext &context)
{
    const Node &node = context.rule.settings["window"];
    const auto [take, percent] = readTake(node.text("take")).value_or(std::pair(Take::Avg, 0.0));
    double coverage = 0.8;
    if (node.has("coverage"))
        if (const auto share = readShare(node["coverage"], "coverage"))
            coverage = share->value;
    return std::unique_ptr<Measure>(std::make_unique<Window>(durationOf(node, "over"), take, percent, coverage, context.rule.minSamples));
}

}

MeasureKind windowKind()
{
    static const Field keys[] = {
        {"take", FieldType::Text, true, "", "", SG_TR("Take"),
         SG_TR("avg, twa (by time), min, max, sum, count, rate, stddev, last or a percentile such as p95.")},
        {"over", FieldType::Duration, true, "", "", SG_TR("Over"), SG_TR("Length of the window, back from now.")},
        {"coverage", FieldType::Percent, false, "80%", "", SG_TR("Coverage"),
         SG_TR("Share of the window that must have been watched; less is unknown.")},
    };
    static const Field fields[] = {
        {"window", FieldType::Map, true, "", "", SG_TR("Window"), SG_TR("An average, a sum or the like of the last minutes."), {}, keys}};
    MeasureKind kind;
    kind.name = "window";
    kind.label = SG_TR("Over a time window");
    kind.sentence = SG_TR("the %1 of the last %2");
    kind.fields = fields;
    kind.mayBeGrouped = true;
    kind.check = checkWindow;
    kind.make = makeWindow;
    return kind;
}

}
