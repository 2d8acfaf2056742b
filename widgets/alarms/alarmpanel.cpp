#include "widgets/alarms/alarmpanel.h"

#include "items/texts.h"
#include "widgets/alarms/ackbar.h"
#include "widgets/alarms/actiontext.h"
#include "widgets/alarms/alarmdelegate.h"
#include "widgets/main/desk.h"
#include "widgets/theme/theme.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace sg {

AlarmPanel::AlarmPanel(Desk &desk, const QString &area, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_model(desk.feed())
{
    setObjectName(QStringLiteral("alarmPanel"));
    if (!area.isEmpty())
        m_model.setArea(area);
    m_view = new QTableView(this);
    m_view->setObjectName(QStringLiteral("alarmView"));
    m_view->setAccessibleName(tr("Alarms"));
    m_view->setModel(&m_model);
    m_delegate = new AlarmDelegate(m_view);
    m_view->setItemDelegate(m_delegate);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setShowGrid(false);
    m_view->setWordWrap(false);
    m_view->setTabKeyNavigation(false);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setDefaultSectionSize(m_view->fontMetrics().height() + 10);
    auto *header = m_view->horizontalHeader();
    header->setHighlightSections(false);
    header->setSectionResizeMode(AlarmModel::NameColumn, QHeaderView::Stretch);
    m_view->viewport()->installEventFilter(this);
    m_view->viewport()->setMouseTracking(true);
    m_view->installEventFilter(this);

    m_empty = new QLabel(m_view->viewport());
    m_empty->setObjectName(QStringLiteral("alarmsEmpty"));
    m_empty->setTextFormat(Qt::PlainText);
    m_empty->setMargin(10);
    m_empty->setWordWrap(true);
    m_empty->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_empty->setAttribute(Qt::WA_TransparentForMouseEvents);

    m_ackBar = new AckBar(
        desk, [this] { return selectedOccurrences(); }, this);
    m_action = new ActionText(desk, this);
    auto *split = new QSplitter(Qt::Horizontal, this);
    split->addWidget(m_view);
    split->addWidget(m_action);
    split->setStretchFactor(0, 4);
    split->setStretchFactor(1, 1);
    split->setChildrenCollapsible(true);
    split->setSizes({900, 260});

    auto *head = new QHBoxLayout;
    buildHeader(*head);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 2, 4, 4);
    layout->setSpacing(3);
    layout->addLayout(head);
    layout->addWidget(split, 1);
    layout->addWidget(m_ackBar);

    m_blink.setInterval(500);
    connect(&m_blink, &QTimer::timeout, this, [this] {
        m_delegate->toggleBlink();
        const auto left = m_view->columnViewportPosition(AlarmModel::StateColumn);
        m_view->viewport()->update(left, 0, m_view->columnWidth(AlarmModel::StateColumn), m_view->viewport()->height());
    });
    m_blink.start();
    connect(m_ackBar, &AckBar::acknowledged, this, [this] {
        m_view->clearSelection();
        m_lastTouch = {};
        updateHold();
    });
    connect(&m_model, &AlarmModel::waitingChanged, this, &AlarmPanel::updateCounts);
    connect(&m_model, &AlarmModel::countsChanged, this, [this] {
        updateCounts();
        updateSelection();
    });
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        updateSelection();
        updateHold();
    });
    connect(m_view, &QTableView::doubleClicked, this,
            [this](const QModelIndex &index) { Q_EMIT m_desk.showSeriesWanted(index.data(AlarmModel::PathRole).toString()); });
    connect(&desk.feed(), &SnapshotFeed::second, this, [this] {
        updateHold();
        m_view->viewport()->update();
    });
    updateCounts();
    updateSelection();
}

void AlarmPanel::buildHeader(QHBoxLayout &layout)
{
    m_title = new QLabel(this);
    m_title->setObjectName(QStringLiteral("alarmTitle"));
    m_title->setTextFormat(Qt::PlainText);
    layout.addWidget(m_title);
    layout.addStretch(1);
    m_newAbove = new QPushButton(this);
    m_newAbove->setObjectName(QStringLiteral("newAbove"));
    m_newAbove->hide();
    layout.addWidget(m_newAbove);
    connect(m_newAbove, &QPushButton::clicked, this, [this] {
        m_view->clearSelection();
        m_lastTouch = {};
        updateHold();
        m_view->scrollToTop();
    });
}

void AlarmPanel::touch()
{
    m_lastTouch = Mono::clock::now();
    updateHold();
}

void AlarmPanel::updateHold()
{
    constexpr auto Longest = std::chrono::seconds(30);
    const auto isTouched = m_view->viewport()->underMouse() || m_view->selectionModel()->hasSelection();
    m_model.hold(isTouched && Mono::clock::now() - m_lastTouch < Longest);
}

void AlarmPanel::updateCounts()
{
    const auto unacknowledged = m_model.unacknowledged();
    const auto all = m_model.rowCount() + m_model.waiting();
    auto text = all == 0 ? tr("No alarm") : tr("%1 unacknowledged of %2").arg(unacknowledged).arg(all);
    if (m_desk.isDemo())
        text = tr("DEMO") + QStringLiteral(" · ") + text;
    m_title->setText(text);
    auto bold = m_title->font();
    bold.setBold(unacknowledged > 0 || m_desk.isDemo());
    m_title->setFont(bold);
    m_newAbove->setVisible(m_model.waiting() > 0);
    m_newAbove->setText(tr("▲ %1 new above").arg(m_model.waiting()));
    m_newAbove->setAccessibleName(tr("Show %1 new alarms").arg(m_model.waiting()));
    const auto &watches = m_desk.feed().current()->watches;
    m_empty->setText(!watches || watches->empty() ? tr("No alarm, and no rule that could raise one. Add a rule: Rules > Add rule.")
                                                  : tr("No alarm. What the rules watch stands in the status bar."));
    m_empty->resize(m_view->viewport()->size());
    m_empty->setVisible(m_model.rowCount() == 0);
}

void AlarmPanel::updateSelection()
{
    const auto rows = selectedRows();
    int waiting = 0;
    for (const auto row : rows)
        waiting += m_model.index(row, 0).data(AlarmModel::IsUnacknowledgedRole).toBool() ? 1 : 0;
    m_ackBar->setSelected(waiting);
    m_action->show(rows.empty() ? nullptr : m_model.alarm(rows.front()), static_cast<int>(rows.size()));
}

std::vector<int> AlarmPanel::selectedRows() const
{
    std::vector<int> rows;
    for (const auto &index : m_view->selectionModel()->selectedRows())
        rows.push_back(index.row());
    std::sort(rows.begin(), rows.end());
    return rows;
}

std::vector<ShownOccurrence> AlarmPanel::selectedOccurrences() const
{
    std::vector<ShownOccurrence> shown;
    for (const auto row : selectedRows())
        if (m_model.index(row, 0).data(AlarmModel::IsUnacknowledgedRole).toBool())
            shown.push_back(m_model.shown(row));
    return shown;
}

void AlarmPanel::acknowledgeSelected()
{
    m_ackBar->acknowledge(selectedOccurrences());
}

// A narrow list keeps state, name, key and age, a very narrow one state and name; the rest is in the large one. Widths that somebody
// chose stay until the list changes its layout.
void AlarmPanel::layColumns()
{
    enum class Layout { Tiny = 1, Narrow, Medium, Wide };
    const auto layout = width() < 420 ? Layout::Tiny : width() < 760 ? Layout::Narrow : width() < 1180 ? Layout::Medium : Layout::Wide;
    if (std::exchange(m_layout, static_cast<int>(layout)) == static_cast<int>(layout))
        return;
    const auto isSmall = layout == Layout::Tiny || layout == Layout::Narrow;
    m_action->setVisible(!isSmall);
    m_ackBar->setNarrow(layout == Layout::Tiny);
    for (const auto column : {AlarmModel::ValueColumn, AlarmModel::LimitColumn, AlarmModel::TimeColumn})
        m_view->setColumnHidden(column, isSmall);
    m_view->setColumnHidden(AlarmModel::PriorityColumn, layout != Layout::Wide); // its shape and letter stand beside the state
    m_view->setColumnHidden(AlarmModel::KeyColumn, layout == Layout::Tiny);
    m_view->setColumnHidden(AlarmModel::AgeColumn, layout == Layout::Tiny);
    const auto isWide = layout == Layout::Wide;
    for (const auto &[column, width] : std::initializer_list<std::pair<int, int>>{{AlarmModel::StateColumn, isWide ? 220 : 150},
                                                                                  {AlarmModel::PriorityColumn, 62},
                                                                                  {AlarmModel::KeyColumn,
                                                                                   isWide        ? 140
                                                                                       : isSmall ? 96
                                                                                                 : 130},
                                                                                  {AlarmModel::ValueColumn, isWide ? 64 : 56},
                                                                                  {AlarmModel::LimitColumn, 48},
                                                                                  {AlarmModel::TimeColumn, 68},
                                                                                  {AlarmModel::AgeColumn, 52}})
        m_view->setColumnWidth(column, width);
}

void AlarmPanel::resizeEvent(QResizeEvent *event)
{
    layColumns();
    QWidget::resizeEvent(event);
}

QString AlarmPanel::selectedRule() const
{
    const auto rows = selectedRows();
    return rows.empty() ? QString() : m_model.index(rows.front(), 0).data(AlarmModel::RuleRole).toString();
}

bool AlarmPanel::eventFilter(QObject *watched, QEvent *event)
{
    switch (event->type()) {
    case QEvent::Resize:
        m_empty->resize(m_view->viewport()->size());
        break;
    case QEvent::Enter:
    case QEvent::MouseMove:
    case QEvent::MouseButtonPress:
    case QEvent::Wheel:
        touch();
        break;
    case QEvent::Leave:
        QTimer::singleShot(0, this, &AlarmPanel::updateHold);
        break;
    case QEvent::KeyPress: {
        touch();
        const auto *key = static_cast<QKeyEvent *>(event);
        if (watched == m_view && key->key() == Qt::Key_A && key->modifiers() == Qt::NoModifier) {
            acknowledgeSelected();
            return true;
        }
        break;
    }
    default:
        break;
    }
    return QWidget::eventFilter(watched, event);
}

}
