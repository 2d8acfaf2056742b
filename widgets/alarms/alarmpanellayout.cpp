#include "widgets/alarms/alarmpanel.h"

#include "items/texts.h"
#include "widgets/alarms/actiontext.h"
#include "widgets/alarms/alarmdelegate.h"
#include "widgets/alarms/listtabs.h"

#include <QBoxLayout>
#include <QHeaderView>
#include <QStackedWidget>
#include <QTableView>

// What of the console is shown at which width.
namespace sg {

namespace {

// A state is never cut: it is the reason why the row is there. Unacknowledged ones are bold.
int stateWidth(QFont font, bool isOfHidden, bool hasRoom)
{
    font.setBold(true);
    const QFontMetrics metrics(font);
    int widest = 0;
    if (isOfHidden)
        for (const auto state : {AlarmState::Shelved, AlarmState::Suppressed, AlarmState::OutOfService, AlarmState::Disabled})
            widest = std::max(widest, metrics.horizontalAdvance(AlarmPanel::tr("%1, normal").arg(stateText(state))));
    else
        for (const auto state : {AlarmState::Unacknowledged, AlarmState::Acknowledged, AlarmState::ReturnedUnacknowledged,
                                 AlarmState::LatchedUnacknowledged, AlarmState::LatchedAcknowledged})
            widest = std::max(widest, metrics.horizontalAdvance(hasRoom ? stateText(state) : shortStateText(state)));
    return widest + AlarmDelegate::StateExtra;
}

}

// The deeds that the list is for; where there is no room for them, they are under More.
void AlarmPanel::layButtons()
{
    const auto list = m_model.list();
    const auto hasRoom = width() >= 760;
    for (std::size_t i = 0; i < m_deedButtons.size(); ++i) {
        const auto isMeant = i == 0 ? list != AlarmList::Shelved && list != AlarmList::OutOfService
            : i == 1                ? list == AlarmList::Shelved
            : i == 2                ? list == AlarmList::OutOfService
                                    : true;
        m_deedButtons[i]->setVisible(hasRoom && isMeant);
    }
}

// A narrow list keeps state, name, key and age, a very narrow one state and name; the rest is in the large one. Widths that somebody
// chose stay until the list changes its layout.
void AlarmPanel::layColumns()
{
    enum class Layout { Tiny = 1, Narrow, Medium, Wide };
    const auto layout = width() < 420 ? Layout::Tiny : width() < 760 ? Layout::Narrow : width() < 1180 ? Layout::Medium : Layout::Wide;
    const auto hasRoom = width() >= 1500;
    const auto hasWhy = width() >= 1000; // below, the name needs the room; why stands beside the list as well
    const auto key = static_cast<int>(layout) * 16 + static_cast<int>(m_model.list()) + (hasRoom ? 256 : 0) + (hasWhy ? 512 : 0);
    if (std::exchange(m_layout, key) == key)
        return;
    const auto isSmall = layout == Layout::Tiny || layout == Layout::Narrow;
    const auto isWide = layout == Layout::Wide;
    m_action->setVisible(!isSmall && !isJournalShown());
    m_tabs->setNarrow(!isWide);
    m_headLayout->setDirection(isSmall ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight); // counts are never cut off
    layButtons();
    // Of what is hidden it matters until when and by whom.
    const auto isOfHidden
        = m_model.list() == AlarmList::Shelved || m_model.list() == AlarmList::Suppressed || m_model.list() == AlarmList::OutOfService;
    m_view->setColumnHidden(AlarmModel::ValueColumn, isSmall);
    m_view->setColumnHidden(AlarmModel::TimeColumn, isSmall || (isOfHidden && !isWide));
    m_view->setColumnHidden(AlarmModel::WhyColumn, isSmall || isOfHidden || !hasWhy);
    m_view->setColumnHidden(AlarmModel::PriorityColumn, !hasRoom); // its shape and letter stand beside the state
    m_view->setColumnHidden(AlarmModel::KeyColumn, layout == Layout::Tiny);
    m_view->setColumnHidden(AlarmModel::BadgesColumn, isSmall && !isOfHidden);
    m_view->setColumnHidden(AlarmModel::AgeColumn, layout == Layout::Tiny || layout == Layout::Medium || isOfHidden);
    const auto pick = [&](int wide, int medium, int small) { return isWide ? wide : isSmall ? small : medium; };
    const auto marks = isOfHidden ? pick(340, 240, 150) : pick(130, 90, 80);
    for (const auto &[column, width] :
         std::initializer_list<std::pair<int, int>>{{AlarmModel::GroupColumn, pick(100, 84, 80)},
                                                    {AlarmModel::StateColumn, stateWidth(m_view->font(), isOfHidden, hasRoom)},
                                                    {AlarmModel::PriorityColumn, 62},
                                                    {AlarmModel::TimeColumn, 84},
                                                    {AlarmModel::KeyColumn, pick(124, 122, 96)},
                                                    {AlarmModel::ValueColumn, pick(76, 74, 56)},
                                                    {AlarmModel::WhyColumn, pick(176, 140, 48)},
                                                    {AlarmModel::BadgesColumn, marks},
                                                    {AlarmModel::AgeColumn, 56}})
        m_view->setColumnWidth(column, width);
}

void AlarmPanel::resizeEvent(QResizeEvent *event)
{
    layColumns();
    QWidget::resizeEvent(event);
}

}
