#pragma once

#include "alarms/condition.h"
#include "widgets/forms/fieldsform.h"
#include "widgets/rules/ruledraft.h"

#include <QDialog>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;
class QTabWidget;
class QVBoxLayout;

namespace sg {

class Desk;

// Adds or changes a rule. The form is generated from the Fields of the condition kinds; the result is a TextEdit. Beside the form stand
// pages that look at the draft: each takes draft() when it is added, and draftChanged() from then on. UI thread.
class RuleDialog : public QDialog
{
    Q_OBJECT

public:
    static void add(Desk &desk, const QString &series, QWidget *parent);
    static void change(Desk &desk, std::shared_ptr<const Rule> rule, QWidget *parent);
    static void choose(Desk &desk, const QString &ruleId, QWidget *parent); // asks which, with `ruleId` first

    void addPage(QWidget *page, const QString &title);
    [[nodiscard]] const RuleDraft &draft() const { return m_draft; }

Q_SIGNALS:
    void draftChanged(const sg::RuleDraft &draft); // with every change of the form, also while it has faults

private:
    RuleDialog(Desk &desk, std::shared_ptr<const Rule> rule, Node item, QWidget *parent); // no rule: a new one
    void buildForms(const ConditionKind &kind);
    void refresh();
    void save();
    [[nodiscard]] FormValues values() const;
    [[nodiscard]] RuleDraft makeDraft() const;
    [[nodiscard]] std::string newFile() const;

    Desk &m_desk;
    std::shared_ptr<const Rule> m_rule;
    Node m_item; // as in the file
    RuleDraft m_draft;
    QTabWidget *m_pages;
    QLineEdit *m_id, *m_series;
    QComboBox *m_kind;
    QVBoxLayout *m_forms;
    QLabel *m_watches, *m_faults;
    QPushButton *m_ok;
    FieldsForm *m_kindForm = nullptr, *m_commonForm = nullptr;
    FormValues m_before;
};

}
