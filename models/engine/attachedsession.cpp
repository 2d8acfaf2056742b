#include "engine/attachedsession.h"

#include "engine/agentlink.h"
#include "engine/querypool.h"
#include "engine/wirevalues.h"

#include "core/platform.h"
#include "core/times.h"
#include "state/schema.h"

#include <filesystem>

namespace sg {

namespace {

// Threads that mostly wait for the evaluator.
constexpr std::size_t PoolThreads = 6;

class AttachedSession final : public Session
{
public:
    AttachedSession(const std::string &stateFolder, AttachOptions options)
        : m_stateFolder(stateFolder)
        , m_options(std::move(options))
        , m_link(std::make_shared<AgentLink>(
              stateFolder,
              AgentLink::Events{[this](const EvaluatorThere &there) { readWorkspace(there.folder); },
                                [this](const Rule &rule) { return ownRule(rule); },
                                [this](std::shared_ptr<Snapshot> snapshot, std::uint64_t workspaceNumber) {
                                    noteSnapshot(std::move(snapshot), workspaceNumber);
                                },
                                [this](const SessionLink &link, const EvaluatorThere &there) { noteState(link, there); }}))
        , m_pool(std::make_unique<QueryPool>(PoolThreads))
        , m_filePool(std::make_unique<QueryPool>(1))
    {
        m_slot.publish(std::make_shared<const Snapshot>());
    }
    ~AttachedSession() override
    {
        m_link->stop();
        m_pool.reset();
        m_filePool.reset();
    }

    // The first snapshot and the workspace, or why there is none.
    Result<Done> start()
    {
        m_link->start();
        std::unique_lock lock(m_mutex);
        m_heard.wait_for(lock, m_options.patience, [this] { return m_state.state != SessionLink::State::Own; });
        if (m_state.state != SessionLink::State::Attached)
            return m_state.why ? *m_state.why : Error{SG_TR("the evaluator of the state folder %1 gives no answer"), {m_stateFolder}, {}};
        if (!m_workspace)
            return m_workspaceError;
        return Done();
    }

    std::shared_ptr<const Snapshot> snapshot() const override { return m_slot.newest(); }

    void submit(Command command) override
    {
        FrameKind kind = FrameKind::Act;
        std::string body;
        if (auto *action = std::get_if<OperatorAction>(&command.what)) {
            if (action->actor.find('@') == std::string::npos)
                action->actor = (action->actor.empty() ? userName() : action->actor) + "@" + hostName();
            body = bytesOf(*action);
        } else if (const auto *apply = std::get_if<ApplyWorkspace>(&command.what)) {
            // The evaluator reads the files itself: they are the same ones.
            kind = FrameKind::Apply;
            ByteWriter out;
            out.flag(apply->closesAlarms);
            out.text(apply->actor);
            out.text(apply->reason);
            body = out.take();
        } else if (const auto *older = std::get_if<LoadOlder>(&command.what)) {
            kind = FrameKind::Load;
            ByteWriter out;
            out.text(older->source);
            out.time(older->from);
            out.time(older->to);
            body = out.take();
        }
        if (const auto *test = std::get_if<TestRoute>(&command.what)) {
            kind = FrameKind::TestRoute;
            ByteWriter out;
            out.text(test->route);
            body = out.take();
        }
        m_link->ask(kind, std::move(body), [reply = std::move(command.reply)](const Result<std::string> &answer) {
            const auto outcome = answer ? valueOf<Outcome>(*answer) : std::nullopt;
            if (reply)
                reply(outcome      ? *outcome
                          : answer ? Outcome{false, {SG_TR("the evaluator's answer cannot be understood"), {}, {}}}
                                   : Outcome{false, answer.error()});
        });
    }

    void query(const SeriesView &view, Time from, Time to, int width, std::stop_token stop, std::function<void(Columns)> reply) override
    {
        m_pool->run([=] {
            if (stop.stop_requested())
                return;
            Columns columns = queryColumns(view, from, to, width, stop);
            if (!stop.stop_requested())
                reply(std::move(columns));
        });
    }

    void run(std::function<void()> work) override { m_pool->run(std::move(work)); }

    void journal(JournalQuery query, std::function<void(Result<std::vector<JournalRow>>)> reply) override
    {
        m_filePool->run([this, query, reply] {
            const auto reader = StateReader::open(m_stateFolder);
            reply(reader ? (*reader)->journal(query) : Result<std::vector<JournalRow>>(reader.error()));
        });
    }

    Time referenceNow() const override
    {
        const auto newest = m_slot.newest();
        return newest->reference + std::chrono::duration_cast<Micros>(Mono::clock::now() - newest->made);
    }

    std::shared_ptr<const Workspace> workspace() const override
    {
        const std::lock_guard guard(m_mutex);
        return m_workspace;
    }

    const std::string &stateFolder() const override { return m_stateFolder; }

    SessionLink link() const override
    {
        const std::lock_guard guard(m_mutex);
        return m_state;
    }

private:
    void publish(std::shared_ptr<Snapshot> snapshot) // link's thread
    {
        snapshot->version = ++m_version; // our own count: another evaluator begins its own again
        m_slot.publish(std::move(snapshot));
    }

    void noteSnapshot(std::shared_ptr<Snapshot> snapshot, std::uint64_t workspaceNumber)
    {
        publish(std::move(snapshot));
        if (std::exchange(m_workspaceNumber, workspaceNumber) == workspaceNumber)
            return;
        if (std::exchange(m_isFirst, false))
            return; // read when it welcomed us
        m_filePool->run([this] {
            std::string folder;
            {
                const std::lock_guard guard(m_mutex);
                folder = m_there.folder;
            }
            readWorkspace(folder);
        });
    }

    // The evaluator's files are on this machine. One that cannot be read leaves the one before in its place.
    void readWorkspace(const std::string &folder)
    {
        auto workspace = m_options.read(folder);
        const std::lock_guard guard(m_mutex);
        if (workspace)
            m_workspace = std::move(*workspace);
        else
            m_workspaceError = workspace.error();
    }

    std::shared_ptr<const Rule> ownRule(const Rule &rule) const
    {
        const auto workspace = this->workspace();
        if (workspace && workspace->rules)
            for (const auto &own : workspace->rules->rules)
                if (own->id == rule.id && own->hash == rule.hash)
                    return own;
        return nullptr;
    }

    void noteState(const SessionLink &link, const EvaluatorThere &there)
    {
        if (link.state == SessionLink::State::Lost)
            publishLost(link);
        {
            const std::lock_guard guard(m_mutex);
            m_state = link;
            m_there = there;
        }
        m_heard.notify_all();
    }

    // What it said last stays, and says itself that it is old.
    void publishLost(const SessionLink &link)
    {
        auto lost = std::make_shared<Snapshot>(*m_slot.newest());
        if (lost->reference == NoTime)
            return; // there was nothing yet
        if (!std::exchange(lost->isLost, true)) {
            m_troubles = lost->troubles;
            m_lostSince = referenceNow();
        }
        lost->troubles = m_troubles;
        lost->troubles.push_back(
            {SG_TR("the evaluator (process %1 on %2) does not answer since %3: %4. What is shown is what it said last, no "
                   "alarm is watched here meanwhile; this window tries again by itself"),
             {std::to_string(link.process), link.host, formatLocal(m_lostSince, {}, false), link.why->plain()},
             {}});
        for (SourceRow &source : lost->sources) {
            source.status.state = SourceStatus::State::Lost;
            source.status.why = Error{SG_TR("the evaluator that reads it does not answer"), {}, {}};
            source.status.nextTry = link.nextTry;
        }
        publish(std::move(lost));
    }

    const std::string m_stateFolder;
    const AttachOptions m_options;
    SnapshotSlot m_slot;
    mutable std::mutex m_mutex;
    std::condition_variable m_heard;
    SessionLink m_state; // guarded by m_mutex, like the next three
    EvaluatorThere m_there;
    std::shared_ptr<const Workspace> m_workspace;
    Error m_workspaceError;
    // The link's thread only.
    std::uint64_t m_version = 0, m_workspaceNumber = 0;
    bool m_isFirst = true;
    std::vector<Error> m_troubles; // the evaluator's own
    Time m_lostSince = NoTime;

    const std::shared_ptr<AgentLink> m_link;
    std::unique_ptr<QueryPool> m_pool, m_filePool; // the second waits for files only, never for the evaluator
};

}

Result<std::unique_ptr<Session>> attachSession(const std::string &stateFolder, AttachOptions options)
{
    auto session = std::make_unique<AttachedSession>(stateFolder, std::move(options));
    if (auto started = session->start(); !started)
        return started.error();
    return std::unique_ptr<Session>(std::move(session));
}

Result<std::string> stateFolderNamed(const std::string &folder)
{
    std::error_code ignored;
    if (std::filesystem::exists(folder + "/" + StateFileName, ignored))
        return folder;
    if (std::filesystem::exists(folder + "/workspace.yaml", ignored))
        return stateFolderFor(folder);
    return Error{SG_TR("'%1' is neither a state folder nor a workspace; name the folder that sightglass-agent says when it starts, or its "
                       "workspace"),
                 {folder},
                 {}};
}

}
