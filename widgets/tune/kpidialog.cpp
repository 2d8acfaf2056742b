#include "widgets/tune/kpidialog.h"

#include "export/kpiexport.h"
#include "items/texts.h"
#include "state/kpireader.h"
#include "widgets/export/exportdialog.h"
#include "widgets/main/desk.h"
#include "widgets/rules/ruledialog.h"
#include "widgets/tune/periodbar.h"
#include "widgets/tune/recordsdialog.h"
#include "widgets/tune/resulttable.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace sg {

namespace {

enum ScoreColumn { TitleColumn, AreaColumn, ValueColumn, RecordsColumn, TargetColumn, GradeColumn };

QString numberText(double value)
{
    if (std::isnan(value))
        return QStringLiteral("–");
    const bool isWhole = std::abs(value - std::round(value)) < 1e-9;
    return QLocale().toString(value, 'f', isWhole ? 0 : 2);
}

QString cellText(const KpiCell &cell)
{
    if (const auto *text = std::get_if<std::string>(&cell))
        return textOf(*text);
    if (const auto *number = std::get_if<double>(&cell))
        return numberText(*number);
    const auto t = std::get<Time>(cell);
    return t == NoTime ? QStringLiteral("–") : clockText(t);
}

QVariant cellKey(const KpiCell &cell)
{
    if (const auto *text = std::get_if<std::string>(&cell))
        return textOf(*text);
    if (const auto *number = std::get_if<double>(&cell))
        return std::isnan(*number) ? QVariant(-1.0) : QVariant(*number);
    return QVariant::fromValue<qlonglong>(std::get<Time>(cell).time_since_epoch().count());
}

QString recordsText(const KpiRows &rows)
{
    const auto count = rows ? rows->size() : 0;
    return count == 0 ? QString() : QLocale().toString(static_cast<qulonglong>(count));
}

QString sentence(const char *text) // the head of a table, of a column
{
    const auto words = translated(text).replace(u'_', u' ');
    return words.left(1).toUpper() + words.mid(1);
}

constexpr const char *AdviceColumn = "suggestion", *RuleColumn = "rule";

int columnNamed(const KpiTable &table, std::string_view name) // -1: there is none
{
    const auto found = std::ranges::find_if(table.columns, [&](const char *column) { return name == column; });
    return found == table.columns.end() ? -1 : static_cast<int>(found - table.columns.begin());
}

ResultModel::Content scorecardOf(std::shared_ptr<const KpiReport> report)
{
    ResultModel::Content out;
    out.columns = {{KpiDialog::tr("Number"), false, false},
                   {KpiDialog::tr("Area"), false, false},
                   {KpiDialog::tr("Value"), true, false},
                   {KpiDialog::tr("Records"), true, true},
                   {KpiDialog::tr("Target / maximum"), false, false},
                   {KpiDialog::tr("Grade"), false, false}};
    out.rows = static_cast<int>(report->scorecard.size());
    const auto at = [report](int row) -> const Kpi & { return report->scorecard[static_cast<std::size_t>(row)]; };
    out.text = [at](int row, int column) {
        const auto &kpi = at(row);
        switch (column) {
        case TitleColumn:
            return sentence(kpi.title);
        case AreaColumn:
            return kpi.area.empty() ? KpiDialog::tr("all") : textOf(kpi.area);
        case ValueColumn:
            return *kpi.unit == '\0' || std::isnan(kpi.value) ? numberText(kpi.value)
                                                              : numberText(kpi.value) + QChar(0xa0) + textOf(kpi.unit);
        case TargetColumn:
            return textOf(kpi.target);
        case GradeColumn:
            return kpi.grade == KpiGrade::Trend ? QString() : translated(sg::nameOf(kpi.grade));
        case RecordsColumn:
            return recordsText(kpi.rows);
        default:
            return QString();
        }
    };
    out.key = [at, text = out.text](int row, int column) -> QVariant {
        const auto &kpi = at(row);
        switch (column) {
        case ValueColumn:
            return std::isnan(kpi.value) ? -1.0 : kpi.value;
        case GradeColumn: // the worst last
            return kpi.grade == KpiGrade::Trend || kpi.grade == KpiGrade::TooShort ? -1 : static_cast<int>(kpi.grade);
        case RecordsColumn:
            return static_cast<qulonglong>(kpi.rows ? kpi.rows->size() : 0);
        default:
            return text(row, column);
        }
    };
    out.isStrong = [at](int row) { return at(row).grade == KpiGrade::OverMaximum; };
    return out;
}

ResultModel::Content contentOf(std::shared_ptr<const KpiReport> report, std::size_t n)
{
    const auto &table = report->tables[n];
    const auto count = table.columns.size();
    const auto advice = columnNamed(table, AdviceColumn);
    ResultModel::Content out;
    for (std::size_t column = 0; column < count; ++column)
        out.columns.push_back({sentence(table.columns[column]),
                               !table.rows.empty() && std::holds_alternative<double>(table.rows.front()[column]),
                               static_cast<int>(column) == advice});
    out.columns.push_back({KpiDialog::tr("Records"), true, true});
    out.rows = static_cast<int>(table.rows.size());
    const auto cell = [report, n](int row, int column) -> const KpiCell & {
        return report->tables[n].rows[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
    };
    const auto records = [report, n](int row) -> const KpiRows & { return report->tables[n].records[static_cast<std::size_t>(row)]; };
    const auto last = static_cast<int>(count);
    out.text = [cell, records, last, advice](int row, int column) {
        if (column == advice) // what the table itself says is for who has no window
            return KpiDialog::tr("Tune the rule …");
        return column == last ? recordsText(records(row)) : cellText(cell(row, column));
    };
    out.key = [cell, records, last](int row, int column) {
        return column == last ? QVariant(static_cast<qulonglong>(records(row)->size())) : cellKey(cell(row, column));
    };
    return out;
}

}

KpiDialog::KpiDialog(Desk &desk, QWidget *parent)
    : QDialog(parent)
    , m_desk(desk)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("kpiDialog"));
    setWindowTitle(desk.isDemo() ? tr("KPI report (DEMO)") : tr("KPI report"));
    setWindowFlag(Qt::WindowMaximizeButtonHint);
    resize(1280, 740);
    m_period = new PeriodBar(PeriodBar::Period::Day, this);
    m_head = new QLabel(this);
    m_head->setObjectName(QStringLiteral("kpiHead"));
    m_head->setTextFormat(Qt::PlainText);
    m_head->setWordWrap(true);
    m_head->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_pages = new QListWidget(this);
    m_pages->setObjectName(QStringLiteral("kpiPages"));
    m_pages->setAccessibleName(tr("Tables of the report"));
    m_pages->setWordWrap(true);
    m_pages->setSpacing(2);
    m_table = new ResultTable(QStringLiteral("kpiTable"), tr("Numbers"), this);
    m_empty = new QLabel(this);
    m_empty->setObjectName(QStringLiteral("kpiEmpty"));
    m_empty->setTextFormat(Qt::PlainText);
    m_empty->setWordWrap(true);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setMargin(24);
    m_stack = new QStackedWidget(this);
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_empty);
    auto *split = new QSplitter(Qt::Horizontal, this);
    split->addWidget(m_pages);
    split->addWidget(m_stack);
    split->setStretchFactor(1, 1);
    split->setSizes({250, 1000});
    split->setChildrenCollapsible(false);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_period);
    layout->addWidget(m_head);
    layout->addWidget(split, 1);
    layout->addWidget(buildFoot());

    connect(m_period, &PeriodBar::changed, this, &KpiDialog::compute);
    connect(m_pages, &QListWidget::currentRowChanged, this, &KpiDialog::showPage);
    connect(m_table, &ResultTable::rowChanged, this, &KpiDialog::updateRecords);
    connect(m_table, &ResultTable::rowTaken, this, &KpiDialog::take);
    connect(&m_work, &LongWork::told, this, [this](double share) { m_progress->setValue(static_cast<int>(share * 1000)); });
    connect(&m_work, &LongWork::runningChanged, this, [this](bool isRunning) {
        m_progress->setVisible(isRunning);
        m_cancel->setVisible(isRunning);
        m_again->setEnabled(!isRunning);
    });
    m_period->setFocus();
    compute();
}

QWidget *KpiDialog::buildFoot()
{
    auto *foot = new QWidget(this);
    m_progress = new QProgressBar(foot);
    m_progress->setObjectName(QStringLiteral("kpiProgress"));
    m_progress->setRange(0, 1000);
    m_progress->setMaximumWidth(220);
    const auto button = [&](const char *name, const QString &text) {
        auto *out = new QPushButton(text, foot);
        out->setObjectName(QString::fromLatin1(name));
        out->setAutoDefault(false); // Enter belongs to the table
        return out;
    };
    m_cancel = button("kpiCancel", tr("Cancel"));
    m_tune = button("kpiTune", tr("&Tune the rule …"));
    m_tune->setToolTip(tr("Opens the rule with its Tuning page: which delay and deadband would have removed how many of its raises"));
    m_records = button("kpiRecords", tr("Show its &records"));
    m_records->setToolTip(tr("The records of the journal that this number is made of (Enter)"));
    m_again = button("kpiAgain", tr("Compute &again"));
    m_export = button("kpiExport", tr("&Export …"));
    auto *close = button("kpiClose", tr("Close"));
    auto *row = new QHBoxLayout(foot);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_progress);
    row->addWidget(m_cancel);
    row->addStretch(1);
    for (auto *one : {m_tune, m_records, m_again, m_export, close})
        row->addWidget(one);
    connect(m_cancel, &QPushButton::clicked, &m_work, &LongWork::stop);
    connect(m_records, &QPushButton::clicked, this, [this] { openRecords(m_table->currentRow()); });
    connect(m_tune, &QPushButton::clicked, this, [this] { tune(m_table->currentRow()); });
    connect(m_again, &QPushButton::clicked, this, &KpiDialog::compute);
    connect(m_export, &QPushButton::clicked, this, &KpiDialog::exportAll);
    connect(close, &QPushButton::clicked, this, &QDialog::reject);
    return foot;
}

void KpiDialog::compute()
{
    const auto range = m_period->range(m_desk.feed().now());
    if (!range)
        return; // the bar says why
    KpiOptions options;
    options.from = range->from;
    options.to = range->to;
    options.rules = m_desk.workspace()->rules;
    m_export->setEnabled(false);
    m_records->setEnabled(false);
    m_tune->setEnabled(false);
    m_head->setText(tr("Reading the journal …"));
    auto work = [folder = m_desk.session().stateFolder(), options](std::stop_token stop, const LongWork::Tell &tell) {
        return readKpi(
            folder, options, [&tell](double share) { tell(share, {}); }, stop);
    };
    m_work.start(std::move(work), [this](Result<KpiReport> report) { present(std::move(report)); });
}

void KpiDialog::present(Result<KpiReport> report)
{
    if (!report) {
        m_report.reset();
        m_head->setText(tr("There is no report."));
        say(errorText(report.error()));
        return;
    }
    m_report = std::make_shared<const KpiReport>(std::move(*report));
    const auto &r = *m_report;
    if (r.records == 0) {
        m_head->setText(tr("There is no report."));
        say(tr("The journal has no record of this time (%1), so there is nothing to count. Choose a longer period.")
                .arg(m_period->words()));
        return;
    }
    QStringList said;
    said << tr("%1 to %2 (%3; times in %5), %L4 records of the journal.")
                .arg(clockText(r.from), clockText(r.to), ageText(r.to - r.from))
                .arg(static_cast<qulonglong>(r.records))
                .arg(zoneText());
    if (const auto away = r.to - r.from - r.watched; away.count() > 0)
        said << tr("Watched %1; %2 were not watched and are in no denominator.").arg(ageText(r.watched), ageText(away));
    else
        said << tr("All of it was watched.");
    if (r.isTooShort)
        said << tr("That is too short to grade: what needs a day is marked so, and numbers a day or an hour are only reckoned up from %1.")
                    .arg(ageText(r.watched));
    else if (r.isIndicative)
        said << tr("Indicative only: less than 30 days were watched.");
    if (r.annunciated == 0)
        said << tr("No alarm was annunciated to an operator.");
    else
        said << tr("%L1 annunciations to operators count.").arg(r.annunciated);
    if (r.suppressed + r.caughtUp + r.notForOperators > 0)
        said << tr("Of the raises %L1 were suppressed, %L2 came and went while a source caught up, %L3 are not for operators.")
                    .arg(r.suppressed)
                    .arg(r.caughtUp)
                    .arg(r.notForOperators);
    m_head->setText(said.join(u' '));
    m_export->setEnabled(true);
    fillPages();
}

void KpiDialog::fillPages()
{
    const auto before = std::max(0, m_pages->currentRow());
    {
        const QSignalBlocker quiet(m_pages);
        m_pages->clear();
        m_pages->addItem(tr("Scorecard"));
        for (const auto &table : m_report->tables)
            m_pages->addItem(table.count.value_or(0) == 0 ? sentence(table.title)
                                                          : tr("%1: %L2").arg(sentence(table.title)).arg(*table.count));
        if (!m_report->notComputed.empty())
            m_pages->addItem(tr("What is not computed, and why"));
        m_pages->setCurrentRow(std::min(before, m_pages->count() - 1));
    }
    showPage();
}

void KpiDialog::showPage()
{
    const auto page = m_pages->currentRow();
    if (!m_report || page < 0)
        return;
    const auto n = static_cast<std::size_t>(page);
    if (n > m_report->tables.size()) {
        QStringList lines;
        for (const auto &one : m_report->notComputed)
            lines << sentence(utf8Of(errorText(one)).c_str());
        say(lines.join(QStringLiteral("\n\n")));
        return;
    }
    if (n > 0 && m_report->tables[n - 1].rows.empty()) {
        say(tr("%1: there was none in this time.").arg(sentence(m_report->tables[n - 1].title)));
        return;
    }
    m_table->show(n == 0 ? scorecardOf(m_report) : contentOf(m_report, n - 1));
    m_stack->setCurrentWidget(m_table);
    m_table->setCurrentRow(0);
    updateRecords(m_table->currentRow());
}

void KpiDialog::say(const QString &text)
{
    m_empty->setText(text);
    m_stack->setCurrentWidget(m_empty);
    m_records->setEnabled(false);
    m_tune->setEnabled(false);
}

KpiRows KpiDialog::recordsOf(int row) const
{
    const auto page = static_cast<std::size_t>(std::max(0, m_pages->currentRow()));
    if (!m_report || row < 0 || page > m_report->tables.size())
        return nullptr;
    const auto at = static_cast<std::size_t>(row);
    return page == 0 ? m_report->scorecard[at].rows : m_report->tables[page - 1].records[at];
}

QString KpiDialog::nameOf(int row) const
{
    const auto page = static_cast<std::size_t>(std::max(0, m_pages->currentRow()));
    const auto at = static_cast<std::size_t>(row);
    if (page == 0)
        return sentence(m_report->scorecard[at].title);
    const auto &table = m_report->tables[page - 1];
    return sentence(table.title) + QStringLiteral(", ") + cellText(table.rows[at].front());
}

void KpiDialog::updateRecords(int row)
{
    const auto records = recordsOf(row);
    m_records->setEnabled(records && !records->empty());
    m_tune->setEnabled(ruleOf(row) != nullptr);
}

std::shared_ptr<const Rule> KpiDialog::ruleOf(int row) const
{
    const auto page = m_pages->currentRow();
    const auto &rules = m_desk.workspace()->rules;
    if (!m_report || !rules || row < 0 || page < 1 || static_cast<std::size_t>(page) > m_report->tables.size())
        return nullptr;
    const auto &table = m_report->tables[static_cast<std::size_t>(page) - 1];
    const auto column = columnNamed(table, RuleColumn);
    if (column < 0)
        return nullptr;
    const auto *id = std::get_if<std::string>(&table.rows[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)]);
    const auto found = std::ranges::find_if(rules->rules, [&](const auto &rule) { return id != nullptr && rule->id == *id; });
    return found == rules->rules.end() ? nullptr : *found;
}

void KpiDialog::tune(int row)
{
    if (const auto rule = ruleOf(row))
        RuleDialog::tune(m_desk, rule, this);
}

void KpiDialog::take(int row, int column)
{
    const auto page = m_pages->currentRow();
    if (page > 0 && column >= 0 && column == columnNamed(m_report->tables[static_cast<std::size_t>(page) - 1], AdviceColumn))
        tune(row);
    else
        openRecords(row);
}

void KpiDialog::putAside()
{
    for (auto *records : findChildren<RecordsDialog *>())
        records->close();
    hide();
    parentWidget()->window()->activateWindow();
    Q_EMIT m_desk.said(tr("The KPI report is put aside; Alarms, KPI report … brings it back as it was."), false);
}

void KpiDialog::openRecords(int row)
{
    const auto records = recordsOf(row);
    if (!records || records->empty())
        return;
    auto *dialog = new RecordsDialog(m_desk, nameOf(row), records, this);
    connect(dialog, &RecordsDialog::charted, this, &KpiDialog::putAside);
    dialog->show();
}

void KpiDialog::exportAll()
{
    ExportDialog::forJob(m_desk,
                         {tr("Export the KPI report"),
                          tr("KPI report, %1 to %2: a CSV file for each table").arg(clockText(m_report->from), clockText(m_report->to)),
                          QStringLiteral("kpi"), true,
                          [report = m_report](const ExportOptions &options, const Progress &progress, std::stop_token) {
                              return exportKpi(*report, options, progress);
                          }},
                         this);
}

}
