#include "widgets/alarms/whosemenu.h"

#include "widgets/alarms/attention.h"

#include <QActionGroup>

namespace sg {

WhoseMenu::WhoseMenu(Attention &attention, QWidget *parent)
    : QMenu(parent)
{
    setObjectName(QStringLiteral("whoseMenu"));
    auto *group = new QActionGroup(this);
    for (const auto whose : {Whose::Operators, Whose::Engineers, Whose::Everybody}) {
        auto *action = addAction(name(whose));
        action->setObjectName(QStringLiteral("whose%1").arg(static_cast<int>(whose)));
        action->setCheckable(true);
        group->addAction(action);
        connect(action, &QAction::triggered, &attention, [&attention, whose] { attention.setWhose(whose); });
    }
    connect(this, &QMenu::aboutToShow, this, [this, &attention] { actions().at(static_cast<int>(attention.whose()))->setChecked(true); });
}

QString WhoseMenu::name(Whose whose)
{
    switch (whose) {
    case Whose::Operators:
        return tr("Operators");
    case Whose::Engineers:
        return tr("Engineers");
    case Whose::Everybody:
        return tr("Everybody");
    }
    return {};
}

bool WhoseMenu::isNeeded(const Workspace &workspace)
{
    return workspace.rules && std::any_of(workspace.rules->rules.begin(), workspace.rules->rules.end(), [](const auto &rule) {
               return rule->audience == Audience::Engineer;
           });
}

}
