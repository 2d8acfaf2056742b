#pragma once

#include "export/exporter.h"

#include <QDialog>

class QComboBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace sg {

class Desk;
class TimeChart;

// Writes CSV with progress and cancel. The work runs on the pool; closing the dialog cancels it. UI thread.
class ExportDialog : public QDialog
{
    Q_OBJECT

public:
    using Work = std::function<Result<Exported>(const ExportOptions &, const Progress &, std::stop_token)>;

    static void forChart(Desk &desk, const TimeChart *chart, QWidget *parent); // the visible range of its series
    static void forJournal(Desk &desk, QWidget *parent);
    ~ExportDialog() override;

private:
    ExportDialog(Desk &desk, const QString &title, const QString &what, const QString &fileName, Work work, QWidget *parent);
    void choosePath();
    void start();
    void finish(const Result<Exported> &result);

    Desk &m_desk;
    QString m_what;
    Work m_work;
    QLineEdit *m_path;
    QComboBox *m_profile;
    QComboBox *m_zone;
    QProgressBar *m_progress;
    QLabel *m_answer;
    QPushButton *m_start, *m_cancel;
    std::stop_source m_stop;
    bool m_isRunning = false;
};

}
