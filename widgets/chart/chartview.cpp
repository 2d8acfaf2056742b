#include "widgets/chart/chartview.h"

#include "items/texts.h"
#include "plot/palette.h"
#include "widgets/chart/axislabels.h"
#include "widgets/chart/bandsitem.h"
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
        // They stand for nothing that moves: each new range or tick of an axis lays the whole chart out again, legend and all, which a
        // chart that moves cannot afford. Lines, grid and labels are AxisLabels'.
        axis->setLabelsVisible(false);
        axis->setGridLineVisible(false);
        axis->setLineVisible(false);
    }
    made->addAxis(m_xAxis, Qt::AlignBottom);
    made->addAxis(m_yAxis, Qt::AlignLeft);
    made->legend()->setAlignment(Qt::AlignTop);
    made->legend()->setMarkerShape(QLegend::MarkerShapeFromSeries);
    made->legend()->layout()->setContentsMargins(0, 0, 0, 0);
    m_labels = new AxisLabels(made);
    m_bandsItem = new BandsItem(made);
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
    made->legend()->setLabelColor(t.text);
}

void ChartView::setSeries(const std::vector<ChartSeries> &series)
{
    for (auto *old : m_legendSeries) {
        chart()->removeSeries(old);
        delete old;
    }
    m_legendSeries.clear();
    m_hasLeft = m_hasRight = false;
    for (const auto &entry : series) {
        if (entry.kind != ValueKind::Number)
            continue; // a state has its own strip with its name
        (entry.isRight ? m_hasRight : m_hasLeft) = true;
        auto *line = new QLineSeries; // stays empty: a legend entry, a colour, and the axes
        auto name = entry.shortName;
        if (const auto &common = entry.isRight ? m_rightUnit : m_unit; !entry.unit.isEmpty() && entry.unit != common)
            name += QStringLiteral(" [") + entry.unit + u']';
        if (entry.isRight)
            name += QStringLiteral(" →");
        line->setName(name.toHtmlEscaped());
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

void ChartView::setScales(bool isLeftLog, bool isRightLog)
{
    m_isLeftLog = isLeftLog;
    m_isRightLog = isRightLog;
}

void ChartView::setBands(std::vector<ChartBand> bands)
{
    m_bands = std::move(bands);
    placeGrounds();
}

void ChartView::setUnits(const QString &left, const QString &right)
{
    m_unit = left;
    m_rightUnit = right;
}

void ChartView::setMarks(std::optional<Time> reference, std::optional<std::pair<Time, Time>> range)
{
    m_reference = reference;
    m_range = range;
    placeGrounds();
}

// As many lines as the names need, each as long as the plot is wide; the rest scrolls.
int ChartView::legendLines() const
{
    constexpr int Marker = 34; // a legend entry's line and margins
    const auto room = std::max(1, m_plot.width());
    int lines = m_legendSeries.empty() ? 0 : 1, filled = 0;
    for (const auto *series : m_legendSeries) {
        const auto wanted = std::min(room, fontMetrics().horizontalAdvance(series->name()) + Marker);
        if (filled > 0 && filled + wanted > room) {
            ++lines;
            filled = 0;
        }
        filled += wanted;
    }
    const auto most = std::max(1, height() / 4 / (fontMetrics().height() + 5));
    return std::min(lines, most);
}

void ChartView::placePlot()
{
    const auto line = fontMetrics().height();
    const auto right = m_hasRight ? AxisLabels::Left : 14;
    const auto wide = std::max(10, width() - AxisLabels::Left - right);
    m_plot.setWidth(wide); // what the legend has room in
    const auto lines = legendLines();
    const auto legendHeight = lines * (line + 7) + 4;
    const auto top = lines == 0 ? line + 8 : legendHeight + 4;
    const QRect plot(AxisLabels::Left, top, wide, std::max(10, height() - top - AxisLabels::Bottom - 2));
    auto *legend = chart()->legend();
    legend->setVisible(!m_legendSeries.empty());
    if (legend->isAttachedToChart())
        legend->detachFromChart();
    legend->setGeometry(QRectF(AxisLabels::Left, 0, plot.width(), legendHeight));
    m_plot = plot;
    if (plot == m_placed)
        return;
    m_placed = plot;
    chart()->setPlotArea(plot);
    m_layer->setPlot(plot);
    m_bandsItem->setPlot(plot);
    m_cursor->setPlot(plot);
    Q_EMIT plotResized();
}

void ChartView::resizeEvent(QResizeEvent *event)
{
    QChartView::resizeEvent(event);
    placePlot();
}

void ChartView::setWindow(Time from, Time to, std::pair<double, double> left, std::pair<double, double> right)
{
    if (to <= from || !(left.first < left.second) || !(right.first < right.second))
        return;
    m_right = right;
    const auto ticks = timeTicks(from, to, m_plot.width(), TimeLabelRoom, displayZone());
    const auto ticksOf = [this](std::pair<double, double> range, bool isLog) {
        return isLog ? logTicks(range.first, range.second, m_plot.height(), ValueLabelRoom)
                     : valueTicks(range.first, range.second, m_plot.height(), ValueLabelRoom);
    };
    m_layer->setWindow(from, to, left.first, left.second);

    AxisLabels::Labels labels;
    for (const auto &tick : ticks)
        labels.times.push_back({m_layer->xOf(tick.t), tick.label, tick.isMajor});
    // A chart of states alone has no values to label.
    if (m_hasLeft)
        for (const auto &tick : ticksOf(left, m_isLeftLog).ticks)
            labels.left.push_back({m_layer->yOf(tick.value), tick.label, true});
    // The grid is the left axis's; a chart that has only a right one draws that one's.
    if (m_hasRight)
        for (const auto &tick : ticksOf(right, m_isRightLog).ticks)
            labels.right.push_back({yOfRight(tick.value), tick.label, !m_hasLeft});
    labels.leftUnit = m_hasLeft ? m_unit : QString();
    labels.rightUnit = m_hasRight ? m_rightUnit : QString();
    m_labels->set(m_plot, std::move(labels));
    placeGrounds();
}

void ChartView::placeGrounds()
{
    std::vector<BandsItem::Band> bands;
    if (m_hasLeft)
        for (const auto &band : m_bands)
            bands.push_back(
                {m_layer->yOf(axisValue(band.to, m_isLeftLog)), m_layer->yOf(axisValue(band.from, m_isLeftLog)), textOf(band.label)});
    m_bandsItem->setBands(std::move(bands));
    m_bandsItem->setRange(m_range ? std::optional(std::pair(m_layer->xOf(m_range->first), m_layer->xOf(m_range->second))) : std::nullopt);
    m_cursor->setReference(m_reference ? std::optional(m_layer->xOf(*m_reference)) : std::nullopt);
}

double ChartView::shareOf(double x) const
{
    return std::clamp((x - m_plot.left()) / std::max(1, m_plot.width()), 0.0, 1.0);
}

double ChartView::heightShareOf(double y) const
{
    return std::clamp((m_plot.top() + m_plot.height() - y) / std::max(1, m_plot.height()), 0.0, 1.0);
}

double ChartView::rightValueAt(double y) const
{
    return m_right.first + heightShareOf(y) * (m_right.second - m_right.first);
}

double ChartView::yOfRight(double value) const
{
    return m_plot.top() + m_plot.height()
        - (value - m_right.first) / std::max(m_right.second - m_right.first, std::numeric_limits<double>::min()) * m_plot.height();
}

}
