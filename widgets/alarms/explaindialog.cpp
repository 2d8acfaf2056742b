#include "widgets/alarms/explaindialog.h"

#include "items/alarmtexts.h"
#include "items/texts.h"
#include "widgets/main/desk.h"
#include "widgets/main/posting.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QSplitter>
#include <QTableWidget>
#include <QVBoxLayout>

namespace sg {

namespace {

QLabel *textLabel(const QString &text, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    return label;
}

QTableWidget *table(const QStringList &columns, const QString &name, QWidget *parent)
{
    auto *out = new QTableWidget(0, static_cast<int>(columns.size()), parent);
    out->setObjectName(name);
    out->setHorizontalHeaderLabels(columns);
    out->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    out->horizontalHeader()->setHighlightSections(false);
    out->horizontalHeader()->setStretchLastSection(true);
    out->verticalHeader()->hide();
    out->verticalHeader()->setDefaultSectionSize(out->fontMetrics().height() + 8);
    out->setEditTriggers(QAbstractItemView::NoEditTriggers);
    out->setSelectionBehavior(QAbstractItemView::SelectRows);
    out->setShowGrid(false);
    out->setWordWrap(false);
    out->setTabKeyNavigation(false);
    return out;
}

void addRow(QTableWidget &table, const QStringList &cells)
{
    const auto row = table.rowCount();
    table.insertRow(row);
    for (int column = 0; column < cells.size(); ++column) {
        auto *item = new QTableWidgetItem(cells[column]);
        item->setToolTip(cells[column]);
        table.setItem(row, column, item);
    }
}

}

ExplainDialog::ExplainDialog(Desk &desk, const AlarmView &alarm, QWidget *parent)
    : QDialog(parent)
    , m_desk(desk)
    , m_alarm(alarm)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("explainDialog"));
    const auto name = filledIn(alarm.rule->name, alarm, *desk.feed().workspace());
    setWindowTitle(tr("Why: %1").arg(name));
    resize(1040, 560);
    auto *facts = new QWidget;
    auto *form = new QFormLayout(facts);
    form->setLabelAlignment(Qt::AlignRight | Qt::AlignTop);
    form->setRowWrapPolicy(QFormLayout::DontWrapRows);
    addFacts(*form);
    auto *scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(facts);

    auto *right = new QWidget(this);
    auto *tables = new QVBoxLayout(right);
    tables->setContentsMargins(0, 0, 0, 0);
    m_samplesTitle = textLabel(tr("Reading the samples …"), right);
    const auto unit = textOf(explainedUnit(explainedSeries(*desk.feed().current(), alarm)));
    m_samples = table({tr("Time"), unit.isEmpty() ? tr("Value") : tr("Value in %1").arg(unit), tr("Quality")},
                      QStringLiteral("explainSamples"), right);
    m_chainTitle = textLabel(tr("Reading the journal …"), right);
    m_chain = table({tr("Time"), tr("Event"), tr("State"), tr("Who, why")}, QStringLiteral("explainChain"), right);
    tables->addWidget(m_samplesTitle);
    tables->addWidget(m_samples, 1);
    tables->addWidget(m_chainTitle);
    tables->addWidget(m_chain, 1);

    auto *split = new QSplitter(Qt::Horizontal, this);
    split->addWidget(scroll);
    split->addWidget(right);
    split->setSizes({430, 590});
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *zone = textLabel(tr("All times: %1").arg(zoneText()), this);
    zone->setObjectName(QStringLiteral("explainZone"));
    zone->setForegroundRole(QPalette::PlaceholderText);
    auto *foot = new QHBoxLayout;
    foot->addWidget(zone, 1);
    foot->addWidget(buttons);
    auto *title = textLabel(name + QStringLiteral(" · ") + textOf(alarm.path), this);
    auto bold = title->font();
    bold.setBold(true);
    title->setFont(bold);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(title);
    layout->addWidget(split, 1);
    layout->addLayout(foot);
    readSamples();
    readChain();
}

void ExplainDialog::addFacts(QFormLayout &layout)
{
    const ExplainWords words{[](Time t) { return utf8Of(clockText(t, Millis(1))); },
                             [](const Error &error) { return utf8Of(errorText(error)); },
                             explainedUnit(explainedSeries(*m_desk.feed().current(), m_alarm))};
    const auto add = [&](const QString &what, const QString &text) {
        auto *label = new QLabel(what.left(1).toUpper() + what.mid(1), this);
        label->setTextFormat(Qt::PlainText);
        label->setForegroundRole(QPalette::PlaceholderText);
        layout.addRow(label, textLabel(text, this));
    };
    add(tr("state"), stateOf(m_alarm));
    for (const auto &fact : explainAlarm(m_alarm, m_desk.feed().current()->reference, words))
        add(translated(fact.what), filledIn(fact.text, m_alarm, *m_desk.feed().workspace()));
}

void ExplainDialog::readSamples()
{
    const auto snapshot = m_desk.feed().current();
    const auto *series = explainedSeries(*snapshot, m_alarm);
    if (series == nullptr) {
        m_samplesTitle->setText(tr("It watches no single series, so there are no samples to show."));
        return;
    }
    m_samplesTitle->setText(tr("Samples of %1 around the raise").arg(textOf(*series->path)));
    m_desk.session().run([this, self = QPointer<QObject>(this), snapshot, series, alarm = m_alarm] {
        postTo(self, [this, samples = explainedSamples(*snapshot, *series, alarm)] { showSamples(samples); });
    });
}

void ExplainDialog::showSamples(const std::vector<ExplainedSample> &samples)
{
    if (samples.empty())
        m_samplesTitle->setText(tr("No sample of this time is kept."));
    auto begins = 0; // the row of the raise, else the last one before it
    for (const auto &sample : samples) {
        begins = sample.t <= m_alarm.regions.raised ? m_samples->rowCount() : begins;
        auto quality = sample.quality == Quality::Good ? tr("good") : sample.quality == Quality::Uncertain ? tr("uncertain") : tr("bad");
        if (sample.isRaise)
            quality += QStringLiteral(" ← ") + tr("this one raised it");
        addRow(*m_samples, {clockText(sample.t, Millis(1)), sample.text.empty() ? QStringLiteral("—") : textOf(sample.text), quality});
        if (sample.isRaise) {
            for (int column = 0; column < m_samples->columnCount(); ++column) {
                auto bold = m_samples->font();
                bold.setBold(true);
                m_samples->item(m_samples->rowCount() - 1, column)->setFont(bold);
            }
        }
    }
    m_samples->resizeColumnToContents(0);
    if (samples.empty())
        return;
    m_samples->setCurrentCell(begins, 0);
    // Once it has its size: this may come before the dialog is laid out.
    QMetaObject::invokeMethod(
        m_samples, [this, begins] { m_samples->scrollToItem(m_samples->item(begins, 0), QAbstractItemView::PositionAtCenter); },
        Qt::QueuedConnection);
}

void ExplainDialog::readChain()
{
    m_desk.session().journal(explainedChain(m_alarm), [this, self = QPointer<QObject>(this)](Result<std::vector<JournalRow>> rows) {
        postTo(self, [this, rows = std::move(rows)]() mutable {
            if (!rows) {
                m_chainTitle->setText(errorText(rows.error()));
                return;
            }
            keepExplainedChain(*rows, m_alarm);
            showChain(*rows);
        });
    });
}

void ExplainDialog::showChain(const std::vector<JournalRow> &rows)
{
    m_chainTitle->setText(rows.empty() ? tr("The journal has no record of it yet.") : tr("What happened, out of the journal"));
    for (const auto &row : rows) {
        const auto from = translated(row.from.c_str()), to = translated(row.to.c_str());
        const auto who = textOf(row.actor);
        auto why = row.actor.empty() ? withLocalTimes(textOf(row.reason)) : textOf(row.reason);
        if (why.isEmpty())
            why = translated(meaningOf(row.event));
        addRow(*m_chain,
               {clockText(row.tEvent == NoTime ? row.tDetect : row.tEvent, Millis(1)), textOf(row.event).replace(u'_', u' '),
                from == to ? to : from + QStringLiteral(" → ") + to,
                who.isEmpty() || why.isEmpty() ? who + why : who + QStringLiteral(": ") + why});
    }
    for (int column = 0; column < 3; ++column)
        m_chain->resizeColumnToContents(column);
    m_chain->scrollToBottom();
}

}
