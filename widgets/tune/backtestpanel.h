#pragma once

#include "widgets/chart/alarmspans.h"
#include "widgets/rules/ruledraft.h"
#include "widgets/tune/backtestrun.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;

namespace sg {

class Desk;
class PeriodBar;
class RaiseLanes;
class ResultTable;
class RuleDialog;
class TimeChart;

// A page of the rule editor: the draft over the stored history, held against the saved version: how often, how long, and each raise that
// comes, goes or shifts, on the chart. Nothing is written and no alarm is told. UI thread; the work runs on a thread of its own.
class BacktestPanel : public QWidget
{
    Q_OBJECT

public:
    BacktestPanel(Desk &desk, RuleDialog &editor);
    void setDraft(const RuleDraft &draft);
    [[nodiscard]] const std::shared_ptr<const BacktestAnswer> &answer() const { return m_answer; } // null: none yet

private:
    enum class List : std::uint8_t { Changes, Draft, Saved };
    QWidget *buildHead();
    QWidget *buildPictures();
    QWidget *buildList();
    void run();
    void present(Result<std::optional<BacktestAnswer>> answer);
    void showSums();
    void showLanes();
    void showList();
    void showRow(int row);
    void showLimits(); // of the draft, for what the chart shows
    void showOnChart(const Occurrence &one);
    void updateState(); // of the buttons, and what stands above all
    void exportList();
    [[nodiscard]] List list() const;
    [[nodiscard]] std::vector<AlarmSpans::Span> spansOf(const std::string &path, Time from, Time to) const;
    [[nodiscard]] std::string seriesOf(const Occurrence &one) const; // to be drawn for it

    Desk &m_desk;
    RuleDialog &m_editor;
    RuleDraft m_draft, m_ran; // as it is; as it was when `m_answer` was asked for
    std::shared_ptr<const BacktestAnswer> m_answer;
    std::map<std::string, std::vector<std::size_t>> m_byPath; // occurrences of the draft
    QString m_failure; // of the last run
    LongWork m_work;
    PeriodBar *m_period;
    QPushButton *m_run, *m_cancel, *m_export;
    QProgressBar *m_progress;
    QLabel *m_said;
    ResultTable *m_sums, *m_rows;
    TimeChart *m_chart;
    RaiseLanes *m_lanes;
    QComboBox *m_list;
};

}
