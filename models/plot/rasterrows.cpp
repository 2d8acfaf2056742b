#include "plot/palette.h"
#include "plot/rasterparts.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace sg {

namespace {

bool hasValue(const Row &row)
{
    return std::isfinite(row.value);
}

struct Places
{
    const Columns &columns;
    const ValueRange &range;
    int width, height;

    [[nodiscard]] QPointF operator()(Time t, double value) const
    {
        constexpr double Far = 1 << 30; // QPainter works in doubles, but not without limits
        const double x = static_cast<double>((t - columns.from).count()) / static_cast<double>((columns.to - columns.from).count()) * width;
        return {std::clamp(x, -Far, Far), exactRow(value, range, height) + 0.5};
    }
};

void paintGround(QPainter &painter, const Stroke &stroke, const std::vector<Row> &rows, const Places &place, const QColor &colour)
{
    const double base = baseRow(stroke, place.range, place.height) + 0.5;
    QColor faint = colour;
    faint.setAlpha(AreaAlpha);
    QPolygonF area;
    const auto close = [&] {
        if (area.size() > 1) {
            area.prepend({area.front().x(), base});
            area.append({area.back().x(), base});
            painter.setPen(Qt::NoPen);
            painter.setBrush(faint);
            painter.drawPolygon(area);
        }
        area.clear();
    };
    for (const Row &row : rows) {
        if (hasValue(row))
            area.append(place(row.t, row.value));
        else
            close();
    }
    close();
}

void paintLines(QPainter &painter, const Stroke &stroke, const std::vector<Row> &rows, const Places &place, const QColor &colour)
{
    QPen solid(colour, stroke.thickness);
    if (const auto pattern = dashPattern(stroke.dash); !pattern.empty())
        solid.setDashPattern(QList<qreal>(pattern.begin(), pattern.end()));
    const QPen doubtful(colour, stroke.thickness, Qt::DotLine);
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const Row &left = rows[i - 1];
        const Row &right = rows[i];
        // A gap keeps a step's value up to its beginning, but no line leads into it.
        const bool isStep = stroke.style == Stroke::Style::Step;
        if (!hasValue(left) || (!isStep && !hasValue(right)))
            continue;
        const bool isGood = left.quality == Quality::Good && (isStep || right.quality == Quality::Good);
        painter.setPen(isGood ? solid : doubtful);
        const QPointF from = place(left.t, left.value);
        if (!isStep) {
            painter.drawLine(from, place(right.t, right.value));
            continue;
        }
        const QPointF corner = place(right.t, left.value);
        painter.drawLine(from, corner);
        if (hasValue(right))
            painter.drawLine(corner, place(right.t, right.value));
    }
}

}

void paintRows(QImage &image, const Stroke &stroke, const ValueRange &range)
{
    const Columns &columns = stroke.columns;
    const Places place{columns, range, image.width(), image.height()};
    std::vector<Row> rows;
    if (columns.before)
        rows.push_back(*columns.before);
    rows.insert(rows.end(), columns.rows.begin(), columns.rows.end());
    if (columns.after)
        rows.push_back(*columns.after);
    else if (columns.gapAfter)
        rows.push_back({*columns.gapAfter, std::numeric_limits<double>::quiet_NaN(), Quality::Bad});

    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor colour = QColor::fromRgb(stroke.colour);
    if (stroke.style == Stroke::Style::Area)
        paintGround(painter, stroke, rows, place, colour);
    if (stroke.style != Stroke::Style::Points)
        paintLines(painter, stroke, rows, place, colour);
    const double radius = stroke.thickness + 1.0;
    // Markers tell samples apart while there is room between them; nearer together they would be beads on the line. A value that
    // stands alone between gaps has no line and keeps its marker.
    const bool hasRoom = columns.rows.size() * 8 <= columns.columns.size() || stroke.style == Stroke::Style::Points;
    const auto isLine = [&](std::size_t i) { return i < rows.size() && hasValue(rows[i]); };
    const std::size_t begin = columns.before ? 1 : 0;
    for (std::size_t i = begin; i < begin + columns.rows.size(); ++i) {
        const Row &row = rows[i];
        if (!hasValue(row))
            continue;
        const bool isGood = row.quality == Quality::Good;
        if (!hasRoom && isGood && (isLine(i + 1) || (i > 0 && isLine(i - 1))))
            continue;
        painter.setPen(isGood ? QPen(Qt::NoPen) : QPen(colour, 1));
        painter.setBrush(isGood ? QBrush(colour) : QBrush(colour, Qt::BDiagPattern));
        const double size = isGood ? radius : radius + 2;
        painter.drawEllipse(place(row.t, row.value), size, size);
    }
}

}
