#pragma once

#include "workspace/workspace.h"

#include <QScrollArea>

namespace sg {

class CursorLink;
class Desk;
class TileFrame;
class TimeChart;

// One page of tiles on a grid of 24 columns. What is added, moved, resized or removed is an edit of the page's file and comes back
// with the workspace; tiles that did not change keep their widgets. UI thread.
class Dashboard : public QScrollArea
{
    Q_OBJECT

public:
    static constexpr int Columns = 24;

    explicit Dashboard(Desk &desk, QWidget *parent = nullptr);

    void showPage(std::size_t page);
    [[nodiscard]] std::size_t pageIndex() const { return m_page; }
    void addChart(const QStringList &paths); // a new tile
    void putOnChart(const QStringList &paths); // the chart used last, or a new one
    void showSeries(const QString &path); // on a chart that has it already, or as putOnChart
    void showSeriesAt(const QString &path, Time from, Time to); // as showSeries(), and then that stretch of time
    [[nodiscard]] std::vector<TimeChart *> charts() const;
    [[nodiscard]] TimeChart *currentChart() const; // used last; nullptr when there is none

Q_SIGNALS:
    void drawn(sg::Micros took); // a chart of it

protected:
    void resizeEvent(QResizeEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void reload();
    void place();
    void makeTile(const TileSpec &tile);
    void fillTile(TileFrame &frame, const TileSpec &tile);
    void editSeries(const std::string &tileId, const QStringList &add, const QStringList &remove);
    void removeTile(const std::string &tileId);
    void moveTile(const std::string &tileId, const QRect &cells);
    [[nodiscard]] const PageSpec *page() const;
    [[nodiscard]] std::string pageFile() const;
    [[nodiscard]] QRect freePlace(int width, int height) const;

    Desk &m_desk;
    CursorLink *m_cursor; // all charts of the page have it in common
    QWidget *m_canvas;
    class QLabel *m_empty;
    std::size_t m_page = 0;
    std::vector<TileFrame *> m_tiles;
    std::string m_current; // id of the tile used last
    std::string m_reveal; // id of a tile to scroll to when it is there
    std::optional<std::pair<Time, Time>> m_revealTime; // that it then shows
};

}
