#include "widgets/alarms/actiondialog.h"

#include "items/texts.h"
#include "widgets/main/desk.h"
#include "widgets/main/posting.h"
#include "widgets/main/usersettings.h"

#include <QButtonGroup>
#include <QDateTimeEdit>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>

namespace sg {

namespace {

const QString NameKey = QStringLiteral("operator/name");
constexpr Micros LongestShelf = std::chrono::hours(24); // as the engine has it

struct Wording
{
    QString title, one, many, button, reason, done; // `one`, `many`: what it means for the alarms
    bool needsReason = true;
};

Wording wordingOf(Verb verb)
{
    const auto tr = [](const char *text) { return ActionDialog::tr(text); };
    switch (verb) {
    case Verb::Unacknowledge:
        return {tr("Take back the acknowledgement"),
                tr("It counts as unacknowledged again."),
                tr("They count as unacknowledged again."),
                tr("Take back"),
                tr("Reason"),
                tr("Acknowledgement taken back: %1.")};
    case Verb::Shelve:
        return {tr("Shelve"),
                tr("Until then it makes no sound and stands under Shelved only. It is judged and journaled all the while."),
                tr("Until then they make no sound and stand under Shelved only. They are judged and journaled all the while."),
                tr("Shelve"),
                tr("Reason"),
                tr("Shelved: %1.")};
    case Verb::Unshelve:
        return {tr("Unshelve"),
                tr("It comes back into the list at once."),
                tr("They come back into the list at once."),
                tr("Unshelve"),
                tr("Reason (optional)"),
                tr("Back from the shelf: %1."),
                false};
    case Verb::OutOfService:
        return {tr("Take out of service"),
                tr("It makes no sound and stays out of the list until somebody puts it back."),
                tr("They make no sound and stay out of the list until somebody puts them back."),
                tr("Take out of service"),
                tr("Reason"),
                tr("Out of service: %1.")};
    case Verb::InService:
        return {tr("Put back into service"),
                tr("If it is active, it comes back unacknowledged."),
                tr("Those that are active come back unacknowledged."),
                tr("Put back"),
                tr("Reason"),
                tr("Back in service: %1.")};
    case Verb::Reset:
        return {tr("Reset the latch"),
                tr("It leaves the list if it is over and acknowledged."),
                tr("Those that are over and acknowledged leave the list."),
                tr("Reset"),
                tr("Reason"),
                tr("Reset: %1.")};
    case Verb::Note:
        return {tr("Note"),
                tr("It stands with the alarm and in the journal."),
                tr("It stands with each alarm and in the journal."),
                tr("Save note"),
                tr("Note"),
                tr("Noted: %1.")};
    case Verb::Acknowledge:
    case Verb::Retire:
    case Verb::Disable:
    case Verb::Enable:
        break; // not asked for here
    }
    return {};
}

QString listed(const std::vector<ActionDialog::Target> &targets)
{
    constexpr std::size_t Most = 6;
    QStringList lines;
    for (std::size_t i = 0; i < std::min(Most, targets.size()); ++i)
        lines << QStringLiteral("• ") + targets[i].text;
    if (targets.size() > Most)
        lines << ActionDialog::tr("… and %n more", nullptr, static_cast<int>(targets.size() - Most));
    return lines.join(u'\n');
}

}

ActionDialog::ActionDialog(Desk &desk, Verb verb, std::vector<Target> targets, QWidget *parent)
    : QDialog(parent)
    , m_desk(desk)
    , m_verb(verb)
    , m_targets(std::move(targets))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("actionDialog"));
    const auto words = wordingOf(verb);
    const auto count = static_cast<int>(m_targets.size());
    setWindowTitle(count == 1 ? words.title : tr("%1: %2 alarms").arg(words.title).arg(count));
    setMinimumWidth(420);
    auto *layout = new QFormLayout(this);
    layout->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    auto *alarms = new QLabel(listed(m_targets), this);
    alarms->setObjectName(QStringLiteral("actionAlarms"));
    alarms->setTextFormat(Qt::PlainText);
    alarms->setWordWrap(true);
    layout->addRow(alarms);
    auto *what = new QLabel(count == 1 ? words.one : words.many, this);
    what->setTextFormat(Qt::PlainText);
    what->setWordWrap(true);
    layout->addRow(what);

    if (verb == Verb::Shelve) {
        auto *times = new QWidget(this);
        auto *row = new QHBoxLayout(times);
        row->setContentsMargins(0, 0, 0, 0);
        auto *group = new QButtonGroup(this);
        const auto add = [&](const QString &text, const QString &name) {
            auto *button = new QRadioButton(text, times);
            button->setObjectName(name);
            group->addButton(button);
            row->addWidget(button);
            connect(button, &QRadioButton::toggled, this, &ActionDialog::refresh);
            return button;
        };
        m_times = {{add(tr("1&5 min"), QStringLiteral("shelve15min")), std::chrono::minutes(15)},
                   {add(tr("&1 h"), QStringLiteral("shelve1h")), std::chrono::hours(1)},
                   {add(tr("&8 h"), QStringLiteral("shelve8h")), std::chrono::hours(8)}};
        m_untilChosen = add(tr("&Until"), QStringLiteral("shelveUntil"));
        const auto wall = [](Time t) {
            const auto ms = std::chrono::floor<Millis>(t).time_since_epoch().count();
            const auto at = QDateTime::fromMSecsSinceEpoch(ms, displayZone());
            return QDateTime(at.date(), at.time()); // the chosen zone's clock; the field itself knows no zones
        };
        m_until = new QDateTimeEdit(wall(desk.session().referenceNow() + std::chrono::hours(2)), times);
        m_until->setObjectName(QStringLiteral("shelveUntilTime"));
        m_until->setDisplayFormat(QStringLiteral("yyyy-MM-dd HH:mm"));
        m_until->setAccessibleName(tr("Shelve until"));
        row->addWidget(m_until);
        row->addStretch(1);
        connect(m_until, &QDateTimeEdit::dateTimeChanged, this, [this] {
            m_untilChosen->setChecked(true);
            refresh();
        });
        layout->addRow(tr("For"), times);
    }
    if (verb == Verb::OutOfService) {
        m_permit = new QLineEdit(this);
        m_permit->setObjectName(QStringLiteral("actionPermit"));
        m_permit->setMaxLength(200);
        m_permit->setPlaceholderText(tr("Number of the work permit, or who allowed it"));
        connect(m_permit, &QLineEdit::textChanged, this, &ActionDialog::refresh);
        layout->addRow(tr("Permit"), m_permit);
    }
    m_reason = new QLineEdit(this);
    m_reason->setObjectName(QStringLiteral("actionReason"));
    m_reason->setMaxLength(500);
    layout->addRow(words.reason, m_reason);
    m_name = new QLineEdit(userSettings().value(NameKey).toString(), this);
    m_name->setObjectName(QStringLiteral("actionName"));
    m_name->setMaxLength(60);
    layout->addRow(tr("Name or initials"), m_name);
    m_answer = new QLabel(this);
    m_answer->setObjectName(QStringLiteral("actionAnswer"));
    m_answer->setTextFormat(Qt::PlainText);
    m_answer->setWordWrap(true);
    layout->addRow(m_answer);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_do = buttons->addButton(words.button, QDialogButtonBox::AcceptRole);
    m_do->setObjectName(QStringLiteral("actionDo"));
    m_do->setDefault(true);
    layout->addRow(buttons);
    connect(m_name, &QLineEdit::textChanged, this, &ActionDialog::refresh);
    connect(m_reason, &QLineEdit::textChanged, this, &ActionDialog::refresh);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, this, &ActionDialog::submit);
    if (!m_times.empty())
        m_times.front().first->setChecked(true);
    (m_permit != nullptr ? m_permit : m_reason)->setFocus();
    refresh();
}

std::optional<Time> ActionDialog::until() const
{
    const auto now = m_desk.session().referenceNow();
    for (const auto &[button, span] : m_times)
        if (button->isChecked())
            return now + span;
    if (m_untilChosen == nullptr || !m_untilChosen->isChecked())
        return std::nullopt;
    const auto wall = m_until->dateTime();
    return Time(Millis(QDateTime(wall.date(), wall.time(), displayZone()).toMSecsSinceEpoch()));
}

// Says what is missing instead of refusing in silence.
void ActionDialog::refresh()
{
    if (m_isWaiting)
        return;
    const auto needsReason = wordingOf(m_verb).needsReason;
    const auto now = m_desk.session().referenceNow();
    const auto end = until();
    QString missing;
    if (m_permit != nullptr && m_permit->text().trimmed().isEmpty())
        missing = tr("Still needed: the permit.");
    else if (needsReason && m_reason->text().trimmed().isEmpty())
        missing
            = m_verb == Verb::Note ? tr("Still needed: the text of the note.") : tr("Still needed: a reason. It stands in the journal.");
    else if (m_name->text().trimmed().isEmpty())
        missing = tr("Still needed: your name or initials.");
    else if (end && *end <= now)
        missing = tr("That time has passed.");
    else if (end && *end > now + LongestShelf)
        missing = tr("At most 24 hours; what must be silent longer is taken out of service.");
    m_answer->setText(!missing.isEmpty() || !end ? missing : tr("Back by itself at %1.").arg(clockText(*end)));
    m_do->setEnabled(missing.isEmpty());
}

void ActionDialog::submit()
{
    const auto name = m_name->text().trimmed();
    userSettings().setValue(NameKey, name);
    OperatorAction action;
    action.verb = m_verb;
    action.actor = utf8Of(name);
    action.reason = utf8Of(m_reason->text().trimmed());
    action.until = until();
    if (m_permit != nullptr)
        action.permit = utf8Of(m_permit->text().trimmed());
    for (const auto &target : m_targets)
        if (m_verb == Verb::Note && target.shown.occurrence != 0)
            action.shown.push_back(target.shown); // the note is about what was shown
        else
            action.named.push_back(target.name);
    m_isWaiting = true;
    m_do->setEnabled(false);
    m_answer->setText(tr("Saving …"));
    m_desk.session().submit({std::move(action), [this, self = QPointer<QObject>(this)](const Outcome &outcome) {
                                 postTo(self, [this, outcome] {
                                     m_isWaiting = false;
                                     const auto says = outcome.says.text[0] != '\0' ? errorText(outcome.says) : QString();
                                     if (outcome.isDone) {
                                         auto names = m_targets.front().text;
                                         if (const auto more = static_cast<int>(m_targets.size()) - 1; more > 0)
                                             names += tr(" and %n more", nullptr, more);
                                         const auto all = wordingOf(m_verb).done.arg(names);
                                         Q_EMIT done(says.isEmpty() ? all : tr("%1 But: %2").arg(all, says));
                                         accept();
                                         return;
                                     }
                                     refresh();
                                     m_answer->setText(says.isEmpty() ? tr("Nothing was changed.")
                                                                      : tr("Nothing was changed: %1").arg(says));
                                 });
                             }});
}

}
