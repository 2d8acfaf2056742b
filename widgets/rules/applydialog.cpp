#include "widgets/rules/applydialog.h"

#include "items/alarmtexts.h"
#include "items/texts.h"
#include "widgets/main/desk.h"
#include "widgets/main/usersettings.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>

namespace sg {

ApplyDialog::ApplyDialog(Desk &desk, QWidget *parent)
    : QDialog(parent)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("applyDialog"));
    setWindowTitle(tr("Apply staged changes"));
    resize(460, 300);
    const auto &staged = desk.feed().current()->staged;
    auto *text = new QLabel(staged.empty() ? tr("Nothing waits: the rules of the files are in effect.")
                                           : tr("The edit waits because it would close these alarms. Apply it, or take it back with Undo:"),
                            this);
    text->setWordWrap(true);
    auto *list = new QListWidget(this);
    list->setObjectName(QStringLiteral("stagedAlarms"));
    for (const auto &name : staged)
        list->addItem(stagedText(name, *desk.feed().current(), *desk.workspace()));
    list->setWordWrap(true);
    auto *name = new QLineEdit(userSettings().value(QStringLiteral("operator/name")).toString(), this);
    name->setObjectName(QStringLiteral("applyName"));
    auto *reason = new QLineEdit(this);
    reason->setObjectName(QStringLiteral("applyReason"));
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Apply | QDialogButtonBox::Cancel, this);
    auto *apply = buttons->button(QDialogButtonBox::Apply);
    apply->setDefault(true);
    const auto refresh
        = [=] { apply->setEnabled(list->count() > 0 && !name->text().trimmed().isEmpty() && !reason->text().trimmed().isEmpty()); };
    connect(name, &QLineEdit::textChanged, this, refresh);
    connect(reason, &QLineEdit::textChanged, this, refresh);
    refresh();
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(apply, &QPushButton::clicked, this, [this, &desk, name, reason] {
        desk.edits().reload(true, utf8Of(name->text().trimmed()), utf8Of(reason->text().trimmed()));
        accept();
    });
    auto *layout = new QFormLayout(this);
    layout->addRow(text);
    layout->addRow(list);
    layout->addRow(tr("Name or initials"), name);
    layout->addRow(tr("Reason"), reason);
    layout->addRow(buttons);
}

}
