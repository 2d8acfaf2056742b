#include "widgets/chart/chartview.h"

#include "plot/palette.h"
#include "widgets/chart/axislabels.h"
#include "widgets/chart/cursoritem.h"
#include "widgets/chart/serieslayer.h"
#include "widgets/theme/theme.h"

#include <QChart>
#include <QLegend>
#include <QLineSeries>
#include <QTimeZone>
#include <QValueAxis>

namespace sg {

namespace {

constexpr int TimeLabelRoom = 96;
constexpr int ValueLabelRoom = 34;

double seconds(Micros span)
{
    return static_cast<double>(span.count()) / 1e6;
}

// A tick interval that is far too small for the range would make millions of ticks for a moment, so the larger one covers the change.
void setAxis(QValueAxis &axis, double low, double high, double anchor, double interval)
{
    axis.setTickInterval(std::max({interval, axis.tickInterval(), (high - low) / 50}));
    axis.setRange(low, high);
    axis.setTickAnchor(anchor);
    axis.setTickInterval(std::max(interval, (high - low) / 50));
}

}

ChartView::ChartView(QWidget *parent)
    : QChartView(parent)
    , m_xAxis(new QValueAxis(this))
    , m_yAxis(new QValueAxis(this))
{
    setObjectName(QStringLiteral("chartView"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setFrameShape(QFrame::NoFrame);
    setRubberBand(QChartView::NoRubberBand);
    setViewportUpdateMode(QGraphicsView::BoundingRectViewportUpdate);
    auto *made = chart();
    made->setMargins(QMargins());
    made->setBackgroundRoundness(0);
    made->layout()->setContentsMargins(0, 0, 0, 0);
    made->setAnimationOptions(QChart::NoAnimation);
    for (auto *axis : {m_xAxis, m_yAxis}) {
        axis->setLabelsVisible(false);
        axis->setTickType(QValueAxis::TicksDynamic);
        axis->setMinorGridLineVisible(false);
    }
    made->addAxis(m_xAxis, Qt::AlignBottom);
    made->addAxis(m_yAxis, Qt::AlignLeft);
    made->legend()->setAlignment(Qt::AlignTop);
    made->legend()->setMarkerShape(QLegend::MarkerShapeFromSeries);
    made->legend()->layout()->setContentsMargins(0, 0, 0, 0);
    m_labels = new AxisLabels(made);
    m_layer = new SeriesLayer(made);
    m_cursor = new CursorItem(made);
    applyTheme();
}

ChartView::~ChartView() = default;

void ChartView::applyTheme()
{
    auto *made = chart();
    const auto &t = theme();
    setBackgroundBrush(t.panel);
    made->setBackgroundBrush(t.panel);
    made->setPlotAreaBackgroundBrush(t.plot);
    made->setPlotAreaBackgroundVisible(true);
    made->legend()->setLabelColor(t.text);
    for (auto *axis : {m_xAxis, m_yAxis}) {
        axis->setGridLinePen(QPen(t.grid, 1));
        axis->setLinePen(QPen(t.line, 1));
    }
}

void ChartView::setSeries(const std::vector<ChartSeries> &series)
{
    for (auto *old : m_legendSeries) {
        chart()->removeSeries(old);
        delete old;
    }
    m_legendSeries.clear();
    for (const auto &entry : series) {
        if (entry.kind != ValueKind::Number)
            continue; // a state has its own strip with its name
        auto *line = new QLineSeries; // stays empty: a legend entry, a colour, and the axes
        line->setName(entry.unit.isEmpty() || entry.unit == m_unit
                          ? entry.shortName.toHtmlEscaped()
                          : (entry.shortName + QStringLiteral(" [") + entry.unit + u']').toHtmlEscaped());
        QPen pen(entry.colour, 2);
        QList<qreal> dashes;
        for (const auto length : dashPattern(entry.dash))
            dashes << length;
        if (!dashes.isEmpty())
            pen.setDashPattern(dashes);
        line->setPen(pen);
        chart()->addSeries(line);
        line->attachAxis(m_xAxis);
        line->attachAxis(m_yAxis);
        m_legendSeries.push_back(line);
    }
    placePlot();
}

void ChartView::placePlot()
{
    const auto line = fontMetrics().height();
    // As many lines of legend as the names need, at most two, and one on a low chart: the rest scrolls.
    int wanted = 0;
    for (const auto *series : m_legendSeries)
        wanted += fontMetrics().horizontalAdvance(series->name()) + 44;
    const auto room = std::max(1, width() - AxisLabels::Left - 20);
    const auto lines = m_legendSeries.empty() ? 0 : std::clamp((wanted + room - 1) / room, 1, height() < 260 ? 1 : 2);
    const auto legendHeight = lines * (line + 5) + 4;
    const auto top = lines == 0 ? line + 8 : legendHeight + 4;
    const QRect plot(AxisLabels::Left, top, std::max(10, width() - AxisLabels::Left - 14),
                     std::max(10, height() - top - AxisLabels::Bottom - 2));
    auto *legend = chart()->legend();
    legend->setVisible(!m_legendSeries.empty());
    if (legend->isAttachedToChart())
        legend->detachFromChart();
    legend->setGeometry(QRectF(AxisLabels::Left, 0, plot.width(), legendHeight));
    if (plot == m_plot)
        return;
    m_plot = plot;
    chart()->setPlotArea(plot);
    m_layer->setPlot(plot);
    m_cursor->setPlot(plot);
    Q_EMIT plotResized();
}

void ChartView::resizeEvent(QResizeEvent *event)
{
    QChartView::resizeEvent(event);
    placePlot();
}

void ChartView::setWindow(Time from, Time to, double yMin, double yMax)
{
    if (to <= from || !(yMin < yMax))
        return;
    if (std::chrono::abs(from - m_origin) > std::max<Micros>(10 * (to - from), std::chrono::hours(1)))
        m_origin = from;
    const auto ticks = timeTicks(from, to, m_plot.width(), TimeLabelRoom, QTimeZone::systemTimeZone());
    const auto values = valueTicks(yMin, yMax, m_plot.height(), ValueLabelRoom);
    bool isEven = ticks.size() >= 2;
    for (std::size_t i = 2; i < ticks.size(); ++i)
        isEven = isEven && ticks[i].t - ticks[i - 1].t == ticks[1].t - ticks[0].t;
    const auto low = seconds(from - m_origin), high = seconds(to - m_origin);
    setAxis(*m_xAxis, low, high, ticks.empty() ? low : seconds(ticks[0].t - m_origin),
            isEven ? seconds(ticks[1].t - ticks[0].t) : high - low);
    m_xAxis->setGridLineVisible(isEven);
    m_yAxis->setVisible(!m_legendSeries.empty());
    setAxis(*m_yAxis, yMin, yMax, values.ticks.empty() ? yMin : values.ticks[0].value, values.step > 0 ? values.step : yMax - yMin);
    m_layer->setWindow(from, to, yMin, yMax);

    std::vector<AxisLabels::TimeLabel> times;
    for (const auto &tick : ticks)
        times.push_back({m_layer->xOf(tick.t), tick.label, tick.isMajor, !isEven});
    std::vector<AxisLabels::ValueLabel> labels;
    if (!m_legendSeries.empty()) // a chart of states alone has no values to label
        for (const auto &tick : values.ticks)
            labels.push_back({m_layer->yOf(tick.value), tick.label});
    m_labels->set(m_plot, std::move(times), std::move(labels), m_unit);
}

double ChartView::shareOf(double x) const
{
    return std::clamp((x - m_plot.left()) / std::max(1, m_plot.width()), 0.0, 1.0);
}

}
