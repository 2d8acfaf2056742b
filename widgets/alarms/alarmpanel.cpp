#include "widgets/alarms/alarmpanel.h"

#include "items/texts.h"
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
#include "widgets/alarms/whosemenu.h"
#include "widgets/main/desk.h"
#include "widgets/theme/theme.h"

#include <QGuiApplication>
#include <QHeaderView>
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

namespace {

void setUp(QTableView &view)
{
    view.setSelectionBehavior(QAbstractItemView::SelectRows);
    view.setSelectionMode(QAbstractItemView::ExtendedSelection);
    view.setShowGrid(false);
    view.setWordWrap(false);
    view.setTabKeyNavigation(false);
    view.verticalHeader()->hide();
    view.verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    view.verticalHeader()->setDefaultSectionSize(view.fontMetrics().height() + 10);
    view.horizontalHeader()->setHighlightSections(false);
    view.horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
}

}

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
    updateCounts();
    updateSelection();
}

void AlarmPanel::buildView()
{
    m_view = new QTableView(this);
    m_view->setObjectName(QStringLiteral("alarmView"));
    m_view->setAccessibleName(tr("Alarms"));
    m_view->setModel(&m_model);
    m_delegate = new AlarmDelegate(m_view);
    m_view->setItemDelegate(m_delegate);
    setUp(*m_view);
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    auto *header = m_view->horizontalHeader();
    header->setSectionResizeMode(AlarmModel::NameColumn, QHeaderView::Stretch);
    header->setSortIndicatorClearable(true); // the third click: the list's own order
    header->setSortIndicator(-1, Qt::AscendingOrder);
    m_view->setSortingEnabled(true);
    header->setMinimumSectionSize(30);
    connect(header, &QHeaderView::sectionResized, this, [this, header] {
        m_isChosen = m_isChosen || (QGuiApplication::mouseButtons() != Qt::NoButton && header->viewport()->underMouse());
    });
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
}

void AlarmPanel::buildJournal(const QString &area)
{
    m_journal = new JournalModel(m_desk, this);
    m_journalFilter = new JournalFilter(*m_journal, area, this);
    m_journalView = new QTableView(this);
    m_journalView->setObjectName(QStringLiteral("journalView"));
    m_journalView->setAccessibleName(tr("Journal"));
    m_journalView->setModel(m_journalFilter);
    setUp(*m_journalView);
    for (const auto &[column, width] : std::initializer_list<std::pair<int, int>>{{JournalModel::TimeColumn, 150},
                                                                                  {JournalModel::EventColumn, 130},
                                                                                  {JournalModel::PriorityColumn, 68},
                                                                                  {JournalModel::AlarmColumn, 240},
                                                                                  {JournalModel::StateColumn, 250},
                                                                                  {JournalModel::ValueColumn, 100},
                                                                                  {JournalModel::WhoColumn, 100}})
        m_journalView->setColumnWidth(column, width);
    m_journalView->horizontalHeader()->setStretchLastSection(true);
}

void AlarmPanel::buildDeeds()
{
    m_deeds = new AlarmDeeds(m_desk, *m_view, [this] {
        std::vector<const AlarmView *> alarms;
        for (const auto row : selectedRows())
            if (const auto *alarm = m_model.alarm(row))
                alarms.push_back(alarm);
        return alarms;
    });
    m_ackBar = new AckBar(
        m_desk, [this] { return selectedChoice(); }, this);
}

QWidget *AlarmPanel::buildHead()
{
    auto *head = new QWidget(this);
    m_tabs = new ListTabs(head);
    m_title = new QLabel(head);
    m_title->setObjectName(QStringLiteral("alarmTitle"));
    m_title->setTextFormat(Qt::PlainText);
    m_newAbove = new QPushButton(head);
    m_newAbove->setObjectName(QStringLiteral("newAbove"));
    m_newAbove->hide();
    m_whose = new QToolButton(head);
    m_whose->setObjectName(QStringLiteral("whose"));
    m_whose->setPopupMode(QToolButton::InstantPopup);
    m_whose->setFocusPolicy(Qt::StrongFocus);
    m_whose->setToolTip(tr("Whose alarms are listed and sound at this desk"));
    m_whose->setMenu(new WhoseMenu(m_desk.attention(), m_whose));
    m_filter = new FilterBar(m_model, head);
    m_headLayout = new QBoxLayout(QBoxLayout::LeftToRight, head);
    m_headLayout->setContentsMargins(0, 0, 0, 0);
    m_headLayout->setSpacing(6);
    m_headLayout->addWidget(m_tabs);
    m_headLayout->addStretch(1);
    auto *right = new QWidget(head);
    auto *row = new QHBoxLayout(right);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    int height = 0; // with all of them, also while some are hidden
    for (QWidget *part : std::initializer_list<QWidget *>{m_title, m_newAbove, m_whose, m_filter}) {
        row->addWidget(part, part == m_filter ? 1 : 0);
        height = std::max(height, part->sizeHint().height());
    }
    right->setFixedHeight(height);
    m_headLayout->addWidget(right);
    return head;
}

// Every deed has a button: the usual ones here, all of them under More.
QWidget *AlarmPanel::buildFoot()
{
    auto *foot = new QWidget(this);
    auto *layout = new QHBoxLayout(foot);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_ackBar, 1);
    const auto addButton = [&](const char *name) {
        auto *button = new QToolButton(foot);
        button->setObjectName(QString::fromLatin1(name));
        button->setToolButtonStyle(Qt::ToolButtonTextOnly);
        button->setFocusPolicy(Qt::StrongFocus);
        layout->addWidget(button);
        return button;
    };
    for (const auto &[deed, name] :
         std::initializer_list<std::pair<AlarmDeeds::Deed, const char *>>{{AlarmDeeds::Shelve, "buttonShelve"},
                                                                          {AlarmDeeds::Unshelve, "buttonUnshelve"},
                                                                          {AlarmDeeds::InService, "buttonInService"},
                                                                          {AlarmDeeds::Note, "buttonNote"},
                                                                          {AlarmDeeds::ShowChart, "buttonChart"},
                                                                          {AlarmDeeds::Explain, "buttonExplain"}}) {
        auto *button = addButton(name);
        button->setDefaultAction(m_deeds->action(deed));
        m_deedButtons.push_back(button);
    }
    auto *more = addButton("buttonMore");
    more->setText(tr("More"));
    more->setPopupMode(QToolButton::InstantPopup);
    auto *menu = new QMenu(more);
    menu->setObjectName(QStringLiteral("moreMenu"));
    m_deeds->fill(*menu);
    more->setMenu(menu);
    return foot;
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
        if (!m_model.isHeld())
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
