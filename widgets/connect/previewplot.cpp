#include "widgets/connect/previewplot.h"

#include "items/texts.h"
#include "widgets/theme/theme.h"

#include <QLocale>
#include <QPainter>
#include <QPainterPath>

#include <cmath>

namespace sg {

namespace {

struct Range
{
    double least = 0, most = 1;
    [[nodiscard]] double share(double value) const { return (value - least) / (most - least); }
};

Range rangeOf(double least, double most)
{
    if (!(least <= most))
        return {};
    const auto pad = most > least ? (most - least) * 0.08 : std::max(std::abs(most) * 0.1, 1.0);
    return {least - pad, most + pad};
}

double seconds(Time t)
{
    return std::chrono::duration<double>(t.time_since_epoch()).count();
}

QString number(double value)
{
    return QLocale().toString(value, 'g', 4);
}

}

PreviewPlot::PreviewPlot(QWidget *parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("previewPlot"));
    setAccessibleName(tr("Chart of the chosen series"));
}

void PreviewPlot::show(std::vector<Line> lines)
{
    m_lines = std::move(lines);
    QStringList says;
    for (const auto &line : m_lines)
        if (!line.points.empty())
            says << QStringLiteral("%1: %2").arg(line.name, number(line.points.back().second));
    setAccessibleDescription(says.join(QStringLiteral("; ")));
    update();
}

void PreviewPlot::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto height = fontMetrics().height();
    painter.fillRect(rect(), theme().plot);
    double least = INFINITY, most = -INFINITY, from = INFINITY, to = -INFINITY;
    for (const auto &line : m_lines)
        for (const auto &[t, value] : line.points) {
            if (!std::isfinite(value))
                continue;
            least = std::min(least, value);
            most = std::max(most, value);
            from = std::min(from, seconds(t));
            to = std::max(to, seconds(t));
        }
    painter.setPen(theme().faint);
    if (!(from <= to)) {
        painter.drawText(rect(), Qt::AlignCenter, tr("No number yet: choose series with numbers above."));
        return;
    }
    const auto values = rangeOf(least, most);
    const Range times{from, to > from ? to : from + 1};
    const auto left = fontMetrics().horizontalAdvance(QStringLiteral("-0.00000")) + 8;
    const QRectF plot(left, 8 + height, width() - left - 12, this->height() - 2.0 * height - 20);
    for (int i = 0; i <= 4; ++i) {
        const auto y = plot.bottom() - plot.height() * i / 4;
        painter.setPen(theme().grid);
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
        painter.setPen(theme().faint);
        if (i % 2 == 0)
            painter.drawText(QRectF(0, y - height / 2.0, left - 6, height), Qt::AlignRight | Qt::AlignVCenter,
                             number(values.least + (values.most - values.least) * i / 4));
    }
    const auto clock = [](double s) { return clockText(Time(Micros(static_cast<std::int64_t>(s * 1e6)))); };
    painter.drawText(QRectF(plot.left(), plot.bottom() + 4, plot.width(), height), Qt::AlignLeft, clock(times.least));
    painter.drawText(QRectF(plot.left(), plot.bottom() + 4, plot.width(), height), Qt::AlignRight, clock(times.most));
    double legend = plot.left();
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        const auto colour = theme().series(static_cast<int>(i));
        QPainterPath path;
        bool isDrawing = false;
        for (const auto &[t, value] : m_lines[i].points) {
            const QPointF at(plot.left() + plot.width() * times.share(seconds(t)), plot.bottom() - plot.height() * values.share(value));
            if (!std::isfinite(value))
                isDrawing = false;
            else if (std::exchange(isDrawing, true))
                path.lineTo(at);
            else
                path.moveTo(at);
        }
        painter.setPen(QPen(colour, 1.6));
        painter.drawPath(path);
        painter.setBrush(colour);
        if (m_lines[i].points.size() <= 60)
            for (const auto &[t, value] : m_lines[i].points)
                if (std::isfinite(value))
                    painter.drawEllipse(
                        QPointF(plot.left() + plot.width() * times.share(seconds(t)), plot.bottom() - plot.height() * values.share(value)),
                        2, 2);
        painter.setBrush(Qt::NoBrush);
        const auto room = (plot.width() - 10) / static_cast<double>(m_lines.size()) - 24;
        const auto name = fontMetrics().elidedText(m_lines[i].name, Qt::ElideMiddle, static_cast<int>(room));
        painter.fillRect(QRectF(legend, 4 + height / 2.0 - 2, 12, 4), colour);
        painter.setPen(theme().text);
        painter.drawText(QPointF(legend + 16, 4 + fontMetrics().ascent()), name);
        legend += 28 + fontMetrics().horizontalAdvance(name);
    }
}

}
