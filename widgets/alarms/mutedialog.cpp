#include "widgets/alarms/mutedialog.h"

#include "items/texts.h"
#include "widgets/alarms/attention.h"
#include "widgets/main/usersettings.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QRadioButton>

namespace sg {

namespace {

const QString NameKey = QStringLiteral("operator/name");

}

MuteDialog::MuteDialog(Attention &attention, QWidget *parent)
    : QDialog(parent)
    , m_attention(attention)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("muteDialog"));
    setWindowTitle(tr("Mute for a time"));
    setMinimumWidth(420);
    auto *layout = new QFormLayout(this);
    layout->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    auto *what = new QLabel(tr("Alarms of this desk make no sound until the time is over. Urgent ones sound all the same. Lists and "
                               "notifications go on, and the mute stands in the journal."),
                            this);
    what->setTextFormat(Qt::PlainText);
    what->setWordWrap(true);
    layout->addRow(what);
    auto *times = new QWidget(this);
    auto *row = new QHBoxLayout(times);
    row->setContentsMargins(0, 0, 0, 0);
    for (const auto &[text, minutes] :
         std::initializer_list<std::pair<QString, int>>{{tr("&5 min"), 5}, {tr("&15 min"), 15}, {tr("&30 min"), 30}, {tr("1 &h"), 60}}) {
        auto *button = new QRadioButton(text, times);
        button->setObjectName(QStringLiteral("mute%1min").arg(minutes));
        row->addWidget(button);
        m_times.emplace_back(button, std::chrono::minutes(minutes));
    }
    row->addStretch(1);
    layout->addRow(tr("For"), times);
    m_times.front().first->setChecked(true);
    m_reason = new QLineEdit(this);
    m_reason->setObjectName(QStringLiteral("muteReason"));
    m_reason->setMaxLength(400);
    layout->addRow(tr("Reason"), m_reason);
    m_name = new QLineEdit(userSettings().value(NameKey).toString(), this);
    m_name->setObjectName(QStringLiteral("muteName"));
    m_name->setMaxLength(60);
    layout->addRow(tr("Name or initials"), m_name);
    m_answer = new QLabel(this);
    m_answer->setObjectName(QStringLiteral("muteAnswer"));
    m_answer->setTextFormat(Qt::PlainText);
    m_answer->setWordWrap(true);
    layout->addRow(m_answer);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_do = buttons->addButton(tr("Mute"), QDialogButtonBox::AcceptRole);
    m_do->setObjectName(QStringLiteral("muteDo"));
    m_do->setDefault(true);
    layout->addRow(buttons);
    connect(m_reason, &QLineEdit::textChanged, this, &MuteDialog::refresh);
    connect(m_name, &QLineEdit::textChanged, this, &MuteDialog::refresh);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, this, &MuteDialog::submit);
    m_reason->setFocus();
    refresh();
}

void MuteDialog::refresh()
{
    if (m_isWaiting)
        return;
    const auto missing = m_reason->text().trimmed().isEmpty() ? tr("Why?")
        : m_name->text().trimmed().isEmpty()                  ? tr("Who are you?")
                                                              : QString();
    m_answer->setText(missing);
    m_do->setEnabled(missing.isEmpty());
}

void MuteDialog::submit()
{
    const auto name = m_name->text().trimmed();
    userSettings().setValue(NameKey, name);
    Micros span{0};
    for (const auto &[button, time] : m_times)
        if (button->isChecked())
            span = time;
    m_isWaiting = true;
    m_do->setEnabled(false);
    m_answer->setText(tr("Saving …"));
    m_attention.mute(span, name, m_reason->text().trimmed(), [self = QPointer<MuteDialog>(this)](const Outcome &outcome) {
        if (!self)
            return;
        self->m_isWaiting = false;
        if (outcome.isDone) {
            self->accept();
            return;
        }
        self->refresh();
        self->m_answer->setText(tr("Not muted: %1").arg(errorText(outcome.says)));
    });
}

}
