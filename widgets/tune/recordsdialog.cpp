#include "widgets/tune/recordsdialog.h"

#include "items/texts.h"
#include "state/historyreader.h"
#include "widgets/alarms/journalmodel.h"
#include "widgets/main/desk.h"
#include "widgets/tune/resulttable.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QShortcut>
#include <QTableView>
#include <QVBoxLayout>

namespace sg {

namespace {

constexpr Micros Around = std::chrono::minutes(10);

}

RecordsDialog::RecordsDialog(Desk &desk, const QString &what, KpiRows records, QWidget *parent)
    : QDialog(parent)
    , m_desk(desk)
    , m_records(std::move(records))
    , m_model(new JournalModel(desk, this))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("recordsDialog"));
    setWindowTitle(tr("Records: %1").arg(what));
    resize(1120, 520);
    m_said = new QLabel(tr("Reading the journal …"), this);
    m_said->setObjectName(QStringLiteral("recordsSaid"));
    m_said->setTextFormat(Qt::PlainText);
    m_said->setWordWrap(true);
    m_view = new QTableView(this);
    m_view->setObjectName(QStringLiteral("recordsView"));
    m_view->setAccessibleName(tr("Records"));
    setUpTable(*m_view);
    m_view->setModel(m_model);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    m_chart = buttons->addButton(tr("Show on the chart"), QDialogButtonBox::ActionRole);
    m_chart->setObjectName(QStringLiteral("recordsChart"));
    m_chart->setToolTip(tr("The series of the record, 10 minutes before to 10 minutes after it (Enter)"));
    m_chart->setAutoDefault(false);
    m_chart->setEnabled(false);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_said);
    layout->addWidget(m_view, 1);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_chart, &QPushButton::clicked, this, &RecordsDialog::showOnChart);
    connect(m_view, &QAbstractItemView::doubleClicked, this, &RecordsDialog::showOnChart);
    for (const auto key : {Qt::Key_Return, Qt::Key_Enter}) {
        auto *enter = new QShortcut(key, m_view, nullptr, nullptr, Qt::WidgetShortcut);
        connect(enter, &QShortcut::activated, this, &RecordsDialog::showOnChart);
    }
    connect(m_view->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex &current) { m_chart->setEnabled(current.isValid() && !m_model->row(current.row()).key.empty()); });
    read();
}

void RecordsDialog::read()
{
    auto work = [folder = m_desk.session().stateFolder(), records = m_records](std::stop_token stop, const LongWork::Tell &) {
        const auto reader = StateReader::open(folder);
        if (!reader)
            return Result<std::vector<JournalRow>>(reader.error());
        std::span<const std::uint64_t> seqs = *records;
        auto rows = recordsOf(**reader, seqs.last(std::min(seqs.size(), MostShown)), stop);
        if (rows)
            std::reverse(rows->begin(), rows->end());
        return rows;
    };
    m_work.start(std::move(work), [this](Result<std::vector<JournalRow>> rows) { present(std::move(rows)); });
}

void RecordsDialog::present(Result<std::vector<JournalRow>> rows)
{
    if (!rows) {
        m_said->setText(errorText(rows.error()));
        return;
    }
    const auto all = m_records->size();
    m_said->setText(all > MostShown ? tr("The newest %L1 of %L2 records; the export of the journal has all.").arg(MostShown).arg(all)
                        : all == 1  ? tr("1 record of the journal.")
                                    : tr("%L1 records of the journal, newest first.").arg(all));
    m_model->show(std::move(*rows));
    m_view->resizeColumnsToContents();
    for (int column = 0; column < JournalModel::ReasonColumn; ++column)
        m_view->setColumnWidth(column, std::clamp(m_view->columnWidth(column) + 12, 60, 320));
    if (m_model->rowCount() > 0)
        m_view->setCurrentIndex(m_model->index(0, 0));
    m_view->setFocus();
}

void RecordsDialog::showOnChart()
{
    const auto current = m_view->currentIndex();
    if (!current.isValid())
        return;
    const auto &row = m_model->row(current.row());
    if (row.key.empty())
        return;
    const auto t = row.tEvent == NoTime ? row.tDetect : row.tEvent;
    Q_EMIT m_desk.showSeriesAtWanted(textOf(row.field.empty() ? row.key : row.key + "/" + row.field), t - Around, t + Around);
    close();
    Q_EMIT charted();
}

}
