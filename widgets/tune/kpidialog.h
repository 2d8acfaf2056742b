#pragma once

#include "alarms/kpi.h"
#include "widgets/tune/longwork.h"

#include <QDialog>

class QLabel;
class QListWidget;
class QProgressBar;
class QPushButton;
class QStackedWidget;

namespace sg {

class Desk;
class PeriodBar;
class ResultTable;

// How the alarms did in a period: the KPI report, computed of the journal by a worker, also of an evaluator that this window is attached
// to. Each number leads to the records that it is made of. UI thread.
class KpiDialog : public QDialog
{
    Q_OBJECT

public:
    KpiDialog(Desk &desk, QWidget *parent);
    [[nodiscard]] const std::shared_ptr<const KpiReport> &report() const { return m_report; } // null: none yet

private:
    QWidget *buildFoot();
    void compute();
    void present(Result<KpiReport> report);
    void fillPages();
    void showPage();
    void say(const QString &text); // in place of the tables
    void updateRecords(int row);
    void openRecords(int row);
    void take(int row, int column); // what was clicked, or Enter
    void tune(int row);
    void putAside(); // for the chart that somebody asked for; the menu brings it back as it is
    void exportAll();
    [[nodiscard]] KpiRows recordsOf(int row) const;
    [[nodiscard]] std::shared_ptr<const Rule> ruleOf(int row) const; // that a row is about; null: of none, or of one that is gone
    [[nodiscard]] QString nameOf(int row) const; // of a number, for the title of its records

    Desk &m_desk;
    std::shared_ptr<const KpiReport> m_report;
    LongWork m_work;
    PeriodBar *m_period;
    QLabel *m_head, *m_empty;
    QListWidget *m_pages;
    ResultTable *m_table;
    QStackedWidget *m_stack;
    QProgressBar *m_progress;
    QPushButton *m_tune, *m_records, *m_export, *m_again, *m_cancel;
};

}
