#include "widgets/chart/rangestrip.h"

#include "widgets/theme/icons.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QTableWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace sg {

namespace {

constexpr std::uint64_t MostForMean = 5'000'000; // values read for one mean: some tens of milliseconds

}

RangeFigures figuresOf(const SeriesView &view, Time from, Time to, std::stop_token stop)
{
    RangeFigures out;
    const auto columns = queryColumns(view, from, to, 1, stop);
    if (columns.columns.empty() || columns.columns[0].samples == 0)
        return out;
    const auto &all = columns.columns[0];
    out.samples = all.samples;
    out.least = all.min;
    out.greatest = all.max;
    if (out.samples > MostForMean)
        return out;
    // Neumaier's sum: the error does not grow with the number of values.
    double sum = 0, lost = 0;
    std::uint64_t read = 0;
    readRows(view, from, to, [&](const Row &row) {
        if (!std::isfinite(row.value))
            return true;
        const auto value = row.value;
        const auto next = sum + value;
        lost += std::abs(sum) >= std::abs(value) ? (sum - next) + value : (value - next) + sum;
        sum = next;
        return ++read % 4096 != 0 || !stop.stop_requested();
    });
    if (const auto mean = (sum + lost) / static_cast<double>(out.samples); read == out.samples && std::isfinite(mean))
        out.mean = std::clamp(mean, out.least, out.greatest);
    return out;
}

RangeStrip::RangeStrip(QWidget *parent)
    : QFrame(parent)
{
    setObjectName(QStringLiteral("rangeStrip"));
    m_range = new QLabel(this);
    m_range->setObjectName(QStringLiteral("rangeText"));
    m_range->setTextFormat(Qt::PlainText);
    auto *close = new QToolButton(this);
    close->setObjectName(QStringLiteral("rangeClose"));
    close->setIcon(symbolIcon(Symbol::Remove));
    close->setIconSize(QSize(12, 12));
    close->setAutoRaise(true);
    close->setToolTip(tr("Forget the selected range (Esc)"));
    close->setAccessibleName(tr("Forget the selected range"));
    m_table = new QTableWidget(this);
    m_table->setObjectName(QStringLiteral("rangeTable"));
    m_table->setAccessibleName(tr("Statistics of the selected range"));
    m_table->setColumnCount(5);
    m_table->setHorizontalHeaderLabels({tr("Series"), tr("Samples"), tr("Min"), tr("Max"), tr("Mean")});
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 4);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->installEventFilter(this);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(6, 0, 2, 0);
    head->addWidget(m_range, 1);
    head->addWidget(close);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(m_table);
    connect(close, &QToolButton::clicked, this, &RangeStrip::closed);
}

void RangeStrip::showFigures(const QString &range, const std::vector<Line> &lines)
{
    constexpr int MostRows = 4; // the others scroll
    m_range->setText(range);
    m_table->setRowCount(static_cast<int>(lines.size()));
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const auto &line = lines[static_cast<std::size_t>(row)];
        int column = 0;
        for (const auto &text : {line.name, line.samples, line.least, line.greatest, line.mean}) {
            auto *item = new QTableWidgetItem(text);
            item->setTextAlignment(column == 0 ? Qt::AlignLeft | Qt::AlignVCenter : Qt::AlignRight | Qt::AlignVCenter);
            m_table->setItem(row, column++, item);
        }
    }
    const auto rows = std::clamp(m_table->rowCount(), 1, MostRows);
    m_table->setFixedHeight(m_table->horizontalHeader()->sizeHint().height() + rows * m_table->verticalHeader()->defaultSectionSize() + 2);
    setVisible(true);
}

bool RangeStrip::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::KeyPress)
        return QFrame::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    if (key->key() == Qt::Key_Escape) {
        Q_EMIT closed();
        return true;
    }
    if (!key->matches(QKeySequence::Copy))
        return QFrame::eventFilter(watched, event);
    QStringList rows{m_range->text()};
    for (int row = 0; row < m_table->rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < m_table->columnCount(); ++column)
            cells << m_table->item(row, column)->text();
        rows << cells.join(u'\t');
    }
    QApplication::clipboard()->setText(rows.join(u'\n'));
    return true;
}

}
