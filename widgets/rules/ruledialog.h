#pragma once

#include "widgets/rules/ruledraft.h"
#include "widgets/rules/watched.h"

#include <QDialog>

class QLabel;
class QPushButton;
class QTabWidget;

namespace sg {

class Desk;
class RuleForm;

// The editor of one rule: its sentence, the form, and pages that look at the draft: each takes draft() when it is added, and draftChanged()
// from then on. Nothing is changed before Save, which is one TextEdit and so one step of the undo stack. UI thread.
class RuleDialog : public QDialog
{
    Q_OBJECT

public:
    static void add(Desk &desk, const QString &series, QWidget *parent);
    // A new rule that begins as `item` says, without its id; `file`: where it shall stand, empty: where the other rules are.
    static void addLike(Desk &desk, const QString &id, const Node &item, const std::string &file, QWidget *parent);
    static void change(Desk &desk, std::shared_ptr<const Rule> rule, QWidget *parent);
    static void tune(Desk &desk, std::shared_ptr<const Rule> rule, QWidget *parent); // change(), with the page of the advisor in front
    static void duplicate(Desk &desk, std::shared_ptr<const Rule> rule, QWidget *parent); // a new rule that says the same
    static QString freeId(const Workspace &workspace, const std::string &wanted); // with a number behind it where it is taken
    static QStringList knownSelectors(Desk &desk); // "press/*/*/temp" for every kind of value that is known

    void addPage(QWidget *page, const QString &title);
    [[nodiscard]] const RuleDraft &draft() const { return m_draft; }
    [[nodiscard]] const Watched &watched() const { return m_watched; }
    void setText(const std::string &path, const QString &text); // of a field of the draft: "high/limit"

Q_SIGNALS:
    void draftChanged(const sg::RuleDraft &draft); // with every change of the form, also while it has faults

public Q_SLOTS:
    void reject() override; // asks when something was changed

private:
    struct Opening // what a worker read before the editor opens
    {
        std::shared_ptr<const Rule> rule; // null: a new one
        QString id;
        std::string file;
        Node item, defaults;
        bool isCopy = false; // of `rule`
        bool isTuning = false;
    };
    RuleDialog(Desk &desk, Opening opening, QWidget *parent);
    static void open(Desk &desk, Opening opening, QWidget *parent); // reads the file first
    void refresh();
    void refreshWatched();
    void save();
    Result<std::string> textOfFile(const std::string &path); // out of what was read; reads what was not

    Desk &m_desk;
    const Opening m_from;
    RuleDraft m_draft;
    Watched m_watched;
    std::map<std::string, Result<std::string>> m_files; // of the workspace, that drafts name
    QTabWidget *m_pages;
    RuleForm *m_form;
    QLabel *m_sentence, *m_faults;
    QPushButton *m_ok;
    FormValues m_before;
    bool m_isSaving = false; // until the edit is written or refused
};

}
