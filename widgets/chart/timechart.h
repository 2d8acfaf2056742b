#pragma once

#include "widgets/chart/chartframe.h"
#include "widgets/chart/timewindow.h"

#include <QTimer>
#include <QWidget>

class QLabel;
class QToolButton;

namespace sg {

class ChartView;
class Desk;
struct LimitLine;

// One live chart: which series, which window of time, frames drawn on the pool. Freezing stops the view, never the ingest: a frozen
// chart holds a range of time and no snapshot. UI thread.
class TimeChart : public QWidget
{
    Q_OBJECT

public:
    explicit TimeChart(Desk &desk, QWidget *parent = nullptr);
    ~TimeChart() override;

    void setSelectors(const QStringList &selectors); // series paths, * allowed
    void setSpan(Micros span);
    void setShowsLimits(bool shows);
    [[nodiscard]] const std::vector<ChartSeries> &series() const { return m_series; }
    [[nodiscard]] const TimeWindow &window() const { return m_window; }
    [[nodiscard]] bool isFrozen() const { return m_frozenAt != NoTime; }
    void goLive();
    void toggleFreeze();
    void fit();
    void showTime(Time from, Time to);

Q_SIGNALS:
    void seriesDropped(const QStringList &paths);

protected:
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void connectView();
    void bindSeries(); // selectors to the series that are known now
    void onFrame();
    void request();
    void present(Frame frame);
    void windowMoved(); // by a person: the axes at once, the picture as soon as it is drawn
    void updateLimits();
    void updateAlarms();
    void updateStrips();
    void updateBanner();
    void updateHint();
    void hover(const QPointF &at);
    void countNew();
    [[nodiscard]] const SeriesRow *rowOf(SeriesId id) const;
    [[nodiscard]] QString stateTextOf(const SeriesRow &row, double code) const;

    Desk &m_desk;
    ChartView *m_view;
    QLabel *m_banner;
    QToolButton *m_live;
    QStringList m_selectors;
    std::vector<ChartSeries> m_series;
    QTimer m_rebind;
    TimeWindow m_window;
    std::pair<double, double> m_y{0, 1};
    std::optional<std::pair<double, double>> m_fixedY;
    std::vector<double> m_limitValues;
    std::shared_ptr<const std::vector<RuleWatch>> m_watches; // that the limits were taken from
    bool m_showsLimits = true;

    std::uint64_t m_generation = 0; // of the newest request that counts
    std::stop_source m_stop;
    bool m_isDrawing = false, m_isDirty = true;
    Mono m_drawn{};
    Time m_frozenAt = NoTime;
    std::uint64_t m_newSinceFrozen = 0;
};

}
