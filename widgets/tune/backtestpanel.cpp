#include "widgets/tune/backtestpanel.h"

#include "core/selector.h"
#include "export/occurrenceexport.h"
#include "items/texts.h"
#include "widgets/chart/timechart.h"
#include "widgets/export/exportdialog.h"
#include "widgets/main/desk.h"
#include "widgets/rules/draftlimits.h"
#include "widgets/rules/ruledialog.h"
#include "widgets/theme/theme.h"
#include "widgets/tune/periodbar.h"
#include "widgets/tune/raiselanes.h"
#include "widgets/tune/resulttable.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

namespace sg {

namespace {

constexpr Micros Around = std::chrono::minutes(10);

QString untilText(Time t)
{
    return t == NoTime ? BacktestPanel::tr("still active") : clockText(t);
}

qlonglong keyOf(Time t)
{
    return t.time_since_epoch().count();
}

QString levelText(Level level)
{
    return level == Level::None || level == Level::On ? QString() : translated(nameOf(level));
}

QString sentenceOf(const QString &text)
{
    return text.left(1).toUpper() + text.mid(1);
}

// Of a raise; one that has no end is active until the range ends.
Micros meanActive(const std::vector<Occurrence> &all, Time to)
{
    Micros sum{0};
    for (const auto &one : all)
        sum += std::max(Micros(0), (one.end == NoTime ? to : std::min(one.end, to)) - one.begin);
    return sum / static_cast<std::int64_t>(std::max<std::size_t>(1, all.size()));
}

QString lastedText(const Occurrence &one)
{
    return one.end == NoTime ? QString() : spanText(one.end - one.begin);
}

}

BacktestPanel::BacktestPanel(Desk &desk, RuleDialog &editor)
    : QWidget(&editor)
    , m_desk(desk)
    , m_editor(editor)
{
    setObjectName(QStringLiteral("backtestPanel"));
    auto *split = new QSplitter(Qt::Vertical, this);
    auto *head = buildHead();
    split->addWidget(buildPictures());
    split->addWidget(buildList());
    split->setStretchFactor(0, 1);
    split->setStretchFactor(1, 1);
    split->setChildrenCollapsible(false);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(head);
    layout->addWidget(split, 1);
    connect(&editor, &RuleDialog::draftChanged, this, &BacktestPanel::setDraft);
    connect(&m_work, &LongWork::told, this, [this](double share, const QString &text) {
        m_progress->setRange(0, share < 0 ? 0 : 1000); // 0 to 0: it moves, but nobody knows how far it is
        m_progress->setValue(static_cast<int>(std::max(0.0, share) * 1000));
        m_said->setText(text);
    });
    connect(&m_work, &LongWork::runningChanged, this, &BacktestPanel::updateState);
    setDraft(editor.draft());
}

QWidget *BacktestPanel::buildHead()
{
    auto *head = new QWidget(this);
    m_period = new PeriodBar(PeriodBar::Period::Day, head);
    const auto button = [&](const char *name, const QString &text) {
        auto *out = new QPushButton(text, head);
        out->setObjectName(QString::fromLatin1(name));
        out->setAutoDefault(false);
        return out;
    };
    m_run = button("backtestRun", tr("Run &backtest"));
    m_cancel = button("backtestCancel", tr("Cancel"));
    m_progress = new QProgressBar(head);
    m_progress->setObjectName(QStringLiteral("backtestProgress"));
    m_progress->setMaximumWidth(160);
    m_said = new QLabel(head);
    m_said->setObjectName(QStringLiteral("backtestSaid"));
    m_said->setTextFormat(Qt::PlainText);
    m_said->setWordWrap(true);
    m_sums = new ResultTable(QStringLiteral("backtestSums"), tr("Sums"), head);
    m_sums->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_sums->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_sums->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_sums->hide();
    auto *row = new QHBoxLayout;
    row->addWidget(m_period, 1);
    row->addWidget(m_progress);
    row->addWidget(m_cancel);
    row->addWidget(m_run);
    auto *layout = new QVBoxLayout(head);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(row);
    layout->addWidget(m_said);
    layout->addWidget(m_sums);
    connect(m_run, &QPushButton::clicked, this, &BacktestPanel::run);
    connect(m_cancel, &QPushButton::clicked, &m_work, &LongWork::stop);
    connect(m_period, &PeriodBar::changed, this, &BacktestPanel::updateState);
    return head;
}

QWidget *BacktestPanel::buildPictures()
{
    auto *pictures = new QWidget(this);
    m_chart = new TimeChart(m_desk, pictures);
    m_chart->setObjectName(QStringLiteral("backtestChart"));
    m_chart->setShowsLimits(false); // those are the live rules'; the draft's stand there instead
    m_chart->setSpanSource([this](const std::string &path, Time from, Time to) { return spansOf(path, from, to); });
    m_chart->setMinimumHeight(130);
    m_lanes = new RaiseLanes(pictures);
    auto *layout = new QVBoxLayout(pictures);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_chart, 1);
    layout->addWidget(m_lanes);
    connect(m_chart, &TimeChart::drawn, this, [this] { m_lanes->setSight(m_chart->window().from(), m_chart->window().to()); });
    connect(m_lanes, &RaiseLanes::chosen, this, [this](Time at) { m_chart->showTime(at - Around, at + Around); });
    return pictures;
}

QWidget *BacktestPanel::buildList()
{
    auto *below = new QWidget(this);
    m_list = new QComboBox(below);
    m_list->setObjectName(QStringLiteral("backtestList"));
    m_list->setAccessibleName(tr("What is listed"));
    m_list->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_rows = new ResultTable(QStringLiteral("backtestRows"), tr("Raises"), below);
    m_export = new QPushButton(tr("E&xport …"), below);
    m_export->setObjectName(QStringLiteral("backtestExport"));
    m_export->setAutoDefault(false);
    auto *row = new QHBoxLayout;
    row->addWidget(m_list);
    row->addStretch(1);
    row->addWidget(m_export);
    auto *layout = new QVBoxLayout(below);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(row);
    layout->addWidget(m_rows, 1);
    connect(m_list, &QComboBox::currentIndexChanged, this, &BacktestPanel::showList);
    connect(m_rows, &ResultTable::rowChanged, this, &BacktestPanel::showRow);
    connect(m_rows, &ResultTable::rowTaken, this, [this](int taken) { showRow(taken); });
    connect(m_export, &QPushButton::clicked, this, &BacktestPanel::exportList);
    return below;
}

void BacktestPanel::setDraft(const RuleDraft &draft)
{
    m_draft = draft;
    if (!m_answer && draft.rule)
        m_chart->setSelectors({textOf(draft.rule->series.text())});
    showLimits();
    updateState();
}

void BacktestPanel::run()
{
    const auto range = m_period->range(m_desk.feed().now());
    if (!range || !m_draft.rule || m_work.isRunning())
        return;
    m_ran = m_draft;
    m_failure.clear();
    BacktestJob job{m_desk.workspace(), m_draft.rule, m_draft.saved, m_desk.session().stateFolder(), range->from, range->to};
    m_work.start([job = std::move(job)](std::stop_token stop, const LongWork::Tell &tell) { return runVersions(job, stop, tell); },
                 [this](Result<std::optional<BacktestAnswer>> answer) { present(std::move(answer)); });
}

void BacktestPanel::present(Result<std::optional<BacktestAnswer>> answer)
{
    m_answer.reset();
    m_byPath.clear();
    if (!answer)
        m_failure = errorText(answer.error());
    else if (!*answer)
        m_failure = tr("Cancelled: there is no result. Run it again, perhaps over a shorter time.");
    else
        m_answer = std::make_shared<const BacktestAnswer>(std::move(**answer));
    if (m_answer) {
        std::map<std::string, std::string> series; // by alarm: looked for once
        for (std::size_t i = 0; i < m_answer->draft.occurrences.size(); ++i) {
            const auto &one = m_answer->draft.occurrences[i];
            const auto [known, isNew] = series.try_emplace(one.path());
            if (isNew)
                known->second = seriesOf(one);
            m_byPath[known->second].push_back(i);
        }
    }
    {
        const QSignalBlocker quiet(m_list);
        const auto before = m_list->currentData();
        m_list->clear();
        if (m_answer && m_answer->saved)
            m_list->addItem(tr("Differences: %L1").arg(m_answer->changes.size()), static_cast<int>(List::Changes));
        if (m_answer)
            m_list->addItem(tr("Raises of the draft: %L1").arg(m_answer->draft.occurrences.size()), static_cast<int>(List::Draft));
        if (m_answer && m_answer->saved)
            m_list->addItem(tr("Raises of the saved version: %L1").arg(m_answer->saved->occurrences.size()), static_cast<int>(List::Saved));
        m_list->setCurrentIndex(std::max(0, m_list->findData(before)));
    }
    showSums();
    showLanes();
    showList();
    showLimits();
    m_chart->updateAlarms();
    updateState();
}

void BacktestPanel::showSums()
{
    m_sums->setVisible(m_answer != nullptr);
    if (!m_answer)
        return;
    ResultModel::Content out;
    out.columns = {{tr("Version"), false, false},    {tr("Raises"), true, false},      {tr("A day"), true, false},
                   {tr("Time active"), true, false}, {tr("Mean active"), true, false}, {tr("Still active"), true, false}};
    out.rows = m_answer->saved ? 2 : 1;
    const auto &locale = QLocale();
    out.text = [answer = m_answer, locale](int row, int column) {
        const bool isSaved = answer->saved && row == 0;
        const auto &sums = isSaved ? answer->saved->sums : answer->draft.sums;
        const auto &all = isSaved ? answer->saved->occurrences : answer->draft.occurrences;
        switch (column) {
        case 0:
            return isSaved ? tr("Saved version") : tr("Draft");
        case 1:
            return locale.toString(static_cast<qulonglong>(sums.occurrences));
        case 2:
            return locale.toString(sums.aDay, 'f', 1);
        case 3:
            return ageText(sums.active);
        case 4:
            return all.empty() ? QString() : ageText(meanActive(all, answer->to));
        case 5:
            return locale.toString(static_cast<qulonglong>(sums.stillActive));
        default:
            return QString();
        }
    };
    const int rows = out.rows;
    m_sums->show(std::move(out));
    m_sums->setFixedHeight(m_sums->horizontalHeader()->sizeHint().height() + rows * m_sums->verticalHeader()->defaultSectionSize() + 4);
}

void BacktestPanel::showLanes()
{
    if (!m_answer) {
        m_lanes->show({}, {}, {}, {});
        return;
    }
    const auto &a = *m_answer;
    const auto lane = [&](const QString &name, const QColor &color, const std::vector<Occurrence> &all) {
        RaiseLanes::Lane out{name, color, {}};
        for (const auto &one : all)
            out.spans.emplace_back(one.begin, one.end == NoTime ? a.to : one.end);
        return out;
    };
    std::vector<RaiseLanes::Lane> lanes;
    if (a.saved)
        lanes.push_back(lane(tr("Saved"), theme().faint, a.saved->occurrences));
    lanes.push_back(lane(tr("Draft"), theme().priority(m_ran.rule->priority), a.draft.occurrences));
    std::vector<std::pair<Time, Time>> notHeard;
    for (const auto &one : a.notHeard)
        notHeard.emplace_back(one.from, one.to);
    m_lanes->show(a.from, a.to, std::move(lanes), std::move(notHeard));
}

BacktestPanel::List BacktestPanel::list() const
{
    return static_cast<List>(m_list->currentData().toInt());
}

void BacktestPanel::showList()
{
    ResultModel::Content out;
    if (m_answer && list() == List::Changes) {
        out.columns = {{tr("Change"), false, false},  {tr("Alarm"), false, false},    {tr("Begin"), false, false},
                       {tr("End"), false, false},     {tr("Level"), false, false},    {tr("Begin now"), false, false},
                       {tr("End now"), false, false}, {tr("Level now"), false, false}};
        out.rows = static_cast<int>(m_answer->changes.size());
        out.text = [answer = m_answer](int row, int column) {
            using Kind = OccurrenceChange::Kind;
            const auto &change = answer->changes[static_cast<std::size_t>(row)];
            const bool hasBefore = change.kind != Kind::Added, hasAfter = change.kind != Kind::Removed;
            switch (column) {
            case 0:
                return translated(nameOf(change.kind));
            case 1:
                return textOf((hasBefore ? change.before : change.after).path());
            case 2:
                return hasBefore ? clockText(change.before.begin) : QString();
            case 3:
                return hasBefore ? untilText(change.before.end) : QString();
            case 4:
                return hasBefore ? levelText(change.before.highest) : QString();
            case 5:
                return hasAfter ? clockText(change.after.begin) : QString();
            case 6:
                return hasAfter ? untilText(change.after.end) : QString();
            case 7:
                return hasAfter ? levelText(change.after.highest) : QString();
            default:
                return QString();
            }
        };
        out.key = [answer = m_answer, text = out.text](int row, int column) -> QVariant {
            const auto &change = answer->changes[static_cast<std::size_t>(row)];
            switch (column) {
            case 2:
                return keyOf(change.before.begin);
            case 3:
                return keyOf(change.before.end);
            case 5:
                return keyOf(change.after.begin);
            case 6:
                return keyOf(change.after.end);
            default:
                return text(row, column);
            }
        };
    } else if (m_answer) {
        out.columns = {{tr("Begin"), false, false},
                       {tr("End"), false, false},
                       {tr("Lasted"), true, false},
                       {tr("Level"), false, false},
                       {tr("Alarm"), false, false}};
        const auto all = [answer = m_answer, isSaved = list() == List::Saved]() -> const std::vector<Occurrence> & {
            return isSaved ? answer->saved->occurrences : answer->draft.occurrences;
        };
        out.rows = static_cast<int>(all().size());
        out.text = [all](int row, int column) {
            const auto &one = all()[static_cast<std::size_t>(row)];
            switch (column) {
            case 0:
                return clockText(one.begin);
            case 1:
                return untilText(one.end);
            case 2:
                return lastedText(one);
            case 3:
                return levelText(one.highest);
            case 4:
                return textOf(one.path());
            default:
                return QString();
            }
        };
        out.key = [all, text = out.text](int row, int column) -> QVariant {
            const auto &one = all()[static_cast<std::size_t>(row)];
            switch (column) {
            case 0:
                return keyOf(one.begin);
            case 1:
                return keyOf(one.end);
            case 2:
                return one.end == NoTime ? qlonglong(-1) : static_cast<qlonglong>((one.end - one.begin).count());
            default:
                return text(row, column);
            }
        };
    }
    m_rows->show(std::move(out));
    m_rows->setCurrentRow(0);
}

void BacktestPanel::showRow(int row)
{
    if (!m_answer || row < 0)
        return;
    const auto n = static_cast<std::size_t>(row);
    switch (list()) {
    case List::Changes: {
        const auto &change = m_answer->changes[n];
        showOnChart(change.kind == OccurrenceChange::Kind::Added ? change.after : change.before);
        break;
    }
    case List::Draft:
        showOnChart(m_answer->draft.occurrences[n]);
        break;
    case List::Saved:
        showOnChart(m_answer->saved->occurrences[n]);
        break;
    }
}

std::string BacktestPanel::seriesOf(const Occurrence &one) const
{
    const auto path = one.path();
    const auto &selector = m_ran.rule->series;
    if (selector.matches(path))
        return path;
    // An alarm of a whole key: the first series of it that the rule watches.
    const auto &rows = m_desk.feed().current()->series;
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows.at(i).path && rows.at(i).path->starts_with(path + "/") && selector.matches(*rows.at(i).path))
            return *rows.at(i).path;
    return path;
}

void BacktestPanel::showOnChart(const Occurrence &one)
{
    m_chart->setSelectors({textOf(seriesOf(one))});
    showLimits();
    const auto end = one.end == NoTime ? std::min(m_answer->to, one.begin + 2 * Around) : one.end;
    m_chart->showTime(one.begin - Around, end + Around);
}

std::vector<AlarmSpans::Span> BacktestPanel::spansOf(const std::string &path, Time from, Time to) const
{
    std::vector<AlarmSpans::Span> out;
    const auto found = m_byPath.find(path);
    if (!m_answer || found == m_byPath.end())
        return out;
    const auto &all = m_answer->draft.occurrences;
    const auto &mine = found->second;
    auto at = std::lower_bound(mine.begin(), mine.end(), from, [&](std::size_t n, Time t) { return all[n].begin < t; });
    if (at != mine.begin())
        --at; // may reach into the range
    for (; at != mine.end() && all[*at].begin < to; ++at)
        if (all[*at].end == NoTime || all[*at].end >= from)
            out.push_back({all[*at].begin, all[*at].end == NoTime ? m_answer->to : all[*at].end, m_ran.rule->priority, false, m_ran.id});
    return out;
}

// Of the version that ran, once one did. A table may give each key its own: all that differ, up to a few.
void BacktestPanel::showLimits()
{
    constexpr std::size_t MostLines = 12;
    const auto &draft = m_answer ? m_ran : m_draft;
    ChartLook look;
    for (const auto &series : m_chart->series()) {
        const auto limits = draftLimits(draft.item, draft.rule.get(), series.path, m_editor.watched().subject.labels, Tag());
        for (const auto &line : limits.isOfAnotherValue ? std::vector<DraftLimit>() : limits.lines)
            if (look.thresholds.size() < MostLines
                && std::ranges::none_of(look.thresholds, [&](const ChartThreshold &there) { return there.value == line.limit; }))
                look.thresholds.push_back(
                    {line.limit, utf8Of(textOf(line.level).replace(u'_', u'-') + u' ' + valueText(line.limit, nullptr)), line.priority});
    }
    m_chart->setLook(look);
}

void BacktestPanel::updateState()
{
    const bool isRunning = m_work.isRunning();
    m_progress->setVisible(isRunning);
    m_cancel->setVisible(isRunning);
    m_run->setEnabled(!isRunning && m_draft.rule && m_period->range(m_desk.feed().now()));
    m_export->setEnabled(!isRunning && m_answer != nullptr);
    m_list->setEnabled(m_answer != nullptr);
    if (isRunning)
        return;
    QStringList said;
    if (!m_draft.rule)
        said << tr("The draft has faults, so it cannot be run; the first page names them.");
    if (!m_failure.isEmpty())
        said << m_failure;
    if (m_answer) {
        const auto &a = *m_answer;
        if (m_draft.text != m_ran.text)
            said << tr("The draft was changed since: run it again.");
        std::size_t counts[3] = {};
        for (const auto &change : a.changes)
            ++counts[static_cast<std::size_t>(change.kind)];
        said << tr("%1 to %2, %L3 samples.").arg(clockText(a.from), clockText(a.to)).arg(static_cast<qulonglong>(a.samples));
        if (a.saved)
            said << (a.changes.empty()
                         ? tr("The draft raises exactly what the saved version raises.")
                         : tr("The draft adds %L1, removes %L2 and shifts %L3 raises.").arg(counts[0]).arg(counts[1]).arg(counts[2]));
        else
            said << tr("The rule is new: there is no saved version to hold it against.");
        if (const auto away = a.to - a.from - a.watched; away.count() > 0)
            said << tr("For %1 of it nobody watched, or nothing was heard.").arg(ageText(away));
        if (a.draft.alreadyActive > 0)
            said << tr("%L1 were active when it began and are not counted.").arg(a.draft.alreadyActive);
        for (const auto &trouble : a.troubles)
            said << sentenceOf(errorText(trouble)) + u'.';
    } else if (m_failure.isEmpty() && m_draft.rule) {
        said << tr("Runs the draft over the stored history, beside the version that is saved. Nothing is changed and no alarm is told.");
    }
    m_said->setText(said.join(u' '));
}

void BacktestPanel::exportList()
{
    const auto kind = list();
    ExportDialog::forJob(m_desk,
                         {tr("Export the backtest"),
                          tr("Backtest of rule %1, %2 to %3: %4")
                              .arg(textOf(m_ran.id), clockText(m_answer->from), clockText(m_answer->to), m_list->currentText()),
                          QStringLiteral("backtest.csv"), false,
                          [answer = m_answer, kind](const ExportOptions &options, const Progress &, std::stop_token) {
                              switch (kind) {
                              case List::Changes:
                                  return exportChanges(answer->changes, answer->from, answer->to, options);
                              case List::Draft:
                                  return exportOccurrences(answer->draft.occurrences, answer->from, answer->to, options);
                              case List::Saved:
                                  return exportOccurrences(answer->saved->occurrences, answer->from, answer->to, options);
                              }
                              return Result<Exported>(Exported());
                          }},
                         this);
}

}
