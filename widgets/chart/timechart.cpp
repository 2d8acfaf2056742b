#include "widgets/chart/timechart.h"

#include "items/texts.h"
#include "plot/palette.h"
#include "widgets/chart/chartview.h"
#include "widgets/chart/cursoritem.h"
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
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_view);
    connectView();
    goLive();
}

TimeChart::~TimeChart()
{
    m_stop.request_stop();
}

void TimeChart::connectView()
{
    connect(m_live, &QToolButton::clicked, this, &TimeChart::goLive);
    connect(m_view, &ChartView::plotResized, this, &TimeChart::windowMoved);
    connect(m_view, &ChartView::liveWanted, this, &TimeChart::goLive);
    connect(m_view, &ChartView::freezeToggled, this, &TimeChart::toggleFreeze);
    connect(m_view, &ChartView::fitWanted, this, &TimeChart::fit);
    connect(m_view, &ChartView::hovered, this, &TimeChart::hover);
    connect(m_view, &ChartView::zoomed, this, [this](double factor, double at) {
        m_window.zoom(factor, at);
        windowMoved();
    });
    connect(m_view, &ChartView::panned, this, [this](double share) {
        m_window.pan(share);
        windowMoved();
    });
    connect(m_view, &ChartView::zoomedValues, this, [this](double factor, double at) {
        m_fixedY = std::pair(at - (at - m_y.first) * factor, at + (m_y.second - at) * factor);
        m_y = *m_fixedY;
        windowMoved();
    });
    connect(m_view, &ChartView::boxed, this, [this](Time from, Time to, double low, double high) {
        m_window.set(from, to);
        if (low < high)
            m_y = *(m_fixedY = std::pair(low, high));
        windowMoved();
    });
    connect(m_view, &ChartView::oldestWanted, this, [this] {
        auto oldest = Time::max();
        for (const auto &series : m_series)
            if (const auto *row = rowOf(series.id))
                if (const auto extent = extentOf(row->view))
                    oldest = std::min(oldest, extent->first);
        if (oldest != Time::max())
            showTime(oldest, oldest + m_window.span());
    });
    connect(m_view, &ChartView::left, this, [this] { m_view->cursor().clear(); });
    connect(&m_desk.feed(), &SnapshotFeed::frame, this, &TimeChart::onFrame);
    // Many series may come in one frame: bind once, after them.
    m_rebind.setSingleShot(true);
    m_rebind.setInterval(0);
    connect(&m_rebind, &QTimer::timeout, this, &TimeChart::bindSeries);
    connect(&m_desk.series(), &QAbstractItemModel::rowsInserted, &m_rebind, qOverload<>(&QTimer::start));
    connect(&m_desk.series(), &QAbstractItemModel::rowsRemoved, &m_rebind, qOverload<>(&QTimer::start));
    connect(&m_desk.feed(), &SnapshotFeed::second, this, [this] {
        updateBanner();
        updateHint();
        updateAlarms();
        if (m_watches != m_desk.feed().current()->watches)
            updateLimits();
        countNew();
    });
    connect(&m_desk.alarmSpans(), &AlarmSpans::changed, this, &TimeChart::updateAlarms);
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
            entry.colour = theme().series(index);
            entry.dash = seriesDash(index);
            bound.push_back(std::move(entry));
        }
    }
    shortenNames(bound);
    const auto isSame = bound.size() == m_series.size()
        && std::equal(bound.begin(), bound.end(), m_series.begin(), [](const ChartSeries &a, const ChartSeries &b) {
                            return a.id == b.id && a.colour == b.colour && a.shortName == b.shortName;
                        });
    if (isSame)
        return;
    m_series = std::move(bound);
    // One unit for all stands at the axis; several stand in the legend.
    QStringList units;
    for (const auto &series : m_series)
        if (series.kind == ValueKind::Number)
            units << series.unit;
    units.removeDuplicates();
    m_view->setUnit(units.size() == 1 ? units.front() : QString());
    m_view->setSeries(m_series);
    ++m_generation; // pictures of the old set are stale
    m_isDrawing = false;
    updateLimits();
    updateAlarms();
    updateHint();
    windowMoved();
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
    if (!isVisible())
        return;
    const auto now = Mono::clock::now();
    if (m_window.isFollowing() && now - m_drawn >= Usual)
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
    next.width = static_cast<int>(std::lround(plot.width() * scale));
    next.height = static_cast<int>(std::lround(plot.height() * scale));
    m_window.follow(m_desk.feed().now(), next.width);
    next.generation = ++m_generation;
    next.from = m_window.from();
    next.to = m_window.to();
    next.fixedY = m_fixedY;
    next.lastY = m_y;
    next.limits = m_showsLimits ? m_limitValues : std::vector<double>();
    next.series = m_series;
    for (const auto &series : m_series) {
        const auto *row = rowOf(series.id);
        next.views.push_back(row != nullptr ? row->view : SeriesView());
    }
    m_isDirty = false;
    m_isDrawing = true;
    m_drawn = Mono::clock::now();
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
    frame.image.setDevicePixelRatio(devicePixelRatioF());
    m_y = {frame.yMin, frame.yMax};
    m_view->setWindow(frame.from, frame.to, frame.yMin, frame.yMax);
    m_view->layer().setFrame(std::move(frame));
    updateStrips();
}

void TimeChart::windowMoved()
{
    if (m_window.isFollowing())
        m_window.follow(m_desk.feed().now(), std::max(1, m_view->plot().width()));
    m_view->setWindow(m_window.from(), m_window.to(), m_y.first, m_y.second);
    m_isDirty = true;
    if (m_frozenAt != NoTime && m_window.isFollowing())
        m_frozenAt = NoTime;
    updateBanner();
}

void TimeChart::goLive()
{
    m_frozenAt = NoTime;
    m_fixedY.reset();
    m_window.goLive(m_desk.feed().now());
    windowMoved();
}

void TimeChart::toggleFreeze()
{
    if (isFrozen()) {
        goLive();
        return;
    }
    m_frozenAt = m_desk.feed().now();
    m_newSinceFrozen = 0;
    m_window.stop();
    m_isDirty = true;
    updateBanner();
}

void TimeChart::showTime(Time from, Time to)
{
    m_window.set(from, to);
    windowMoved();
}

void TimeChart::fit()
{
    auto oldest = Time::max();
    auto newest = Time::min();
    for (const auto &series : m_series)
        if (const auto *row = rowOf(series.id))
            if (const auto extent = extentOf(row->view)) {
                oldest = std::min(oldest, extent->first);
                newest = std::max(newest, extent->second);
            }
    if (oldest > newest)
        return;
    m_fixedY.reset();
    showTime(oldest - (newest - oldest) / 50, newest + (newest - oldest) / 50);
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
