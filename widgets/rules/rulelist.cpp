#include "widgets/rules/rulelist.h"

#include "items/texts.h"
#include "widgets/main/desk.h"
#include "widgets/rules/ruledialog.h"
#include "widgets/rules/rulelistmodel.h"
#include "widgets/rules/templatedialog.h"

#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QShortcut>
#include <QTableView>
#include <QVBoxLayout>

namespace sg {

RuleList::RuleList(Desk &desk, const QString &ruleId, QWidget *parent)
    : QDialog(parent)
    , m_desk(desk)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("ruleList"));
    setWindowTitle(tr("Rules"));
    resize(1080, 560);
    m_model = new RuleListModel(desk, this);
    m_view = new QTableView(this);
    m_view->setObjectName(QStringLiteral("ruleTable"));
    m_view->setAccessibleName(tr("Rules"));
    m_view->setModel(m_model);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setSelectionMode(QAbstractItemView::SingleSelection);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setTabKeyNavigation(false);
    m_view->setShowGrid(false);
    m_view->setWordWrap(false);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    m_view->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_view->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_view->horizontalHeader()->setSectionResizeMode(RuleListModel::SentenceColumn, QHeaderView::Stretch);
    auto *empty = new QLabel(tr("No rules yet: nothing raises an alarm. Add one, or take a template."), this);
    empty->setVisible(m_model->rowCount() == 0);
    connect(m_model, &RuleListModel::modelReset, empty, [this, empty] { empty->setVisible(m_model->rowCount() == 0); });

    auto *side = new QVBoxLayout;
    m_side = side;
    add("listAdd", tr("&Add …"), tr("A rule from nothing"), &RuleList::addRule);
    add("listTemplate", tr("From &template …"), tr("A rule for a common machine"), &RuleList::addFromTemplate);
    m_duplicate = add("listDuplicate", tr("&Duplicate …"), tr("A new rule that begins as this one"), &RuleList::duplicate);
    m_change = add("listChange", tr("&Change …"), tr("Edit the chosen rule (Enter)"), &RuleList::change);
    m_toggle = add("listToggle", tr("&Enable"), tr("Switch the chosen rule on or off (Space)"), &RuleList::toggle);
    m_remove = add("listRemove", tr("&Remove"), tr("Take the chosen rule out of its file; Undo brings it back"), &RuleList::removeRule);
    side->addSpacing(12);
    m_undo = add("listUndo", tr("&Undo"), {}, &RuleList::undo);
    m_redo = add("listRedo", tr("Red&o"), {}, &RuleList::redo);
    side->addStretch(1);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    buttons->button(QDialogButtonBox::Close)->setAutoDefault(false);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    // What an edit answered would stand behind this window otherwise.
    auto *said = new QLabel(this);
    said->setObjectName(QStringLiteral("listSaid"));
    said->setTextFormat(Qt::PlainText);
    said->setWordWrap(true);
    said->hide();
    connect(&desk, &Desk::said, said, [said](const QString &text) {
        said->setText(text);
        said->setVisible(!text.isEmpty());
    });
    auto *list = new QVBoxLayout;
    list->addWidget(empty);
    list->addWidget(m_view, 1);
    auto *middle = new QHBoxLayout;
    middle->addLayout(list, 1);
    middle->addLayout(side);
    auto *layout = new QVBoxLayout(this);
    layout->addLayout(middle, 1);
    layout->addWidget(said);
    layout->addWidget(buttons);

    connect(m_view, &QTableView::activated, this, &RuleList::change);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &RuleList::refresh);
    connect(m_model, &RuleListModel::dataChanged, this, &RuleList::refresh);
    // Rules come and go: the chosen one stays chosen, else its neighbour.
    connect(m_model, &RuleListModel::modelAboutToBeReset, this, [this] { m_chosen = {m_model->id(row()), row()}; });
    connect(m_model, &RuleListModel::modelReset, this, [this] {
        const auto again = m_model->rowOf(m_chosen.first);
        m_view->setCurrentIndex(
            m_model->index(again >= 0 ? again : std::min(m_chosen.second, m_model->rowCount() - 1), RuleListModel::EnabledColumn));
        refresh();
    });
    auto &stack = desk.edits().stack();
    connect(&stack, &QUndoStack::indexChanged, this, &RuleList::refresh);
    connect(new QShortcut(QKeySequence::Undo, this), &QShortcut::activated, this, &RuleList::undo);
    connect(new QShortcut(QKeySequence::Redo, this), &QShortcut::activated, this, &RuleList::redo);
    const auto chosen = std::max(0, m_model->rowOf(ruleId));
    m_view->setCurrentIndex(m_model->index(chosen, RuleListModel::EnabledColumn));
    m_view->setFocus();
    refresh();
}

QPushButton *RuleList::add(const char *name, const QString &text, const QString &tip, void (RuleList::*slot)())
{
    auto *button = new QPushButton(text, this);
    button->setObjectName(QString::fromLatin1(name));
    button->setToolTip(tip);
    button->setAutoDefault(false);
    connect(button, &QPushButton::clicked, this, slot);
    m_side->addWidget(button);
    return button;
}

int RuleList::row() const
{
    return m_view->currentIndex().row();
}

void RuleList::refresh()
{
    const auto rule = m_model->rule(row());
    for (auto *button : {m_change, m_duplicate, m_toggle, m_remove})
        button->setEnabled(rule != nullptr);
    m_toggle->setText(rule && rule->isEnabled ? tr("Disabl&e") : tr("&Enable"));
    auto &stack = m_desk.edits().stack();
    m_undo->setEnabled(stack.canUndo());
    m_redo->setEnabled(stack.canRedo());
    m_undo->setToolTip(stack.undoText());
    m_redo->setToolTip(stack.redoText());
}

void RuleList::addRule()
{
    RuleDialog::add(m_desk, {}, this);
}

void RuleList::addFromTemplate()
{
    (new TemplateDialog(m_desk, this))->open();
}

void RuleList::change()
{
    if (const auto rule = m_model->rule(row()))
        RuleDialog::change(m_desk, rule, this);
}

void RuleList::duplicate()
{
    if (const auto rule = m_model->rule(row()))
        RuleDialog::duplicate(m_desk, rule, this);
}

void RuleList::toggle()
{
    if (const auto rule = m_model->rule(row()))
        setRuleEnabled(m_desk, *rule, !rule->isEnabled);
}

void RuleList::removeRule()
{
    const auto rule = m_model->rule(row());
    if (!rule)
        return;
    m_desk.edits().edit(
        rule->file, [file = rule->file, id = rule->id](const std::string &text) { return removeItem(file, text, "rules", id); },
        tr("Remove rule %1").arg(textOf(rule->id)));
}

void RuleList::undo()
{
    m_desk.edits().stack().undo();
}

void RuleList::redo()
{
    m_desk.edits().stack().redo();
}

}
