#pragma once

#include "engine/advisor.h"
#include "widgets/rules/ruledraft.h"
#include "widgets/tune/longwork.h"

#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;

namespace sg {

class AdviceChart;
class Desk;
class PeriodBar;
class ResultTable;
class RuleDialog;

// A page of the rule editor: which on-delay and deadband would have removed how many raises of the draft, and how much later the others
// would have been found; a point of the curve goes into the draft. Raises that an operator acted on are named. UI thread; the runs are on
// a thread of their own.
class AdvisorPanel : public QWidget
{
    Q_OBJECT

public:
    AdvisorPanel(Desk &desk, RuleDialog &editor);
    void setDraft(const RuleDraft &draft);
    [[nodiscard]] const std::shared_ptr<const Advice> &advice() const { return m_advice; } // null: none yet

private:
    QWidget *buildHead();
    void run();
    void present(Result<Advice> advice);
    void showRows();
    void setCurrent(int row);
    void take(int row); // into the draft
    void updateState();
    [[nodiscard]] QString bandText(double band) const; // with the unit of what the rule judges
    [[nodiscard]] QString lateText() const; // what bounds the delays
    [[nodiscard]] QString rowText(const AdviceRow &row) const;

    Desk &m_desk;
    RuleDialog &m_editor;
    RuleDraft m_draft, m_ran;
    std::shared_ptr<const Advice> m_advice;
    QString m_failure;
    int m_current = -1;
    LongWork m_work;
    PeriodBar *m_period;
    QPushButton *m_run, *m_cancel, *m_take;
    QProgressBar *m_progress;
    QLabel *m_said, *m_chosen;
    AdviceChart *m_chart;
    ResultTable *m_rows, *m_lost;
};

// The fields of the editor that a row's values are, by path: the common ones, and those of levels that have their own.
std::vector<std::pair<std::string, std::string>> fieldsOf(const AdviceRow &row, const Node &item);

}
