#include "engine/explain.h"

#include "alarms/judgedunit.h"
#include "core/notes.h"
#include "core/text.h"
#include "core/times.h"

#include <algorithm>

namespace sg {

namespace {

constexpr Micros Before = std::chrono::minutes(10), After = std::chrono::minutes(1);
constexpr std::size_t MostSamplesBefore = 10, MostSamplesAfter = 5; // around the raise
constexpr std::size_t MostLookedAt = 20'000; // records of the journal, for an alarm that was never raised

const char *wordOf(ConditionRegion condition)
{
    switch (condition) {
    case ConditionRegion::Normal:
        return SG_TR("not met");
    case ConditionRegion::PendingOn:
        return SG_TR("met, the on delay runs");
    case ConditionRegion::Active:
        return SG_TR("met");
    case ConditionRegion::PendingOff:
        return SG_TR("over, the off delay runs");
    }
    return "";
}

const char *wordOf(QualityRegion quality)
{
    switch (quality) {
    case QualityRegion::Good:
        return SG_TR("good");
    case QualityRegion::Uncertain:
        return SG_TR("uncertain");
    case QualityRegion::Stale:
        return SG_TR("stale");
    case QualityRegion::NoData:
        return SG_TR("no data");
    case QualityRegion::Error:
        return SG_TR("error");
    case QualityRegion::Unknown:
        return SG_TR("unknown");
    }
    return "";
}

// A delay of the level that it has or is about to have, else the rule's.
Micros delayOf(const AlarmView &alarm, const char *which, Micros otherwise)
{
    const Node &level = alarm.rule->settings[nameOf(alarm.regions.level)];
    const auto own = parseDuration(level.text(which));
    return own ? *own : otherwise;
}

// What its rule compares with, level by level.
std::string levelsOf(const Rule &rule, const std::string &unit)
{
    std::string out;
    for (const Level level : {Level::LowLow, Level::Low, Level::High, Level::HighHigh}) {
        const Node &settings = rule.settings[nameOf(level)];
        const std::string limit = settings.kind == Node::Kind::Scalar ? settings.scalar : settings.text("limit");
        if (!limit.empty())
            out += (out.empty() ? "" : ", ") + std::string(nameOf(level)) + " " + shown(limit)
                + (parseNumber(limit) && !unit.empty() ? " " + unit : "");
    }
    return out;
}

class Teller
{
public:
    Teller(const AlarmView &alarm, Time now, const ExplainWords &words)
        : m_alarm(alarm)
        , m_now(now)
        , m_words(words)
        , m_unit(shown(judgedUnit(*alarm.rule, words.unit)))
    {
    }
    std::vector<ExplainedFact> tell()
    {
        tellWhat();
        tellCondition();
        tellStanding();
        const Rule &rule = *m_alarm.rule;
        add(SG_TR("rule"), hex(rule.hash) + ", " + shown(rule.file) + ":" + std::to_string(rule.line));
        add(SG_TR("cause"), shown(rule.cause));
        add(SG_TR("do"), shown(rule.action));
        return std::move(m_facts);
    }

private:
    void add(const char *what, const std::string &text)
    {
        if (!text.empty())
            m_facts.push_back({what, text});
    }
    std::string say(const char *text, std::vector<std::string> args = {}) const { return m_words.say({text, std::move(args), {}}); }
    [[nodiscard]] std::string number(double value) const
    {
        const std::string text = formatNumber(value);
        return text.empty() || m_unit.empty() ? text : text + " " + m_unit;
    }
    // The sentence of a level ends with its limit.
    [[nodiscard]] std::string cause(const Error &sentence) const
    {
        const std::string text = shown(m_words.say(sentence));
        return m_alarm.rule->kind == "levels" && sentence.args.size() > 2 && !m_unit.empty() ? text + " " + m_unit : text;
    }
    std::string time(Time t) const { return t == NoTime ? "-" : m_words.clock(t); }
    std::string ago(Time t) const { return formatDuration(std::max(m_now - t, Micros{0})); }

    void tellWhat()
    {
        const Regions &r = m_alarm.regions;
        add(SG_TR("what"), say(SG_TR("%1, priority %2"), {shown(m_alarm.rule->name), nameOf(m_alarm.priority)}));
        if (r.occurrence != 0)
            add(SG_TR("occurrence"),
                say(SG_TR("%1, raised %2, found %3, seq %4"),
                    {hex(r.occurrence), time(r.raised), time(r.detected), std::to_string(r.seq)}));
    }

    void tellCondition()
    {
        const Regions &r = m_alarm.regions;
        add(SG_TR("condition"),
            say(wordOf(r.condition)) + (r.level > Level::On ? say(SG_TR(", level %1"), {nameOf(r.level)}) : std::string()));
        const std::string value = m_alarm.valueText.empty() ? number(m_alarm.value) : shown(m_alarm.valueText);
        add(SG_TR("value"),
            (value.empty() ? "-" : value)
                + (m_alarm.lastSample == NoTime
                       ? std::string()
                       : say(SG_TR(", newest since %1 (%2)"), {time(m_alarm.lastSample), ago(m_alarm.lastSample)})));
        const std::string limit = number(m_alarm.limit);
        add(SG_TR("limit"), limit.empty() ? levelsOf(*m_alarm.rule, m_unit) : limit);
        add(SG_TR("timer"), timer());
        add(SG_TR("because"), cause(m_alarm.because));
        if (const std::string was = cause(m_alarm.became); !was.empty())
            add(SG_TR("because"), say(SG_TR("%1 (then; it is over)"), {was}));
        const std::string why = shown(m_words.say(m_alarm.why));
        std::string quality = say(wordOf(r.quality)) + (why.empty() ? std::string() : ": " + why);
        if (m_alarm.isStale && !why.empty())
            quality += m_alarm.lastSample == NoTime ? std::string() : say(SG_TR("; last value %1"), {time(m_alarm.lastSample)});
        else if (m_alarm.isStale)
            quality += m_alarm.lastSample == NoTime ? say(SG_TR(", its source is lost; last value not known"))
                                                    : say(SG_TR(", its source is lost; last value %1"), {time(m_alarm.lastSample)});
        add(SG_TR("quality"), quality);
        add(SG_TR("message"), notesText(m_alarm.notes));
    }

    [[nodiscard]] std::string timer() const
    {
        const Regions &r = m_alarm.regions;
        const bool isOn = r.condition == ConditionRegion::PendingOn;
        if (r.t0 == NoTime || (!isOn && r.condition != ConditionRegion::PendingOff))
            return say(SG_TR("none runs"));
        const Micros delay
            = isOn ? delayOf(m_alarm, "on_delay", m_alarm.rule->onDelay) : delayOf(m_alarm, "off_delay", m_alarm.rule->offDelay);
        return say(isOn ? SG_TR("on delay since %1") : SG_TR("off delay since %1"), {time(r.t0)})
            + (delay > Micros{0} ? say(SG_TR(", of %1"), {formatDuration(delay)}) : std::string());
    }

    void tellStanding()
    {
        const Regions &r = m_alarm.regions;
        std::string who = m_alarm.suppressedBy.empty() ? std::string() : say(SG_TR(" by %1"), {shown(m_alarm.suppressedBy)});
        if (!who.empty() && !m_alarm.suppressedWhy.empty())
            who += ": " + shown(m_alarm.suppressedWhy);
        if (r.suppression & Shelved)
            add(SG_TR("shelved"), say(SG_TR("until %1"), {time(m_alarm.shelvedUntil)}) + who);
        if (r.suppression & OutOfServiceFlag)
            add(SG_TR("service"), say(SG_TR("out of service, permit %1"), {shown(m_alarm.permit)}) + who);
        if (r.suppression & SuppressedByDesign)
            add(SG_TR("suppressed"), say(SG_TR("by suppress_when of its rule: %1"), {shown(m_alarm.suppressedCause)}));
        if (!r.isEnabled && !who.empty())
            add(SG_TR("disabled"), who.substr(1));
        if (!m_alarm.note.empty())
            add(SG_TR("note"), time(m_alarm.notedAt) + " " + shown(m_alarm.notedBy) + ": " + shown(m_alarm.note));
        if (m_alarm.isFirstOut)
            add(SG_TR("first out"), say(SG_TR("the first of the open alarms of its area")));
        if (m_alarm.isChattering)
            add(SG_TR("chatters"), say(SG_TR("raised %1 times within a minute"), {std::to_string(m_alarm.raisesInMinute)}));
        if (m_alarm.lateBy > Micros{0})
            add(SG_TR("late"), say(SG_TR("found out %1 after it began"), {formatDuration(m_alarm.lateBy)}));
    }

    const AlarmView &m_alarm;
    const Time m_now;
    const ExplainWords &m_words;
    const std::string m_unit; // of what is judged
    std::vector<ExplainedFact> m_facts;
};

}

std::vector<ExplainedFact> explainAlarm(const AlarmView &alarm, Time now, const ExplainWords &words)
{
    return Teller(alarm, now, words).tell();
}

const char *meaningOf(std::string_view event)
{
    struct Meaning
    {
        const char *event, *text;
    };
    static constexpr Meaning all[] = {
        {"ESCALATED", SG_TR("it reached a higher level")},
        {"LOWERED", SG_TR("it fell to a lower level and is active still")},
        {"SUPERSEDED", SG_TR("it was raised again before anybody acknowledged: this occurrence ends, the next one goes on")},
        {"REALARMED", SG_TR("it was active for so long that it wants an acknowledgement again")},
        {"LATE_CLOSED", SG_TR("its data came late: it had begun and ended by then")},
        {"AMENDED", SG_TR("a late value would have decided otherwise; what was decided stays")},
        {"REDEFINED", SG_TR("its rule was changed: this occurrence ended with the old rule")},
        {"DELETED", SG_TR("its rule is gone, and the alarm with it")},
        {"RETIRED", SG_TR("what it watched is gone for good")},
        {"SHELF_OVER", SG_TR("the time on the shelf is over")},
        {"SUPPRESSED", SG_TR("another alarm, a state of the plant or the hour makes it silent")},
        {"RELEASED", SG_TR("what made it silent is over")},
        {"RESET", SG_TR("an operator let its latch go")},
        {"QUALITY", SG_TR("whether its value can be trusted changed")},
    };
    const auto found = std::find_if(std::begin(all), std::end(all), [&](const Meaning &one) { return event == one.event; });
    return found == std::end(all) ? "" : found->text;
}

std::string explainedUnit(const SeriesRow *series)
{
    return series != nullptr && series->tag ? series->tag->unit : std::string();
}

const SeriesRow *explainedSeries(const Snapshot &snapshot, const AlarmView &alarm)
{
    for (std::size_t n = 0; n < snapshot.series.size(); ++n)
        if (const SeriesRow &series = snapshot.series.at(n); series.path && *series.path == alarm.path)
            return &series;
    return nullptr;
}

std::vector<ExplainedSample> explainedSamples(const Snapshot &snapshot, const SeriesRow &series, const AlarmView &alarm)
{
    const Time at = alarm.regions.raised != NoTime ? alarm.regions.raised : snapshot.reference;
    std::vector<ExplainedSample> out;
    std::size_t after = 0;
    readRows(series.view, at - Before, at + After, [&](const Row &row) {
        if (row.t > at && ++after > MostSamplesAfter)
            return false;
        const std::string text = series.kind == ValueKind::State ? snapshot.textOf(row.value) : formatNumber(row.value);
        out.push_back({row.t, text, row.quality, row.t == at});
        if (row.t <= at && out.size() > MostSamplesBefore)
            out.erase(out.begin());
        return true;
    });
    return out;
}

JournalQuery explainedChain(const AlarmView &alarm)
{
    JournalQuery query;
    query.occurrence = alarm.regions.occurrence;
    if (query.occurrence == 0) {
        query.isNewestFirst = true;
        query.limit = MostLookedAt;
    }
    return query;
}

void keepExplainedChain(std::vector<JournalRow> &rows, const AlarmView &alarm)
{
    std::erase_if(rows,
                  [&](const JournalRow &row) { return row.rule != alarm.rule->id || row.key != alarm.key || row.field != alarm.field; });
    std::sort(rows.begin(), rows.end(), [](const JournalRow &a, const JournalRow &b) { return a.seq < b.seq; });
}

}
