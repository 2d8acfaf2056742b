#include "widgets/export/exportdialog.h"

#include "items/texts.h"
#include "widgets/chart/timechart.h"
#include "widgets/main/desk.h"
#include "widgets/main/posting.h"
#include "widgets/main/usersettings.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>

namespace sg {

void ExportDialog::forChart(Desk &desk, const TimeChart *chart, QWidget *parent)
{
    if (chart == nullptr || chart->series().empty()) {
        Q_EMIT desk.said(tr("There is no chart with series to export. Put a series on a chart first."), false);
        return;
    }
    SeriesExport what;
    const auto &rows = desk.feed().current()->series;
    for (const auto &series : chart->series())
        if (number(series.id) < rows.size())
            what.series.push_back({series.path, utf8Of(series.name), utf8Of(series.unit), series.kind, rows.at(number(series.id)).view});
    what.from = chart->window().from();
    what.to = chart->window().to();
    what.textOf = [snapshot = desk.feed().current()](double code) { return snapshot->textOf(code); };
    const auto text = tr("%1 series, %2 to %3, every stored value").arg(what.series.size()).arg(clockText(what.from), clockText(what.to));
    forJob(desk,
           {tr("Export chart data"), text, QStringLiteral("chart.csv"), false,
            [what](const ExportOptions &options, const Progress &progress, std::stop_token stop) {
                return exportSeries(what, options, progress, stop);
            }},
           parent);
}

void ExportDialog::forJournal(Desk &desk, QWidget *parent)
{
    auto work = [folder = desk.session().stateFolder()](const ExportOptions &options, const Progress &progress,
                                                        std::stop_token stop) -> Result<Exported> {
        const auto state = StateReader::open(folder);
        if (!state)
            return state.error();
        return exportJournal(**state, JournalQuery(), options, progress, stop);
    };
    forJob(desk,
           {tr("Export alarm journal"), tr("Every record of the alarm journal"), QStringLiteral("journal.csv"), false, std::move(work)},
           parent);
}

void ExportDialog::forJob(Desk &desk, Job job, QWidget *parent)
{
    (new ExportDialog(desk, std::move(job), parent))->open();
}

ExportDialog::ExportDialog(Desk &desk, Job job, QWidget *parent)
    : QDialog(parent)
    , m_desk(desk)
    , m_job(std::move(job))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("exportDialog"));
    setWindowTitle(m_job.title);
    resize(560, 200);
    auto *said = new QLabel(desk.isDemo() ? tr("DEMO data: ") + m_job.what : m_job.what, this);
    said->setTextFormat(Qt::PlainText);
    said->setWordWrap(true);
    const auto folder = userSettings().value(QStringLiteral("export/folder"), QDir::homePath()).toString();
    m_path = new QLineEdit(QDir(folder).filePath(m_job.name), this);
    m_path->setObjectName(QStringLiteral("exportPath"));
    auto *choose = new QPushButton(tr("Choose …"), this);
    choose->setObjectName(QStringLiteral("exportChoose"));
    m_profile = new QComboBox(this);
    m_profile->setObjectName(QStringLiteral("exportProfile"));
    m_profile->addItem(tr("For programs (UTF-8)"), static_cast<int>(CsvProfile::Data));
    m_profile->addItem(tr("For Excel (UTF-8 with byte order mark)"), static_cast<int>(CsvProfile::Excel));
    m_zone = new QComboBox(this);
    m_zone->setObjectName(QStringLiteral("exportZone"));
    m_zone->addItem(tr("Local time with offset"), QString());
    m_zone->addItem(tr("UTC"), QStringLiteral("UTC"));
    m_progress = new QProgressBar(this);
    m_progress->setObjectName(QStringLiteral("exportProgress"));
    m_progress->setRange(0, 1000);
    m_answer = new QLabel(this);
    m_answer->setObjectName(QStringLiteral("exportAnswer"));
    m_answer->setTextFormat(Qt::PlainText);
    m_answer->setWordWrap(true);
    m_start = new QPushButton(tr("Export"), this);
    m_start->setObjectName(QStringLiteral("exportStart"));
    m_start->setDefault(true);
    m_cancel = new QPushButton(tr("Close"), this);
    m_cancel->setObjectName(QStringLiteral("exportCancel"));
    auto *pathRow = new QHBoxLayout;
    pathRow->addWidget(m_path, 1);
    pathRow->addWidget(choose);
    auto *buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(m_start);
    buttons->addWidget(m_cancel);
    auto *layout = new QFormLayout(this);
    layout->addRow(said);
    layout->addRow(m_job.isFolder ? tr("Folder") : tr("File"), pathRow);
    layout->addRow(tr("Profile"), m_profile);
    layout->addRow(tr("Times"), m_zone);
    layout->addRow(m_progress);
    layout->addRow(m_answer);
    layout->addRow(buttons);
    connect(choose, &QPushButton::clicked, this, &ExportDialog::choosePath);
    connect(m_start, &QPushButton::clicked, this, &ExportDialog::start);
    connect(m_cancel, &QPushButton::clicked, this, [this] {
        if (m_isRunning)
            m_stop.request_stop();
        else
            reject();
    });
}

ExportDialog::~ExportDialog()
{
    m_stop.request_stop();
}

void ExportDialog::choosePath()
{
    const auto path = m_job.isFolder ? QFileDialog::getExistingDirectory(this, windowTitle(), m_path->text())
                                     : QFileDialog::getSaveFileName(this, windowTitle(), m_path->text(), tr("CSV files (*.csv)"));
    if (!path.isEmpty())
        m_path->setText(path);
}

void ExportDialog::start()
{
    ExportOptions options;
    options.path = utf8Of(m_path->text().trimmed());
    if (options.path.empty())
        return;
    options.profile = static_cast<CsvProfile>(m_profile->currentData().toInt());
    options.zone = utf8Of(m_zone->currentData().toString());
    options.workspace = m_desk.workspace()->name;
    options.isDemo = m_desk.isDemo();
    options.version = utf8Of(QCoreApplication::applicationVersion());
    options.filter = utf8Of(m_job.what);
    options.made = m_desk.feed().now();
    userSettings().setValue(QStringLiteral("export/folder"), QFileInfo(m_path->text()).absolutePath());
    m_isRunning = true;
    m_stop = std::stop_source();
    m_start->setEnabled(false);
    m_cancel->setText(tr("Cancel"));
    m_answer->setText(tr("Writing …"));
    m_desk.session().run([this, self = QPointer<QObject>(this), work = m_job.work, options, stop = m_stop.get_token()] {
        const auto progress
            = [this, self](double done) { postTo(self, [this, done] { m_progress->setValue(static_cast<int>(done * 1000)); }); };
        const auto result = work(options, progress, stop);
        postTo(self, [this, result] { finish(result); });
    });
}

void ExportDialog::finish(const Result<Exported> &result)
{
    m_isRunning = false;
    m_start->setEnabled(true);
    m_cancel->setText(tr("Close"));
    if (result) {
        m_progress->setValue(1000);
        m_answer->setText(tr("%1 rows written to %2").arg(QLocale().toString(static_cast<qulonglong>(result->rows)), m_path->text()));
    } else {
        m_progress->setValue(0);
        m_answer->setText(m_stop.stop_requested() ? tr("Cancelled; no file was left.") : errorText(result.error()));
    }
}

}
