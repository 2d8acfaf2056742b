#include "engine/ingestor.h"

#include "core/platform.h"

namespace sg {

namespace {

constexpr auto Frame = std::chrono::milliseconds(16);
constexpr auto QuietCommit = std::chrono::seconds(1);
// While messages keep coming, a transition waits for others, so that commits take a fifth of the time at most; but no longer than this.
constexpr Mono::duration ShortestGather = std::chrono::milliseconds(2), TransitionCommit = std::chrono::milliseconds(20);
constexpr auto RetryWrite = std::chrono::seconds(1);
constexpr std::size_t LaneBytes = std::size_t(16) << 20U;
constexpr std::size_t MaxUnwrittenRows = 2'000'000; // about 80 MB of readings wait for a full disk; older ones are a gap

}

Ingestor::Ingestor(Parts parts)
    : m_parts(std::move(parts))
{
}

Ingestor::~Ingestor() = default;

void Ingestor::run(std::shared_ptr<const Workspace> workspace, std::string stateName, std::stop_token stop)
{
    m_stateName = std::move(stateName);
    Evaluator &evaluator = m_parts.evaluator;
    if (m_parts.senders != nullptr)
        m_deliveries = std::make_unique<Deliveries>(*m_parts.senders, m_parts.inbox.bell);
    evaluator.setSending(m_deliveries != nullptr);
    const std::string self = userName() + "@" + hostName();
    evaluator.apply(workspace, false, self, "start", Mono::clock::now());
    evaluator.noteStarted(Mono::clock::now(), self);
    setSources(*workspace);
    applyRoutes(*workspace);
    const std::stop_callback wake(stop, [this] { m_parts.inbox.bell.ring(); });

    // Readers get a new snapshot at most once a frame, and once a second when nothing happens, so that ages move.
    Mono nextFrame = Mono::clock::now(), nextCommit = nextFrame;
    Mono::duration commitTook{0};
    bool isNews = true;
    while (!stop.stop_requested()) {
        Mono until = isNews ? std::min(nextFrame, nextCommit) : nextCommit;
        if (const auto due = evaluator.due())
            until = std::min(until, std::max(*due, Mono::clock::now()));
        m_parts.inbox.bell.waitUntil(until);

        const Mono now = Mono::clock::now();
        takeLanes(now);
        takeEnded(now);
        for (Command &command : m_parts.inbox.takeCommands())
            obey(std::move(command), now);
        isNews = isNews || m_sawNews || !m_waiting.empty() || evaluator.isTransitionPending();
        m_sawNews = false;
        evaluator.elapse(Mono::clock::now(), std::chrono::floor<Micros>(std::chrono::system_clock::now()));

        if (evaluator.isTransitionPending())
            nextCommit = m_parts.inbox.bell.isRung()
                ? std::min(nextCommit, now + std::clamp(4 * commitTook, ShortestGather, TransitionCommit))
                : now; // at once when the lanes are empty
        if (!m_waiting.empty() || m_isAwaited || Mono::clock::now() >= nextCommit) {
            m_isAwaited = false;
            const Mono began = Mono::clock::now();
            write(began);
            commitTook = Mono::clock::now() - began;
            nextCommit = began + commitTook + QuietCommit;
        }
        if (const Mono end = Mono::clock::now(); (isNews && end >= nextFrame) || end >= nextFrame + QuietCommit) {
            m_parts.slot.publish(evaluator.snapshot(end));
            nextFrame = end + Frame;
            isNews = false;
        }
    }

    // No attempt begins any more; what the sources still hold is scheduled, for the run that follows.
    evaluator.setBeginning(false);
    if (m_deliveries)
        m_deliveries->requestStop();
    for (Line &line : m_lines) {
        if (line.runner)
            line.runner->requestStop();
        if (line.load)
            line.load->requestStop();
    }
    for (Line &line : m_lines) {
        line.runner.reset();
        line.load.reset();
    }
    m_closing.clear();
    takeEnded(Mono::clock::now());
    takeLanes(Mono::clock::now());
    for (Command &command : m_parts.inbox.takeCommands())
        obey(std::move(command), Mono::clock::now());
    evaluator.noteStopped(Mono::clock::now(), self);
    m_retryAt = {};
    write(Mono::clock::now());
    // What was seen is saved before the receivers' threads are waited for; what arrived meanwhile is not to be sent again.
    if (m_deliveries) {
        m_deliveries->stop();
        takeEnded(Mono::clock::now());
        m_retryAt = {};
        write(Mono::clock::now());
    }
    m_parts.slot.publish(evaluator.snapshot(Mono::clock::now()));
}

Consents Ingestor::consentsFor(const Workspace &workspace) const
{
    return m_parts.consents ? m_parts.consents(workspace) : Consents::toAll();
}

void Ingestor::applyRoutes(const Workspace &workspace)
{
    if (m_deliveries)
        m_deliveries->apply(m_parts.evaluator.routes(), workspace.name, m_stateName, consentsFor(workspace));
}

void Ingestor::setSources(const Workspace &workspace)
{
    const Consents consents = consentsFor(workspace);
    const auto whyItWaits = [&](const SourceSpec &spec) {
        if (isStopped(spec))
            return std::optional(Error{SG_TR("source stopped: it says enabled: false"), {}, {}});
        const auto refused = workspace.refusedPaths.find(spec.id);
        return refused == workspace.refusedPaths.end() ? consents.whyItWaits(spec) : std::optional(refused->second);
    };
    const auto isSame = [&](const SourceSpec &spec, const Line &line) {
        if (spec.id == line.spec.id && line.runner && workspace.refusedPaths.contains(spec.id) && !isStopped(spec))
            return true; // a refused edit changes nothing
        const SourceSpec &before = line.spec;
        return spec.id == before.id && spec.kind == before.kind && spec.declaration.saysTheSame(before.declaration)
            && spec.settings.saysTheSame(before.settings) && spec.registry.saysTheSame(before.registry) && whyItWaits(spec) == line.waits;
    };
    for (Line &line : m_lines)
        if (std::none_of(workspace.sources.begin(), workspace.sources.end(), [&](const SourceSpec &spec) { return isSame(spec, line); })) {
            // The commit that answers the edit holds its positions, and nobody else knows then what they stand on.
            if (const auto synced = line.lane->syncSource(); !synced)
                m_parts.evaluator.noteTrouble(synced.error());
            closeLine(line);
        }
    std::erase_if(m_lines, [](const Line &line) { return line.isClosed; });
    for (SourceSpec spec : workspace.sources) {
        if (std::any_of(m_lines.begin(), m_lines.end(), [&](const Line &line) { return isSame(spec, line); }))
            continue;
        const auto kind = m_parts.catalog.find(spec.kind);
        if (kind == m_parts.catalog.end())
            continue;
        spec.stateName = m_stateName;
        spec.stateFolder = m_parts.file.folder();
        Line line;
        line.id = m_parts.evaluator.open(spec, kind->second.isReplayable);
        line.spec = spec;
        line.lane = std::make_shared<Lane>(m_parts.inbox.bell, LaneBytes, m_parts.evaluator.positionsOf(spec.id));
        line.waits = whyItWaits(spec);
        if (line.waits) // nothing of it is made: a maker may read secrets
            m_parts.evaluator.noteNotRead(line.id, *line.waits, Mono::clock::now());
        else
            line.runner = std::make_unique<SourceRunner>(spec, kind->second, line.lane);
        m_lines.push_back(std::move(line));
    }
}

void Ingestor::closeLine(Line &line)
{
    line.isClosed = true;
    m_parts.evaluator.close(line.id);
    if (line.runner)
        line.runner->requestStop();
    if (line.load)
        line.load->requestStop();
    m_closing.emplace_back([runner = std::move(line.runner), load = std::move(line.load)]() mutable {
        runner.reset();
        load.reset();
    });
}

void Ingestor::takeLanes(Mono now)
{
    for (Line &line : m_lines) {
        Lane::Taken taken = line.lane->take();
        std::deque<Batch> older = std::move(taken.history); // the demo plant's past
        const bool wasLoading = line.load && !line.load->isOver();
        if (line.load)
            std::ranges::move(line.load->take(), std::back_inserter(older));
        // The status first: a batch that is here proves that the source lived when it sent it.
        if (const bool isLoading = line.load && line.load->hasNews(); isLoading || taken.statusVersion != line.statusVersion) {
            line.statusVersion = taken.statusVersion;
            m_sawNews = true;
            if (line.load)
                taken.status.notes.push_back(line.load->remark());
            m_parts.evaluator.noteStatus(line.id, std::move(taken.status), now);
        }
        for (Batch &batch : taken.live) {
            m_sawNews = m_sawNews || batch.rows() > 0;
            m_isAwaited = m_isAwaited || (batch.rows() == 0 && !batch.after.empty());
            m_parts.evaluator.take(line.id, std::move(batch));
        }
        for (Batch &batch : older)
            m_parts.evaluator.takeHistory(line.id, std::move(batch));
        if (wasLoading && line.load->isOver())
            m_parts.evaluator.endHistory(line.id);
    }
}

void Ingestor::takeEnded(Mono now)
{
    if (!m_deliveries)
        return;
    m_deliveries->beat(now);
    for (const Deliveries::Ended &ended : m_deliveries->takeEnded()) {
        m_sawNews = true;
        if (ended.id == 0)
            m_parts.evaluator.noteHeartbeat(ended.heartbeat, ended.sent, now);
        else
            m_parts.evaluator.noteSent(ended.id, ended.sent, now);
    }
}

Outcome Ingestor::loadOlder(const LoadOlder &demand)
{
    const auto line = std::find_if(m_lines.begin(), m_lines.end(), [&](const Line &one) { return one.spec.id == demand.source; });
    if (line == m_lines.end())
        return {false, {SG_TR("there is no source '%1'"), {demand.source}, {}}};
    if (line->waits)
        return {false, *line->waits};
    if (line->load && !line->load->isOver())
        return {false, {SG_TR("source '%1' is loading older data already; ask again when that has ended"), {demand.source}, {}}};
    if (demand.from >= demand.to)
        return {false, {SG_TR("the time to load ends before it begins"), {}, {}}};
    const std::string basis = line->spec.declaration["time"].text("basis", "arrival");
    if (basis == "arrival")
        return {
            false,
            {SG_TR("the values of source '%1' have the time of their arrival, which nobody can read again; older ones cannot be loaded"),
             {demand.source},
             {}}};
    line->load = std::make_unique<HistoryLoad>(line->spec, m_parts.catalog.find(line->spec.kind)->second, m_parts.inbox.bell,
                                               line->lane->pushed(), demand.from, demand.to);
    return {true, {}};
}

void Ingestor::obey(Command command, Mono now)
{
    Outcome outcome;
    if (const auto *action = std::get_if<OperatorAction>(&command.what)) {
        outcome = m_parts.evaluator.act(*action, now);
    } else if (const auto *apply = std::get_if<ApplyWorkspace>(&command.what)) {
        const auto staged = m_parts.evaluator.apply(apply->workspace, apply->closesAlarms, apply->actor, apply->reason, now);
        setSources(*apply->workspace);
        applyRoutes(*apply->workspace);
        m_parts.onApplied(apply->workspace);
        outcome.isDone = true;
        if (!staged.empty())
            outcome.says = {SG_TR("this change would close alarms (%1) and waits for Apply"), {std::to_string(staged.size())}, {}};
    } else if (const auto *demand = std::get_if<LoadOlder>(&command.what)) {
        outcome = loadOlder(*demand);
    } else if (const auto *test = std::get_if<TestRoute>(&command.what)) {
        outcome = m_parts.evaluator.testRoute(test->route, now);
    }
    m_waiting.push_back({std::move(command), std::move(outcome)});
}

void Ingestor::write(Mono now)
{
    Commit commit = m_parts.evaluator.collect(now);
    if (!m_unwritten.isEmpty()) {
        m_droppedRows += m_unwritten.merge(std::move(commit), MaxUnwrittenRows);
        commit = std::exchange(m_unwritten, Commit());
    }
    // A failed disk is asked once a second, not at each frame; operators get their answer at once.
    if (now < m_retryAt && m_waiting.empty()) {
        m_unwritten = std::move(commit);
        return;
    }
    if (m_droppedRows > 0)
        commit.journal.push_back(
            {.event = "GAP",
             .tEvent = commit.reference,
             .tDetect = commit.reference,
             .reason = std::to_string(std::exchange(m_droppedRows, 0)) + " readings could not be saved and were dropped"});
    Result<Done> written = Done();
    for (const Line &line : m_lines)
        if (written && commit.positions.contains(line.spec.id))
            written = line.lane->syncSource();
    if (written && !commit.isEmpty())
        written = m_parts.file.write(commit);
    // Also when it could not be written: a full disk must not silence the routes, and a repetition after a crash has the same key.
    if (m_deliveries)
        m_deliveries->push(m_parts.evaluator.takeAttempts());
    if (!written) {
        m_retryAt = now + RetryWrite;
        m_parts.evaluator.noteTrouble(Error{
            SG_TR("nothing is saved at the moment: %1; watching goes on, what happened is kept in memory and written as soon as possible"),
            {written.error().plain()},
            {}});
        answer(false, written.error());
        m_unwritten = std::move(commit);
        return;
    }
    m_parts.evaluator.noteTrouble(std::nullopt);
    m_parts.evaluator.noteCommitted(commit.journal.size(), m_parts.file.history());
    for (Line &line : m_lines) {
        const auto moved = commit.positions.find(line.spec.id);
        line.lane->noteCommitted(moved == commit.positions.end() ? Positions() : moved->second);
    }
    answer(true, {});
    if (m_parts.onRecord)
        for (const JournalRow &row : commit.journal)
            m_parts.onRecord(row);
    m_parts.evaluator.reuse(std::move(commit.rows));
}

void Ingestor::answer(bool isWritten, const Error &why)
{
    for (Waiting &waiting : std::exchange(m_waiting, {})) {
        if (!isWritten)
            waiting.outcome
                = {false, {SG_TR("done here, but not saved: %1; it is written as soon as that is possible"), {why.plain()}, {}}};
        if (waiting.command.reply)
            waiting.command.reply(std::move(waiting.outcome));
    }
}

}
