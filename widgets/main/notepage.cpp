#include "widgets/main/notepage.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace sg {

NotePage::NotePage(QWidget *parent)
    : QWidget(parent)
    , m_title(new QLabel(this))
    , m_text(new QLabel(this))
    , m_buttons(new QWidget(this))
{
    setObjectName(QStringLiteral("notePage"));
    for (auto *label : {m_title, m_text}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setAlignment(Qt::AlignHCenter);
    }
    m_title->setObjectName(QStringLiteral("noteTitle"));
    m_text->setObjectName(QStringLiteral("noteText"));
    auto large = font();
    large.setPointSizeF(large.pointSizeF() * 1.6);
    m_title->setFont(large);
    auto *again = new QPushButton(tr("Try again"), m_buttons);
    again->setObjectName(QStringLiteral("noteAgain"));
    auto *open = new QPushButton(tr("Open another workspace …"), m_buttons);
    open->setObjectName(QStringLiteral("noteOpen"));
    auto *demo = new QPushButton(tr("Open the demo plant"), m_buttons);
    demo->setObjectName(QStringLiteral("noteDemo"));
    auto *row = new QHBoxLayout(m_buttons);
    row->addStretch(1);
    for (auto *button : {again, open, demo})
        row->addWidget(button);
    row->addStretch(1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(60, 20, 60, 20);
    layout->addStretch(2);
    layout->addWidget(m_title);
    layout->addSpacing(12);
    layout->addWidget(m_text);
    layout->addSpacing(16);
    layout->addWidget(m_buttons);
    layout->addStretch(3);
    connect(again, &QPushButton::clicked, this, &NotePage::againWanted);
    connect(open, &QPushButton::clicked, this, &NotePage::openWanted);
    connect(demo, &QPushButton::clicked, this, &NotePage::demoWanted);
}

void NotePage::showOpening(const QString &what)
{
    m_title->setText(tr("Opening %1 …").arg(what));
    m_text->clear();
    m_buttons->hide();
}

void NotePage::showError(const QString &what, const QString &why)
{
    m_title->setText(tr("%1 could not be opened").arg(what));
    m_text->setText(why);
    m_buttons->show();
}

}
