#include "widgets/chart/timechart.h"

#include "items/texts.h"
#include "widgets/chart/chartview.h"
#include "widgets/chart/cursoritem.h"
#include "widgets/chart/cursorlink.h"
#include "widgets/chart/rangestrip.h"
#include "widgets/chart/serieslayer.h"
#include "widgets/main/desk.h"
#include "widgets/main/posting.h"

// What is measured on a chart: cursor, reference, selected range. All of it reads raw values, never the drawn columns; only the count
// of samples in a pixel is the column's.
namespace sg {

namespace {

const Column *columnAt(const Columns &columns, Time t)
{
    const auto count = static_cast<std::int64_t>(columns.columns.size());
    if (t < columns.from || t >= columns.to || count == 0)
        return nullptr;
    const auto index = (t - columns.from).count() * count / (columns.to - columns.from).count(); // the rule of Columns
    return &columns.columns[static_cast<std::size_t>(index)];
}

}

void TimeChart::hover(const QPointF &at)
{
    m_hover = at;
    m_link->moveTo(m_view->layer().timeAt(at.x()), this);
    showCursor();
}

void TimeChart::moveCursor(int pixels, bool isSelecting)
{
    const auto plot = QRectF(m_view->plot());
    const auto &layer = m_view->layer();
    const auto x = m_hover ? m_hover->x() : m_link->at() ? layer.xOf(*m_link->at()) : plot.center().x();
    const auto next = std::clamp(x + pixels, plot.left(), plot.right());
    if (!isSelecting)
        m_anchor.reset();
    else if (!m_anchor)
        m_anchor = layer.timeAt(std::clamp(x, plot.left(), plot.right()));
    hover({next, m_hover ? m_hover->y() : plot.center().y()});
    if (m_anchor) {
        const auto t = layer.timeAt(next);
        setRange(std::pair(std::min(*m_anchor, t), std::max(*m_anchor, t)));
    }
}

void TimeChart::dropMarks()
{
    m_anchor.reset();
    m_hover.reset();
    m_link->leave(this);
    m_link->setReference({});
    setRange({});
    showCursor();
}

QString TimeChart::valueTextOf(const ChartSeries &series, const SeriesRow &row, double value) const
{
    if (!std::isfinite(value))
        return QStringLiteral("—");
    if (series.kind == ValueKind::State)
        return stateTextOf(row, value);
    return valueText(value, row.tag.get()) + (series.unit.isEmpty() ? QString() : u' ' + series.unit);
}

void TimeChart::showCursor()
{
    m_view->setMarks(m_link->reference(), m_range);
    const auto at = m_link->at();
    if (!at || *at < m_window.from() || *at > m_window.to()) {
        m_reader->drop();
        m_view->cursor().clear();
        return;
    }
    CursorReader::Question question{*at, m_link->reference(), {}, {}};
    for (const auto &series : m_series)
        if (const auto *row = rowOf(series.id)) {
            question.series.push_back(series.id);
            question.views.push_back(row->view);
        }
    m_reader->ask(std::move(question));
}

// Line, time and values are those of one instant: that of the question, even when the pointer is further by now.
void TimeChart::showValues(const CursorReader::Answer &answer)
{
    if (answer.at < m_window.from() || answer.at > m_window.to())
        return; // the window moved on meanwhile; it asks again when it is drawn
    std::vector<CursorItem::Line> lines;
    for (std::size_t i = 0; i < answer.series.size(); ++i) {
        const auto series = std::find_if(m_series.begin(), m_series.end(), [&](const auto &one) { return one.id == answer.series[i]; });
        const auto *row = rowOf(answer.series[i]);
        if (series == m_series.end() || row == nullptr)
            continue;
        constexpr auto None = std::numeric_limits<double>::quiet_NaN();
        const auto &sample = answer.rows[i];
        const auto value = sample ? sample->value : None;
        CursorItem::Line line{series->colour, series->shortName, valueTextOf(*series, *row, value), {}};
        if (sample && sample->isLate)
            line.value = tr("%1, arrived late").arg(line.value);
        if (answer.reference && series->kind == ValueKind::Number) {
            const auto &from = answer.from[i];
            const auto difference = value - (from ? from->value : None);
            line.difference = std::isfinite(difference)
                ? QStringLiteral("Δ ") + (difference > 0 ? QStringLiteral("+") : QString()) + valueText(difference, row->tag.get())
                : QStringLiteral("Δ —");
        }
        lines.push_back(std::move(line));
    }
    auto time = clockText(answer.at, m_window.span() / std::max(1, m_view->plot().width()));
    if (answer.reference)
        time += QStringLiteral("   Δ ") + spanText(answer.at - *answer.reference);
    QStringList foot;
    if (m_link->isOf(this))
        for (const auto &text : {pixelText(answer.at), lateText(answer.at)})
            if (!text.isEmpty())
                foot << text;
    m_view->cursor().showAt(m_view->layer().xOf(answer.at), time, std::move(lines), foot.join(QStringLiteral("; ")));
}

// They are on their way, e.g. from a disk: the line follows the pointer, and says that nothing is known as yet.
void TimeChart::showUnknownValues()
{
    const auto at = m_link->at();
    if (!at || *at < m_window.from() || *at > m_window.to())
        return;
    std::vector<CursorItem::Line> lines;
    for (const auto &series : m_series)
        lines.push_back({series.colour, series.shortName, QStringLiteral("…"), {}});
    m_view->cursor().showAt(m_view->layer().xOf(*at), clockText(*at, m_window.span() / std::max(1, m_view->plot().width())),
                            std::move(lines), {});
}

// Which series have values in this pixel that arrived late.
QString TimeChart::lateText(Time t) const
{
    const auto &frame = m_view->layer().frame();
    QStringList names;
    for (std::size_t i = 0; i < m_series.size() && i < frame.columns.size(); ++i)
        if (const auto *column = columnAt(frame.columns[i], t); column != nullptr && column->hasLate)
            names << m_series[i].shortName;
    return names.isEmpty() ? QString() : tr("arrived late here: %1").arg(names.join(QStringLiteral(", ")));
}

// Of the line next to the pointer.
QString TimeChart::pixelText(Time t) const
{
    const auto &frame = m_view->layer().frame();
    const ChartSeries *nearest = nullptr;
    const Column *found = nullptr;
    auto least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < m_series.size() && i < frame.columns.size(); ++i) {
        const auto &series = m_series[i];
        const auto *there = columnAt(frame.columns[i], t);
        if (series.kind != ValueKind::Number || there == nullptr || there->samples < 2)
            continue;
        const auto &column = *there;
        const auto yOf = [&](double value) {
            return series.isRight ? m_view->yOfRight(axisValue(value, m_look.right.isLog))
                                  : m_view->layer().yOf(axisValue(value, m_look.left.isLog));
        };
        const auto y = m_hover ? m_hover->y() : 0;
        const auto distance = std::max({0.0, yOf(column.max) - y, y - yOf(column.min)});
        if (distance < least) {
            least = distance;
            nearest = &series;
            found = &column;
        }
    }
    if (nearest == nullptr)
        return {};
    const auto *row = rowOf(nearest->id);
    const auto *tag = row != nullptr ? row->tag.get() : nullptr;
    return tr("%1: %2 samples in this pixel, %3 … %4")
        .arg(nearest->shortName, QLocale().toString(static_cast<qulonglong>(found->samples)), valueText(found->min, tag),
             valueText(found->max, tag));
}

void TimeChart::setRange(std::optional<std::pair<Time, Time>> range)
{
    m_range = range;
    if (!m_range)
        m_anchor.reset();
    m_view->setMarks(m_link->reference(), m_range);
    updateStatistics();
}

void TimeChart::updateStatistics()
{
    m_rangeStop.request_stop();
    m_rangeStop = std::stop_source();
    if (!m_range || m_range->first >= m_range->second) {
        m_strip->hide();
        return;
    }
    struct Asked
    {
        SeriesView view;
        QString name;
        std::shared_ptr<const Tag> tag;
    };
    std::vector<Asked> asked;
    for (const auto &series : m_series)
        if (const auto *row = rowOf(series.id); row != nullptr && series.kind == ValueKind::Number)
            asked.push_back(
                {row->view, series.shortName + (series.unit.isEmpty() ? QString() : QStringLiteral(" [") + series.unit + u']'), row->tag});
    m_desk.session().run([this, self = QPointer<QObject>(this), stop = m_rangeStop.get_token(), range = *m_range, asked] {
        std::vector<RangeFigures> figures;
        for (const auto &one : asked) {
            if (stop.stop_requested())
                return;
            figures.push_back(figuresOf(one.view, range.first, range.second, stop));
        }
        postTo(self, [this, stop, range, asked, figures] {
            if (stop.stop_requested())
                return; // another range by now
            const auto resolution = (range.second - range.first) / 1000;
            std::vector<RangeStrip::Line> lines;
            for (std::size_t i = 0; i < asked.size(); ++i) {
                const auto &of = figures[i];
                const auto *tag = asked[i].tag.get();
                const auto none = QStringLiteral("—");
                lines.push_back({asked[i].name, QLocale().toString(static_cast<qulonglong>(of.samples)),
                                 of.samples > 0 ? valueText(of.least, tag) : none, of.samples > 0 ? valueText(of.greatest, tag) : none,
                                 of.mean ? valueText(*of.mean, tag) : none});
            }
            m_strip->showFigures(
                tr("%1 – %2, %3")
                    .arg(clockText(range.first, resolution), clockText(range.second, resolution), spanText(range.second - range.first)),
                lines);
        });
    });
}

}
