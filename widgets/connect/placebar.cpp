#include "widgets/connect/placebar.h"

#include "widgets/connect/connectpage.h"

#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QVBoxLayout>

namespace sg {

PlaceBar::PlaceBar(QWidget *parent)
    : QWidget(parent)
{
    m_says = plainText("samplePlace", this);
    m_name = new QLineEdit(this);
    m_name->setObjectName(QStringLiteral("sampleName"));
    m_name->setAccessibleName(tr("Name"));
    m_menu = new QMenu(this);
    m_menu->setObjectName(QStringLiteral("placeMenu"));
    auto *row = new QHBoxLayout;
    row->setSpacing(4);
    row->addWidget(new QLabel(tr("Use it as"), this));
    row->addWidget(m_name, 1);
    const auto addUse = [&](PlaceRole role, const char *name, const QString &text, const QString &tip) {
        auto *button = new QPushButton(text, this);
        button->setObjectName(QString::fromLatin1(name));
        button->setToolTip(tip);
        button->setAutoDefault(false);
        button->setCheckable(true);
        button->setFixedWidth(fontMetrics().horizontalAdvance(text) + 24); // the name needs the room
        row->addWidget(button);
        auto *action = addChoice("", tip);
        action->setObjectName(QString::fromLatin1(name) + QStringLiteral("Menu"));
        m_uses.push_back({role, button, action});
        const auto use = [this, role] { Q_EMIT used(role, m_name->text().trimmed()); };
        connect(button, &QPushButton::clicked, this, use);
        connect(action, &QAction::triggered, this, use);
    };
    addUse(PlaceRole::Field, "useField", tr("Field"), tr("A value that is charted and that rules watch (F)"));
    addUse(PlaceRole::Label, "useLabel", tr("Label"), tr("Tells whose value it is: a part of the path (L)"));
    addUse(PlaceRole::Note, "useNote", tr("Note"), tr("Shown beside alarms, never part of the path (N)"));
    addUse(PlaceRole::Stamp, "useTime", tr("Time"), tr("When the value was measured (T)"));
    m_menu->addSeparator();
    m_kinds = addChoice("useKinds", tr("Tells the kinds of messages apart (K)"));
    m_each = addChoice("useEach", tr("A list whose items are read one by one (E)"));
    m_split = addChoice("useSplit", tr("A text that is split into parts (S)"));
    m_menu->addSeparator();
    addUse(PlaceRole::None, "useNone", tr("Nothing"), tr("Leave it out (Delete)"));
    m_more = new QPushButton(tr("&More"), this);
    m_more->setObjectName(QStringLiteral("useMore"));
    m_more->setToolTip(tr("Kinds of messages, lists, texts with several parts"));
    m_more->setAutoDefault(false);
    m_more->setMenu(m_menu);
    row->addWidget(m_more);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_says);
    layout->addLayout(row);
    connect(m_kinds, &QAction::triggered, this, &PlaceBar::kindsAsked);
    connect(m_each, &QAction::triggered, this, &PlaceBar::eachAsked);
    connect(m_split, &QAction::triggered, this, [this] { Q_EMIT splitAsked({}); });
    connect(m_name, &QLineEdit::returnPressed, this, [this] {
        if (m_offer.role != PlaceRole::None)
            Q_EMIT used(m_offer.role, m_name->text().trimmed());
        else if (m_offer.isSplit)
            Q_EMIT splitAsked(m_name->text().trimmed());
    });
    show({});
}

QAction *PlaceBar::addChoice(const char *name, const QString &text)
{
    auto *action = m_menu->addAction(text);
    action->setObjectName(QString::fromLatin1(name));
    action->setCheckable(true);
    return action;
}

void PlaceBar::show(const Offer &offer)
{
    m_offer = offer;
    m_says->setText(offer.says);
    m_name->setText(offer.name);
    m_name->setEnabled(offer.isValue);
    const auto isStructure = offer.tellsKinds || offer.isEach || offer.isSplit;
    for (const auto &use : m_uses) {
        const auto isNone = use.role == PlaceRole::None;
        const auto isOn = use.role == offer.role && !(isNone && isStructure);
        use.button->setEnabled(offer.isValue || (isNone && isStructure));
        use.button->setChecked(offer.isValue && isOn);
        use.action->setEnabled(use.button->isEnabled());
        use.action->setChecked(use.button->isChecked());
    }
    for (const auto &[action, can, is] :
         std::initializer_list<std::tuple<QAction *, bool, bool>>{{m_kinds, offer.canTellKinds, offer.tellsKinds},
                                                                  {m_each, offer.canBeEach, offer.isEach},
                                                                  {m_split, offer.canBeSplit, offer.isSplit}}) {
        action->setEnabled(can || is);
        action->setChecked(is);
    }
    m_more->setEnabled(offer.isValue || offer.canBeEach || offer.isEach);
}

void PlaceBar::say(const QString &text)
{
    m_says->setText(text);
}

void PlaceBar::popup(const QPoint &at)
{
    if (m_more->isEnabled())
        m_menu->popup(at);
}

// One key for each use; Enter goes to the name, and Enter there takes it.
bool PlaceBar::takeKey(const QKeyEvent &key)
{
    if (key.modifiers() != Qt::NoModifier)
        return false;
    const auto press = [](QAction *action) {
        if (action->isEnabled())
            action->trigger();
        return true;
    };
    const auto use = [this](PlaceRole role) {
        for (const auto &one : m_uses)
            if (one.role == role && one.action->isEnabled())
                Q_EMIT used(role, m_name->text().trimmed());
        return true;
    };
    switch (key.key()) {
    case Qt::Key_F:
        return use(PlaceRole::Field);
    case Qt::Key_L:
        return use(PlaceRole::Label);
    case Qt::Key_N:
        return use(PlaceRole::Note);
    case Qt::Key_T:
        return use(PlaceRole::Stamp);
    case Qt::Key_Delete:
        return use(PlaceRole::None);
    case Qt::Key_K:
        return press(m_kinds);
    case Qt::Key_E:
        return press(m_each);
    case Qt::Key_S:
        return press(m_split);
    case Qt::Key_Return:
    case Qt::Key_Enter:
        m_name->setFocus();
        m_name->selectAll();
        return true;
    default:
        return false;
    }
}

}
