#include "widgets/alarms/ackbar.h"

#include "items/texts.h"
#include "widgets/main/desk.h"
#include "widgets/main/posting.h"
#include "widgets/main/usersettings.h"
#include "widgets/theme/icons.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

namespace sg {

namespace {

const QString NameKey = QStringLiteral("operator/name");

}

AckBar::AckBar(Desk &desk, std::function<std::vector<ShownOccurrence>()> selected, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_selected(std::move(selected))
{
    m_name = new QLineEdit(this);
    m_name->setObjectName(QStringLiteral("ackName"));
    m_name->setAccessibleName(tr("Your name or initials"));
    m_name->setPlaceholderText(tr("Name or initials"));
    m_name->setMaxLength(60);
    m_name->setMinimumWidth(60);
    m_name->setMaximumWidth(130);
    m_name->setText(userSettings().value(NameKey).toString());
    m_note = new QLineEdit(this);
    m_note->setObjectName(QStringLiteral("ackNote"));
    m_note->setAccessibleName(tr("Note to the acknowledgement"));
    m_note->setPlaceholderText(tr("Note (optional)"));
    m_note->setMaxLength(500);
    m_button = new QPushButton(symbolIcon(Symbol::Acknowledge), tr("Acknowledge"), this);
    m_button->setObjectName(QStringLiteral("ackButton"));
    m_button->setToolTip(tr("Acknowledge the selected alarms (A in the list)"));
    m_answer = new QLabel(this);
    m_answer->setObjectName(QStringLiteral("ackAnswer"));
    m_answer->setTextFormat(Qt::PlainText);
    m_note->setMinimumWidth(60);
    m_layout = new QBoxLayout(QBoxLayout::LeftToRight, this);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(4);
    auto *fields = new QHBoxLayout;
    fields->addWidget(m_button);
    fields->addWidget(m_name, 1);
    fields->addWidget(m_note, 2);
    m_layout->addLayout(fields, 2);
    m_layout->addWidget(m_answer, 1);
    // What counts is what was on the screen when the button went down.
    connect(m_button, &QPushButton::pressed, this, [this] { m_pressed = m_selected(); });
    connect(m_button, &QPushButton::clicked, this,
            [this] { acknowledge(m_pressed.empty() ? m_selected() : std::exchange(m_pressed, {})); });
    connect(m_note, &QLineEdit::returnPressed, m_button, &QPushButton::click);
    connect(m_name, &QLineEdit::editingFinished, this, [this] { userSettings().setValue(NameKey, m_name->text().trimmed()); });
    setSelected(0);
}

void AckBar::setSelected(int unacknowledged)
{
    m_button->setEnabled(unacknowledged > 0);
    m_button->setText(unacknowledged > 1 ? tr("Acknowledge %1").arg(unacknowledged) : tr("Acknowledge"));
}

void AckBar::setNarrow(bool isNarrow)
{
    m_layout->setDirection(isNarrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
    m_answer->setWordWrap(isNarrow);
    m_answer->setMinimumWidth(isNarrow ? 0 : 240);
    m_answer->setVisible(!isNarrow || !m_answer->text().isEmpty());
}

void AckBar::say(const QString &text)
{
    m_answer->setText(text);
    m_answer->setToolTip(text);
    m_answer->show();
}

void AckBar::acknowledge(const std::vector<ShownOccurrence> &shown)
{
    if (shown.empty()) {
        say(tr("Select an unacknowledged alarm first."));
        return;
    }
    const auto name = m_name->text().trimmed();
    if (name.isEmpty()) {
        say(tr("Who are you? Name or initials, please."));
        m_name->setFocus();
        return;
    }
    userSettings().setValue(NameKey, name);
    OperatorAction action;
    action.verb = Verb::Acknowledge;
    action.shown = shown;
    action.actor = utf8Of(name);
    action.reason = utf8Of(m_note->text().trimmed());
    say(tr("Saving …"));
    const auto count = shown.size();
    m_desk.session().submit({std::move(action), [this, self = QPointer<QObject>(this), count](const Outcome &outcome) {
                                 postTo(self, [this, outcome, count] {
                                     const auto answer = outcome.says.text[0] != '\0' ? errorText(outcome.says) : QString();
                                     if (outcome.isDone) {
                                         const auto done = count == 1 ? tr("Acknowledged.") : tr("%1 acknowledged.").arg(count);
                                         say(answer.isEmpty() ? done : done + u' ' + answer);
                                         m_note->clear();
                                         Q_EMIT acknowledged();
                                     } else {
                                         say(answer.isEmpty() ? tr("Not acknowledged.") : tr("Not acknowledged: %1").arg(answer));
                                     }
                                 });
                             }});
}

}
