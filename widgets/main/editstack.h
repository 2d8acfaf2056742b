#pragma once

#include "engine/session.h"
#include "widgets/main/windowcontext.h"
#include "workspace/textedit.h"

#include <QUndoStack>

namespace sg {

// The one road for edits: a maker turns a file's text into a TextEdit, a worker writes it, the workspace is read again and
// submitted to the session. Every edit is a step of one undo stack. UI thread; the work itself runs on the session's pool,
// one edit at a time.
class EditStack : public QObject
{
    Q_OBJECT

public:
    using Maker = std::function<Result<TextEdit>(const std::string &text)>; // pool thread; "" when there is no such file yet

    EditStack(std::shared_ptr<Session> session, std::function<Result<std::shared_ptr<const Workspace>>(const std::string &)> read,
              std::string folder, QObject *parent = nullptr);

    struct Change
    {
        std::string file;
        Maker make;
    };

    // Who waits for the answer gives `ended`, which gets the error of an edit that was refused, or nothing; not when `context` is gone by
    // then.
    using Ended = std::function<void(const std::optional<Error> &refused)>;
    void edit(const std::string &file, Maker maker, const QString &title, QObject *context = nullptr, Ended ended = {});
    // Of several files, as one step: all of them or none.
    void edit(std::vector<Change> changes, const QString &title, QObject *context = nullptr, Ended ended = {});
    [[nodiscard]] QUndoStack &stack() { return m_stack; }
    // Reads and applies the folder again, e.g. after it was edited elsewhere. `closesAlarms`: staged changes too.
    void reload(bool closesAlarms, const std::string &actor, const std::string &reason);

Q_SIGNALS:
    void workspaceRead(const std::shared_ptr<const sg::Workspace> &workspace); // as it is now on disk
    void said(const QString &text, bool isError); // for the message bar

private:
    friend class EditCommand;
    struct Job
    {
        std::function<Result<std::vector<TextEdit>>()> make;
        QString title;
        bool isNew = false; // becomes a step of the stack
        Ended ended = {};
    };
    void enqueue(Job job);
    void next();
    void finished(const Job &job, const Result<std::vector<TextEdit>> &edits,
                  const std::optional<Result<std::shared_ptr<const Workspace>>> &read);
    void submit(std::shared_ptr<const Workspace> workspace, bool closesAlarms, const std::string &actor, const std::string &reason);

    std::shared_ptr<Session> m_session;
    const std::function<Result<std::shared_ptr<const Workspace>>(const std::string &)> m_read;
    const std::string m_folder;
    QUndoStack m_stack;
    std::deque<Job> m_jobs;
    bool m_isBusy = false;
};

}
