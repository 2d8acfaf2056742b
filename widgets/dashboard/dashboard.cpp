#include "widgets/dashboard/dashboard.h"

#include "core/times.h"
#include "items/texts.h"
#include "widgets/alarms/alarmpanel.h"
#include "widgets/chart/cursorlink.h"
#include "widgets/chart/timechart.h"
#include "widgets/dashboard/pageedits.h"
#include "widgets/dashboard/tileframe.h"
#include "widgets/main/desk.h"

#include <QDragEnterEvent>
#include <QLabel>
#include <QMimeData>
#include <QTimer>

namespace sg {

Dashboard::Dashboard(Desk &desk, QWidget *parent)
    : QScrollArea(parent)
    , m_desk(desk)
    , m_cursor(new CursorLink(this))
    , m_canvas(new QWidget)
{
    setObjectName(QStringLiteral("dashboard"));
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setWidget(m_canvas);
    setAcceptDrops(true);
    m_empty = new QLabel(tr("This page is empty. Drop a series here, or select one in the tree and press Enter."), viewport());
    m_empty->setObjectName(QStringLiteral("dashboardEmpty"));
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_empty->setAttribute(Qt::WA_TransparentForMouseEvents);
    connect(&desk, &Desk::workspaceChanged, this, &Dashboard::reload);
    connect(&desk, &Desk::addToChartWanted, this, &Dashboard::putOnChart);
    connect(&desk, &Desk::showSeriesWanted, this, &Dashboard::showSeries);
    connect(&desk, &Desk::showSeriesAtWanted, this, &Dashboard::showSeriesAt);
    reload();
}

const PageSpec *Dashboard::page() const
{
    const auto &pages = m_desk.workspace()->pages;
    return m_page < pages.size() ? &pages[m_page] : nullptr;
}

std::string Dashboard::pageFile() const
{
    return page() != nullptr ? page()->file : "dashboards/overview.yaml";
}

void Dashboard::showPage(std::size_t page)
{
    m_page = page;
    qDeleteAll(m_tiles);
    m_tiles.clear();
    reload();
}

void Dashboard::reload()
{
    const auto *shown = page();
    const std::vector<TileSpec> none;
    const auto &specs = shown != nullptr ? shown->tiles : none;
    std::erase_if(m_tiles, [&](TileFrame *frame) {
        const auto stays = std::any_of(specs.begin(), specs.end(), [&](const TileSpec &tile) {
            return tile.id == frame->tile().id && tile.kind == frame->tile().kind;
        });
        if (!stays)
            frame->deleteLater();
        return !stays;
    });
    for (const auto &spec : specs) {
        const auto there = std::find_if(m_tiles.begin(), m_tiles.end(), [&](TileFrame *frame) { return frame->tile().id == spec.id; });
        if (there == m_tiles.end()) {
            makeTile(spec);
        } else {
            (*there)->setTile(spec);
            fillTile(**there, spec);
        }
    }
    m_empty->setVisible(m_tiles.empty());
    place();
    // A chart that was just asked for may have found its place below the edge.
    for (auto *frame : m_tiles)
        if (frame->tile().id == m_reveal) {
            m_reveal.clear();
            QTimer::singleShot(0, frame, [this, frame, time = std::exchange(m_revealTime, std::nullopt)] {
                ensureWidgetVisible(frame);
                if (auto *chart = qobject_cast<TimeChart *>(frame->content()); chart != nullptr && time)
                    chart->showTime(time->first, time->second);
                Q_EMIT frame->used();
            });
        }
}

void Dashboard::makeTile(const TileSpec &tile)
{
    auto *frame = new TileFrame(tile, m_canvas);
    m_tiles.push_back(frame);
    if (tile.kind == "chart") {
        auto *chart = new TimeChart(m_desk, frame);
        chart->setObjectName(QStringLiteral("chart-") + textOf(tile.id));
        frame->setContent(chart);
        chart->setCursorLink(*m_cursor);
        connect(chart, &TimeChart::drawn, this, &Dashboard::drawn);
        if (const auto span = parseDuration(tile.settings.text("span", "15min")); span)
            chart->setSpan(*span);
        connect(chart, &TimeChart::seriesDropped, this, [this, id = tile.id](const QStringList &paths) { editSeries(id, paths, {}); });
        connect(chart, &TimeChart::lookWanted, this, [this, id = tile.id](const QString &key, const QString &value) {
            m_desk.edits().edit(pageFile(), setChartKey(pageFile(), id, utf8Of(key), utf8Of(value)), tr("Change %1").arg(textOf(id)));
        });
    } else if (tile.kind == "alarms") {
        auto *list = new AlarmPanel(m_desk, textOf(tile.settings.text("area")), frame);
        list->setObjectName(QStringLiteral("alarmTile-") + textOf(tile.id));
        frame->setContent(list);
    } else {
        auto *unknown = new QLabel(tr("This version has no tile \"%1\". Its text in the file is kept.").arg(textOf(tile.kind)), frame);
        unknown->setTextFormat(Qt::PlainText);
        unknown->setAlignment(Qt::AlignCenter);
        unknown->setWordWrap(true);
        frame->setContent(unknown);
    }
    connect(frame, &TileFrame::removeWanted, this, [this, id = tile.id] { removeTile(id); });
    connect(frame, &TileFrame::placed, this, [this, id = tile.id](const QRect &cells) { moveTile(id, cells); });
    connect(frame, &TileFrame::used, this, [this, id = tile.id] {
        m_current = id;
        for (auto *other : m_tiles)
            other->setCurrent(other->tile().id == id);
    });
    fillTile(*frame, tile);
    frame->show();
}

void Dashboard::fillTile(TileFrame &frame, const TileSpec &tile)
{
    if (auto *chart = qobject_cast<TimeChart *>(frame.content())) {
        QStringList selectors;
        for (const auto &text : readTexts(tile.settings["series"]))
            selectors << textOf(text);
        chart->setLook(readChartLook(tile.settings));
        chart->setSelectors(selectors);
        chart->setShowsLimits(tile.settings.text("limits", "true") == "true");
    }
    auto title = textOf(tile.settings.text("title", tile.id));
    frame.setTitle(title.left(1).toUpper() + title.mid(1).replace(u'-', u' '));
}

void Dashboard::place()
{
    constexpr int Spacing = 4;
    constexpr double LeastRow = 34;
    int rows = 1;
    for (const auto *tile : m_tiles)
        rows = std::max(rows, tile->cells().bottom() + 1);
    const auto width = viewport()->width();
    // A page fills the window when its rows do not become too low; else it scrolls.
    const QSizeF cell(width / static_cast<double>(Columns), std::max(LeastRow, viewport()->height() / static_cast<double>(rows)));
    m_canvas->resize(width, std::max(viewport()->height(), static_cast<int>(cell.height() * rows)));
    for (auto *tile : m_tiles) {
        const auto &cells = tile->cells();
        tile->setCell(cell);
        const QRectF area(cells.x() * cell.width(), cells.y() * cell.height(), cells.width() * cell.width(),
                          cells.height() * cell.height());
        tile->setGeometry(area.toAlignedRect().adjusted(Spacing / 2, Spacing / 2, -Spacing / 2, -Spacing / 2));
    }
    m_empty->setGeometry(viewport()->rect().adjusted(20, 20, -20, -20));
}

void Dashboard::resizeEvent(QResizeEvent *event)
{
    QScrollArea::resizeEvent(event);
    place();
}

QRect Dashboard::freePlace(int width, int height) const
{
    for (int row = 0;; ++row)
        for (int column = 0; column + width <= Columns; ++column) {
            const QRect at(column, row, width, height);
            if (std::none_of(m_tiles.begin(), m_tiles.end(), [&](const TileFrame *tile) { return tile->cells().intersects(at); }))
                return at;
        }
}

void Dashboard::addChart(const QStringList &paths)
{
    std::string id;
    for (int n = 1; id.empty(); ++n) {
        const auto name = "chart-" + std::to_string(n);
        if (std::none_of(m_tiles.begin(), m_tiles.end(), [&](const TileFrame *tile) { return tile->tile().id == name; }))
            id = name;
    }
    std::vector<std::string> series;
    for (const auto &path : paths)
        series.push_back(utf8Of(path));
    m_current = id;
    m_reveal = id;
    m_desk.edits().edit(pageFile(), addChartTile(pageFile(), id, freePlace(12, 6), series), tr("Add chart"));
}

void Dashboard::putOnChart(const QStringList &paths)
{
    for (const auto *frame : m_tiles)
        if (frame->tile().id == m_current && frame->tile().kind == "chart") {
            editSeries(m_current, paths, {});
            return;
        }
    addChart(paths);
}

void Dashboard::showSeries(const QString &path)
{
    for (auto *frame : m_tiles) {
        auto *chart = qobject_cast<TimeChart *>(frame->content());
        if (chart == nullptr)
            continue;
        for (const auto &series : chart->series())
            if (textOf(series.path) == path || textOf(series.path).startsWith(path + u'/')) {
                ensureWidgetVisible(frame);
                chart->setFocus();
                chart->goLive();
                Q_EMIT frame->used();
                return;
            }
    }
    const auto matches = m_desk.matching(utf8Of(path), 1);
    addChart({matches.empty() ? path + QStringLiteral("/**") : path});
}

void Dashboard::showSeriesAt(const QString &path, Time from, Time to)
{
    if (const auto now = m_desk.feed().now(); from < now)
        to = std::min(to, now); // there is nothing in the future
    m_revealTime = std::pair(from, to);
    showSeries(path);
    if (!m_reveal.empty())
        return; // a new chart, which is made by and by
    m_revealTime.reset();
    if (auto *chart = currentChart())
        chart->showTime(from, to);
}

void Dashboard::editSeries(const std::string &tileId, const QStringList &add, const QStringList &remove)
{
    for (const auto *frame : m_tiles) {
        if (frame->tile().id != tileId)
            continue;
        auto series = readTexts(frame->tile().settings["series"]);
        const auto before = series;
        for (const auto &path : add)
            if (const auto text = utf8Of(path); std::find(series.begin(), series.end(), text) == series.end())
                series.push_back(text);
        for (const auto &path : remove)
            std::erase(series, utf8Of(path));
        if (series != before)
            m_desk.edits().edit(pageFile(), setTileSeries(pageFile(), tileId, series), tr("Change series of %1").arg(textOf(tileId)));
    }
}

void Dashboard::removeTile(const std::string &tileId)
{
    m_desk.edits().edit(pageFile(), removeTileOf(pageFile(), tileId), tr("Remove %1").arg(textOf(tileId)));
}

void Dashboard::moveTile(const std::string &tileId, const QRect &cells)
{
    for (auto *tile : m_tiles)
        if (tile->tile().id == tileId)
            tile->setCells(cells); // at once; the file follows
    place();
    m_desk.edits().edit(pageFile(), setTilePlace(pageFile(), tileId, cells), tr("Place %1").arg(textOf(tileId)));
}

std::vector<TimeChart *> Dashboard::charts() const
{
    std::vector<TimeChart *> out;
    for (const auto *frame : m_tiles)
        if (auto *chart = qobject_cast<TimeChart *>(frame->content()))
            out.push_back(chart);
    return out;
}

TimeChart *Dashboard::currentChart() const
{
    for (const auto *frame : m_tiles)
        if (frame->tile().id == m_current)
            if (auto *chart = qobject_cast<TimeChart *>(frame->content()))
                return chart;
    const auto all = charts();
    return all.empty() ? nullptr : all.front();
}

void Dashboard::dragEnterEvent(QDragEnterEvent *event)
{
    if (event->mimeData()->hasFormat(QString::fromLatin1(SeriesTreeModel::MimeType)))
        event->acceptProposedAction();
}

void Dashboard::dropEvent(QDropEvent *event)
{
    const auto bytes = event->mimeData()->data(QString::fromLatin1(SeriesTreeModel::MimeType));
    const auto paths = QString::fromUtf8(bytes).split(u'\n', Qt::SkipEmptyParts);
    if (paths.isEmpty())
        return;
    event->acceptProposedAction();
    addChart(paths);
}

}
