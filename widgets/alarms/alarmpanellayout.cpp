#include "widgets/alarms/alarmpanel.h"

#include "items/texts.h"
#include "widgets/alarms/actiontext.h"
#include "widgets/alarms/alarmdelegate.h"
#include "widgets/alarms/listtabs.h"
#include "widgets/alarms/noteline.h"
#include "widgets/alarms/seenrows.h"

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

// A narrow list keeps state, name, key and age, a very narrow one state and name; the rest is in the large one.
void AlarmPanel::layColumns()
{
    enum class Layout { Tiny = 1, Narrow, Medium, Wide };
    const auto layout = width() < 420 ? Layout::Tiny : width() < 760 ? Layout::Narrow : width() < 1180 ? Layout::Medium : Layout::Wide;
    const auto hasRoom = width() >= 1500;
    const auto hasWhy = width() >= 1000; // below, the name needs the room; why stands beside the list as well
    const auto key = static_cast<int>(layout) * 16 + static_cast<int>(m_model.list()) + (hasRoom ? 256 : 0) + (hasWhy ? 512 : 0);
    if (std::exchange(m_layout, key) == key) {
        fitColumns();
        return;
    }
    const auto isSmall = layout == Layout::Tiny || layout == Layout::Narrow;
    const auto isWide = layout == Layout::Wide;
    m_action->setVisible(!isSmall && !isJournalShown());
    m_tabs->setNarrow(width() < 1450);
    m_note->setNarrow(isSmall);
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
    m_isChosen = false;
    m_wanted = {};
    m_wantedMarks = 0;
    fitColumns();
}

// Each column gets what its rows on the screen say, in the order of what an operator needs most; the name has what is left over. Columns
// only grow, so that they stand still, and widths that somebody chose stay until the list changes its layout.
void AlarmPanel::fitColumns()
{
    if (m_isChosen || m_layout == 0)
        return;
    constexpr int Margins = 14, LeastOfName = 150;
    const auto metrics = m_view->fontMetrics();
    auto bold = m_view->font();
    bold.setBold(true);
    const QFontMetrics boldMetrics(bold);
    const auto want = [this](int column, int width) {
        auto &wanted = m_wanted[static_cast<std::size_t>(column)];
        wanted = std::max(wanted, width);
        return wanted;
    };
    for (int column = 0; column < AlarmModel::ColumnCount; ++column)
        want(column, metrics.horizontalAdvance(m_model.headerData(column, Qt::Horizontal).toString()) + Margins);
    // Before there are any rows, as most of them will be: the first alarm moves no column.
    for (const auto &[column, text] :
         std::initializer_list<std::pair<int, QString>>{{AlarmModel::TimeColumn, QStringLiteral("00:00:00")},
                                                        {AlarmModel::KeyColumn, QStringLiteral("press · L1 / P-01")},
                                                        {AlarmModel::ValueColumn, QStringLiteral("00.00 mm/s")}})
        want(column, metrics.horizontalAdvance(text) + Margins);
    for (const auto row : SeenRows::page(*m_view)) {
        for (const auto column : {AlarmModel::NameColumn, AlarmModel::KeyColumn, AlarmModel::ValueColumn, AlarmModel::WhyColumn,
                                  AlarmModel::TimeColumn, AlarmModel::AgeColumn, AlarmModel::GroupColumn}) {
            const auto isBold = column == AlarmModel::NameColumn || column == AlarmModel::GroupColumn;
            want(column, (isBold ? boldMetrics : metrics).horizontalAdvance(m_model.index(row, column).data().toString()) + Margins);
        }
        const auto marks = m_model.index(row, AlarmModel::BadgesColumn);
        want(AlarmModel::BadgesColumn, AlarmDelegate::marksWidth(marks.data(AlarmModel::ShortBadgesRole).toStringList(), metrics));
        m_wantedMarks = std::max(m_wantedMarks, AlarmDelegate::marksWidth(marks.data(AlarmModel::BadgesRole).toStringList(), metrics));
    }
    const auto isOfHidden
        = m_model.list() == AlarmList::Shelved || m_model.list() == AlarmList::Suppressed || m_model.list() == AlarmList::OutOfService;
    auto room = m_view->viewport()->width();
    std::array<int, AlarmModel::ColumnCount> widths{};
    // These are short, and useless when they are cut.
    want(AlarmModel::AgeColumn, metrics.horizontalAdvance(tr("59 min")) + Margins);
    m_wanted[AlarmModel::StateColumn] = stateWidth(m_view->font(), isOfHidden, width() >= 1500);
    for (const auto column : {AlarmModel::StateColumn, AlarmModel::PriorityColumn, AlarmModel::TimeColumn, AlarmModel::AgeColumn})
        if (!m_view->isColumnHidden(column))
            room -= widths[column] = m_wanted[column];
    struct Claim
    {
        int column, least, wanted;
    };
    std::vector<Claim> claims;
    const auto claim = [&](int column, int least) {
        const auto wanted = m_wanted[static_cast<std::size_t>(column)];
        if (!m_view->isColumnHidden(column))
            claims.push_back({column, std::min(least, wanted), wanted});
    };
    claim(AlarmModel::NameColumn, LeastOfName);
    claim(AlarmModel::BadgesColumn, 60);
    claim(AlarmModel::WhyColumn, 90);
    claim(AlarmModel::ValueColumn, 56);
    claim(AlarmModel::KeyColumn, 60);
    claim(AlarmModel::GroupColumn, 60);
    for (const auto &one : claims)
        room -= widths[static_cast<std::size_t>(one.column)] = one.least;
    const auto claimMore = [&](int column, int wanted) {
        if (!m_view->isColumnHidden(column))
            claims.push_back({column, m_wanted[static_cast<std::size_t>(column)], wanted});
    };
    claimMore(AlarmModel::WhyColumn,
              metrics.horizontalAdvance(QStringLiteral("00.00 is above high 00.00 °C")) + Margins); // as most will say
    claimMore(AlarmModel::BadgesColumn, m_wantedMarks);
    for (const auto &one : claims) {
        const auto more = std::clamp(one.wanted - one.least, 0, std::max(0, room));
        widths[static_cast<std::size_t>(one.column)] += more;
        room -= more;
    }
    for (int column = 0; column < AlarmModel::ColumnCount; ++column)
        if (const auto width = widths[static_cast<std::size_t>(column)]; width > 0 && column != AlarmModel::NameColumn)
            m_view->setColumnWidth(column, width);
}

void AlarmPanel::resizeEvent(QResizeEvent *event)
{
    layColumns();
    QWidget::resizeEvent(event);
}

}
