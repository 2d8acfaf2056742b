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
    struct Job
    {
        QString title, what; // of the window; what is exported, in words
        QString name; // of the file, or of the folder, that is proposed
        bool isFolder = false; // of several files
        Work work;
    };
    static void forJob(Desk &desk, Job job, QWidget *parent);
    ~ExportDialog() override;

private:
    ExportDialog(Desk &desk, Job job, QWidget *parent);
    void choosePath();
    void start();
    void finish(const Result<Exported> &result);

    Desk &m_desk;
    const Job m_job;
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
