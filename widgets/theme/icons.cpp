#include "widgets/theme/icons.h"

#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>

namespace sg {

namespace {

QPolygonF polygon(const QRectF &r, std::initializer_list<QPointF> unit)
{
    QPolygonF out;
    for (const auto &p : unit)
        out << QPointF(r.left() + p.x() * r.width(), r.top() + p.y() * r.height());
    return out;
}

// Lines on a grid of 16 units; drawn with a round pen in the theme's text colour.
QPainterPath strokesOf(Symbol symbol)
{
    QPainterPath p;
    const auto line = [&p](std::initializer_list<QPointF> points) {
        auto it = points.begin();
        p.moveTo(*it++);
        for (; it != points.end(); ++it)
            p.lineTo(*it);
    };
    switch (symbol) {
    case Symbol::Acknowledge:
        line({{3, 8.5}, {6.5, 12}, {13, 4}});
        break;
    case Symbol::Sound:
        line({{2, 6}, {5, 6}, {8.5, 3}, {8.5, 13}, {5, 10}, {2, 10}, {2, 6}});
        line({{11, 5.5}, {12.3, 8}, {11, 10.5}});
        break;
    case Symbol::Silence:
        line({{2, 6}, {5, 6}, {8.5, 3}, {8.5, 13}, {5, 10}, {2, 10}, {2, 6}});
        line({{11, 6}, {14.5, 10}});
        line({{14.5, 6}, {11, 10}});
        break;
    case Symbol::Add:
        line({{8, 3}, {8, 13}});
        line({{3, 8}, {13, 8}});
        break;
    case Symbol::Remove:
        line({{4, 4}, {12, 12}});
        line({{12, 4}, {4, 12}});
        break;
    case Symbol::Live:
        line({{3, 3}, {9, 8}, {3, 13}, {3, 3}});
        line({{12.5, 3}, {12.5, 13}});
        break;
    case Symbol::Freeze:
        line({{5.5, 3}, {5.5, 13}});
        line({{10.5, 3}, {10.5, 13}});
        break;
    case Symbol::Fit:
        line({{2, 6}, {2, 2}, {6, 2}});
        line({{10, 2}, {14, 2}, {14, 6}});
        line({{14, 10}, {14, 14}, {10, 14}});
        line({{6, 14}, {2, 14}, {2, 10}});
        break;
    case Symbol::Export:
        line({{8, 2}, {8, 10}});
        line({{4.5, 6.5}, {8, 10}, {11.5, 6.5}});
        line({{2.5, 10}, {2.5, 13.5}, {13.5, 13.5}, {13.5, 10}});
        break;
    case Symbol::Rule:
        line({{2, 5}, {14, 5}});
        line({{2, 12.5}, {5, 11}, {8, 3}, {10, 9}, {14, 8}});
        break;
    case Symbol::Source:
        p.addEllipse(QRectF(3, 2, 10, 4));
        line({{3, 4}, {3, 12}});
        line({{13, 4}, {13, 12}});
        p.moveTo(3, 12);
        p.arcTo(QRectF(3, 10, 10, 4), 180, 180);
        break;
    case Symbol::Open:
        line({{2, 13}, {2, 3}, {6, 3}, {7.5, 5}, {13, 5}, {13, 7}, {4.5, 7}, {2, 13}, {12, 13}, {14.5, 7}, {13, 7}});
        break;
    case Symbol::Undo:
        line({{6, 3}, {3, 6}, {6, 9}});
        p.moveTo(3, 6);
        p.cubicTo(13, 5, 14, 9, 12, 13);
        break;
    case Symbol::Redo:
        line({{10, 3}, {13, 6}, {10, 9}});
        p.moveTo(13, 6);
        p.cubicTo(3, 5, 2, 9, 4, 13);
        break;
    case Symbol::Theme:
        p.addEllipse(QRectF(2.5, 2.5, 11, 11));
        line({{8, 2.5}, {8, 13.5}});
        line({{8, 5}, {12.5, 5}});
        line({{8, 8}, {13.5, 8}});
        line({{8, 11}, {12.5, 11}});
        break;
    }
    return p;
}

// Paints when asked, so that an icon follows the theme and the screen's scale.
class SymbolEngine : public QIconEngine
{
public:
    explicit SymbolEngine(Symbol symbol)
        : m_symbol(symbol)
    {
    }
    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->translate(rect.topLeft());
        painter->scale(rect.width() / 16.0, rect.height() / 16.0);
        painter->setPen(QPen(mode == QIcon::Disabled ? theme().faint : theme().text, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter->drawPath(strokesOf(m_symbol));
        painter->restore();
    }
    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap out(size);
        out.fill(Qt::transparent);
        QPainter painter(&out);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return out;
    }
    QIconEngine *clone() const override { return new SymbolEngine(m_symbol); }

private:
    Symbol m_symbol;
};

}

void paintPriority(QPainter &painter, const QRectF &in, Priority priority, bool isSolid)
{
    const auto side = std::min(in.width(), in.height());
    const QRectF r(in.center().x() - side / 2 + 0.5, in.center().y() - side / 2 + 0.5, side - 1, side - 1);
    QPainterPath shape;
    QString letter;
    auto letterRect = r;
    switch (priority) {
    case Priority::Urgent:
        shape.addPolygon(polygon(r, {{0.5, 0}, {1, 0.5}, {0.5, 1}, {0, 0.5}}));
        letter = QStringLiteral("U");
        break;
    case Priority::High:
        shape.addPolygon(polygon(r, {{0.5, 0.02}, {1, 0.95}, {0, 0.95}}));
        letter = QStringLiteral("H");
        letterRect.translate(0, side * 0.14);
        break;
    case Priority::Medium:
        shape.addRect(r.adjusted(side * 0.08, side * 0.08, -side * 0.08, -side * 0.08));
        letter = QStringLiteral("M");
        break;
    case Priority::Low:
        shape.addEllipse(r.adjusted(side * 0.05, side * 0.05, -side * 0.05, -side * 0.05));
        letter = QStringLiteral("L");
        break;
    }
    shape.closeSubpath();
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const auto colour = theme().priority(priority);
    painter.setPen(QPen(isSolid && theme().isDark ? colour : colour.darker(theme().isDark ? 100 : 130), 1.4));
    painter.setBrush(isSolid ? QBrush(colour) : Qt::NoBrush);
    painter.drawPath(shape);
    auto font = painter.font();
    font.setBold(true);
    font.setPixelSize(std::max(7, static_cast<int>(side * 0.52)));
    painter.setFont(font);
    painter.setPen(isSolid ? theme().onPriority(priority) : theme().text);
    painter.drawText(letterRect, Qt::AlignCenter, letter);
    painter.restore();
}

void paintSourceState(QPainter &painter, const QRectF &in, SourceStatus::State state)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const auto colour = theme().source(state);
    painter.setPen(QPen(colour, 1.6));
    painter.setBrush(Qt::NoBrush);
    const auto r = in.adjusted(1.5, 1.5, -1.5, -1.5);
    switch (state) {
    case SourceStatus::State::Live:
        painter.setBrush(colour);
        painter.drawEllipse(r);
        break;
    case SourceStatus::State::CatchingUp:
        painter.drawPolyline(polygon(r, {{0, 0}, {0.5, 0.5}, {0, 1}}));
        painter.drawPolyline(polygon(r, {{0.5, 0}, {1, 0.5}, {0.5, 1}}));
        break;
    case SourceStatus::State::Connecting:
        painter.drawArc(r, 45 * 16, 270 * 16);
        break;
    case SourceStatus::State::Lost:
        painter.drawLine(r.topLeft(), r.bottomRight());
        painter.drawLine(r.topRight(), r.bottomLeft());
        break;
    case SourceStatus::State::Refused:
        painter.setBrush(colour);
        painter.drawRect(r);
        painter.setPen(QPen(theme().panel, 1.8));
        painter.drawLine(QPointF(r.left() + 2, r.center().y()), QPointF(r.right() - 2, r.center().y()));
        break;
    case SourceStatus::State::Stopped:
        painter.drawRect(r);
        break;
    }
    painter.restore();
}

QIcon symbolIcon(Symbol symbol)
{
    return QIcon(new SymbolEngine(symbol));
}

QIcon appIcon()
{
    // A sight glass: a round window in a pipe, with a trace behind it.
    QIcon icon;
    for (const auto size : {16, 24, 32, 48, 64, 128, 256}) {
        QPixmap pixmap(size, size);
        pixmap.fill(Qt::transparent);
        QPainter p(&pixmap);
        p.setRenderHint(QPainter::Antialiasing);
        p.scale(size / 64.0, size / 64.0);
        p.setPen(Qt::NoPen);
        p.setBrush(QColor(0x5b6470));
        p.drawRect(QRectF(0, 22, 64, 20));
        p.setBrush(QColor(0x39414b));
        p.drawEllipse(QPointF(32, 32), 27, 27);
        p.setBrush(QColor(0xe8edf2));
        p.drawEllipse(QPointF(32, 32), 20, 20);
        p.setPen(QPen(QColor(0x0072b2), 4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        p.setBrush(Qt::NoBrush);
        p.drawPolyline(QPolygonF({{15, 36}, {23, 34}, {29, 23}, {36, 42}, {41, 31}, {49, 29}}));
        p.end();
        icon.addPixmap(pixmap);
    }
    return icon;
}

}
