#include "widgets/alarms/actiontext.h"

#include "items/alarmtexts.h"
#include "items/texts.h"
#include "widgets/main/desk.h"
#include "widgets/rules/ruledialog.h"

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
    m_toRule = new QPushButton(tr("Change its rule …"), this);
    m_toRule->setObjectName(QStringLiteral("alarmToRule"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 0, 0, 0);
    layout->addWidget(m_text, 1);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(4);
    buttons->addWidget(m_toChart);
    buttons->addWidget(m_toRule);
    buttons->addStretch(1);
    layout->addLayout(buttons);
    connect(m_toChart, &QPushButton::clicked, this, [this] { Q_EMIT m_desk.showSeriesWanted(m_path); });
    connect(m_toRule, &QPushButton::clicked, this, [this] {
        const auto &set = m_desk.workspace()->rules;
        if (!set)
            return;
        for (const auto &rule : set->rules)
            if (textOf(rule->id) == m_rule)
                RuleDialog::change(m_desk, rule, window());
    });
    show(nullptr, 0);
}

void ActionText::show(const AlarmView *alarm, int selected)
{
    m_toChart->setEnabled(alarm != nullptr);
    m_toRule->setEnabled(alarm != nullptr);
    QString text;
    if (alarm == nullptr) {
        m_path.clear();
        text = tr("Select an alarm to see what to do about it.");
    } else {
        m_path = textOf(alarm->path);
        const auto &rule = *alarm->rule;
        m_rule = textOf(rule.id);
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
