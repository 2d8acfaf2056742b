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
    void exportAll();
    [[nodiscard]] KpiRows recordsOf(int row) const;
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
    QPushButton *m_records, *m_export, *m_again, *m_cancel;
};

}
