#include "alarms/measures/kinds.h"
#include "core/text.h"

#include <algorithm>
#include <deque>

namespace sg {

namespace {

// Share of the samples of a key in (t - over, t] that were no value or came too late.
class QualityShare : public Measure
{
public:
    QualityShare(Micros over, bool countsNan, bool countsLate, bool countsDuplicates, std::size_t least)
        : m_over(over)
        , m_countsNan(countsNan)
        , m_countsLate(countsLate)
        , m_countsDuplicates(countsDuplicates)
        , m_least(std::max<std::size_t>(least, 1))
    {
    }

    void take(const Taken &taken) override { add(taken.sample.t, m_countsNan && !taken.isGood()); }
    bool takeLate(const Taken &taken) override
    {
        add(std::max(taken.sample.t, m_now), m_countsLate); // it is told of now, whatever its stamp
        return true;
    }

    // Only where it is asked for: else what comes twice must change nothing.
    void takeDuplicate(const Taken &taken) override
    {
        if (m_countsDuplicates)
            add(std::max(taken.sample.t, m_now), true);
    }

    Measured at(Time t, const Inputs &) override
    {
        m_now = t;
        while (!m_seen.empty() && m_seen.front().first <= t - m_over) {
            m_bad -= m_seen.front().second ? 1 : 0;
            m_seen.pop_front();
        }
        if (m_seen.size() < m_least)
            return {Measured::Kind::Unknown,
                    0,
                    Quality::Good,
                    {SG_TR("the window holds %1 samples, %2 are needed"), {std::to_string(m_seen.size()), std::to_string(m_least)}, {}}};
        return {Measured::Kind::Value, static_cast<double>(m_bad) / static_cast<double>(m_seen.size()), Quality::Good, {}};
    }

    std::optional<Time> due() const override { return m_seen.empty() ? std::nullopt : std::optional(m_seen.front().first + m_over); }

    void save(SavedWriter &write) const override
    {
        write(m_now);
        write(static_cast<std::uint32_t>(m_seen.size()));
        for (const auto &[t, isBad] : m_seen) {
            write(t);
            write(isBad);
        }
    }
    void load(SavedReader &read) override
    {
        read(m_now);
        for (std::size_t n = read.count(9); n-- > 0 && read.isWell();) {
            Time t;
            bool isBad = false;
            read(t);
            read(isBad);
            add(t, isBad);
        }
    }

private:
    void add(Time t, bool isBad)
    {
        m_seen.emplace_back(t, isBad);
        m_bad += isBad ? 1 : 0;
        if (m_seen.size() > MaxSeen) {
            m_bad -= m_seen.front().second ? 1 : 0;
            m_seen.pop_front();
        }
    }

    static constexpr std::size_t MaxSeen = 100'000;
    const Micros m_over;
    const bool m_countsNan, m_countsLate, m_countsDuplicates;
    const std::size_t m_least;
    std::deque<std::pair<Time, bool>> m_seen;
    std::size_t m_bad = 0;
    Time m_now = NoTime;
};

// Share of a source's messages in (t - over, t] that could not be read, by arrival: they have neither key nor stamp.
class MessageShare : public Measure
{
public:
    MessageShare(Micros over, std::size_t least)
        : m_over(over)
        , m_least(std::max<std::size_t>(least, 1))
    {
    }

    void take(const Taken &) override { }
    [[nodiscard]] bool takesMessages() const override { return true; }
    void takeMessages(Time t, std::uint64_t unreadable, std::uint64_t all) override
    {
        m_unreadable += unreadable;
        m_all += all;
        if (!m_counts.empty() && t - m_counts.back().t < m_over / MostCounts) { // a long window does not need each of them
            m_counts.back().unreadable += unreadable;
            m_counts.back().all += all;
        } else {
            m_counts.push_back({t, unreadable, all});
        }
    }

    Measured at(Time t, const Inputs &) override
    {
        while (!m_counts.empty() && m_counts.front().t <= t - m_over) {
            m_unreadable -= m_counts.front().unreadable;
            m_all -= m_counts.front().all;
            m_counts.pop_front();
        }
        if (m_all < m_least)
            return {Measured::Kind::Unknown,
                    0,
                    Quality::Good,
                    {SG_TR("the window holds %1 messages, %2 are needed"), {std::to_string(m_all), std::to_string(m_least)}, {}}};
        return {Measured::Kind::Value, static_cast<double>(m_unreadable) / static_cast<double>(m_all), Quality::Good, {}};
    }

    std::optional<Time> due() const override { return m_counts.empty() ? std::nullopt : std::optional(m_counts.front().t + m_over); }

    void save(SavedWriter &write) const override
    {
        write(static_cast<std::uint32_t>(m_counts.size()));
        for (const Count &count : m_counts) {
            write(count.t);
            write(count.unreadable);
            write(count.all);
        }
    }
    void load(SavedReader &read) override
    {
        for (std::size_t n = read.count(24); n-- > 0 && read.isWell();) {
            Count count;
            read(count.t);
            read(count.unreadable);
            read(count.all);
            m_unreadable += count.unreadable;
            m_all += count.all;
            m_counts.push_back(count);
        }
    }

private:
    struct Count
    {
        Time t = NoTime;
        std::uint64_t unreadable = 0, all = 0;
    };
    static constexpr int MostCounts = 600; // in a window: it moves in steps of so much of it
    const Micros m_over;
    const std::size_t m_least;
    std::deque<Count> m_counts;
    std::uint64_t m_unreadable = 0, m_all = 0;
};

std::vector<Error> checkQuality(const Node &settings)
{
    std::vector<Error> out;
    checkIsPositive(settings, "over", out);
    const Node &share = settings["share"];
    const std::vector<std::string> names = readTexts(share);
    if (!share.isMissing() && names.empty())
        out.push_back(share.error(SG_TR("share takes a list of nan, errors, duplicates and late")));
    for (const std::string &name : names) {
        if (name == "errors" && names.size() > 1)
            out.push_back(share.error(SG_TR("share: errors counts messages, the others count samples; give errors a rule of its own")));
        else if (name != "errors" && name != "nan" && name != "late" && name != "duplicates")
            out.push_back(share.error(SG_TR("share: '%1' is not one of nan, errors, duplicates, late"), {shown(name)}));
    }
    return out;
}

Result<std::unique_ptr<Measure>> makeQuality(const MeasureContext &context)
{
    const Node &node = context.rule.settings["quality"];
    const auto names = readTexts(node["share"]);
    if (countsMessages(context.rule.settings))
        return std::unique_ptr<Measure>(std::make_unique<MessageShare>(durationOf(node, "over"), context.rule.minSamples));
    const auto has = [&](const char *name) { return std::find(names.begin(), names.end(), name) != names.end(); };
    return std::unique_ptr<Measure>(
        std::make_unique<QualityShare>(durationOf(node, "over"), has("nan"), has("late"), has("duplicates"), context.rule.minSamples));
}

}

bool countsMessages(const Node &settings)
{
    const auto names = readTexts(settings["quality"]["share"]);
    return std::find(names.begin(), names.end(), "errors") != names.end();
}

MeasureKind qualityKind()
{
    static const Field keys[] = {
        {"share", FieldType::Texts, true, "", "", SG_TR("Share"),
         SG_TR("What counts as bad: nan (no value), late, duplicates; or errors: messages of the source that cannot be read (with per: "
               "[]).")},
        {"over", FieldType::Duration, true, "", "", SG_TR("Over"), SG_TR("Length of the window, back from now.")},
    };
    static const Field fields[]
        = {{"quality",
            FieldType::Map,
            true,
            "",
            "",
            SG_TR("Quality"),
            SG_TR("Share of samples that are no value, late or came twice, or of messages that cannot be read, from 0 to 1."),
            {},
            keys}};
    MeasureKind kind;
    kind.name = "quality";
    kind.label = SG_TR("Share of bad samples");
    kind.sentence = SG_TR("the share of bad samples of %1 in the last %2");
    kind.fields = fields;
    kind.mayBeGrouped = true;
    kind.isPerKey = true;
    kind.takesStates = true;
    kind.check = checkQuality;
    kind.make = makeQuality;
    return kind;
}

}
