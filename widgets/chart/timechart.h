#pragma once

#include "widgets/chart/alarmspans.h"
#include "widgets/chart/chartframe.h"
#include "widgets/chart/cursorreader.h"
#include "widgets/chart/sighthistory.h"

#include "store/recentcolumns.h"

#include <QTimer>
#include <QWidget>

class QLabel;
class QToolButton;

namespace sg {

class ChartView;
class CursorLink;
class Desk;
class RangeStrip;

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
    void setLook(const ChartLook &look);
    // Other alarms than those that were, for one series: what a backtest raised. Asked when the window moves, and by updateAlarms().
    using SpanSource = std::function<std::vector<AlarmSpans::Span>(const std::string &path, Time from, Time to)>;
    void setSpanSource(SpanSource source);
    void updateAlarms();
    void setCursorLink(CursorLink &link); // that of its page; until then it has one of its own
    [[nodiscard]] const std::vector<ChartSeries> &series() const { return m_series; }
    [[nodiscard]] const TimeWindow &window() const { return m_window; }
    [[nodiscard]] bool isFrozen() const { return m_frozenAt != NoTime; }
    void goLive();
    void toggleFreeze();
    void fit();
    void showTime(Time from, Time to);
    void goBack(); // in the zoom history
    void goForward();
    void setRange(std::optional<std::pair<Time, Time>> range); // selected, with statistics
    [[nodiscard]] const std::optional<std::pair<Time, Time>> &range() const { return m_range; }

Q_SIGNALS:
    void seriesDropped(const QStringList &paths);
    void lookWanted(const QString &key, const QString &value); // of the tile's settings, from the menu
    void drawn(sg::Micros took); // asked for until shown

protected:
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    struct Limit // a line at a value of one axis
    {
        double value = 0;
        QString label;
        Priority priority = Priority::Medium;
        AxisSide side = LeftAxis;
    };
    void connectView();
    void connectMarks();
    void remember(SightHistory::Step step); // before the sight changes
    void showSight(const std::optional<Sight> &sight);
    void zoomValues(double factor, double at, AxisSide side);
    void chooseValues(double low, double high, AxisSide side); // shares of the height, from below
    void showOldest();
    void bindSeries(); // selectors to the series that are known now
    void onFrame();
    void request();
    void present(Frame frame);
    [[nodiscard]] bool waitsLong() const; // for a picture: the banner then says that the one shown is old
    [[nodiscard]] std::pair<Time, Time> wholeColumns() const; // the window as it is drawn
    void windowMoved(); // by a person: axes and picture as soon as that is drawn, the axes soon in any case
    void applyWindow();
    void updateLimits();
    void addRuleLimits(std::vector<Limit> &lines) const;
    void placeLimits();
    void updateStrips();
    void updateBanner();
    void updateHint();
    void updateUnits();
    void hover(const QPointF &at);
    void showCursor(); // asks for its values, which are shown with it when they are there
    void showValues(const CursorReader::Answer &answer);
    void showUnknownValues();
    void moveCursor(int pixels, bool isSelecting);
    void dropMarks();
    void updateStatistics();
    [[nodiscard]] QString pixelText(Time t) const;
    [[nodiscard]] QString lateText(Time t) const;
    [[nodiscard]] QString valueTextOf(const ChartSeries &series, const SeriesRow &row, double value) const;
    [[nodiscard]] bool isSeen() const; // not scrolled away either
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
    QTimer m_patience; // with a picture that was asked for
    ChartLook m_look;
    TimeWindow m_window;
    SightHistory m_history;
    std::array<std::pair<double, double>, 2> m_y{std::pair(0.0, 1.0), std::pair(0.0, 1.0)}; // shown, by AxisSide, as axes place values
    std::array<std::optional<std::pair<double, double>>, 2> m_chosen; // by a person
    std::vector<Limit> m_limits;
    CursorLink *m_link;
    CursorReader *m_reader;
    RangeStrip *m_strip;
    std::optional<QPointF> m_hover; // of the pointer, or of the cursor that keys move
    std::optional<Time> m_anchor; // where selecting by keys began
    std::optional<std::pair<Time, Time>> m_range;
    std::stop_source m_rangeStop;
    std::shared_ptr<const std::vector<RuleWatch>> m_watches; // that the limits were taken from
    bool m_showsLimits = true;
    SpanSource m_spanSource; // empty: the alarms that were

    std::uint64_t m_generation = 0; // of the newest request that counts
    std::stop_source m_stop;
    RecentColumns m_recent; // of the pictures shown lately
    std::pair<Time, Time> m_asked; // the window of that request
    bool m_isDrawing = false, m_isDirty = true;
    Mono m_drawn{};
    std::optional<Mono> m_waitingSince; // for a picture, however often another one was asked for meanwhile
    Time m_frozenAt = NoTime;
    std::uint64_t m_newSinceFrozen = 0;
};

}
