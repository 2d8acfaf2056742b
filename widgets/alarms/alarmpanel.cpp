#include "widgets/alarms/alarmpanel.h"

#include "widgets/alarms/ackbar.h"
#include "widgets/alarms/actiontext.h"
#include "widgets/alarms/alarmdeeds.h"
#include "widgets/alarms/alarmdelegate.h"
#include "widgets/alarms/attention.h"
#include "widgets/alarms/filterbar.h"
#include "widgets/alarms/floodbanner.h"
#include "widgets/alarms/journalmodel.h"
#include "widgets/alarms/listtabs.h"
#include "widgets/alarms/noteline.h"
#include "widgets/main/desk.h"

#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
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
    m_model.setWhose(desk.attention().whose());
    buildView();
    buildJournal(area);
    buildDeeds();
    m_stack = new QStackedWidget(this);
    m_stack->addWidget(m_view);
    m_stack->addWidget(m_journalView);
    m_flood = new FloodBanner(desk.feed(), area, this);
    m_action = new ActionText(desk, this);
    auto *split = new QSplitter(Qt::Horizontal, this);
    split->addWidget(m_stack);
    split->addWidget(m_action);
    split->setStretchFactor(0, 4);
    split->setStretchFactor(1, 1);
    split->setChildrenCollapsible(true);
    split->setSizes({940, 240});
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 2, 4, 4);
    layout->setSpacing(3);
    layout->addWidget(buildHead());
    layout->addWidget(split, 1);
    m_note = new NoteLine(m_flood, this);
    m_note->setMeaning(ListTabs::meaning(m_tabs->currentIndex()));
    layout->addWidget(m_note);
    m_foot = buildFoot();
    layout->addWidget(m_foot);
    connectAll();
    m_flood->refresh();
    m_note->refresh();
    updateCounts();
    updateSelection();
}

void AlarmPanel::connectAll()
{
    m_blink.setInterval(500);
    connect(&m_blink, &QTimer::timeout, this, [this] {
        m_delegate->toggleBlink();
        const auto left = m_view->columnViewportPosition(AlarmModel::StateColumn);
        m_view->viewport()->update(left, 0, m_view->columnWidth(AlarmModel::StateColumn), m_view->viewport()->height());
    });
    m_blink.start();
    connect(&m_desk.attention(), &Attention::changed, this, [this] {
        m_view->selectionModel()->clear();
        m_model.setWhose(m_desk.attention().whose());
        updateCounts();
    });
    connect(m_tabs, &QTabBar::currentChanged, this, &AlarmPanel::showList);
    connect(m_filter, &FilterBar::changed, this, [this](const AlarmFilter &filter, AlarmGrouping grouping) {
        m_model.setFilter(filter);
        m_model.setGrouping(grouping);
        m_journalFilter->setFilter(filter);
        m_view->setColumnHidden(AlarmModel::GroupColumn, grouping == AlarmGrouping::None);
        updateCounts();
    });
    m_view->setColumnHidden(AlarmModel::GroupColumn, true);
    connect(m_flood, &FloodBanner::firstOutWanted, this, [this](const QString &path) {
        if (!select(path))
            m_note->say(tr("The first alarm of the flood (%1) is on the list no more; the journal has it.").arg(path));
    });
    connect(m_ackBar, &AckBar::said, m_note, &NoteLine::say);
    connect(m_ackBar, &AckBar::acknowledged, this, &AlarmPanel::endHold);
    connect(m_deeds, &AlarmDeeds::acknowledgeWanted, this, &AlarmPanel::acknowledgeSelected);
    connect(m_deeds, &AlarmDeeds::acknowledgePageWanted, this, [this] { m_ackBar->acknowledge(choiceOf(SeenRows::page(*m_view))); });
    connect(m_deeds, &AlarmDeeds::said, this, [this](const QString &text) {
        m_note->say(text);
        endHold();
    });
    connect(m_newAbove, &QPushButton::clicked, this, [this] {
        endHold();
        m_view->scrollToTop();
    });
    connect(&m_model, &AlarmModel::waitingChanged, this, &AlarmPanel::updateCounts);
    connect(&m_model, &AlarmModel::countsChanged, this, [this] {
        updateCounts();
        updateSelection();
    });
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        m_ackBar->forgetBegun();
        updateSelection();
        updateHold();
    });
    connect(m_view, &QTableView::doubleClicked, m_deeds->action(AlarmDeeds::ShowChart), &QAction::trigger);
    connect(m_view, &QTableView::customContextMenuRequested, this, [this](const QPoint &at) {
        auto *menu = new QMenu(m_view);
        menu->setObjectName(QStringLiteral("alarmMenu"));
        menu->setAttribute(Qt::WA_DeleteOnClose);
        m_deeds->fill(*menu);
        menu->popup(m_view->viewport()->mapToGlobal(at));
    });
    connect(&m_desk.feed(), &SnapshotFeed::second, this, [this] {
        updateHold();
        updateHoldText();
        m_flood->refresh();
        m_note->refresh();
        updateEmpty();
        fitColumns();
        if (isJournalShown() && isVisible())
            m_journal->refresh();
        m_view->viewport()->update();
    });
}

bool AlarmPanel::isJournalShown() const
{
    return m_tabs->currentIndex() == ListTabs::Journal;
}

void AlarmPanel::showList(int tab)
{
    if (m_tabs->currentIndex() != tab) {
        m_tabs->setCurrentIndex(tab); // comes back here
        return;
    }
    const auto isJournal = tab == ListTabs::Journal;
    m_stack->setCurrentWidget(isJournal ? m_journalView : m_view);
    m_foot->setVisible(!isJournal);
    m_action->setVisible(!isJournal && width() >= 760);
    m_note->say({});
    m_note->setMeaning(ListTabs::meaning(tab));
    if (isJournal)
        m_journal->refresh();
    else
        m_model.setList(static_cast<AlarmList>(tab));
    layButtons();
    layColumns();
    m_lastTouch = {};
    updateHold();
    updateCounts();
    updateSelection();
}

void AlarmPanel::chooseWhose()
{
    m_whose->menu()->popup(m_whose->isVisible() ? m_whose->mapToGlobal(QPoint(0, m_whose->height())) : mapToGlobal(QPoint(0, 0)));
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
    // An empty list has no place to keep.
    m_model.hold(isTouched && m_model.rowCount() > 0 && Mono::clock::now() - m_lastTouch < Longest);
}

void AlarmPanel::endHold()
{
    m_view->selectionModel()->clear(); // the next arrow key begins at the top
    m_lastTouch = {};
    updateHold();
}

void AlarmPanel::updateSelection()
{
    const auto rows = selectedRows();
    int waiting = 0;
    for (const auto row : rows)
        waiting += m_model.index(row, 0).data(AlarmModel::IsUnacknowledgedRole).toBool() ? 1 : 0;
    m_ackBar->setSelected(waiting);
    m_deeds->refresh(waiting);
    m_action->show(rows.empty() ? nullptr : m_model.alarm(rows.front()), static_cast<int>(rows.size()));
}

std::vector<int> AlarmPanel::selectedRows() const
{
    std::vector<int> rows;
    for (const auto &range : m_view->selectionModel()->selection())
        for (auto row = range.top(); row <= range.bottom(); ++row)
            rows.push_back(row);
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return rows;
}

AckChoice AlarmPanel::selectedChoice() const
{
    return choiceOf(selectedRows());
}

// Of these rows what may be acknowledged together, as it was painted last.
AckChoice AlarmPanel::choiceOf(const std::vector<int> &rows) const
{
    constexpr qsizetype MostNamed = 3;
    AckChoice choice;
    std::vector<int> taken, urgent;
    for (const auto row : rows) {
        if (!m_model.index(row, 0).data(AlarmModel::IsUnacknowledgedRole).toBool())
            continue;
        if (!m_seen.of(m_model.instance(row)))
            ++choice.unseen;
        else
            (m_model.alarm(row)->priority == Priority::Urgent ? urgent : taken).push_back(row);
    }
    if (urgent.size() == 1 && taken.empty() && choice.unseen == 0)
        taken.swap(urgent);
    choice.urgent = static_cast<int>(urgent.size());
    for (const auto row : taken) {
        choice.shown.push_back(*m_seen.of(m_model.instance(row)));
        if (choice.names.size() < MostNamed)
            choice.names << QStringLiteral("%1 (%2)").arg(m_model.index(row, AlarmModel::NameColumn).data().toString(),
                                                          m_model.index(row, AlarmModel::KeyColumn).data().toString());
    }
    return choice;
}

void AlarmPanel::acknowledgeSelected()
{
    m_ackBar->acknowledge(selectedChoice());
}

bool AlarmPanel::select(const QString &path)
{
    showList(static_cast<int>(AlarmList::Open));
    m_filter->clear();
    m_lastTouch = {};
    updateHold();
    for (int row = 0; row < m_model.rowCount(); ++row)
        if (const auto index = m_model.index(row, AlarmModel::NameColumn); index.data(AlarmModel::PathRole).toString() == path) {
            m_view->setCurrentIndex(index);
            m_view->scrollTo(index, QAbstractItemView::PositionAtCenter);
            touch();
            return true;
        }
    return false;
}

void AlarmPanel::showAlarm(const QString &path)
{
    if (!select(path) && !path.isEmpty())
        m_note->say(tr("The alarm of %1 is on the list no more; the journal has it.").arg(path));
    m_view->setFocus();
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
    case QEvent::Paint:
        if (watched == m_view->viewport())
            m_seen.note(*m_view, m_model);
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
        if (watched == m_view && key->key() == Qt::Key_Slash && key->modifiers() == Qt::NoModifier) {
            m_filter->focusText();
            return true;
        }
        if (watched == m_view && key->key() == Qt::Key_F && key->modifiers() == Qt::NoModifier) {
            m_filter->openMenu();
            return true;
        }
        if (watched == m_view && key->key() == Qt::Key_Escape) {
            endHold();
            return true;
        }
        // An arrow key selects, in a list of one row as well.
        const auto isMove
            = key->key() == Qt::Key_Down || key->key() == Qt::Key_Up || key->key() == Qt::Key_PageUp || key->key() == Qt::Key_PageDown;
        if (watched == m_view && isMove && key->modifiers() == Qt::NoModifier && m_model.rowCount() > 0
            && !m_view->selectionModel()->hasSelection()) {
            m_view->selectRow(std::max(0, m_view->currentIndex().row()));
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
