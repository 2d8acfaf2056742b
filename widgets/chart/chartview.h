#pragma once

#include "widgets/chart/chartframe.h"

#include <QChartView>

QT_BEGIN_NAMESPACE
class QLineSeries;
class QValueAxis;
QT_END_NAMESPACE

namespace sg {

class AxisLabels;
class BandsItem;
class CursorItem;
class SeriesLayer;

// Qt Charts' chart with our layer in it, and what mouse and keys mean there. It knows plots and windows of time, no session.
// UI thread.
class ChartView : public QChartView
{
    Q_OBJECT

public:
    explicit ChartView(QWidget *parent = nullptr);
    ~ChartView() override;

    void setSeries(const std::vector<ChartSeries> &series); // legend entries
    void setScales(bool isLeftLog, bool isRightLog);
    void setBands(std::vector<ChartBand> bands); // values of the left axis
    // Axes, grid, labels; values as the axes place them (see axisValue).
    void setWindow(Time from, Time to, std::pair<double, double> left, std::pair<double, double> right);
    void setUnits(const QString &left, const QString &right);
    void setMarks(std::optional<Time> reference, std::optional<std::pair<Time, Time>> range);
    void applyTheme();
    [[nodiscard]] SeriesLayer &layer() { return *m_layer; }
    [[nodiscard]] CursorItem &cursor() { return *m_cursor; }
    [[nodiscard]] QRect plot() const { return m_plot; }
    [[nodiscard]] bool hasRightAxis() const { return m_hasRight; }
    [[nodiscard]] double rightValueAt(double y) const; // as the axis places it
    [[nodiscard]] double yOfRight(double value) const;

Q_SIGNALS:
    void plotResized();
    void zoomed(double factor, double at); // time; `at` 0 to 1 of the plot's width
    void zoomedValues(double factor, double at, sg::AxisSide side); // `at` 0 to 1 of the plot's height, from below
    void panned(double share);
    void pannedValues(double share, sg::AxisSide side); // of the height, upwards
    void boxed(sg::Time from, sg::Time to, double low, double high); // low and high 0 to 1 from below; both NaN: time only
    void boxedValues(double low, double high, sg::AxisSide side); // on an axis
    void rangeChosen(sg::Time from, sg::Time to);
    void liveWanted();
    void freezeToggled();
    void fitWanted();
    void oldestWanted();
    void backWanted(); // of the zoom history
    void forwardWanted();
    void cursorMoved(int pixels, bool isSelecting); // by key
    void referenceWanted(); // at the cursor
    void rangeZoomWanted();
    void marksDropped(); // cursor, reference and range
    void hovered(const QPointF &at);
    void left();

protected:
    void resizeEvent(QResizeEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    enum class Drag : std::uint8_t { None, Box, TimeBox, LeftBox, RightBox, Range, Pan };
    void placePlot();
    [[nodiscard]] int legendLines() const;
    [[nodiscard]] double shareOf(double x) const;
    [[nodiscard]] double heightShareOf(double y) const; // from below
    [[nodiscard]] Drag dragAt(const QMouseEvent &event) const;
    [[nodiscard]] QRectF boxOf(const QPointF &at) const; // of the drag under way
    void placeGrounds(); // bands and the selected range

    QValueAxis *m_xAxis;
    QValueAxis *m_yAxis;
    AxisLabels *m_labels;
    BandsItem *m_bandsItem;
    SeriesLayer *m_layer;
    CursorItem *m_cursor;
    std::vector<QLineSeries *> m_legendSeries;
    QRect m_plot, m_placed; // where the plot is; where the chart was told it is
    QString m_unit, m_rightUnit;
    bool m_hasLeft = false, m_hasRight = false;
    bool m_isLeftLog = false, m_isRightLog = false;
    std::pair<double, double> m_right{0, 1};
    std::vector<ChartBand> m_bands;
    std::optional<Time> m_reference;
    std::optional<std::pair<Time, Time>> m_range;
    Drag m_drag = Drag::None;
    QPointF m_dragFrom;
};

}
