#include "engine/backtest.h"

#include "alarms/alarmengine.h"
#include "core/selector.h"
#include "core/times.h"
#include "engine/backtestmerge.h"
#include "engine/backteststanding.h"
#include "engine/staging.h"
#include "engine/texttable.h"
#include "store/columns.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace sg {

namespace {

constexpr std::size_t GroupRows = 4096; // that the engine gets at once
constexpr Micros GroupTime = std::chrono::seconds(1);
constexpr Micros LeastMemory = std::chrono::minutes(1);
constexpr auto ProgressEvery = std::chrono::milliseconds(100);
constexpr std::uint64_t MostSteps = 2'000'000'000; // of timers; beyond it a run could go on for ever

// The time of the readings is the reference clock: what lives is heard at once, what is lost stands still at its newest reading.
class ReplayClock final : public EventClock
{
public:
    ReplayClock(std::vector<std::uint32_t> sourceOfSeries, std::vector<std::string> sources)
        : m_sourceOf(std::move(sourceOfSeries))
        , m_names(std::move(sources))
        , m_newest(m_sourceOf.size(), NoTime)
        , m_isLost(m_names.size(), false)
    {
    }

    void note(SeriesId series, Time t) { m_newest[number(series)] = t; }
    void set(const BacktestStanding::Event &event)
    {
        for (std::size_t i = 0; i < m_names.size(); ++i)
            if (event.source.empty() || event.source == m_names[i])
                m_isLost[i] = event.isLost;
    }
    [[nodiscard]] bool isAllLost() const
    {
        return !m_isLost.empty() && std::all_of(m_isLost.begin(), m_isLost.end(), [](bool is) { return is; });
    }

    [[nodiscard]] Time at(SeriesId series, Time now) const override
    {
        return m_isLost[m_sourceOf[number(series)]] ? m_newest[number(series)] : now;
    }
    [[nodiscard]] Time reaches(SeriesId series, Time deadline, Time now) const override
    {
        return m_isLost[m_sourceOf[number(series)]] ? now + std::chrono::seconds(1) : std::max(now, deadline);
    }
    [[nodiscard]] bool isCatchingUp(SeriesId) const override { return false; }
    [[nodiscard]] bool isSourceLost(std::string_view source) const override
    {
        for (std::size_t i = 0; i < m_names.size(); ++i)
            if (m_names[i] == source)
                return m_isLost[i];
        return false;
    }

private:
    const std::vector<std::uint32_t> m_sourceOf; // by number(SeriesId)
    const std::vector<std::string> m_names;
    std::vector<Time> m_newest; // by number(SeriesId)
    std::vector<bool> m_isLost; // by source
};

bool isLookedAt(const RuleSet &rules, std::string_view path)
{
    for (const auto &rule : rules.rules) {
        if (isAbout(*rule, path))
            return true;
        for (const RuleInput &input : rule->inputs)
            if (input.series && input.series->matches(path))
                return true;
    }
    return false;
}

class Run
{
public:
    Run(const Workspace &workspace, const BacktestData &data, const BacktestOptions &options)
        : m_workspace(workspace)
        , m_data(data)
        , m_options(options)
        , m_engine(
              [this](double code) {
                  const auto text = m_texts.text(code);
                  return text ? *text : std::string();
              },
              [this](std::string_view text) { return std::optional(m_texts.code(text)); })
    {
    }

    Result<BacktestResult> run()
    {
        const Mono began = Mono::clock::now();
        if (auto chosen = choose(); !chosen)
            return chosen.error();
        setRange();
        start();
        replay();
        finish();
        m_result.seconds = std::chrono::duration<double>(Mono::clock::now() - began).count();
        return std::move(m_result);
    }

private:
    Result<Done> choose()
    {
        m_rules = m_workspace.rules ? m_workspace.rules : std::make_shared<const RuleSet>();
        if (m_options.rule.empty())
            return Done();
        m_rules = withInputs(*m_rules, m_options.rule);
        if (!m_rules)
            return Error{SG_TR("there is no rule '%1' that could be run"), {m_options.rule}, {}};
        return Done();
    }

    void setRange()
    {
        std::set<std::string, std::less<>> names;
        Time first = Time::max(), last = NoTime;
        for (const BacktestSeries &series : m_data.series) {
            if (!isLookedAt(*m_rules, series.path))
                continue;
            m_series.push_back(&series);
            names.emplace(sourceOf(series.path));
            if (const auto extent = extentOf(series.view)) {
                first = std::min(first, extent->first);
                last = std::max(last, extent->second);
            }
        }
        const bool isEmpty = first > last;
        if (isEmpty) {
            m_result.troubles.push_back({SG_TR("no reading is known of any series that the rules watch"), {}, {}});
            first = last = m_options.from != NoTime ? m_options.from : Epoch;
        }
        m_result.from = m_options.from != NoTime ? m_options.from : first;
        m_result.to = m_options.to != Time::max() ? m_options.to : std::max(m_data.end, last + Micros(1));
        m_result.to = std::max(m_result.to, m_result.from);
        Micros memory = LeastMemory;
        for (const auto &rule : m_rules->rules)
            memory = std::max(memory, memoryOf(*m_rules, *rule));
        m_start = std::max(first, m_result.from - memory);
        m_start = std::min(m_start, m_result.to);
        if (!isEmpty && first > m_result.from)
            m_result.troubles.push_back({SG_TR("nothing is known before %1"), {formatUtc(first)}, {}});
        m_standing = standingOf(m_data.standing, names, std::clamp(first, m_result.from, m_result.to), m_result.to);
        m_result.notHeard = m_standing.notHeard;
        m_result.watched = m_standing.watched;
        m_result.troubles.insert(m_result.troubles.end(), m_data.troubles.begin(), m_data.troubles.end());
        m_sources.assign(names.begin(), names.end());
    }

    void start()
    {
        m_texts.restore(m_data.texts);
        m_waiting.resize(m_series.size());
        std::vector<std::uint32_t> sourceOfSeries;
        for (std::size_t i = 0; i < m_series.size(); ++i) {
            const std::string &path = m_series[i]->path;
            const auto source = std::lower_bound(m_sources.begin(), m_sources.end(), sourceOf(path));
            sourceOfSeries.push_back(static_cast<std::uint32_t>(source - m_sources.begin()));
            m_isOnArrival.push_back(std::any_of(m_rules->rules.begin(), m_rules->rules.end(), [&](const auto &rule) {
                const ConditionKind *kind = conditionKind(rule->kind);
                return kind && kind->isOnArrival && isAbout(*rule, path);
            }));
            if (const KeyLabels labels = labelsOf(path, m_workspace.pathLabels);
                !labels.empty() || segmentsOf(path).size() == 2) // else the source has other labels by now
                m_engine.bind(SeriesId(i), path, m_series[i]->kind, labels);
            const auto gap = m_standing.lastGap.find(sourceOf(path));
            m_lastGap.push_back(gap == m_standing.lastGap.end() ? NoTime : gap->second);
        }
        m_clock.emplace(std::move(sourceOfSeries), m_sources);
        m_now = m_start;
        m_engine.apply(m_rules, m_workspace.tags ? m_workspace.tags : std::make_shared<const Tags>(), m_now);
        // Sources live before they say something: what is bound now was heard of before.
        while (m_event < m_standing.events.size() && m_standing.events[m_event].t <= m_start)
            m_clock->set(m_standing.events[m_event++]);
        m_engine.elapse(*m_clock, m_now);
        // What held when the run begins, else the first reading of a silent series were the beginning of everything.
        for (std::size_t i = 0; i < m_series.size(); ++i)
            if (const auto row = rowAt(m_series[i]->view, m_start - Micros(1)))
                add(SeriesId(i), *row);
        flush(m_now);
    }

    void replay()
    {
        std::vector<BacktestMerge::Input> inputs;
        for (std::size_t i = 0; i < m_series.size(); ++i)
            inputs.push_back({SeriesId(i), &m_series[i]->view});
        BacktestMerge merge(std::move(inputs), m_start, m_result.to);
        Mono nextProgress = Mono::clock::now();
        while (!merge.isEmpty() && !m_result.isStopped) {
            const Time t = merge.next();
            passTo(t);
            // All of one instant go together, and no more than the engine may see as of one "now".
            Time last = t;
            bool isAlone = false;
            const Time until = std::min(t + GroupTime, m_event < m_standing.events.size() ? m_standing.events[m_event].t : Time::max());
            while (!merge.isEmpty() && !isAlone && (merge.next() == last || (merge.next() < until && m_group.size() < GroupRows))) {
                // What is judged by its arrival needs its own "now".
                last = merge.next();
                do {
                    const BacktestMerge::Item item = merge.take();
                    isAlone = isAlone || m_isOnArrival[number(item.series)];
                    if (!isOfGap(item))
                        add(item.series, item.row);
                } while (!merge.isEmpty() && merge.next() == last);
            }
            flush(last);
            if (m_book.size() >= m_options.mostOccurrences)
                stopWhenAsked();
            if (const Mono now = Mono::clock::now(); now >= nextProgress) {
                nextProgress = now + ProgressEvery;
                tell();
                stopWhenAsked();
            }
        }
        if (!m_result.isStopped)
            passTo(m_result.to);
        flush(m_now);
        m_result.reached = m_result.isStopped ? std::min(m_now, m_result.to) : m_result.to;
        tell();
    }

    // What Evaluator::noteGap() puts behind the newest reading, so that charts end their lines there: no alarm ever saw it.
    [[nodiscard]] bool isOfGap(const BacktestMerge::Item &item) const
    {
        return item.wasFinite && item.row.quality == Quality::Bad && std::isnan(item.row.value) && item.row.t == item.before + Micros(1)
            && m_lastGap[number(item.series)] != NoTime && item.row.t <= m_lastGap[number(item.series)] + std::chrono::seconds(10);
    }

    void add(SeriesId series, const Row &row)
    {
        Sample sample;
        sample.series = series;
        sample.t = sample.stamp = row.t;
        sample.value = row.value;
        sample.quality = row.quality;
        // What came too late was held against what had been decided by then, and so it is here: behind the next one in order.
        std::vector<Sample> &late = m_waiting[number(series)];
        if (row.isLate) {
            late.push_back(sample);
            return;
        }
        m_group.push_back(sample);
        m_clock->note(series, row.t);
        if (!late.empty()) {
            m_late.insert(m_late.end(), late.begin(), late.end());
            late.clear();
        }
    }

    void flush(Time now)
    {
        m_now = std::max(m_now, now);
        if (!m_group.empty()) {
            m_result.samples += m_group.size() + m_late.size();
            m_engine.advance({m_group, m_late, *m_clock, m_now});
            m_group.clear();
            m_late.clear();
        }
        if (m_engine.isTransitionPending() || ++m_uncollected >= 4096)
            collect();
    }

    void collect()
    {
        m_uncollected = 0;
        for (const JournalRow &row : m_engine.takeRows())
            if (m_options.rule.empty() || row.rule == m_options.rule)
                m_book.take(row);
        static_cast<void>(m_engine.takeChanged());
    }

    // Timers and what happened to sources, each at its own time.
    void passTo(Time t)
    {
        while (true) {
            const bool hasEvent = m_event < m_standing.events.size() && m_standing.events[m_event].t <= t;
            elapseTo(hasEvent ? m_standing.events[m_event].t : t);
            if (!hasEvent)
                return;
            m_clock->set(m_standing.events[m_event++]);
            m_engine.elapse(*m_clock, m_now);
        }
    }

    void elapseTo(Time t)
    {
        // While nothing is heard no timer can end anything; asking them every second would only take time.
        while (!m_clock->isAllLost()) {
            const auto due = m_engine.due();
            if (!due)
                break;
            Time when = std::max(*due, m_now);
            if (when == m_now && m_wasElapsed)
                when += Millis(1); // a clock that cannot be reached yet asks again at once: time must move all the same
            if (when >= t)
                break;
            m_now = when;
            m_wasElapsed = true;
            m_engine.elapse(*m_clock, m_now);
            if (m_engine.isTransitionPending())
                collect();
            if (++m_steps % 65'536 == 0)
                stopWhenAsked();
            if (m_result.isStopped || m_steps > MostSteps)
                return;
        }
        if (t > m_now)
            m_wasElapsed = false;
        m_now = std::max(m_now, t);
    }

    void stopWhenAsked()
    {
        if (m_book.size() >= m_options.mostOccurrences && !m_result.isStopped)
            m_result.troubles.push_back({SG_TR("more than %1 occurrences: ended at %2; ask for a shorter range or one rule"),
                                         {std::to_string(m_options.mostOccurrences), formatUtc(m_now)},
                                         {}});
        m_result.isStopped = m_result.isStopped || m_options.stop.stop_requested() || m_book.size() >= m_options.mostOccurrences;
    }

    void tell() const
    {
        if (!m_options.progress)
            return;
        const double whole = std::chrono::duration<double>(m_result.to - m_start).count();
        const double done = std::chrono::duration<double>(std::min(m_now, m_result.to) - m_start).count();
        m_options.progress({m_result.isStopped || whole > 0 ? std::min(1.0, done / whole) : 1.0, m_now, m_result.samples, m_book.size()});
    }

    void finish()
    {
        collect();
        std::map<std::string, BacktestRule, std::less<>> byRule;
        const double days = std::chrono::duration<double>(m_result.watched).count() / 86400;
        for (Occurrence &one : m_book.takeAll()) {
            if (one.begin >= m_result.to || (one.end != NoTime && one.end <= m_result.from && one.begin < m_result.from))
                continue;
            BacktestRule &rule = byRule[one.rule];
            const Time end = one.end == NoTime ? m_result.reached : std::min(one.end, m_result.reached);
            rule.active += std::max(Micros(0), end - std::max(one.begin, m_result.from));
            if (one.begin < m_result.from) {
                ++m_result.alreadyActive;
                continue;
            }
            ++rule.occurrences;
            rule.stillActive += one.end == NoTime ? 1 : 0;
            m_result.occurrences.push_back(std::move(one));
        }
        std::stable_sort(m_result.occurrences.begin(), m_result.occurrences.end(),
                         [](const Occurrence &a, const Occurrence &b) { return a.begin < b.begin; });
        for (const auto &rule : m_rules->rules) {
            if (!m_options.rule.empty() && rule->id != m_options.rule)
                continue;
            BacktestRule &row = m_result.rules.emplace_back(byRule[rule->id]);
            row.rule = rule->id;
            row.name = rule->name;
            row.aDay = days > 0 ? static_cast<double>(row.occurrences) / days : 0;
        }
    }

    static constexpr Time Epoch{};

    const Workspace &m_workspace;
    const BacktestData &m_data;
    const BacktestOptions &m_options;
    std::shared_ptr<const RuleSet> m_rules;
    std::vector<const BacktestSeries *> m_series; // by number(SeriesId): those that a rule looks at
    std::vector<std::string> m_sources; // of them, sorted
    std::vector<bool> m_isOnArrival; // by series: judged by arrival
    std::vector<Time> m_lastGap; // by series
    BacktestStanding m_standing;
    std::size_t m_event = 0; // of the standing, next
    TextTable m_texts;
    std::optional<ReplayClock> m_clock;
    AlarmEngine m_engine;
    OccurrenceBook m_book;
    std::vector<Sample> m_group, m_late; // of one step
    std::vector<std::vector<Sample>> m_waiting; // by series: late ones, until the next in order
    Time m_start{}, m_now{};
    std::size_t m_uncollected = 0;
    std::uint64_t m_steps = 0;
    bool m_wasElapsed = false;
    BacktestResult m_result;
};

// Everything in a rule's settings that makes the past count.
Micros durationsIn(const Node &node)
{
    Micros all{0};
    for (const auto &[key, value] : node.map) {
        if (value.kind == Node::Kind::Map) {
            all += durationsIn(value);
            continue;
        }
        for (const char *name : {"over", "timeout", "grace", "older_than", "stuck", "within", "warmup", "on_delay", "off_delay", "settle"})
            if (key == name)
                if (const auto duration = parseDuration(value.scalar); duration && duration->count() > 0)
                    all += *duration;
    }
    return all;
}

Micros memoryOf(const RuleSet &rules, const Rule &rule, int depth)
{
    constexpr int Deepest = 16; // the workspace refuses circles
    Micros inputs{0};
    for (const RuleInput &input : rule.inputs)
        for (const auto &other : rules.rules)
            if (!input.rule.empty() && other->id == input.rule && depth < Deepest)
                inputs = std::max(inputs, memoryOf(rules, *other, depth + 1));
    return durationsIn(rule.settings) + inputs;
}

}

Micros memoryOf(const RuleSet &rules, const Rule &rule)
{
    return memoryOf(rules, rule, 0);
}

Result<BacktestResult> runBacktest(const Workspace &workspace, const BacktestData &data, const BacktestOptions &options)
{
    return Run(workspace, data, options).run();
}

}
