#include "widgets/dashboard/tileframe.h"

#include "items/texts.h"
#include "widgets/theme/icons.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QToolButton>

namespace sg {

namespace {

constexpr int Grip = 14;
constexpr int GridColumns = 24;

}

TileFrame::TileFrame(const TileSpec &tile, QWidget *parent)
    : QFrame(parent)
    , m_tile(tile)
    , m_cells(tile.column, tile.row, tile.width, tile.height)
{
    setObjectName(QStringLiteral("tile-") + textOf(tile.id));
    setMouseTracking(true);
    m_head = new QWidget(this);
    m_head->setCursor(Qt::SizeAllCursor);
    m_head->setFocusPolicy(Qt::TabFocus);
    m_head->setToolTip(tr("Drag to move; with the focus here: arrows move, Shift+arrows resize, Del removes"));
    m_head->installEventFilter(this);
    m_title = new QLabel(m_head);
    m_title->setTextFormat(Qt::PlainText);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_title->setAttribute(Qt::WA_TransparentForMouseEvents);
    auto *remove = new QToolButton(m_head);
    remove->setObjectName(QStringLiteral("removeTile"));
    remove->setAccessibleName(tr("Remove this tile"));
    remove->setToolTip(tr("Remove this tile (Ctrl+Z brings it back)"));
    remove->setIcon(symbolIcon(Symbol::Remove));
    remove->setIconSize(QSize(12, 12));
    remove->setAutoRaise(true);
    remove->setCursor(Qt::ArrowCursor);
    connect(remove, &QToolButton::clicked, this, &TileFrame::removeWanted);
    auto *head = new QHBoxLayout(m_head);
    head->setContentsMargins(8, 1, 2, 1);
    head->addWidget(m_title, 1);
    head->addWidget(remove);
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(2, 1, 2, 6);
    m_layout->setSpacing(0);
    m_layout->addWidget(m_head);
    setTitle(textOf(tile.id));
}

void TileFrame::setTile(const TileSpec &tile)
{
    m_tile = tile;
    m_cells = QRect(tile.column, tile.row, tile.width, tile.height);
}

void TileFrame::setContent(QWidget *content)
{
    delete m_content;
    m_content = content;
    m_layout->addWidget(content, 1);
    auto all = content->findChildren<QWidget *>();
    all << content;
    for (auto *child : std::as_const(all))
        child->installEventFilter(this);
}

void TileFrame::setTitle(const QString &title)
{
    m_title->setText(title);
    m_head->setAccessibleName(tr("Tile %1").arg(title));
}

void TileFrame::setCurrent(bool isCurrent)
{
    if (std::exchange(m_isCurrent, isCurrent) == isCurrent)
        return;
    auto bold = m_title->font();
    bold.setBold(isCurrent);
    m_title->setFont(bold);
    update();
}

TileFrame::Drag TileFrame::dragAt(const QPoint &at) const
{
    return at.x() > width() - Grip && at.y() > height() - Grip ? Drag::Resize : Drag::None;
}

bool TileFrame::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_head) {
        if (event->type() == QEvent::FocusIn || event->type() == QEvent::MouseButtonPress)
            Q_EMIT used();
        return QFrame::eventFilter(watched, event);
    }
    switch (event->type()) {
    case QEvent::MouseButtonPress:
        m_drag = Drag::Move;
        m_dragFrom = static_cast<QMouseEvent *>(event)->globalPosition().toPoint();
        m_dragGeometry = geometry();
        raise();
        Q_EMIT used();
        return true;
    case QEvent::MouseMove:
        mouseMoveEvent(static_cast<QMouseEvent *>(event));
        return true;
    case QEvent::MouseButtonRelease:
        mouseReleaseEvent(static_cast<QMouseEvent *>(event));
        return true;
    case QEvent::KeyPress: {
        const auto *key = static_cast<QKeyEvent *>(event);
        const auto isResize = (key->modifiers() & Qt::ShiftModifier) != 0;
        switch (key->key()) {
        case Qt::Key_Left:
            nudge(-1, 0, isResize);
            return true;
        case Qt::Key_Right:
            nudge(1, 0, isResize);
            return true;
        case Qt::Key_Up:
            nudge(0, -1, isResize);
            return true;
        case Qt::Key_Down:
            nudge(0, 1, isResize);
            return true;
        case Qt::Key_Delete:
            Q_EMIT removeWanted();
            return true;
        default:
            return false;
        }
    }
    default:
        return QFrame::eventFilter(watched, event);
    }
}

void TileFrame::nudge(int dx, int dy, bool isResize)
{
    auto cells = m_cells;
    if (isResize)
        cells.setSize(QSize(std::clamp(cells.width() + dx, 3, GridColumns - cells.x()), std::max(2, cells.height() + dy)));
    else
        cells.moveTopLeft(QPoint(std::clamp(cells.x() + dx, 0, GridColumns - cells.width()), std::max(0, cells.y() + dy)));
    if (cells != m_cells)
        Q_EMIT placed(cells);
}

void TileFrame::mousePressEvent(QMouseEvent *event)
{
    Q_EMIT used();
    m_drag = event->button() == Qt::LeftButton ? dragAt(event->pos()) : Drag::None;
    m_dragFrom = event->globalPosition().toPoint();
    m_dragGeometry = geometry();
    raise();
}

void TileFrame::mouseMoveEvent(QMouseEvent *event)
{
    const auto moved = event->globalPosition().toPoint() - m_dragFrom;
    switch (m_drag) {
    case Drag::None:
        setCursor(dragAt(event->pos()) == Drag::Resize ? Qt::SizeFDiagCursor : Qt::ArrowCursor);
        break;
    case Drag::Move:
        move(m_dragGeometry.topLeft() + moved);
        break;
    case Drag::Resize:
        resize(std::max(120, m_dragGeometry.width() + moved.x()), std::max(80, m_dragGeometry.height() + moved.y()));
        break;
    }
}

void TileFrame::mouseReleaseEvent(QMouseEvent *)
{
    const auto was = std::exchange(m_drag, Drag::None);
    if (was == Drag::None || m_cell.isEmpty() || geometry() == m_dragGeometry)
        return;
    const auto width = std::clamp(static_cast<int>(std::lround(this->width() / m_cell.width())), 3, GridColumns);
    const auto height = std::max(2, static_cast<int>(std::lround(this->height() / m_cell.height())));
    const auto column
        = std::clamp(static_cast<int>(std::lround(x() / m_cell.width())), 0, GridColumns - (was == Drag::Move ? m_cells.width() : 3));
    const auto row = std::max(0, static_cast<int>(std::lround(y() / m_cell.height())));
    const auto cells = was == Drag::Move ? QRect(column, row, m_cells.width(), m_cells.height())
                                         : QRect(m_cells.x(), m_cells.y(), std::min(width, GridColumns - m_cells.x()), height);
    Q_EMIT placed(cells);
}

void TileFrame::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), theme().panel);
    painter.setPen(m_isCurrent ? theme().faint : theme().line);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
    painter.setPen(theme().line);
    for (int i = 4; i <= 10; i += 3)
        painter.drawLine(width() - 2 - i, height() - 3, width() - 3, height() - 2 - i);
}

}
