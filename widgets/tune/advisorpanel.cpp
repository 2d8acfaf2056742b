#include "widgets/tune/advisorpanel.h"

#include "alarms/judgedunit.h"
#include "core/fields.h"
#include "core/text.h"
#include "core/times.h"
#include "items/texts.h"
#include "widgets/main/desk.h"
#include "widgets/rules/ruledialog.h"
#include "widgets/tune/advicechart.h"
#include "widgets/tune/backtestrun.h"
#include "widgets/tune/periodbar.h"
#include "widgets/tune/resulttable.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

namespace sg {

namespace {

QString percentText(double share)
{
    return QLocale().toString(100 * share, 'f', 1) + QStringLiteral("\u00a0%");
}

// As a person writes it into a rule: "5s", "2min", "1500ms".
std::string yamlOf(Micros delay)
{
    using namespace std::chrono;
    if (delay % minutes(1) == Micros(0) && delay.count() > 0)
        return std::to_string(delay / minutes(1)) + "min";
    return delay % seconds(1) == Micros(0) ? std::to_string(delay / seconds(1)) + "s"
                                           : std::to_string(ceil<milliseconds>(delay).count()) + "ms";
}

QString delayText(Micros delay)
{
    return textOf(yamlOf(delay));
}

QString withUnit(const QString &number, const QString &unit)
{
    return unit.isEmpty() ? number : number + QChar(0xa0) + unit;
}

}

std::vector<std::pair<std::string, std::string>> fieldsOf(const AdviceRow &row, const Node &item)
{
    std::vector<std::pair<std::string, std::string>> out{{"on_delay", yamlOf(row.onDelay)}};
    if (row.deadband)
        out.emplace_back("deadband", formatNumber(*row.deadband));
    for (const char *level : {"high_high", "high", "low", "low_low"}) {
        const auto &own = item[level];
        if (own.kind != Node::Kind::Map)
            continue;
        if (own.has("on_delay"))
            if (const auto delay = parseDuration(own.text("on_delay")); delay && *delay < row.onDelay)
                out.emplace_back(std::string(level) + "/on_delay", yamlOf(row.onDelay));
        if (row.deadband && own.has("deadband"))
            out.emplace_back(std::string(level) + "/deadband", std::string());
    }
    return out;
}

AdvisorPanel::AdvisorPanel(Desk &desk, RuleDialog &editor)
    : QWidget(&editor)
    , m_desk(desk)
    , m_editor(editor)
{
    setObjectName(QStringLiteral("advisorPanel"));
    auto *head = buildHead();
    m_chart = new AdviceChart(this);
    m_rows = new ResultTable(QStringLiteral("adviceRows"), tr("Delays and deadbands"), this);
    auto *split = new QSplitter(Qt::Horizontal, this);
    split->addWidget(m_chart);
    split->addWidget(m_rows);
    split->setStretchFactor(0, 1);
    split->setStretchFactor(1, 1);
    split->setSizes({380, 420});
    split->setChildrenCollapsible(false);
    m_chosen = new QLabel(this);
    m_chosen->setObjectName(QStringLiteral("adviceChosen"));
    m_chosen->setTextFormat(Qt::PlainText);
    m_chosen->setWordWrap(true);
    m_take = new QPushButton(tr("&Take into the draft"), this);
    m_take->setObjectName(QStringLiteral("adviceTake"));
    m_take->setToolTip(tr("On-delay and deadband of the chosen point go into the form; nothing is saved yet (Enter, double click)"));
    m_take->setAutoDefault(false);
    m_lost = new ResultTable(QStringLiteral("adviceLost"), tr("Raises that somebody acted on and that would go"), this);
    m_lost->setMaximumHeight(130);
    auto *chosen = new QHBoxLayout;
    chosen->addWidget(m_chosen, 1);
    chosen->addWidget(m_take);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(head);
    layout->addWidget(split, 1);
    layout->addLayout(chosen);
    layout->addWidget(m_lost);
    connect(&editor, &RuleDialog::draftChanged, this, &AdvisorPanel::setDraft);
    connect(m_chart, &AdviceChart::currentChanged, this, &AdvisorPanel::setCurrent);
    connect(m_chart, &AdviceChart::taken, this, &AdvisorPanel::take);
    connect(m_rows, &ResultTable::rowChanged, this, &AdvisorPanel::setCurrent);
    connect(m_rows, &ResultTable::rowTaken, this, [this](int row) { take(row); });
    connect(m_take, &QPushButton::clicked, this, [this] { take(m_current); });
    connect(&m_work, &LongWork::told, this, [this](double share, const QString &text) {
        m_progress->setRange(0, share < 0 ? 0 : 1000); // 0 to 0: it moves, but nobody knows how far it is
        m_progress->setValue(static_cast<int>(std::max(0.0, share) * 1000));
        m_said->setText(text);
    });
    connect(&m_work, &LongWork::runningChanged, this, &AdvisorPanel::updateState);
    setDraft(editor.draft());
}

QWidget *AdvisorPanel::buildHead()
{
    auto *head = new QWidget(this);
    m_period = new PeriodBar(PeriodBar::Period::Day, head);
    m_run = new QPushButton(tr("Try &delays and deadbands"), head);
    m_run->setObjectName(QStringLiteral("adviceRun"));
    m_cancel = new QPushButton(tr("Cancel"), head);
    m_cancel->setObjectName(QStringLiteral("adviceCancel"));
    for (auto *button : {m_run, m_cancel})
        button->setAutoDefault(false);
    m_progress = new QProgressBar(head);
    m_progress->setMaximumWidth(160);
    m_said = new QLabel(head);
    m_said->setObjectName(QStringLiteral("adviceSaid"));
    m_said->setTextFormat(Qt::PlainText);
    m_said->setWordWrap(true);
    auto *row = new QHBoxLayout;
    row->addWidget(m_period, 1);
    row->addWidget(m_progress);
    row->addWidget(m_cancel);
    row->addWidget(m_run);
    auto *layout = new QVBoxLayout(head);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(row);
    layout->addWidget(m_said);
    connect(m_run, &QPushButton::clicked, this, &AdvisorPanel::run);
    connect(m_cancel, &QPushButton::clicked, &m_work, &LongWork::stop);
    connect(m_period, &PeriodBar::changed, this, &AdvisorPanel::updateState);
    return head;
}

void AdvisorPanel::setDraft(const RuleDraft &draft)
{
    m_draft = draft;
    updateState();
}

void AdvisorPanel::run()
{
    const auto range = m_period->range(m_desk.feed().now());
    if (!range || !m_draft.rule || m_work.isRunning())
        return;
    m_ran = m_draft;
    m_failure.clear();
    auto work = [workspace = m_desk.workspace(), rule = m_draft.rule, folder = m_desk.session().stateFolder(),
                 range = *range](std::stop_token stop, const LongWork::Tell &tell) -> Result<Advice> {
        const auto changed = withRule(*workspace, rule);
        tell(-1, utf8Of(tr("Reading the stored history …")));
        BacktestDataOptions where;
        where.stateFolder = folder;
        where.stop = stop;
        const auto history = readBacktestData(changed, where);
        if (!history)
            return history.error();
        const auto acts = actsOn(rule->id, folder, stop);
        if (!acts)
            return acts.error();
        AdviceOptions options;
        options.from = range.from;
        options.to = range.to;
        options.stop = stop;
        options.progress = [&tell](double share, const std::string &variant) { tell(share, variant); };
        return advise(changed, *history, *acts, rule->id, options);
    };
    m_work.start(std::move(work), [this](Result<Advice> advice) { present(std::move(advice)); });
}

void AdvisorPanel::present(Result<Advice> advice)
{
    m_advice.reset();
    if (!advice)
        m_failure = errorText(advice.error());
    else if (advice->isStopped)
        m_failure = tr("Cancelled: the curve would not be whole.");
    else
        m_advice = std::make_shared<const Advice>(std::move(*advice));
    m_chart->show(m_advice);
    showRows();
    setCurrent(m_advice ? 0 : -1);
    updateState();
}

void AdvisorPanel::showRows()
{
    ResultModel::Content out;
    out.columns = {{tr("On-delay"), true, false},      {tr("Deadband"), true, false},    {tr("Raises"), true, false},
                   {tr("Removed"), true, false},       {tr("Found later"), true, false}, {tr("At most"), true, false},
                   {tr("Acted on, gone"), true, false}};
    if (m_advice) {
        out.rows = static_cast<int>(m_advice->rows.size());
        const auto at = [advice = m_advice](int row) -> const AdviceRow & { return advice->rows[static_cast<std::size_t>(row)]; };
        out.text = [this, at](int row, int column) {
            const auto &one = at(row);
            switch (column) {
            case 0:
                return delayText(one.onDelay);
            case 1:
                return one.deadband ? bandText(*one.deadband) : tr("as it is");
            case 2:
                return QLocale().toString(static_cast<qulonglong>(one.raises));
            case 3:
                return percentText(one.removed);
            case 4:
                return secondsText(one.cost);
            case 5:
                return secondsText(one.mostCost);
            case 6:
                return QLocale().toString(static_cast<qulonglong>(one.lost.size()));
            default:
                return QString();
            }
        };
        out.key = [at](int row, int column) -> QVariant {
            const auto &one = at(row);
            const auto ofSpan = [](Micros span) { return QVariant(static_cast<qlonglong>(span.count())); };
            switch (column) {
            case 0:
                return ofSpan(one.onDelay);
            case 1:
                return one.deadband.value_or(-1.0);
            case 2:
                return static_cast<qulonglong>(one.raises);
            case 3:
                return one.removed;
            case 4:
                return ofSpan(one.cost);
            case 5:
                return ofSpan(one.mostCost);
            default:
                return static_cast<qulonglong>(one.lost.size());
            }
        };
        out.isStrong = [at](int row) { return at(row).isBest; };
    }
    m_rows->show(std::move(out));
}

QString AdvisorPanel::bandText(double band) const
{
    const auto &unit = m_editor.watched().subject.unit;
    return withUnit(textOf(formatNumber(band)), m_ran.rule ? textOf(judgedUnit(*m_ran.rule, utf8Of(unit))) : unit);
}

QString AdvisorPanel::rowText(const AdviceRow &row) const
{
    auto text = row.deadband ? tr("On-delay %1, deadband %2:").arg(delayText(row.onDelay), bandText(*row.deadband))
                             : tr("On-delay %1, deadband as it is:").arg(delayText(row.onDelay));
    text += u' '
        + tr("%L1 of %L2 raises would be left (%3 fewer), found %4 later on average, %5 at most.")
              .arg(row.raises)
              .arg(m_advice->occurrences.size())
              .arg(percentText(row.removed), secondsText(row.cost), secondsText(row.mostCost));
    if (!row.lost.empty())
        text += u' ' + tr("An operator acted on %L1 of those that would go:").arg(row.lost.size());
    return text;
}

void AdvisorPanel::setCurrent(int row)
{
    if (row < 0 && m_advice)
        return; // the table was filled anew
    m_current = row;
    m_chart->setCurrent(row);
    m_rows->setCurrentRow(row);
    ResultModel::Content lost;
    if (m_advice && row >= 0) {
        const auto n = static_cast<std::size_t>(row);
        m_chosen->setText(rowText(m_advice->rows[n]));
        lost.columns = {{tr("Begin"), false, false}, {tr("Alarm"), false, false}, {tr("What was done"), false, false},
                        {tr("By"), false, false},    {tr("When"), false, false},  {tr("What becomes of it"), false, false}};
        lost.rows = static_cast<int>(m_advice->rows[n].lost.size());
        lost.text = [advice = m_advice, n](int line, int column) {
            const auto &one = advice->rows[n].lost[static_cast<std::size_t>(line)];
            switch (column) {
            case 0:
                return clockText(one.occurrence.begin);
            case 1:
                return textOf(one.occurrence.path());
            case 2:
                return textOf(one.what).replace(u'_', u' ');
            case 3:
                return textOf(one.by);
            case 4:
                return clockText(one.when);
            case 5:
                return one.isMerged ? tr("the raise before lasts until then") : tr("not raised");
            default:
                return QString();
            }
        };
    } else {
        m_chosen->clear();
    }
    m_lost->setVisible(lost.rows > 0);
    m_lost->show(std::move(lost));
    updateState();
}

void AdvisorPanel::take(int row)
{
    if (!m_advice || row < 0 || m_work.isRunning())
        return;
    for (const auto &[path, value] : fieldsOf(m_advice->rows[static_cast<std::size_t>(row)], m_ran.item))
        m_editor.setText(path, textOf(value));
    updateState();
}

QString AdvisorPanel::lateText() const
{
    return m_advice->hasRespondWithin
        ? tr("No delay above %1 is tried: 20 % of the time to respond.").arg(delayText(m_advice->mostDelay))
        : tr("The rule does not say within which time to respond, so no delay above %1 is tried.").arg(delayText(m_advice->mostDelay));
}

void AdvisorPanel::updateState()
{
    const bool isRunning = m_work.isRunning();
    m_progress->setVisible(isRunning);
    m_cancel->setVisible(isRunning);
    m_run->setEnabled(!isRunning && m_draft.rule && m_period->range(m_desk.feed().now()));
    m_take->setEnabled(!isRunning && m_advice && m_current >= 0 && m_draft.id == m_ran.id);
    m_lost->setVisible(m_lost->content().rowCount() > 0);
    if (isRunning)
        return;
    QStringList said;
    if (!m_draft.rule)
        said << tr("The draft has faults, so it cannot be run; the first page names them.");
    if (!m_failure.isEmpty())
        said << m_failure;
    if (m_advice && m_advice->occurrences.empty()) {
        said << tr("The draft raises nothing from %1 to %2, so there is nothing to remove.")
                    .arg(clockText(m_advice->from), clockText(m_advice->to));
    } else if (m_advice) {
        said << tr("%1 to %2: %L3 raises, of which operators acted on %L4.")
                    .arg(clockText(m_advice->from), clockText(m_advice->to))
                    .arg(m_advice->occurrences.size())
                    .arg(m_advice->acted.size());
        said << lateText();
        if (m_advice->noise > 0)
            said << tr("Noise of the readings: %1.").arg(withUnit(valueText(m_advice->noise, nullptr), m_editor.watched().subject.unit));
        if (m_ran.item.has("limits_from"))
            said << tr("Deadbands that the table %1 has for single keys are not varied, and stay.")
                        .arg(textOf(m_ran.item.text("limits_from")));
        if (m_draft.text != m_ran.text)
            said << tr("The draft was changed since; the curve is of the draft as it was.");
        for (const auto &trouble : m_advice->troubles)
            said << errorText(trouble) + u'.';
    } else if (m_failure.isEmpty() && m_draft.rule) {
        said << tr(
            "Runs the draft over the stored history with longer on-delays and wider deadbands: how many raises each would have removed, "
            "and how much later the others would have been found.");
    }
    m_said->setText(said.join(u' '));
}

}
