#include "widgets/main/editstack.h"

#include "core/platform.h"
#include "items/texts.h"
#include "widgets/main/posting.h"

#include <filesystem>

namespace sg {

// A step that was already done when it came onto the stack.
class EditCommand : public QUndoCommand
{
public:
    EditCommand(EditStack &edits, std::vector<TextEdit> done, const QString &title)
        : QUndoCommand(title)
        , m_edits(edits)
        , m_done(std::move(done))
    {
    }
    void undo() override
    {
        m_edits.enqueue({[edits = inverse(m_done)] { return edits; }, text(), false});
    }
    void redo() override
    {
        if (std::exchange(m_isDone, true))
            m_edits.enqueue({[edits = m_done] { return edits; }, text(), false});
    }

    static std::vector<TextEdit> inverse(const std::vector<TextEdit> &edits)
    {
        std::vector<TextEdit> out;
        for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit)
            out.push_back(edit->inverse());
        return out;
    }

private:
    EditStack &m_edits;
    std::vector<TextEdit> m_done;
    bool m_isDone = false;
};

namespace {

Result<std::string> textOfFile(const std::string &path)
{
    std::error_code none;
    if (!std::filesystem::exists(path, none))
        return std::string();
    return readFile(path);
}

// All of them, or none.
Result<Done> applyAll(const std::string &folder, const std::vector<TextEdit> &edits)
{
    for (std::size_t i = 0; i < edits.size(); ++i) {
        const auto done = applyEdit(folder, edits[i]);
        if (done)
            continue;
        while (i-- > 0)
            if (const auto back = applyEdit(folder, edits[i].inverse()); !back)
                return back.error();
        return done.error();
    }
    return Done();
}

}

EditStack::EditStack(std::shared_ptr<Session> session, std::function<Result<std::shared_ptr<const Workspace>>(const std::string &)> read,
                     std::string folder, QObject *parent)
    : QObject(parent)
    , m_session(std::move(session))
    , m_read(std::move(read))
    , m_folder(std::move(folder))
{
}

void EditStack::edit(const std::string &file, Maker maker, const QString &title, QObject *context, Ended ended)
{
    edit(std::vector<Change>{{file, std::move(maker)}}, title, context, std::move(ended));
}

void EditStack::edit(std::vector<Change> changes, const QString &title, QObject *context, Ended ended)
{
    auto make = [folder = m_folder, changes = std::move(changes)]() -> Result<std::vector<TextEdit>> {
        std::vector<TextEdit> edits;
        for (const auto &change : changes) {
            const auto text = textOfFile(folder + "/" + change.file);
            if (!text)
                return text.error();
            auto edit = change.make(*text);
            if (!edit)
                return edit.error();
            edits.push_back(std::move(*edit));
        }
        return edits;
    };
    if (ended)
        ended = [context = QPointer<QObject>(context), ended = std::move(ended)](const std::optional<Error> &refused) {
            if (context)
                ended(refused);
        };
    enqueue({std::move(make), title, true, std::move(ended)});
}

void EditStack::enqueue(Job job)
{
    m_jobs.push_back(std::move(job));
    next();
}

void EditStack::next()
{
    if (m_isBusy || m_jobs.empty())
        return;
    m_isBusy = true;
    auto job = std::move(m_jobs.front());
    m_jobs.pop_front();
    m_session->run([this, self = QPointer<QObject>(this), job, folder = m_folder, read = m_read] {
        auto edits = job.make();
        std::optional<Result<std::shared_ptr<const Workspace>>> after;
        if (edits) {
            if (const auto done = applyAll(folder, *edits); !done)
                edits = done.error();
            else
                after = read(folder);
        }
        postTo(self, [this, job, edits, after] { finished(job, edits, after); });
    });
}

void EditStack::finished(const Job &job, const Result<std::vector<TextEdit>> &edits,
                         const std::optional<Result<std::shared_ptr<const Workspace>>> &read)
{
    m_isBusy = false;
    if (!edits) {
        Q_EMIT said(tr("%1: not done. %2").arg(job.title, errorText(edits.error())), true);
    } else {
        if (job.isNew)
            m_stack.push(new EditCommand(*this, *edits, job.title));
        if (read && *read)
            submit(**read, false, {}, edits->empty() ? std::string() : edits->front().title);
        else if (read)
            Q_EMIT said(errorText(read->error()), true);
    }
    if (job.ended)
        job.ended(edits ? std::nullopt : std::optional(edits.error()));
    next();
}

void EditStack::reload(bool closesAlarms, const std::string &actor, const std::string &reason)
{
    m_session->run([this, self = QPointer<QObject>(this), folder = m_folder, read = m_read, closesAlarms, actor, reason] {
        auto after = std::make_shared<const Result<std::shared_ptr<const Workspace>>>(read(folder));
        postTo(self, [this, after, closesAlarms, actor, reason] {
            if (*after)
                submit(**after, closesAlarms, actor, reason);
            else
                Q_EMIT said(errorText(after->error()), true);
        });
    });
}

void EditStack::submit(std::shared_ptr<const Workspace> workspace, bool closesAlarms, const std::string &actor, const std::string &reason)
{
    Q_EMIT workspaceRead(workspace);
    for (const auto &error : workspace->errors)
        Q_EMIT said(errorText(error), true);
    ApplyWorkspace apply{std::move(workspace), actor, reason, closesAlarms};
    m_session->submit({std::move(apply), [this, self = QPointer<QObject>(this)](const Outcome &outcome) {
                           postTo(self, [this, outcome] {
                               if (outcome.says.text[0] != '\0')
                                   Q_EMIT said(errorText(outcome.says), !outcome.isDone);
                           });
                       }});
}

}
