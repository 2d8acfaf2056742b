#include "widgets/alarms/actiontext.h"

#include "items/alarmtexts.h"
#include "items/texts.h"
#include "widgets/main/desk.h"

#include <QPlainTextEdit>
#include <QPushButton>
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
    m_toChart = new QPushButton(tr("Show its series"), this);
    m_toChart->setObjectName(QStringLiteral("alarmToChart"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 0, 0, 0);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_toChart, 0, Qt::AlignLeft);
    connect(m_toChart, &QPushButton::clicked, this, [this] { Q_EMIT m_desk.showSeriesWanted(m_path); });
    show(nullptr, 0);
}

void ActionText::show(const AlarmView *alarm, int selected)
{
    m_toChart->setEnabled(alarm != nullptr);
    QString text;
    if (alarm == nullptr) {
        m_path.clear();
        text = tr("Select an alarm to see what to do about it.");
    } else {
        m_path = textOf(alarm->path);
        const auto &rule = *alarm->rule;
        const auto filled = [&](const std::string &what) { return filledIn(what, *alarm, *m_desk.feed().workspace()); };
        QStringList lines{filled(rule.name)};
        lines << (rule.action.empty() ? tr("No action given in this rule (%1:%2).").arg(textOf(rule.file)).arg(rule.line)
                                      : tr("Do: %1").arg(filled(rule.action)));
        if (!rule.cause.empty())
            lines << tr("Cause: %1").arg(filled(rule.cause));
        if (!rule.consequence.empty())
            lines << tr("Otherwise: %1").arg(filled(rule.consequence));
        if (selected > 1)
            lines << tr("(first of %1 selected)").arg(selected);
        text = lines.join(QStringLiteral("\n\n"));
    }
    if (text != m_text->toPlainText()) // keep the reader's place
        m_text->setPlainText(text);
}

}
