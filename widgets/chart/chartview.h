#pragma once

#include "widgets/chart/chartframe.h"

#include <QChartView>

QT_BEGIN_NAMESPACE
class QLineSeries;
class QValueAxis;
QT_END_NAMESPACE

namespace sg {

class AxisLabels;
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
    void setWindow(Time from, Time to, double yMin, double yMax); // axes, grid, labels
    void setUnit(const QString &unit) { m_unit = unit; }
    void applyTheme();
    [[nodiscard]] SeriesLayer &layer() { return *m_layer; }
    [[nodiscard]] CursorItem &cursor() { return *m_cursor; }
    [[nodiscard]] QRect plot() const { return m_plot; }

Q_SIGNALS:
    void plotResized();
    void zoomed(double factor, double at); // time; `at` 0 to 1 of the plot's width
    void zoomedValues(double factor, double value);
    void panned(double share);
    void boxed(sg::Time from, sg::Time to, double low, double high);
    void liveWanted();
    void freezeToggled();
    void fitWanted();
    void oldestWanted();
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
    enum class Drag : std::uint8_t { None, Box, Pan };
    void placePlot();
    [[nodiscard]] double shareOf(double x) const;

    QValueAxis *m_xAxis;
    QValueAxis *m_yAxis;
    AxisLabels *m_labels;
    SeriesLayer *m_layer;
    CursorItem *m_cursor;
    std::vector<QLineSeries *> m_legendSeries;
    QRect m_plot;
    QString m_unit;
    Time m_origin{}; // of the x axis, whose numbers are seconds since it
    Drag m_drag = Drag::None;
    QPointF m_dragFrom;
};

}
