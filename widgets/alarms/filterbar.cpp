#include "widgets/alarms/filterbar.h"

#include "items/alarmmodel.h"
#include "items/texts.h"
#include "widgets/alarms/savedfilters.h"

#include <QActionGroup>
#include <QHBoxLayout>
#include <QInputDialog>
#include <QLineEdit>
#include <QMenu>
#include <QToolButton>

namespace sg {

namespace {

// What stands in a menu or on a button: an ampersand is one, not a key.
QString menuText(QString text)
{
    return text.replace(u'&', QStringLiteral("&&"));
}

}

FilterBar::FilterBar(AlarmModel &model, QWidget *parent)
    : QWidget(parent)
    , m_model(model)
{
    m_text = new QLineEdit(this);
    m_text->setObjectName(QStringLiteral("alarmFilter"));
    m_text->setAccessibleName(tr("Show only alarms with these words"));
    m_text->setPlaceholderText(tr("Filter"));
    m_text->setToolTip(tr("Words in name, path, rule or area (/ in the list)"));
    m_text->setClearButtonEnabled(true);
    m_text->setMaxLength(MostFilterText);
    m_text->setMinimumWidth(70);
    m_text->setMaximumWidth(220);
    m_more = new QToolButton(this);
    m_more->setObjectName(QStringLiteral("alarmFilterMore"));
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setToolTip(tr("By area and priority; grouped; saved filters (F in the list)"));
    m_more->setFocusPolicy(Qt::StrongFocus);
    auto *menu = new QMenu(m_more);
    menu->setObjectName(QStringLiteral("alarmFilterMenu"));
    m_more->setMenu(menu);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_more);
    connect(menu, &QMenu::aboutToShow, this, &FilterBar::fillMenu);
    connect(m_text, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_filter.text = text.simplified();
        choose();
    });
    choose();
}

void FilterBar::focusText()
{
    m_text->setFocus();
    m_text->selectAll();
}

void FilterBar::openMenu()
{
    m_more->setFocus();
    m_more->showMenu();
}

void FilterBar::clear()
{
    m_filter = {};
    m_text->clear();
    choose();
}

// Areas are those that alarms are in now.
void FilterBar::fillMenu()
{
    auto &menu = *m_more->menu();
    menu.clear();
    qDeleteAll(menu.findChildren<QActionGroup *>());
    qDeleteAll(menu.findChildren<QMenu *>());
    fillSaved(menu);
    const auto add = [&](QActionGroup *group, const QString &text, bool isChosen, auto set) {
        auto *action = menu.addAction(menuText(text));
        action->setCheckable(true);
        action->setChecked(isChosen);
        group->addAction(action);
        connect(action, &QAction::triggered, this, [this, set] {
            set();
            choose();
        });
    };
    menu.addSection(tr("Area"));
    auto *areas = new QActionGroup(&menu);
    add(areas, tr("All areas"), m_filter.area.isEmpty(), [this] { m_filter.area.clear(); });
    for (const auto &area : m_model.areas())
        add(areas, area, m_filter.area == area, [this, area] { m_filter.area = area; });
    menu.addSection(tr("Priority"));
    auto *priorities = new QActionGroup(&menu);
    for (const auto least : {Priority::Low, Priority::Medium, Priority::High, Priority::Urgent})
        add(priorities,
            least == Priority::Low          ? tr("All priorities")
                : least == Priority::Urgent ? priorityText(least)
                                            : tr("%1 and above").arg(priorityText(least)),
            m_filter.least == least, [this, least] { m_filter.least = least; });
    menu.addSection(tr("Group"));
    auto *groups = new QActionGroup(&menu);
    add(groups, tr("No groups"), m_grouping == AlarmGrouping::None, [this] { m_grouping = AlarmGrouping::None; });
    add(groups, tr("By area"), m_grouping == AlarmGrouping::Area, [this] { m_grouping = AlarmGrouping::Area; });
    add(groups, tr("By source"), m_grouping == AlarmGrouping::Source, [this] { m_grouping = AlarmGrouping::Source; });
    menu.addSeparator();
    connect(menu.addAction(tr("Show all")), &QAction::triggered, this, &FilterBar::clear);
}

void FilterBar::fillSaved(QMenu &menu)
{
    const auto saved = savedFilters();
    menu.addSection(tr("Saved filters"));
    for (const auto &one : saved) {
        auto *action = menu.addAction(menuText(one.name));
        action->setObjectName(QStringLiteral("savedFilter"));
        action->setCheckable(true);
        action->setChecked(one.filter == m_filter && one.grouping == m_grouping);
        connect(action, &QAction::triggered, this, [this, one] { apply(one); });
    }
    auto *save = menu.addAction(tr("&Save this filter …"));
    save->setObjectName(QStringLiteral("saveFilter"));
    save->setEnabled((!m_filter.isEmpty() || m_grouping != AlarmGrouping::None) && static_cast<qsizetype>(saved.size()) < MostSavedFilters);
    connect(save, &QAction::triggered, this, &FilterBar::askName);
    if (saved.empty())
        return;
    auto *remove = new QMenu(tr("&Delete a saved filter"), &menu);
    remove->setObjectName(QStringLiteral("deleteFilterMenu"));
    menu.addMenu(remove);
    for (const auto &one : saved)
        connect(remove->addAction(menuText(one.name)), &QAction::triggered, this, [this, name = one.name] {
            deleteSavedFilter(name);
            choose();
        });
}

void FilterBar::askName()
{
    auto *dialog = new QInputDialog(window());
    dialog->setObjectName(QStringLiteral("saveFilterName"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Save the filter"));
    dialog->setLabelText(tr("Name; one of the same name is replaced"));
    connect(dialog, &QInputDialog::textValueSelected, this, [this](const QString &text) {
        const auto name = text.simplified().left(MostFilterName);
        if (name.isEmpty())
            return;
        saveFilter({name, m_filter, m_grouping});
        choose();
    });
    dialog->open();
}

void FilterBar::apply(const SavedFilter &saved)
{
    {
        const QSignalBlocker quiet(m_text); // one change, not one for each part
        m_text->setText(saved.filter.text);
    }
    m_filter = saved.filter;
    m_grouping = saved.grouping;
    choose();
}

void FilterBar::choose()
{
    QStringList parts;
    if (!m_filter.area.isEmpty())
        parts << m_filter.area;
    if (m_filter.least != Priority::Low)
        parts << (m_filter.least == Priority::Urgent ? priorityText(m_filter.least) : tr("%1+").arg(priorityText(m_filter.least)));
    for (const auto &saved : m_filter.isEmpty() && m_grouping == AlarmGrouping::None ? std::vector<SavedFilter>() : savedFilters())
        if (saved.filter == m_filter && saved.grouping == m_grouping)
            parts = QStringList{saved.name};
    const auto text = parts.isEmpty() ? tr("All areas, all priorities") : parts.join(QStringLiteral(", "));
    const auto cut = parts.isEmpty() ? tr("All areas") : text.size() > 28 ? text.left(27) + u'…' : text;
    m_more->setText(menuText(cut));
    m_more->setAccessibleName(tr("Filter: %1").arg(text));
    auto font = m_more->font();
    font.setBold(!parts.isEmpty());
    m_more->setFont(font);
    Q_EMIT changed(m_filter, m_grouping);
}

}
