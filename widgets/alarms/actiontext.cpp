#include "widgets/alarms/actiontext.h"

#include "core/notes.h"
#include "items/alarmtexts.h"
#include "items/texts.h"
#include "widgets/main/desk.h"

#include <QPlainTextEdit>
#include <QVBoxLayout>

namespace sg {

ActionText::ActionText(Desk &desk, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
{
    m_text = new QPlainTextEdit(this);
    m_text->setObjectName(QStringLiteral("actionText"));
    m_text->setAccessibleName(tr("What to do about the selected alarm"));
    m_text->setReadOnly(true);
    m_text->setFrameShape(QFrame::NoFrame);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 0, 0, 0);
    layout->addWidget(m_text, 1);
    show(nullptr, 0);
}

void ActionText::show(const AlarmView *alarm, int selected)
{
    QString text;
    if (alarm == nullptr) {
        text = tr("Select an alarm to see what to do about it.");
    } else {
        const auto &rule = *alarm->rule;
        const auto &workspace = *m_desk.feed().workspace();
        const auto filled = [&](const std::string &what) { return filledIn(what, *alarm, workspace); };
        auto head = filled(rule.name);
        if (alarm->because.text[0] != '\0')
            head += QStringLiteral(": ") + whyOf(*alarm, workspace);
        QStringList lines{head};
        if (selected > 1)
            lines << tr("(first of %1 selected)").arg(selected);
        lines << (rule.action.empty() ? tr("No action given in this rule (%1:%2).").arg(textOf(rule.file)).arg(rule.line)
                                      : tr("Do: %1").arg(filled(rule.action)));
        if (!rule.cause.empty())
            lines << tr("Cause: %1").arg(filled(rule.cause));
        if (!alarm->notes.empty())
            lines << tr("Its message: %1").arg(textOf(notesText(alarm->notes)));
        if (!rule.consequence.empty())
            lines << tr("Otherwise: %1").arg(filled(rule.consequence));
        if (alarm->isChattering)
            lines << tr("It chatters: shelve it, and give its rule a deadband or an on delay.");
        if (!alarm->note.empty())
            lines << tr("Note of %1, %2: %3").arg(textOf(alarm->notedBy), clockText(alarm->notedAt), textOf(alarm->note));
        text = lines.join(u'\n');
    }
    if (text != m_text->toPlainText()) // keep the reader's place
        m_text->setPlainText(text);
}

}
