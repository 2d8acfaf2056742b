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
    EditCommand(EditStack &edits, TextEdit edit, const QString &title)
        : QUndoCommand(title)
        , m_edits(edits)
        , m_edit(std::move(edit))
    {
    }
    void undo() override
    {
        m_edits.enqueue({[edit = m_edit.inverse()] { return edit; }, text(), false});
    }
    void redo() override
    {
        if (std::exchange(m_isDone, true))
            m_edits.enqueue({[edit = m_edit] { return edit; }, text(), false});
    }

private:
    EditStack &m_edits;
    TextEdit m_edit;
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
    auto make = [path = m_folder + "/" + file, maker = std::move(maker)]() -> Result<TextEdit> {
        const auto text = textOfFile(path);
        if (!text)
            return text.error();
        return maker(*text);
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
        auto edit = job.make();
        std::optional<Result<std::shared_ptr<const Workspace>>> after;
        if (edit) {
            if (const auto done = applyEdit(folder, *edit); !done)
                edit = done.error();
            else
                after = read(folder);
        }
        postTo(self, [this, job, edit, after] { finished(job, edit, after); });
    });
}

void EditStack::finished(const Job &job, const Result<TextEdit> &edit, const std::optional<Result<std::shared_ptr<const Workspace>>> &read)
{
    m_isBusy = false;
    if (!edit) {
        Q_EMIT said(tr("%1: not done. %2").arg(job.title, errorText(edit.error())), true);
    } else {
        if (job.isNew)
            m_stack.push(new EditCommand(*this, *edit, job.title));
        if (read && *read)
            submit(**read, false, {}, edit->title);
        else if (read)
            Q_EMIT said(errorText(read->error()), true);
    }
    if (job.ended)
        job.ended(edit ? std::nullopt : std::optional(edit.error()));
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
