#include "widgets/chart/timechart.h"

#include "widgets/chart/chartview.h"
#include "widgets/chart/cursorlink.h"
#include "widgets/chart/olderdata.h"
#include "widgets/chart/rangestrip.h"
#include "widgets/chart/serieslayer.h"
#include "widgets/main/desk.h"

#include <QContextMenuEvent>
#include <QMenu>
#include <QToolButton>

// How a chart is steered: zoom, pan, freeze, the history of sights, marks, the menu.
namespace sg {

void TimeChart::connectView()
{
    using Kind = SightHistory::Step;
    connect(m_live, &QToolButton::clicked, this, &TimeChart::goLive);
    connect(m_view, &ChartView::plotResized, this, &TimeChart::windowMoved);
    connect(m_view, &ChartView::liveWanted, this, &TimeChart::goLive);
    connect(m_view, &ChartView::freezeToggled, this, &TimeChart::toggleFreeze);
    connect(m_view, &ChartView::fitWanted, this, &TimeChart::fit);
    connect(m_view, &ChartView::backWanted, this, &TimeChart::goBack);
    connect(m_view, &ChartView::forwardWanted, this, &TimeChart::goForward);
    connect(m_view, &ChartView::oldestWanted, this, &TimeChart::showOldest);
    connect(m_view, &ChartView::zoomedValues, this, &TimeChart::zoomValues);
    connect(m_view, &ChartView::zoomed, this, [this](double factor, double at) {
        remember(Kind::Zoom);
        m_window.zoom(factor, at);
        windowMoved();
    });
    connect(m_view, &ChartView::panned, this, [this](double share) {
        remember(Kind::Pan);
        m_window.pan(share);
        windowMoved();
    });
    connect(m_view, &ChartView::pannedValues, this, [this](double share, AxisSide side) {
        remember(Kind::Values);
        chooseValues(share, 1 + share, side);
        windowMoved();
    });
    connect(m_view, &ChartView::boxed, this, [this](Time from, Time to, double low, double high) {
        remember(Kind::Jump);
        m_window.set(from, to);
        if (low < high) {
            chooseValues(low, high, LeftAxis);
            if (m_view->hasRightAxis())
                chooseValues(low, high, RightAxis);
        }
        windowMoved();
    });
    connect(m_view, &ChartView::boxedValues, this, [this](double low, double high, AxisSide side) {
        remember(Kind::Jump);
        chooseValues(low, high, side);
        windowMoved();
    });
    connect(&m_desk.feed(), &SnapshotFeed::frame, this, &TimeChart::onFrame);
    // Many series may come in one frame: bind once, after them.
    m_rebind.setSingleShot(true);
    m_rebind.setInterval(0);
    m_patience.setSingleShot(true);
    m_patience.setInterval(20); // a picture of what is in memory comes sooner, and then axes and picture move as one
    connect(&m_patience, &QTimer::timeout, this, &TimeChart::applyWindow);
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

void TimeChart::connectMarks()
{
    connect(m_view, &ChartView::hovered, this, &TimeChart::hover);
    connect(m_view, &ChartView::left, this, [this] {
        m_hover.reset();
        m_link->leave(this);
        showCursor();
    });
    connect(m_view, &ChartView::cursorMoved, this, &TimeChart::moveCursor);
    connect(m_view, &ChartView::rangeChosen, this, [this](Time from, Time to) { setRange(std::pair(from, to)); });
    connect(m_view, &ChartView::rangeZoomWanted, this, [this] {
        if (!m_range)
            return;
        const auto range = *m_range;
        setRange({});
        showTime(range.first, range.second);
    });
    connect(m_view, &ChartView::referenceWanted, this, [this] {
        if (const auto at = m_link->at())
            m_link->setReference(at);
    });
    connect(m_view, &ChartView::marksDropped, this, &TimeChart::dropMarks);
    connect(m_strip, &RangeStrip::closed, this, [this] { setRange({}); });
}

void TimeChart::setCursorLink(CursorLink &link)
{
    if (m_link != nullptr)
        m_link->disconnect(this);
    m_link = &link;
    connect(m_link, &CursorLink::moved, this, [this] {
        if (isSeen())
            showCursor();
    });
}

void TimeChart::remember(SightHistory::Step step)
{
    m_history.leave({m_window, m_chosen}, step, Mono::clock::now());
}

void TimeChart::goBack()
{
    showSight(m_history.back({m_window, m_chosen}));
}

void TimeChart::goForward()
{
    showSight(m_history.forward({m_window, m_chosen}));
}

void TimeChart::showSight(const std::optional<Sight> &sight)
{
    if (!sight)
        return;
    m_window = sight->window;
    m_chosen = sight->values;
    for (const auto side : {LeftAxis, RightAxis})
        if (m_chosen[side])
            m_y[side] = *m_chosen[side];
    windowMoved();
}

void TimeChart::zoomValues(double factor, double at, AxisSide side)
{
    remember(SightHistory::Step::Values);
    chooseValues(at - at * factor, at + (1 - at) * factor, side);
    windowMoved();
}

void TimeChart::chooseValues(double low, double high, AxisSide side)
{
    const auto [bottom, top] = m_y[side];
    const auto chosen = std::pair(bottom + low * (top - bottom), bottom + high * (top - bottom));
    // Nearer than numbers of this size can tell apart there is nothing to see.
    const auto least = std::max(std::abs(chosen.first), std::abs(chosen.second)) * 1e-12;
    if (!std::isfinite(chosen.first) || !std::isfinite(chosen.second) || chosen.second - chosen.first <= least)
        return;
    m_chosen[side] = m_y[side] = chosen;
}

// The picture is late: until it comes, the axes are right and the old one is stretched to where it belongs.
void TimeChart::applyWindow()
{
    const auto [from, to] = wholeColumns();
    m_view->setWindow(from, to, m_y[LeftAxis], m_y[RightAxis]);
    placeLimits();
}

void TimeChart::windowMoved()
{
    if (m_window.isFollowing())
        m_window.follow(m_desk.feed().now(), std::max(1, m_view->plot().width()));
    const auto [from, to] = wholeColumns();
    m_isDirty = true;
    if (!m_patience.isActive())
        m_patience.start();
    if (m_isDrawing && (to <= m_asked.first || from >= m_asked.second)) { // of no use any more
        m_stop.request_stop();
        ++m_generation;
        m_isDrawing = false;
    }
    QMetaObject::invokeMethod(this, &TimeChart::onFrame, Qt::QueuedConnection); // now, not with the next snapshot
    if (m_frozenAt != NoTime && m_window.isFollowing())
        m_frozenAt = NoTime;
    updateBanner();
}

void TimeChart::goLive()
{
    if (!m_window.isFollowing() || m_chosen[LeftAxis] || m_chosen[RightAxis])
        remember(SightHistory::Step::Jump);
    m_frozenAt = NoTime;
    m_chosen = {};
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
    remember(SightHistory::Step::Jump);
    m_window.set(from, to);
    windowMoved();
}

void TimeChart::showOldest()
{
    auto oldest = Time::max();
    for (const auto &series : m_series)
        if (const auto *row = rowOf(series.id))
            if (const auto extent = extentOf(row->view))
                oldest = std::min(oldest, extent->first);
    if (oldest != Time::max())
        showTime(oldest, oldest + m_window.span());
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
    remember(SightHistory::Step::Jump);
    m_chosen = {};
    m_window.set(oldest - (newest - oldest) / 50, newest + (newest - oldest) / 50);
    windowMoved();
}

void TimeChart::contextMenuEvent(QContextMenuEvent *event)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(QStringLiteral("chartMenu"));
    const auto add = [&](const QString &text, auto what, bool isEnabled = true) {
        auto *action = menu->addAction(text);
        action->setEnabled(isEnabled);
        connect(action, &QAction::triggered, this, what);
        return action;
    };
    add(
        tr("Zoom &back\tAlt+Left"), [this] { goBack(); }, m_history.canGoBack());
    add(
        tr("Zoom &forward\tAlt+Right"), [this] { goForward(); }, m_history.canGoForward());
    add(tr("&Live\tEnd"), [this] { goLive(); });
    add(isFrozen() ? tr("&Thaw\tSpace") : tr("Free&ze\tSpace"), [this] { toggleFreeze(); });
    add(tr("F&it everything\tF"), [this] { fit(); });
    std::vector<const SeriesRow *> rows;
    for (const auto &series : m_series)
        rows.push_back(rowOf(series.id));
    const auto lacking = lackingBefore(rows, m_window.from(), m_window.to());
    add(
        tr("Load o&lder data"), [this, lacking] { loadOlder(m_desk, lacking); }, !lacking.empty());
    menu->addSeparator();
    add(
        tr("&Reference here\tR"), [this, at = m_link->at()] { m_link->setReference(at); }, m_link->at().has_value());
    add(
        tr("&Zoom to the selected range\tEnter"), [this] { Q_EMIT m_view->rangeZoomWanted(); }, m_range.has_value());
    add(
        tr("&Drop reference and range\tEsc"), [this] { dropMarks(); }, m_range.has_value() || m_link->reference().has_value());
    menu->addSeparator();
    auto *styles = menu->addMenu(tr("&Style"));
    const std::pair<const char *, QString> names[]
        = {{"line", tr("&Line")}, {"step", tr("&Step")}, {"points", tr("&Points")}, {"area", tr("&Area")}};
    for (std::size_t i = 0; i < std::size(names); ++i) {
        auto *action = styles->addAction(names[i].second);
        action->setCheckable(true);
        action->setChecked(static_cast<std::size_t>(m_look.style) == i);
        connect(action, &QAction::triggered, this,
                [this, name = QString::fromLatin1(names[i].first)] { Q_EMIT lookWanted(QStringLiteral("style"), name); });
    }
    auto *log = add(tr("L&og scale"), [this] {
        Q_EMIT lookWanted(QStringLiteral("log"), m_look.left.isLog ? QStringLiteral("false") : QStringLiteral("true"));
    });
    log->setCheckable(true);
    log->setChecked(m_look.left.isLog);
    menu->popup(event->globalPos());
}

}
