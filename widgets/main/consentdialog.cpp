#include "widgets/main/consentdialog.h"

#include "core/text.h"
#include "items/texts.h"
#include "widgets/main/desk.h"
#include "widgets/main/posting.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace sg {

ConsentDialog::ConsentDialog(Desk &desk, const std::vector<Demand> &missing, QWidget *parent)
    : QDialog(parent)
    , m_desk(desk)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("consentDialog"));
    setWindowTitle(tr("Servers and secrets of this workspace"));
    resize(720, 360);
    auto *text
        = new QLabel(tr("This workspace (%1) would connect to these servers, with these secrets of this machine. Nothing has connected "
                        "there and no secret was read. Agree if they are what you expect; what is not agreed to waits.")
                         .arg(textOf(desk.workspace()->folder)),
                     this);
    text->setTextFormat(Qt::PlainText);
    text->setWordWrap(true);
    auto *list = new QTreeWidget(this); // its items are plain text
    list->setObjectName(QStringLiteral("consentList"));
    list->setAccessibleName(tr("Servers and secrets"));
    list->setRootIsDecorated(false);
    list->setUniformRowHeights(true);
    list->setHeaderLabels({tr("Server"), tr("Secret"), tr("For")});
    for (const Demand &demand : missing) {
        m_accesses.push_back(demand.access);
        QStringList by;
        for (const std::string &one : demand.by)
            by << textOf(one);
        // A control character in a name could make one server look like another.
        list->addTopLevelItem(new QTreeWidgetItem({textOf(shown(demand.access.host)),
                                                   demand.access.secret.empty() ? tr("none") : textOf(shown(demand.access.secret)),
                                                   by.join(QStringLiteral(", "))}));
    }
    list->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    auto *buttons = new QDialogButtonBox(this);
    auto *agree = buttons->addButton(tr("&Agree and connect"), QDialogButtonBox::AcceptRole);
    agree->setObjectName(QStringLiteral("consentAgree"));
    auto *later = buttons->addButton(tr("&Not now"), QDialogButtonBox::RejectRole);
    later->setObjectName(QStringLiteral("consentLater"));
    later->setDefault(true); // Enter pressed in a hurry agrees to nothing
    later->setFocus();
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(text);
    layout->addWidget(list, 1);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &ConsentDialog::agree);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

void ConsentDialog::agree()
{
    auto &desk = m_desk;
    desk.session().run([&desk, self = QPointer<QObject>(&desk), folder = desk.workspace()->folder, accesses = m_accesses] {
        const auto kept = trust(folder, accesses);
        postTo(self, [&desk, kept] {
            if (kept)
                desk.edits().reload(false, {}, {}); // what waited begins
            else
                Q_EMIT desk.said(errorText(kept.error()), true);
        });
    });
    accept();
}

}
