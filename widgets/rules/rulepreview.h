#pragma once

#include "widgets/rules/draftlimits.h"
#include "widgets/rules/ruledialog.h"

class QButtonGroup;
class QComboBox;

namespace sg {

class ChartView;
class LimitHandle;
class TimeChart;

// A page of the rule editor: the last hours of one series that the draft watches, with its limits, deadbands and delays. The limit lines
// can be dragged, which changes the number in the form and nothing else. UI thread.
class RulePreview : public QWidget
{
    Q_OBJECT

public:
    RulePreview(RuleDialog &editor, Desk &desk);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    void refresh();
    void refreshChoice();
    void refreshLines();
    void placeHandles();
    void paintDelays(QWidget &on) const;
    void moveTo(std::size_t line, double value);
    void setSpan(int hours);
    [[nodiscard]] double stepNow() const;
    [[nodiscard]] QString noteText() const;
    [[nodiscard]] std::optional<SeriesId> chosen() const;

    RuleDialog &m_editor;
    Desk &m_desk;
    QComboBox *m_choice;
    QButtonGroup *m_spans;
    TimeChart *m_chart;
    ChartView *m_view;
    QWidget *m_delays; // over the chart, for nothing but painting
    QLabel *m_note;
    std::vector<LimitHandle *> m_handles; // one a line
    DraftLimits m_limits;
    std::vector<SeriesId> m_offered;
    std::optional<std::pair<double, double>> m_held; // the values that the chart shows while a line is dragged
};

}
