#pragma once

#include "workspace/workspace.h"

#include <QFrame>

class QLabel;
class QVBoxLayout;

namespace sg {

// The frame of a tile: a title to drag it by, a grip to resize it, a button to remove it. Places are in cells of the grid; the page
// says how large a cell is. UI thread.
class TileFrame : public QFrame
{
    Q_OBJECT

public:
    TileFrame(const TileSpec &tile, QWidget *parent);

    [[nodiscard]] const TileSpec &tile() const { return m_tile; }
    void setTile(const TileSpec &tile);
    void setContent(QWidget *content); // takes it
    [[nodiscard]] QWidget *content() const { return m_content; }
    void setTitle(const QString &title);
    void setCurrent(bool isCurrent);
    void setCell(QSizeF cell) { m_cell = cell; }
    [[nodiscard]] QRect cells() const { return m_cells; }
    void setCells(const QRect &cells) { m_cells = cells; }

Q_SIGNALS:
    void removeWanted();
    void placed(const QRect &cells); // dragged there
    void used(); // clicked, or got the focus
    void menuWanted(const QPoint &at);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    enum class Drag : std::uint8_t { None, Move, Resize };
    [[nodiscard]] Drag dragAt(const QPoint &at) const;
    void nudge(int dx, int dy, bool isResize);

    TileSpec m_tile;
    QWidget *m_head;
    QLabel *m_title;
    QVBoxLayout *m_layout;
    QWidget *m_content = nullptr;
    QRect m_cells; // column, row, width, height
    QSizeF m_cell;
    Drag m_drag = Drag::None;
    QPoint m_dragFrom; // global
    QRect m_dragGeometry;
    bool m_isCurrent = false;
};

}
