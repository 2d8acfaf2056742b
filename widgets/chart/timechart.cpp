#include "widgets/chart/timechart.h"

#include "items/texts.h"
#include "plot/palette.h"
#include "widgets/chart/chartview.h"
#include "widgets/chart/cursorlink.h"
#include "widgets/chart/rangestrip.h"
#include "widgets/chart/serieslayer.h"
#include "widgets/main/desk.h"
#include "widgets/main/posting.h"
#include "widgets/theme/icons.h"

#include <QCollator>
#include <QDragEnterEvent>
#include <QLabel>
#include <QMimeData>
#include <QToolButton>
#include <QVBoxLayout>

namespace sg {

namespace {

// "Press P-01 temperature", "Press P-02 temperature" -> "P-01", "P-02": the words that all share say nothing in a legend.
void shortenNames(std::vector<ChartSeries> &series)
{
    std::vector<QStringList> words;
    for (const auto &entry : series)
        words.push_back(entry.name.split(u' ', Qt::SkipEmptyParts));
    const auto isShared = [&](auto wordOf) {
        return words.size() > 1 && std::all_of(words.begin(), words.end(), [&](const QStringList &name) {
                   return name.size() > 1 && wordOf(name) == wordOf(words.front());
               });
    };
    while (isShared([](const QStringList &name) { return name.front(); }))
        for (auto &name : words)
            name.removeFirst();
    while (isShared([](const QStringList &name) { return name.back(); }))
        for (auto &name : words)
            name.removeLast();
    for (std::size_t i = 0; i < series.size(); ++i)
        series[i].shortName = words[i].isEmpty() ? series[i].name : words[i].join(u' ');
}

}

TimeChart::TimeChart(Desk &desk, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
{
    setAcceptDrops(true);
    m_view = new ChartView(this);
    m_view->setAccessibleName(tr("Time chart"));
    m_view->setAcceptDrops(false); // drops come to this widget
    m_view->viewport()->setAcceptDrops(false);
    m_banner = new QLabel(m_view);
    m_banner->setObjectName(QStringLiteral("chartBanner"));
    m_banner->setTextFormat(Qt::PlainText);
    m_banner->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_banner->setAlignment(Qt::AlignCenter);
    m_banner->hide();
    m_live = new QToolButton(m_view);
    m_live->setObjectName(QStringLiteral("chartLive"));
    m_live->setIcon(symbolIcon(Symbol::Live));
    m_live->setText(tr("Live"));
    m_live->setToolTip(tr("Follow the newest values again (double click, End)"));
    m_live->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_live->hide();
    m_strip = new RangeStrip(this);
    m_strip->hide();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_strip);
    m_reader = new CursorReader(desk.session(), this);
    connect(m_reader, &CursorReader::answered, this, &TimeChart::showValues);
    connect(m_reader, &CursorReader::delayed, this, &TimeChart::showUnknownValues);
    m_link = nullptr;
    setCursorLink(*new CursorLink(this));
    connectView();
    connectMarks();
    goLive();
}

TimeChart::~TimeChart()
{
    m_stop.request_stop();
    m_rangeStop.request_stop();
}

void TimeChart::setSelectors(const QStringList &selectors)
{
    m_selectors = selectors;
    bindSeries();
}

void TimeChart::setSpan(Micros span)
{
    m_window.setSpan(span);
    windowMoved();
}

void TimeChart::setShowsLimits(bool shows)
{
    m_showsLimits = shows;
    updateLimits();
}

void TimeChart::setLook(const ChartLook &look)
{
    if (look.left.isLog != m_look.left.isLog || look.right.isLog != m_look.right.isLog)
        m_chosen = {}; // were of the other scale
    m_look = look;
    m_view->setScales(look.left.isLog, look.right.isLog);
    m_view->setBands(look.bands);
    bindSeries();
    updateLimits();
}

void TimeChart::bindSeries()
{
    constexpr std::size_t Most = 40; // lines on one chart
    const auto snapshot = m_desk.feed().current();
    std::vector<ChartSeries> bound;
    QCollator natural; // P-2 before P-10, whatever came first
    natural.setNumericMode(true);
    for (const auto &selector : m_selectors) {
        auto ids = m_desk.matching(utf8Of(selector), Most);
        std::sort(ids.begin(), ids.end(), [&](SeriesId a, SeriesId b) {
            return natural.compare(textOf(*snapshot->series.at(number(a)).path), textOf(*snapshot->series.at(number(b)).path)) < 0;
        });
        for (const auto id : ids) {
            const auto &row = snapshot->series.at(number(id));
            if (bound.size() >= Most || std::any_of(bound.begin(), bound.end(), [id](const ChartSeries &there) { return there.id == id; }))
                continue;
            ChartSeries entry;
            entry.id = id;
            entry.path = *row.path;
            entry.name = row.tag && !row.tag->name.empty() ? textOf(row.tag->name) : keyText(entry.path);
            entry.unit = row.tag ? textOf(row.tag->unit) : QString();
            entry.kind = row.kind;
            const auto index = static_cast<int>(bound.size());
            const auto look = m_look.lookOf(entry.path);
            entry.colour = look.colour ? QColor::fromRgb(*look.colour) : theme().series(index);
            entry.dash = seriesDash(index);
            entry.style = look.style.value_or(SeriesStyle::Line);
            entry.isRight = look.isRight.value_or(false);
            entry.width = look.width.value_or(1);
            bound.push_back(std::move(entry));
        }
    }
    shortenNames(bound);
    const auto isSame = bound.size() == m_series.size()
        && std::equal(bound.begin(), bound.end(), m_series.begin(), [](const ChartSeries &a, const ChartSeries &b) {
                            return a.id == b.id && a.colour == b.colour && a.shortName == b.shortName && a.style == b.style
                                && a.isRight == b.isRight && a.width == b.width;
                        });
    if (isSame)
        return;
    m_series = std::move(bound);
    updateUnits();
    m_view->setSeries(m_series);
    ++m_generation; // pictures of the old set are stale
    m_isDrawing = false;
    updateLimits();
    updateAlarms();
    updateHint();
    windowMoved();
    updateStatistics();
}

// One unit for all of an axis stands at it; several stand in the legend.
void TimeChart::updateUnits()
{
    std::array<QStringList, 2> units;
    for (const auto &series : m_series)
        if (series.kind == ValueKind::Number)
            units[series.isRight ? RightAxis : LeftAxis] << series.unit;
    for (auto &side : units)
        side.removeDuplicates();
    const auto common = [&](AxisSide side) { return units[side].size() == 1 ? units[side].front() : QString(); };
    m_view->setUnits(common(LeftAxis), common(RightAxis));
}

// A chart that is scrolled out of its page, or below another window, draws nothing.
bool TimeChart::isSeen() const
{
    return isVisible() && !m_view->viewport()->visibleRegion().isEmpty();
}

const SeriesRow *TimeChart::rowOf(SeriesId id) const
{
    const auto &rows = m_desk.feed().current()->series;
    return number(id) < rows.size() ? &rows.at(number(id)) : nullptr;
}

// A live chart draws when a column has passed, but not more often than a person can see and not more than two weak cores can bear.
void TimeChart::onFrame()
{
    constexpr auto Usual = std::chrono::milliseconds(100);
    if (!isSeen())
        return;
    const auto now = Mono::clock::now();
    if (m_window.isFollowing() && !m_isDrawing && now - m_drawn >= Usual && m_desk.takeDrawTurn())
        m_isDirty = true;
    if (m_isDirty && !m_isDrawing)
        request();
}

void TimeChart::request()
{
    const auto plot = m_view->plot();
    if (plot.width() < 10 || plot.height() < 10)
        return;
    const auto scale = devicePixelRatioF();
    FrameRequest next;
    const auto pixels = SeriesLayer::devicePlot(plot, scale);
    next.width = pixels.width();
    next.height = pixels.height();
    m_window.follow(m_desk.feed().now(), next.width);
    next.generation = ++m_generation;
    m_asked = wholeColumns();
    std::tie(next.from, next.to) = m_asked;
    next.earlier = m_recent.forWindow(next.from, next.to, next.width);
    next.scale = scale;
    for (const auto side : {LeftAxis, RightAxis}) {
        const auto &wanted = side == LeftAxis ? m_look.left : m_look.right;
        auto &axis = next.axes[side];
        axis.isLog = wanted.isLog;
        axis.last = m_y[side];
        axis.fixed = m_chosen[side];
        if (!axis.fixed && wanted.range)
            axis.fixed = std::pair(axisValue(wanted.range->first, wanted.isLog), axisValue(wanted.range->second, wanted.isLog));
    }
    for (const auto &limit : m_limits)
        if (limit.side == LeftAxis)
            next.limits.push_back(limit.value);
    next.series = m_series;
    for (const auto &series : m_series) {
        const auto *row = rowOf(series.id);
        next.views.push_back(row != nullptr ? row->view : SeriesView());
    }
    m_isDirty = false;
    m_isDrawing = true;
    m_drawn = Mono::clock::now();
    m_waitingSince = m_waitingSince.value_or(m_drawn);
    m_stop.request_stop();
    m_stop = std::stop_source();
    drawFrame(m_desk.session(), std::move(next), m_stop.get_token(), [this, self = QPointer<QObject>(this)](Frame frame) {
        postTo(self, [this, frame = std::move(frame)]() mutable { present(std::move(frame)); });
    });
}

void TimeChart::present(Frame frame)
{
    if (frame.generation != m_generation)
        return; // a newer one is on its way
    m_isDrawing = false;
    m_isDirty = m_isDirty || frame.isUnknown;
    if (frame.isUnknown)
        return; // the picture stays as it is, and the next frame asks again
    m_recent.add(std::move(frame.cached));
    const auto wasLong = waitsLong();
    m_waitingSince.reset();
    m_patience.stop();
    frame.image.setDevicePixelRatio(devicePixelRatioF());
    m_y = {std::pair(frame.yMin, frame.yMax), frame.right};
    // Who moved on meanwhile does not want the window of a moment ago back; the picture is then stretched for one frame.
    const auto [from, to] = m_isDirty && !m_window.isFollowing() ? wholeColumns() : m_asked;
    m_view->setWindow(from, to, m_y[LeftAxis], m_y[RightAxis]);
    m_view->layer().setFrame(std::move(frame));
    placeLimits();
    updateStrips();
    updateHint();
    if (wasLong)
        updateBanner();
    // The window moved on below a cursor that stands still, or the other way round.
    if (m_hover)
        m_link->moveTo(m_view->layer().timeAt(m_hover->x()), this);
    if (m_link->at())
        showCursor();
    Q_EMIT drawn(std::chrono::duration_cast<Micros>(Mono::clock::now() - m_drawn));
    if (m_isDirty && isSeen())
        request();
}

bool TimeChart::waitsLong() const
{
    return m_waitingSince && Mono::clock::now() - *m_waitingSince >= std::chrono::seconds(3);
}

std::pair<Time, Time> TimeChart::wholeColumns() const
{
    return gridWindow(m_window.from(), m_window.to(), SeriesLayer::devicePlot(m_view->plot(), devicePixelRatioF()).width());
}

void TimeChart::dragEnterEvent(QDragEnterEvent *event)
{
    if (event->mimeData()->hasFormat(QString::fromLatin1(SeriesTreeModel::MimeType)))
        event->acceptProposedAction();
}

void TimeChart::dropEvent(QDropEvent *event)
{
    const auto bytes = event->mimeData()->data(QString::fromLatin1(SeriesTreeModel::MimeType));
    const auto paths = QString::fromUtf8(bytes).split(u'\n', Qt::SkipEmptyParts);
    if (paths.isEmpty())
        return;
    event->acceptProposedAction();
    Q_EMIT seriesDropped(paths);
}

void TimeChart::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange) {
        m_view->applyTheme();
        bindSeries();
        m_isDirty = true;
    }
    QWidget::changeEvent(event);
}

}
