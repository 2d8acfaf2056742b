#include "agent/alone.h"

#include "catalog/catalog.h"

namespace sg {

Alone::Alone(std::unique_ptr<StateFile> file, std::shared_ptr<const Workspace> workspace)
    : m_file(std::move(file))
    , m_workspace(std::move(workspace))
    , m_evaluator(m_now, std::chrono::floor<Micros>(std::chrono::system_clock::now()))
{
}

Result<std::unique_ptr<Alone>> Alone::open(const Arguments &arguments, const std::string &stateFolder, const std::string &actor,
                                           const std::string &reason)
{
    auto workspace = openWorkspace(arguments.value("--workspace"), stateFolder);
    if (!workspace)
        return workspace.error();
    auto file = StateFile::open(stateFolder);
    if (!file)
        return file.error();
    auto saved = (*file)->load();
    if (!saved)
        return saved.error();
    std::unique_ptr<Alone> alone(new Alone(std::move(*file), std::move(*workspace)));
    alone->m_evaluator.restore(std::move(*saved));
    alone->m_evaluator.apply(alone->m_workspace, false, actor, reason, alone->m_now);
    return alone;
}

Result<Done> Alone::write()
{
    Commit commit = m_evaluator.collect(m_now);
    commit.isWatching = false; // nobody watched: the next start must still say since when
    return m_file->write(commit);
}

}
