#pragma once

#include "engine/evaluator.h"

#include <QTemporaryDir>

namespace sg::test {

// One evaluator on a state file, driven by hand: time is what the test says.
class Bench
{
public:
    explicit Bench(std::string rulesYaml, Micros lateness = Micros(0), Evaluator::Limits limits = {}, StateOptions options = {})
        : m_rulesYaml(std::move(rulesYaml))
        , m_lateness(lateness)
        , m_limits(limits)
        , m_options(options)
    {
        start();
    }

    // Kill: what was not committed is gone. Then a new evaluator on what the file holds.
    void killAndRestart(bool isLive = true)
    {
        kill();
        restart(isLive);
    }
    void kill()
    {
        m_evaluator.reset();
        m_file.reset();
    }
    void restart(bool isLive = true) { start(isLive); }
    void live(double at) { status(SourceStatus::State::Live, at); }
    void lost(double at) { status(SourceStatus::State::Lost, at); }
    void status(SourceStatus::State state, double at, std::uint64_t messages = 0, std::uint64_t unreadable = 0)
    {
        SourceStatus status;
        status.state = state;
        status.messages = messages;
        status.decodeErrors = unreadable;
        m_evaluator->noteStatus(m_source, status, mono(at));
    }

    // A row of press/L1/P-01/FIELD that reaches us `at` seconds after the start with this stamp (seconds too).
    void row(const char *field, double at, double stamp, double value, Quality quality = Quality::Good, std::int64_t offset = -1)
    {
        Batch batch;
        const std::string path = std::string("press/L1/P-01/") + field;
        auto [known, isNew] = m_local.try_emplace(path, LocalId(m_local.size()));
        if (isNew || m_isFresh.insert(path).second)
            batch.newSeries.push_back({known->second, path, ValueKind::Number});
        batch.arrival = mono(at);
        batch.series = {known->second};
        batch.stamp = {time(stamp)};
        batch.value = {value};
        batch.quality = {quality};
        batch.isLive = {1};
        batch.offset = {offset};
        batch.runs = {{0, "t/0"}};
        if (offset >= 0)
            batch.after["t/0"] = std::to_string(offset + 1);
        m_evaluator->take(m_source, std::move(batch));
    }
    void take(Batch &&batch) { m_evaluator->take(m_source, std::move(batch)); }
    void mark(Mark mark, double at)
    {
        Batch batch;
        batch.arrival = mono(at);
        batch.marks.emplace_back(0, std::move(mark));
        m_evaluator->take(m_source, std::move(batch));
    }
    void elapse(double at) { m_evaluator->elapse(mono(at), time(at)); }
    Outcome act(OperatorAction action, double at) { return m_evaluator->act(action, mono(at)); }
    std::shared_ptr<const Snapshot> snapshot(double at) { return m_evaluator->snapshot(mono(at)); }
    bool commit(double at)
    {
        const Commit commit = m_evaluator->collect(mono(at));
        if (!m_file->write(commit))
            return false;
        m_evaluator->noteCommitted(commit.journal.size(), m_file->history());
        return true;
    }
    StateFile &file() { return *m_file; }
    const std::vector<Error> &troubles() const { return m_troubles; } // of the last start
    // Of the next start.
    std::map<std::string, std::vector<std::string>> pathLabels{{"press", {"line", "device"}}};
    HistoryBounds history;
    std::string declaration; // of the source, as YAML
    Roles roles;
    void setRules(std::string yaml) { m_rulesYaml = std::move(yaml); }
    std::shared_ptr<Workspace> workspace() const { return workspaceOf(m_rulesYaml); }
    bool closesAlarmsAtStart = true;
    std::function<std::shared_ptr<const Workspace>(const std::string &stateFolder)> workspaceMaker; // instead of the rules' yaml
    std::string position() { return m_evaluator->positionsOf("press")["t/0"]; }
    Evaluator &evaluator() { return *m_evaluator; }

    // The journal's compared columns, oldest first, of alarm records only.
    std::vector<std::string> journal()
    {
        std::vector<std::string> out;
        const auto reader = StateReader::open(folder());
        const auto rows = (*reader)->journal({});
        for (const JournalRow &row : *rows)
            if (!row.key.empty())
                out.push_back(row.event + " " + row.rule + " " + row.key + " " + row.from + ">" + row.to + " "
                              + std::to_string((row.tStamp - time(0)).count()) + " " + std::to_string(row.occurrence));
        return out;
    }
    std::vector<JournalRow> rows()
    {
        const auto reader = StateReader::open(folder());
        auto all = (*reader)->journal({});
        return std::move(*all);
    }

    static Time time(double seconds) { return Time(std::chrono::seconds(1'790'000'000)) + Micros(std::llround(seconds * 1e6)); }
    static Mono mono(double seconds) { return Mono(std::chrono::seconds(1'000'000)) + Micros(std::llround(seconds * 1e6)); }

    std::string folder() const { return m_folder.path().toStdString(); }

private:
    // As the reader of rules/*.yaml does it, without files.
    std::shared_ptr<Workspace> workspaceOf(const std::string &yaml) const
    {
        auto workspace = std::make_shared<Workspace>();
        workspace->name = "bench";
        workspace->pathLabels = pathLabels;
        workspace->history = history;
        workspace->roles = roles;
        workspace->tags = std::make_shared<Tags>();
        auto rules = std::make_shared<RuleSet>();
        const auto root = parseYaml(yaml, "rules/bench.yaml");
        if (!root)
            qFatal("%s", root.error().plain().c_str());
        for (const Node &item : (*root)["rules"].list) {
            RuleSurroundings around;
            around.pathLabels = &workspace->pathLabels;
            auto rule = readRule(item, (*root)["defaults"], item.text("id"), around);
            if (!rule)
                qFatal("%s", rule.error().plain().c_str());
            rules->rules.push_back(*rule);
        }
        workspace->rules = rules;
        return workspace;
    }
    void start(bool isLive = true)
    {
        const std::shared_ptr<const Workspace> workspace
            = workspaceMaker ? workspaceMaker(folder()) : std::shared_ptr<const Workspace>(workspaceOf(m_rulesYaml));
        auto file = StateFile::open(folder(), m_options);
        if (!file)
            qFatal("%s", file.error().plain().c_str());
        m_file = std::move(*file);
        auto saved = m_file->load();
        m_troubles = saved->troubles;
        m_evaluator = std::make_unique<Evaluator>(mono(0), time(0), m_limits);
        m_evaluator->restore(std::move(*saved));
        m_evaluator->apply(workspace, closesAlarmsAtStart, "test", "start", mono(0));
        SourceSpec spec;
        spec.id = "press";
        spec.kind = "test";
        spec.lateness = m_lateness;
        if (!declaration.empty())
            spec.declaration = *parseYaml(declaration, "workspace.yaml");
        m_source = m_evaluator->open(spec, true);
        if (isLive)
            live(0);
        m_isFresh.clear();
    }

    std::string m_rulesYaml;
    Micros m_lateness;
    Evaluator::Limits m_limits;
    StateOptions m_options;
    std::vector<Error> m_troubles;
    QTemporaryDir m_folder;
    std::unique_ptr<StateFile> m_file;
    std::unique_ptr<Evaluator> m_evaluator;
    SourceId m_source{};
    std::map<std::string, LocalId> m_local;
    std::set<std::string> m_isFresh;
};

}
