#include "engine/commandsocket.h"
#include "engine/ingestor.h"
#include "engine/querypool.h"

#include "core/platform.h"

namespace sg {

namespace {

// Before the state is restored, so that a failure is among the troubles that every snapshot shows.
std::unique_ptr<CommandSocket> listenUnlessTold(const SessionOptions &options, std::vector<Error> &troubles)
{
    if (!options.listens)
        return nullptr;
    auto socket = CommandSocket::listen(options.stateFolder);
    if (socket)
        return std::move(*socket);
    troubles.push_back(socket.error());
    return nullptr;
}

// A session whose evaluator runs in this process.
class OwnSession final : public Session
{
public:
    OwnSession(std::shared_ptr<const Workspace> workspace, const SourceCatalog &catalog, SessionOptions options,
               std::unique_ptr<StateFile> file, Saved saved)
        : m_catalog(catalog)
        , m_options(std::move(options))
        , m_socket(listenUnlessTold(m_options, saved.troubles))
        , m_file(std::move(file))
        , m_evaluator(Mono::clock::now(), std::chrono::floor<Micros>(std::chrono::system_clock::now()))
        , m_workspace(workspace)
        , m_pool(std::max(2U, std::thread::hardware_concurrency()))
        , m_ingestor({m_inbox, m_evaluator, *m_file, m_slot, m_catalog, m_options.onRecord,
                      [this](std::shared_ptr<const Workspace> applied) {
                          const std::lock_guard guard(m_mutex);
                          m_workspace = std::move(applied);
                      },
                      m_options.senders, m_options.consents})
    {
        const std::string stateName = saved.stateName;
        m_evaluator.restore(std::move(saved));
        m_slot.publish(m_evaluator.snapshot(Mono::clock::now()));
        m_thread = std::jthread([this, workspace, stateName](std::stop_token stop) { m_ingestor.run(workspace, stateName, stop); });
        if (m_socket)
            m_socket->serve({*this, m_options.read});
    }
    ~OwnSession() override
    {
        if (m_socket)
            m_socket->stop(); // nothing new is asked for; the ingest thread may still say that there is a newer snapshot
        m_thread.request_stop();
        m_thread.join();
    }

    std::shared_ptr<const Snapshot> snapshot() const override { return m_slot.newest(); }

    void submit(Command command) override
    {
        if (auto *action = std::get_if<OperatorAction>(&command.what); action != nullptr && action->actor.find('@') == std::string::npos)
            action->actor = (action->actor.empty() ? userName() : action->actor) + "@" + hostName();
        m_inbox.push(std::move(command));
    }

    void query(const SeriesView &view, Time from, Time to, int width, std::stop_token stop, std::function<void(Columns)> reply) override
    {
        m_pool.run([=] {
            if (stop.stop_requested())
                return;
            Columns columns = queryColumns(view, from, to, width, stop);
            if (!stop.stop_requested())
                reply(std::move(columns));
        });
    }

    void run(std::function<void()> work) override { m_pool.run(std::move(work)); }

    void journal(JournalQuery query, std::function<void(Result<std::vector<JournalRow>>)> reply) override
    {
        m_pool.run([this, query, reply] {
            const auto reader = StateReader::open(m_file->folder());
            reply(reader ? (*reader)->journal(query) : Result<std::vector<JournalRow>>(reader.error()));
        });
    }

    Time referenceNow() const override
    {
        // Carried on from the newest snapshot, so that a value's age and the reference never disagree on the screen.
        const auto newest = m_slot.newest();
        return newest->reference + std::chrono::duration_cast<Micros>(Mono::clock::now() - newest->made);
    }

    std::shared_ptr<const Workspace> workspace() const override
    {
        const std::lock_guard guard(m_mutex);
        return m_workspace;
    }

    const std::string &stateFolder() const override { return m_file->folder(); }

private:
    const SourceCatalog &m_catalog;
    SessionOptions m_options;
    const std::unique_ptr<CommandSocket> m_socket; // null: it does not listen
    std::unique_ptr<StateFile> m_file; // ingest thread
    Evaluator m_evaluator; // ingest thread, once it runs
    Inbox m_inbox;
    SnapshotSlot m_slot{[this] {
        if (m_socket)
            m_socket->notePublished();
    }};
    mutable std::mutex m_mutex;
    std::shared_ptr<const Workspace> m_workspace; // guarded by m_mutex
    QueryPool m_pool;
    Ingestor m_ingestor;
    std::jthread m_thread;
};

}

Result<std::unique_ptr<Session>> startSession(std::shared_ptr<const Workspace> workspace, const SourceCatalog &catalog,
                                              SessionOptions options)
{
    if (options.stateFolder.empty())
        options.stateFolder = stateFolderFor(workspace->folder);
    std::optional<Error> why;
    auto file = StateFile::openOrStandIn(options.stateFolder, why);
    if (!file) {
        // Whoever answers at its socket holds it.
        if (const auto there = evaluatorAt(options.stateFolder))
            return Error{SG_TR("process %1 on %2 evaluates this workspace already, and there is one evaluator for a state folder; "
                               "sightglass --attach %3 opens a window on it"),
                         {std::to_string(there->process), there->host, options.stateFolder},
                         {}};
        return file.error();
    }
    auto saved = (*file)->load();
    if (!saved)
        return saved.error();
    if (why)
        saved->troubles.push_back(*why); // a standing banner
    return std::unique_ptr<Session>(new OwnSession(std::move(workspace), catalog, std::move(options), std::move(*file), std::move(*saved)));
}

}
