#include "widgets/rules/rulepreview.h"

#include "items/texts.h"
#include "widgets/chart/chartview.h"
#include "widgets/chart/serieslayer.h"
#include "widgets/chart/timechart.h"
#include "widgets/main/desk.h"
#include "widgets/rules/limithandle.h"
#include "widgets/theme/theme.h"

#include <QAbstractButton>
#include <QButtonGroup>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

namespace sg {

namespace {

constexpr std::size_t MostOffered = 500; // series in the list

// "high_high" -> "high-high", as charts call it.
QString levelText(const std::string &level)
{
    return textOf(level).replace(u'_', u'-');
}

}

RulePreview::RulePreview(RuleDialog &editor, Desk &desk)
    : QWidget(&editor)
    , m_editor(editor)
    , m_desk(desk)
{
    setObjectName(QStringLiteral("rulePreview"));
    m_choice = new QComboBox(this);
    m_choice->setObjectName(QStringLiteral("previewSeries"));
    m_choice->setAccessibleName(tr("Series"));
    m_choice->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_choice->setMinimumContentsLength(24);
    m_spans = new QButtonGroup(this);
    auto *top = new QHBoxLayout;
    top->addWidget(m_choice, 1);
    for (const auto hours : {1, 8, 24}) {
        auto *button = new QToolButton(this);
        button->setObjectName(QStringLiteral("preview%1h").arg(hours));
        button->setText(tr("%1 h").arg(hours));
        button->setAccessibleName(tr("Show the last %1 h").arg(hours));
        button->setCheckable(true);
        button->setFocusPolicy(Qt::StrongFocus);
        m_spans->addButton(button, hours);
        top->addWidget(button);
    }
    m_spans->button(1)->setChecked(true);
    m_chart = new TimeChart(desk, this);
    m_chart->setShowsLimits(false); // those of the draft stand there instead
    m_view = m_chart->findChild<ChartView *>();
    m_delays = new QWidget(m_view);
    m_delays->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_delays->installEventFilter(this);
    m_note = new QLabel(this);
    m_note->setObjectName(QStringLiteral("previewNote"));
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    auto *layout = new QVBoxLayout(this);
    layout->addLayout(top);
    layout->addWidget(m_chart, 1);
    layout->addWidget(m_note);
    connect(m_choice, &QComboBox::currentIndexChanged, this, &RulePreview::refreshLines);
    connect(m_spans, &QButtonGroup::idClicked, this, &RulePreview::setSpan);
    connect(m_chart, &TimeChart::drawn, this, &RulePreview::placeHandles);
    connect(m_view, &ChartView::plotResized, this, &RulePreview::placeHandles);
    connect(&editor, &RuleDialog::draftChanged, this, &RulePreview::refresh);
    connect(&desk.feed(), &SnapshotFeed::second, this, [this] {
        if (isVisible())
            refreshChoice(); // series that came meanwhile
    });
    setSpan(1);
    refresh();
}

void RulePreview::setSpan(int hours)
{
    m_chart->goLive();
    m_chart->setSpan(std::chrono::hours(hours));
}

void RulePreview::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    refresh();
}

void RulePreview::refresh()
{
    if (!isVisible())
        return;
    refreshChoice();
    refreshLines();
}

// The list of series; what was chosen stays chosen while the draft watches it.
void RulePreview::refreshChoice()
{
    auto offered = m_editor.watched().series;
    offered.resize(std::min(offered.size(), MostOffered));
    if (offered == m_offered)
        return;
    const auto before = chosen();
    m_offered = std::move(offered);
    {
        const QSignalBlocker quiet(m_choice);
        m_choice->clear();
        for (const auto id : m_offered)
            m_choice->addItem(seriesName(m_desk, id));
        const auto again = before ? std::find(m_offered.begin(), m_offered.end(), *before) : m_offered.end();
        m_choice->setCurrentIndex(m_offered.empty() ? -1 : again == m_offered.end() ? 0 : static_cast<int>(again - m_offered.begin()));
    }
    m_choice->setEnabled(m_offered.size() > 1);
    refreshLines();
}

std::optional<SeriesId> RulePreview::chosen() const
{
    const auto index = m_choice->currentIndex();
    return index < 0 || static_cast<std::size_t>(index) >= m_offered.size() ? std::nullopt
                                                                            : std::optional(m_offered[static_cast<std::size_t>(index)]);
}

void RulePreview::refreshLines()
{
    const auto &draft = m_editor.draft();
    QStringList selectors;
    m_limits = {};
    const auto id = chosen();
    const auto row = id ? m_desk.feed().current()->series.at(number(*id)) : SeriesRow();
    if (row.path) { // else: nothing, or retired since the draft was judged
        m_limits = draftLimits(draft.item, draft.rule.get(), *row.path, m_editor.watched().subject.labels, row.tag ? *row.tag : Tag());
        selectors << textOf(*row.path);
        for (const auto &path : m_limits.series)
            selectors << textOf(path);
    }
    if (m_limits.isOfAnotherValue)
        m_limits.lines.clear();
    m_chart->setSelectors(selectors);
    ChartLook look;
    if (m_held)
        look.left.range = m_held; // the chart stands still below a line that moves
    for (const auto &line : m_limits.lines) {
        look.thresholds.push_back({line.limit, utf8Of(levelText(line.level) + u' ' + valueText(line.limit, nullptr)), line.priority});
        if (const auto band = line.band.value_or(0); band > 0)
            look.bands.push_back({line.isUpper ? line.limit - band : line.limit, line.isUpper ? line.limit : line.limit + band, {}});
    }
    m_chart->setLook(look);
    while (m_handles.size() > m_limits.lines.size()) {
        delete m_handles.back();
        m_handles.pop_back();
    }
    while (m_handles.size() < m_limits.lines.size()) {
        auto *handle = new LimitHandle(m_view);
        const auto line = m_handles.size();
        connect(handle, &LimitHandle::grabbed, this, [this] {
            const auto &frame = m_view->layer().frame();
            m_held = std::pair(frame.yMin, frame.yMax);
        });
        connect(handle, &LimitHandle::draggedTo, this, [this, line](double y) { moveTo(line, m_view->layer().valueAt(y)); });
        connect(handle, &LimitHandle::stepped, this,
                [this, line](int steps) { moveTo(line, m_limits.lines[line].limit + steps * stepNow()); });
        connect(handle, &LimitHandle::released, this, [this] {
            m_held.reset();
            refreshLines();
        });
        m_handles.push_back(handle);
    }
    const auto &unit = m_editor.watched().subject.unit;
    for (std::size_t i = 0; i < m_handles.size(); ++i) {
        const auto &line = m_limits.lines[i];
        m_handles[i]->setObjectName(QStringLiteral("limit-") + textOf(line.level));
        m_handles[i]->setEnabled(!line.isOfTable);
        auto label = levelText(line.level) + u' ' + valueText(line.limit, nullptr);
        if (!unit.isEmpty())
            label += u' ' + unit;
        if (const auto band = line.band.value_or(0); band > 0)
            label = tr("%1, clears at %2").arg(label, valueText(line.limit + (line.isUpper ? -band : band), nullptr));
        m_handles[i]->setLabel(label);
    }
    m_note->setText(noteText());
    placeHandles();
}

void RulePreview::placeHandles()
{
    const auto plot = m_view->plot();
    m_delays->setGeometry(plot);
    m_delays->raise();
    for (std::size_t i = 0; i < m_handles.size() && i < m_limits.lines.size(); ++i) {
        const auto y = m_view->layer().yOf(m_limits.lines[i].limit);
        m_handles[i]->setRange(plot.top(), plot.bottom());
        m_handles[i]->place(plot.left(), plot.right(), y);
        m_handles[i]->setVisible(plot.height() > 10 && y >= plot.top() - 1 && y <= plot.bottom() + 1);
        m_handles[i]->raise();
    }
    m_delays->update();
}

// How much time the delays are on this axis: a bar at the limit for raising, one at the edge of the deadband for clearing.
void RulePreview::paintDelays(QWidget &on) const
{
    QPainter painter(&on);
    auto small = font();
    small.setPointSizeF(small.pointSizeF() * 0.85);
    painter.setFont(small);
    painter.setPen(theme().text);
    const auto &layer = m_view->layer();
    const auto from = m_chart->window().from();
    const auto origin = QPointF(on.pos());
    const auto bar = [&](double value, Micros delay, bool isAbove, const QString &text) {
        if (delay <= Micros{0})
            return;
        const auto y = layer.yOf(value) - origin.y() + (isAbove ? -10 : 10);
        const auto width = std::clamp(layer.xOf(from + delay) - layer.xOf(from), 1.0, on.width() / 2.0);
        const auto left = 10.0;
        painter.drawLine(QPointF(left, y), QPointF(left + width, y));
        painter.drawLine(QPointF(left, y - 3), QPointF(left, y + 3));
        painter.drawLine(QPointF(left + width, y - 3), QPointF(left + width, y + 3));
        painter.drawText(QPointF(left + width + 6, y + painter.fontMetrics().ascent() / 2.0 - 1), text);
    };
    for (const auto &line : m_limits.lines) {
        bar(line.limit, line.onDelay, line.isUpper, tr("raised after %1").arg(spanText(line.onDelay)));
        const auto edge = line.limit + (line.isUpper ? -1 : 1) * line.band.value_or(0);
        bar(edge, line.offDelay, !line.isUpper, tr("clears after %1").arg(spanText(line.offDelay)));
    }
}

bool RulePreview::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_delays && event->type() == QEvent::Paint) {
        paintDelays(*m_delays);
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

double RulePreview::stepNow() const
{
    const auto &frame = m_view->layer().frame();
    const auto height = std::max(1, m_view->plot().height());
    const auto range = frame.yMax - frame.yMin;
    return niceStep(std::isfinite(range) && range > 0 ? range / height : 1);
}

void RulePreview::moveTo(std::size_t line, double value)
{
    if (line >= m_limits.lines.size() || !std::isfinite(value))
        return;
    m_editor.setText(m_limits.lines[line].level + "/limit", textOf(roundedTo(value, stepNow())));
}

QString RulePreview::noteText() const
{
    const auto &draft = m_editor.draft();
    if (m_offered.empty())
        return tr("Nothing that is known now is watched: there is nothing to show. Choose the series on the page Rule.");
    if (m_limits.isOfAnotherValue)
        return tr("What is judged is computed from this series and is not drawn: no limit line stands here. Backtest shows when it would "
                  "have been raised.");
    const auto isOfTable = std::any_of(m_limits.lines.begin(), m_limits.lines.end(), [](const DraftLimit &line) { return line.isOfTable; });
    if (isOfTable)
        return tr("The table of limits says what stands for this machine; a line of the table is changed in the table.");
    if (m_limits.lines.empty())
        return m_limits.series.empty() ? tr("This condition has no limit that could be drawn.")
                                       : tr("The limit is a series itself, and drawn as one.");
    auto text = tr("Drag a limit line, or choose it with Tab and move it with Up and Down. The draft changes; the running rule stays as it "
                   "is until you save.");
    if (draft.item.has("window"))
        text += u' ' + tr("The limit is compared with what the window says, not with each value.");
    return text;
}

}
