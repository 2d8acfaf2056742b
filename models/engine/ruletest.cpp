#include "engine/ruletest.h"

#include "core/selector.h"
#include "core/text.h"
#include "core/times.h"
#include "engine/evaluator.h"
#include "engine/rulechoice.h"

#include <algorithm>
#include <filesystem>
#include <random>

namespace sg {

namespace {

constexpr Time Epoch{std::chrono::seconds(1'767'225'600)}; // 2026-01-01: a full minute, hour and day
constexpr Mono MonoEpoch{std::chrono::hours(1000)};
constexpr std::size_t MaxSteps = 2'000'000; // of timers; beyond it a test could go on for ever
constexpr std::size_t MaxDiffLines = 2000; // of each side

// "12s", "1min 30s" as one word: what a test file says and a diff shows.
std::string word(Micros at)
{
    if (at.count() % 60'000'000 == 0 && at.count() != 0)
        return std::to_string(at.count() / 60'000'000) + "min";
    return formatNumber(static_cast<double>(at.count()) / 1e6) + "s";
}

std::string squeezed(const std::string &text)
{
    std::string out;
    for (const char c : text)
        if (c != ' ' || (!out.empty() && out.back() != ' '))
            out += c;
    while (out.ends_with(' '))
        out.pop_back();
    return out;
}

// "1m" and "60s" are one time: the first word of a line of the expected journal as the actual one writes it.
std::string asWritten(const std::string &line)
{
    const std::string plain = squeezed(line);
    const std::size_t end = std::min(plain.find(' '), plain.size());
    const auto at = parseDuration(plain.substr(0, end));
    return at ? word(*at) + plain.substr(end) : plain;
}

std::string lineOf(const JournalRow &row)
{
    std::string line = word(row.tDetect - Epoch) + " " + row.event + " " + row.rule + " " + row.key;
    if (!row.field.empty())
        line += "/" + row.field;
    return row.level.empty() ? line : line + " " + row.level;
}

// The longest common subsequence, as everybody knows it from diff -u: "- " expected and missing, "+ " there and not expected.
std::string diffOf(const std::vector<std::string> &wanted, const std::vector<std::string> &is)
{
    const std::size_t n = std::min(wanted.size(), MaxDiffLines), m = std::min(is.size(), MaxDiffLines);
    std::vector<std::vector<std::uint16_t>> common(n + 1, std::vector<std::uint16_t>(m + 1, 0));
    for (std::size_t i = n; i-- > 0;)
        for (std::size_t j = m; j-- > 0;)
            common[i][j]
                = wanted[i] == is[j] ? static_cast<std::uint16_t>(common[i + 1][j + 1] + 1) : std::max(common[i + 1][j], common[i][j + 1]);
    std::string out;
    std::size_t i = 0, j = 0;
    while (i < n || j < m) {
        if (i < n && j < m && wanted[i] == is[j]) {
            out += "\n    " + wanted[i];
            ++i, ++j;
        } else if (i < n && (j == m || common[i + 1][j] >= common[i][j + 1])) {
            out += "\n  - " + wanted[i++];
        } else {
            out += "\n  + " + is[j++];
        }
    }
    return out;
}

class TestRun
{
public:
    TestRun(const Workspace &workspace, const RuleTest &test)
        : m_test(test)
        , m_workspace(std::make_shared<Workspace>(workspace))
    {
    }

    RuleTestOutcome run()
    {
        if (!chooseRules() || !checkPaths())
            return std::move(m_outcome);
        if (!m_test.restarts.empty() && !openState())
            return std::move(m_outcome);
        start(Micros(0), {});
        for (const Thing &thing : things()) {
            passTo(thing.at);
            if (m_isStuck)
                return std::move(m_outcome);
            does(thing);
        }
        passTo(m_test.end);
        collect(m_test.end);
        if (m_test.journal && !m_isStuck)
            compareJournal();
        return std::move(m_outcome);
    }

private:
    // At one time: what arrives, then restarts, actions, and looks at the states.
    struct Thing
    {
        Micros at{0};
        enum class Kind : std::uint8_t { Sample, Restart, Action, State } kind = Kind::Sample;
        std::size_t series = 0, index = 0;
    };

    void fail(const std::string &place, const std::string &text)
    {
        m_outcome.failures.push_back((place.empty() ? m_test.place : place) + ": " + text);
    }

    // The rules that the test names, and those whose alarms they look at.
    bool chooseRules()
    {
        if (m_test.rules.empty() || !m_workspace->rules)
            return true;
        RuleChoice choice = sg::chooseRules(*m_workspace->rules, m_test.rules);
        if (!choice.missing.empty()) {
            fail({}, "there is no rule '" + shown(choice.missing.front()) + "'");
            return false;
        }
        m_workspace->rules = std::move(choice.rules);
        return true;
    }

    bool checkPaths()
    {
        for (const RuleTestSeries &series : m_test.series) {
            const auto labels = m_workspace->pathLabels.find(std::string(sourceOf(series.path)));
            if (labels == m_workspace->pathLabels.end())
                fail({}, "series " + shown(series.path) + ": there is no source '" + shown(sourceOf(series.path)) + "'");
            else if (segmentsOf(series.path).size() != labels->second.size() + 2)
                fail({},
                     "series " + shown(series.path) + ": source '" + labels->first + "' has source + "
                         + std::to_string(labels->second.size()) + " labels + field");
        }
        return m_outcome.failures.empty();
    }

    bool openState()
    {
        std::error_code failed;
        std::random_device random;
        const auto folder
            = std::filesystem::temp_directory_path(failed) / ("sightglass-ruletest-" + hex((std::uint64_t(random()) << 32U) | random()));
        StateOptions options;
        options.isTemporary = true;
        options.isSynchronous = false; // the file only carries the state from one Evaluator to the next
        auto file = StateFile::open(folder.string(), options);
        if (!file) {
            fail({}, file.error().plain());
            return false;
        }
        m_file = std::move(*file);
        return true;
    }

    void start(Micros at, Saved saved)
    {
        m_evaluator = std::make_unique<Evaluator>(mono(at), Epoch + at);
        m_evaluator->restore(std::move(saved));
        m_evaluator->apply(m_workspace, true, "test", "start", mono(at));
        m_sources.clear();
        for (const auto &[id, labels] : m_workspace->pathLabels) {
            SourceSpec spec;
            for (const SourceSpec &known : m_workspace->sources)
                if (known.id == id)
                    spec.lateness = known.lateness;
            spec.id = id;
            spec.kind = "test";
            const SourceId source = m_evaluator->open(spec, true);
            SourceStatus status;
            status.state = SourceStatus::State::Live;
            m_evaluator->noteStatus(source, status, mono(at));
            m_sources[id] = source;
        }
        m_isNamed.assign(m_test.series.size(), false);
        m_textCount.clear();
    }

    [[nodiscard]] std::vector<Thing> things() const
    {
        std::vector<Thing> all;
        for (std::size_t s = 0; s < m_test.series.size(); ++s)
            for (std::size_t i = 0; i < m_test.series[s].samples.size(); ++i)
                all.push_back({m_test.series[s].samples[i].arrives, Thing::Kind::Sample, s, i});
        for (std::size_t i = 0; i < m_test.restarts.size(); ++i)
            all.push_back({m_test.restarts[i], Thing::Kind::Restart, 0, i});
        for (std::size_t i = 0; i < m_test.actions.size(); ++i)
            all.push_back({m_test.actions[i].at, Thing::Kind::Action, 0, i});
        for (std::size_t i = 0; i < m_test.states.size(); ++i)
            all.push_back({m_test.states[i].at, Thing::Kind::State, 0, i});
        std::stable_sort(all.begin(), all.end(),
                         [](const Thing &a, const Thing &b) { return std::tie(a.at, a.kind) < std::tie(b.at, b.kind); });
        return all;
    }

    // Every timer at its own time.
    void passTo(Micros at)
    {
        while (const auto due = m_evaluator->due()) {
            const Micros when = std::max(std::chrono::ceil<Micros>(*due - MonoEpoch), m_now);
            if (when > at)
                break;
            if (++m_steps > MaxSteps) {
                fail({}, "more than " + std::to_string(MaxSteps) + " timer steps; the test is given up");
                m_isStuck = true;
                return;
            }
            // A clock that cannot be reached yet asks again at once: time must move all the same.
            m_now = when == m_now && m_isElapsed ? std::min(at, when + Millis(1)) : when;
            m_isElapsed = true;
            m_evaluator->elapse(mono(m_now), Epoch + m_now);
            if (m_now == at)
                break;
        }
        if (at > m_now)
            m_isElapsed = false;
        m_now = std::max(m_now, at);
        m_evaluator->elapse(mono(m_now), Epoch + m_now);
    }

    void does(const Thing &thing)
    {
        switch (thing.kind) {
        case Thing::Kind::Sample:
            send(thing);
            m_evaluator->elapse(mono(thing.at), Epoch + thing.at);
            break;
        case Thing::Kind::Restart:
            restart(thing.at);
            break;
        case Thing::Kind::Action:
            act(m_test.actions[thing.index]);
            break;
        case Thing::Kind::State:
            compareState(m_test.states[thing.index]);
            break;
        }
        collect(thing.at);
    }

    void send(const Thing &thing)
    {
        const RuleTestSeries &series = m_test.series[thing.series];
        const RuleTestSample &sample = series.samples[thing.index];
        const std::string source(sourceOf(series.path));
        Batch batch;
        const auto local = LocalId(thing.series);
        if (!m_isNamed[thing.series])
            batch.newSeries.push_back({local, series.path, series.kind});
        m_isNamed[thing.series] = true;
        double value = sample.value;
        if (!sample.text.empty() && series.kind == ValueKind::State) {
            auto &codes = m_textCount[source];
            const auto [known, isNew] = codes.try_emplace(sample.text, static_cast<std::uint32_t>(codes.size()));
            if (isNew)
                batch.newTexts.push_back({known->second, sample.text});
            value = known->second;
        }
        batch.arrival = mono(thing.at);
        batch.series = {local};
        batch.stamp = {Epoch + sample.t};
        batch.value = {value};
        batch.quality = {sample.quality};
        batch.isLive = {1};
        batch.offset = {-1};
        batch.runs = {{0, "test"}};
        m_evaluator->take(m_sources.at(source), std::move(batch));
    }

    // Killed after its last commit, and started on what the state holds.
    void restart(Micros at)
    {
        collect(at);
        m_evaluator.reset();
        auto saved = m_file->load();
        if (!saved) {
            fail({}, saved.error().plain());
            saved = Saved();
        }
        start(at, std::move(*saved));
    }

    static std::string pathOf(const AlarmView &view) { return view.field.empty() ? view.key : view.key + "/" + view.field; }

    [[nodiscard]] std::vector<AlarmView> views(const std::string &rule, const std::string &path)
    {
        std::vector<AlarmView> out;
        const auto snapshot = m_evaluator->snapshot(mono(m_now));
        for (std::size_t i = 0; i < snapshot->alarms.size(); ++i) {
            const AlarmView &view = snapshot->alarms.at(i).alarm;
            if (view.rule && (rule.empty() || view.rule->id == rule) && (path.empty() || pathOf(view) == path || view.key == path))
                out.push_back(view);
        }
        return out;
    }

    void act(const RuleTestAction &wanted)
    {
        OperatorAction action;
        action.verb = wanted.verb;
        action.actor = wanted.by;
        action.reason = action.permit = wanted.reason;
        if (wanted.lasts)
            action.until = Epoch + wanted.at + *wanted.lasts;
        for (const AlarmView &view : views(wanted.rule, wanted.path))
            if (view.regions.occurrence != 0)
                action.shown.push_back({view.regions.occurrence, view.regions.seq});
        const Outcome outcome = m_evaluator->act(action, mono(wanted.at));
        if (!outcome.isDone)
            fail({}, "the action at " + word(wanted.at) + " was refused: " + outcome.says.plain());
    }

    void compareState(const RuleTestState &wanted)
    {
        const auto found = views(wanted.rule, wanted.path);
        const std::string at = "at " + word(wanted.at) + " " + shown(wanted.rule) + " " + shown(wanted.path);
        const std::string want = wanted.state + (wanted.level.empty() ? "" : " " + wanted.level);
        if (found.empty())
            return fail(wanted.place, at + ": expected '" + shown(want) + "', there is no such alarm");
        for (const AlarmView &view : found) {
            std::string is = nameOf(project(view.regions));
            if (!wanted.level.empty())
                is += std::string(" ") + nameOf(view.regions.level);
            if (is != want)
                fail(wanted.place,
                     at + (wanted.path.empty() ? shown(pathOf(view)) : "") + ": expected '" + shown(want) + "', is '" + is + "'");
        }
    }

    void collect(Micros at)
    {
        const bool isKept = m_file != nullptr;
        if (!isKept && !m_evaluator->isTransitionPending() && at < m_test.end && ++m_uncollected < 256)
            return; // gathering is dear, and nothing happened
        m_uncollected = 0;
        const Commit commit = m_evaluator->collect(mono(at));
        for (const JournalRow &row : commit.journal)
            if (!row.key.empty())
                m_journal.push_back(lineOf(row));
        if (!isKept)
            return;
        if (const auto written = m_file->write(commit); !written)
            fail({}, written.error().plain());
        m_evaluator->noteCommitted(commit.journal.size(), m_file->history());
    }

    void compareJournal()
    {
        std::vector<std::string> wanted;
        for (const std::string &line : *m_test.journal)
            wanted.push_back(asWritten(line));
        if (wanted != m_journal)
            fail(m_test.journalPlace, "the journal is another one (- expected, + is):" + diffOf(wanted, m_journal));
    }

    static Mono mono(Micros at) { return MonoEpoch + at; }

    const RuleTest &m_test;
    std::shared_ptr<Workspace> m_workspace;
    std::unique_ptr<StateFile> m_file;
    std::unique_ptr<Evaluator> m_evaluator;
    std::map<std::string, SourceId> m_sources;
    std::vector<bool> m_isNamed; // by index of the series: the source named it to this evaluator
    std::map<std::string, std::map<std::string, std::uint32_t>> m_textCount; // of a source: text -> code
    std::vector<std::string> m_journal;
    RuleTestOutcome m_outcome;
    Micros m_now{0};
    std::size_t m_steps = 0, m_uncollected = 0;
    bool m_isElapsed = false, m_isStuck = false;
};

}

RuleTestOutcome runRuleTest(const Workspace &workspace, const RuleTest &test)
{
    return TestRun(workspace, test).run();
}

}
