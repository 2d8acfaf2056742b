#include "widgets/alarms/ackbar.h"

#include "items/texts.h"
#include "widgets/main/desk.h"
#include "widgets/main/posting.h"
#include "widgets/main/usersettings.h"
#include "widgets/theme/icons.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>

namespace sg {

namespace {

const QString NameKey = QStringLiteral("operator/name");

}

AckBar::AckBar(Desk &desk, std::function<AckChoice()> selected, QWidget *parent)
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
    m_note->setMinimumWidth(60);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_button);
    layout->addWidget(m_name, 1);
    layout->addWidget(m_note, 2);
    // What counts is what was on the screen when the button went down.
    connect(m_button, &QPushButton::pressed, this, [this] { m_pressed = m_selected(); });
    connect(m_button, &QPushButton::clicked, this, [this] {
        const auto pressed = std::exchange(m_pressed, std::nullopt);
        acknowledge(pressed ? *pressed : m_selected());
    });
    for (auto *field : {m_name, m_note})
        connect(field, &QLineEdit::returnPressed, this, [this] {
            const auto begun = std::exchange(m_begun, std::nullopt);
            acknowledge(begun ? *begun : m_selected());
        });
    connect(m_name, &QLineEdit::editingFinished, this, [this] { userSettings().setValue(NameKey, m_name->text().trimmed()); });
    setSelected(0);
}

void AckBar::setSelected(int unacknowledged)
{
    m_button->setEnabled(unacknowledged > 0);
    m_button->setText(unacknowledged > 1 ? tr("Acknowledge %1").arg(unacknowledged) : tr("Acknowledge"));
}

QString AckBar::name() const
{
    return m_name->text().trimmed();
}

void AckBar::forgetBegun()
{
    m_begun.reset();
}

namespace {

QString leftOutText(const AckChoice &choice)
{
    QStringList out;
    if (choice.urgent > 0)
        out << AckBar::tr("%n urgent alarm(s) stay: select and acknowledge them one by one.", nullptr, choice.urgent);
    if (choice.unseen > 0)
        out << AckBar::tr("%n alarm(s) stay: nobody has seen them yet, scroll to them first.", nullptr, choice.unseen);
    return out.join(u' ');
}

// The first few by name, and how many there are besides.
QString namesOf(const AckChoice &choice)
{
    auto text = choice.names.join(QStringLiteral(", "));
    if (const auto more = static_cast<int>(choice.shown.size()) - static_cast<int>(choice.names.size()); more > 0)
        text += AckBar::tr(" and %n more", nullptr, more);
    return text;
}

}

void AckBar::acknowledge(const AckChoice &choice)
{
    m_begun.reset();
    const auto leftOut = leftOutText(choice);
    if (choice.shown.empty()) {
        Q_EMIT said(leftOut.isEmpty() ? tr("Select an unacknowledged alarm first.") : leftOut);
        return;
    }
    if (name().isEmpty()) {
        m_begun = choice;
        Q_EMIT said(tr("Who are you? Type your name or initials; Enter then acknowledges %1.").arg(namesOf(choice)));
        m_name->setFocus();
        return;
    }
    userSettings().setValue(NameKey, name());
    OperatorAction action;
    action.verb = Verb::Acknowledge;
    action.shown = choice.shown;
    action.actor = utf8Of(name());
    action.reason = utf8Of(m_note->text().trimmed());
    Q_EMIT said(tr("Saving …"));
    const auto count = choice.shown.size();
    const auto names = namesOf(choice);
    m_desk.session().submit(
        {std::move(action), [this, self = QPointer<QObject>(this), count, names, leftOut](const Outcome &outcome) {
             postTo(self, [this, outcome, count, names, leftOut] {
                 const auto answer = outcome.says.text[0] != '\0' ? errorText(outcome.says) : QString();
                 if (outcome.isDone) {
                     QStringList all{
                         (count == 1 ? tr("Acknowledged: %1.") : tr("%n acknowledged: %1.", nullptr, static_cast<int>(count))).arg(names)};
                     if (!answer.isEmpty())
                         all << answer;
                     if (!leftOut.isEmpty())
                         all << leftOut;
                     Q_EMIT said(all.join(u' '));
                     m_note->clear();
                     Q_EMIT acknowledged();
                 } else {
                     Q_EMIT said(answer.isEmpty() ? tr("Not acknowledged.") : tr("Not acknowledged: %1").arg(answer));
                 }
             });
         }});
}

}
