#include "widgets/alarms/alarmpanel.h"

#include "widgets/alarms/ackbar.h"
#include "widgets/alarms/alarmdeeds.h"
#include "widgets/alarms/alarmdelegate.h"
#include "widgets/alarms/attention.h"
#include "widgets/alarms/filterbar.h"
#include "widgets/alarms/journalmodel.h"
#include "widgets/alarms/listtabs.h"
#include "widgets/alarms/whosemenu.h"
#include "widgets/main/desk.h"

#include <QBoxLayout>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QTableView>
#include <QToolButton>

// The parts of the console, before anything is connected.
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
                                                                                  {JournalModel::EventColumn, 120},
                                                                                  {JournalModel::PriorityColumn, 68},
                                                                                  {JournalModel::AlarmColumn, 240},
                                                                                  {JournalModel::StateColumn, 216},
                                                                                  {JournalModel::ValueColumn, 84},
                                                                                  {JournalModel::WhoColumn, 92}})
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

}
