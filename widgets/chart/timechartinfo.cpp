#include "widgets/chart/timechart.h"

#include "core/text.h"
#include "items/texts.h"
#include "widgets/chart/axislabels.h"
#include "widgets/chart/chartview.h"
#include "widgets/chart/serieslayer.h"
#include "widgets/main/desk.h"
#include "widgets/main/posting.h"
#include "widgets/theme/theme.h"

#include <QLabel>
#include <QToolButton>

// What stands on a chart beside its lines: limits, alarms, states, banner, hint, cursor.
namespace sg {

void TimeChart::updateLimits()
{
    m_limits.clear();
    m_watches = m_desk.feed().current()->watches; // the rules in effect: an edit that waits for Apply limits nothing yet
    for (const auto &threshold : m_look.thresholds) // the page's own
        m_limits.push_back({threshold.value, threshold.label.empty() ? valueText(threshold.value, nullptr) : textOf(threshold.label),
                            threshold.priority.value_or(Priority::Low), LeftAxis});
    if (m_showsLimits && m_watches)
        addRuleLimits(m_limits);
    placeLimits();
    m_isDirty = true;
}

void TimeChart::addRuleLimits(std::vector<Limit> &lines) const
{
    for (const auto &watch : *m_watches) {
        const auto &rule = watch.rule;
        if (!rule->isEnabled || rule->kind != "levels")
            continue;
        const auto watched
            = std::find_if(m_series.begin(), m_series.end(), [&](const ChartSeries &series) { return rule->series.matches(series.path); });
        if (watched == m_series.end())
            continue;
        const auto side = watched->isRight ? RightAxis : LeftAxis;
        for (const auto *level : {"high_high", "high", "low", "low_low"}) {
            const auto &settings = rule->settings[level];
            const auto &limit = settings["limit"];
            const auto value = limit.kind == Node::Kind::Scalar ? parseNumber(limit.scalar) : std::nullopt;
            if (!value
                || std::any_of(lines.begin(), lines.end(), [&](const Limit &there) { return there.value == *value && there.side == side; }))
                continue;
            auto priority = rule->priority;
            for (const auto named : {Priority::Low, Priority::Medium, Priority::High, Priority::Urgent})
                if (settings.text("priority") == nameOf(named))
                    priority = named;
            lines.push_back({*value, QString::fromLatin1(level).replace(u'_', u'-') + u' ' + valueText(*value, nullptr), priority, side});
        }
    }
}

// The layer knows the left axis only: what lies on the right one is said in places of the left.
void TimeChart::placeLimits()
{
    std::vector<LimitLine> lines;
    for (const auto &limit : m_limits) {
        auto at = axisValue(limit.value, limit.side == LeftAxis ? m_look.left.isLog : m_look.right.isLog);
        if (limit.side == RightAxis) {
            const auto [low, high] = m_y[RightAxis];
            at = m_y[LeftAxis].first + (at - low) / (high - low) * (m_y[LeftAxis].second - m_y[LeftAxis].first);
        }
        lines.push_back({at, limit.label, limit.priority});
    }
    m_view->layer().setLimits(std::move(lines));
}

void TimeChart::setSpanSource(SpanSource source)
{
    m_spanSource = std::move(source);
    updateAlarms();
}

void TimeChart::updateAlarms()
{
    std::vector<AlarmSpans::Span> spans;
    for (const auto &series : m_series) {
        const auto from = m_window.from() - m_window.span(), to = m_window.to() + m_window.span();
        const auto own = m_spanSource ? m_spanSource(series.path, from, to) : m_desk.alarmSpans().of(series.path, from, to);
        spans.insert(spans.end(), own.begin(), own.end());
    }
    m_view->layer().setAlarms(std::move(spans), m_desk.feed().now());
}

QString TimeChart::stateTextOf(const SeriesRow &row, double code) const
{
    if (row.text && row.value == code)
        return textOf(*row.text);
    return textOf(m_desk.feed().current()->textOf(code));
}

void TimeChart::updateStrips()
{
    std::vector<SeriesLayer::StateStrip> strips;
    const auto &frame = m_view->layer().frame();
    for (std::size_t i = 0; i < m_series.size() && i < frame.columns.size(); ++i) {
        const auto *row = rowOf(m_series[i].id);
        if (m_series[i].kind != ValueKind::State || row == nullptr)
            continue;
        SeriesLayer::StateStrip strip;
        strip.name = m_series[i].shortName;
        const auto &columns = frame.columns[i];
        const auto step = (columns.to - columns.from) / static_cast<std::int64_t>(std::max<std::size_t>(1, columns.columns.size()));
        auto code = columns.before ? columns.before->value : std::numeric_limits<double>::quiet_NaN();
        auto since = columns.from;
        const auto close = [&](Time until) {
            if (std::isfinite(code) && until > since)
                strip.spans.push_back({{since, until}, strip.name + QStringLiteral(": ") + stateTextOf(*row, code)});
        };
        for (std::size_t c = 0; c < columns.columns.size(); ++c) {
            const auto &column = columns.columns[c];
            if (column.samples == 0 || column.last == code)
                continue;
            const auto at = columns.from + step * static_cast<std::int64_t>(c);
            close(at);
            code = column.last;
            since = at;
        }
        close(std::min(columns.to, m_desk.feed().now()));
        strips.push_back(std::move(strip));
    }
    const auto hasNumbers
        = std::any_of(m_series.begin(), m_series.end(), [](const ChartSeries &series) { return series.kind == ValueKind::Number; });
    m_view->layer().setStrips(std::move(strips), !hasNumbers);
}

void TimeChart::updateBanner()
{
    QString text;
    if (isFrozen()) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(m_desk.feed().now() - m_frozenAt).count();
        text = tr("FROZEN %1:%2, %3 new")
                   .arg(seconds / 60, 2, 10, QLatin1Char('0'))
                   .arg(seconds % 60, 2, 10, QLatin1Char('0'))
                   .arg(QLocale().toString(static_cast<qulonglong>(m_newSinceFrozen)));
    } else if (!m_window.isFollowing()) {
        text = tr("HISTORY to %1").arg(clockText(m_window.to()));
    }
    m_live->setVisible(!text.isEmpty());
    if (waitsLong())
        text += (text.isEmpty() ? QString() : QStringLiteral(", "))
            + tr("NO ANSWER for %1 s: this picture is older")
                  .arg(std::chrono::duration_cast<std::chrono::seconds>(Mono::clock::now() - *m_waitingSince).count());
    m_banner->setVisible(!text.isEmpty());
    if (text.isEmpty())
        return;
    m_banner->setText(text);
    m_banner->setStyleSheet(QStringLiteral("background: %1; color: %2; border: 1px solid %3; padding: 2px 8px; font-weight: bold;")
                                .arg(theme().raised.name(), theme().text.name(), theme().text.name()));
    m_banner->adjustSize();
    m_live->adjustSize();
    const auto plot = m_view->plot();
    m_live->move(plot.right() - m_live->width() - 6, plot.bottom() - m_live->height() - 6);
    const auto right = m_live->isHidden() ? plot.right() : m_live->x();
    m_banner->move(right - m_banner->width() - 6, plot.bottom() - m_banner->height() - 6);
}

void TimeChart::updateHint()
{
    QString hint;
    if (m_selectors.isEmpty())
        hint = tr("Drop a series here, or select one in the tree and press Enter.");
    else if (m_series.empty())
        hint = tr("No series %1 yet. It appears with its first value.").arg(m_selectors.join(QStringLiteral(", ")));
    else if (!m_view->layer().frame().hasValues
             && std::any_of(m_series.begin(), m_series.end(), [](const ChartSeries &series) { return series.kind == ValueKind::Number; })) {
        auto newest = NoTime;
        for (const auto &series : m_series)
            if (const auto *row = rowOf(series.id))
                newest = std::max(newest, row->t);
        hint = newest == NoTime ? tr("No value yet.")
                                : tr("No value in this range. The newest is of %1: press F to fit.").arg(clockText(newest));
    }
    m_view->layer().setHint(hint);
}

// Counts what came since the freeze, on the pool: one wide column of each series.
void TimeChart::countNew()
{
    if (!isFrozen() || m_series.empty())
        return;
    auto total = std::make_shared<std::atomic<std::uint64_t>>(0);
    auto left = std::make_shared<std::atomic<std::size_t>>(m_series.size());
    const auto now = m_desk.feed().now();
    if (now <= m_frozenAt)
        return;
    for (const auto &series : m_series) {
        const auto *row = rowOf(series.id);
        m_desk.session().query(row != nullptr ? row->view : SeriesView(), m_frozenAt, now, 1, {},
                               [this, self = QPointer<QObject>(this), total, left](const Columns &columns) {
                                   total->fetch_add(columns.samples);
                                   if (left->fetch_sub(1) != 1)
                                       return;
                                   postTo(self, [this, count = total->load()] {
                                       m_newSinceFrozen = count;
                                       updateBanner();
                                   });
                               });
    }
}

void TimeChart::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    updateBanner();
}

}
