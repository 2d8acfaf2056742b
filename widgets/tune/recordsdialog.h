#pragma once

#include "alarms/kpi.h"
#include "widgets/tune/longwork.h"

#include <QDialog>

class QLabel;
class QPushButton;
class QTableView;

namespace sg {

class Desk;
class JournalModel;

// The journal's records that a number is made of, newest first; from each one to the chart at its time. UI thread; read by a worker.
class RecordsDialog : public QDialog
{
    Q_OBJECT

public:
    RecordsDialog(Desk &desk, const QString &what, KpiRows records, QWidget *parent);

Q_SIGNALS:
    void charted(); // it went, so that the chart that was asked for is seen

private:
    void read();
    void present(Result<std::vector<JournalRow>> rows);
    void showOnChart();

    static constexpr std::size_t MostShown = 20'000;
    Desk &m_desk;
    const KpiRows m_records;
    JournalModel *m_model;
    QLabel *m_said;
    QTableView *m_view;
    QPushButton *m_chart;
    LongWork m_work;
};

}
