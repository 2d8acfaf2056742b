#include "widgets/notify/routesdialog.h"

#include "items/texts.h"
#include "state/statefile.h"
#include "widgets/main/desk.h"
#include "widgets/main/posting.h"
#include "widgets/tune/resulttable.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>

namespace sg {

namespace {

constexpr int Again = 1500; // ms
constexpr std::size_t MostMessages = 200;

QString kindText(const RouteState &state)
{
    const RouteKind *kind = routeKind(state.kind);
    const QString name = kind != nullptr ? translated(kind->label) : textOf(state.kind);
    return state.isHeartbeat ? RoutesDialog::tr("Heartbeat, %1").arg(name) : name;
}

QString conditionText(const RouteState &state)
{
    if (!state.isInFile)
        return RoutesDialog::tr("no longer in routes.yaml");
    if (state.waiting > 0 && !state.why.empty())
        return RoutesDialog::tr("fails, %n message(s) wait", nullptr, static_cast<int>(state.waiting));
    if (state.waiting > 0)
        return RoutesDialog::tr("%n message(s) on the way", nullptr, static_cast<int>(state.waiting));
    if (!state.why.empty())
        return RoutesDialog::tr("the newest failed");
    if (state.lastDelivered == NoTime)
        return RoutesDialog::tr("nothing sent yet");
    return state.isHeartbeat ? RoutesDialog::tr("arrives") : RoutesDialog::tr("delivers");
}

QString timeText(Time t)
{
    return t == NoTime ? QString() : clockText(t);
}

QString factOf(const OutboxRow &row, const char *name)
{
    const auto found = row.facts.find(name);
    return found == row.facts.end() ? QString() : textOf(found->second);
}

}

RoutesDialog::RoutesDialog(Desk &desk, QWidget *parent)
    : QDialog(parent)
    , m_desk(desk)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("routesDialog"));
    setWindowTitle(tr("Who is told beyond the desk"));
    resize(1080, 560);
    m_empty = new QLabel(tr("Nobody is told beyond the desk. A file routes.yaml in the workspace says who is, by e-mail, webhook, MQTT or "
                            "Kafka, about which alarms and when."),
                         this);
    m_empty->setObjectName(QStringLiteral("routesEmpty"));
    m_empty->setTextFormat(Qt::PlainText);
    m_empty->setWordWrap(true);
    m_routes = new ResultTable(QStringLiteral("routesTable"), tr("Routes"), this);
    m_table = new ResultTable(QStringLiteral("messagesTable"), tr("Messages of the route"), this);
    m_said = new QLabel(this);
    m_said->setObjectName(QStringLiteral("routesSaid"));
    m_said->setTextFormat(Qt::PlainText);
    m_said->setWordWrap(true);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    m_test = buttons->addButton(tr("&Send a test"), QDialogButtonBox::ActionRole);
    m_test->setObjectName(QStringLiteral("routesTest"));
    m_test->setToolTip(tr("A test message to the receiver of the chosen route; it stands in the list below"));
    m_test->setAutoDefault(false);
    m_test->setEnabled(false);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_empty);
    layout->addWidget(m_routes, 2);
    layout->addWidget(m_table, 3);
    layout->addWidget(m_said);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_test, &QPushButton::clicked, this, &RoutesDialog::sendTest);
    connect(m_routes, &ResultTable::rowChanged, this, [this](int row) {
        if (m_isFilling)
            return;
        m_chosen = row >= 0 && row < static_cast<int>(m_states.size()) ? m_states[static_cast<std::size_t>(row)].id : std::string();
        showMessages();
    });
    m_timer = new QTimer(this);
    connect(m_timer, &QTimer::timeout, this, &RoutesDialog::read);
    m_timer->start(Again);
    present(std::vector<OutboxRow>());
    read();
}

void RoutesDialog::read()
{
    if (m_isReading)
        return;
    m_isReading = true;
    const QPointer<QObject> self(this);
    m_desk.session().run([this, self, folder = m_desk.session().stateFolder()] {
        const auto reader = StateReader::open(folder);
        auto rows = reader ? (*reader)->outbox() : Result<std::vector<OutboxRow>>(reader.error());
        postTo(self, [this, rows = std::move(rows)]() mutable {
            m_isReading = false;
            present(std::move(rows));
        });
    });
}

void RoutesDialog::present(Result<std::vector<OutboxRow>> rows)
{
    if (!rows) {
        m_said->setText(errorText(rows.error()));
        m_isUnread = true;
        return;
    }
    if (std::exchange(m_isUnread, false))
        m_said->clear();
    const auto workspace = m_desk.workspace();
    const auto isSame = [](const OutboxRow &a, const OutboxRow &b) {
        return a.id == b.id && a.state == b.state && a.attempts == b.attempts && a.made == b.made && a.ended == b.ended && a.why == b.why;
    };
    // What did not change keeps its place under the reader's eyes.
    if (workspace == m_shown && std::equal(rows->begin(), rows->end(), m_rows.begin(), m_rows.end(), isSame))
        return;
    m_shown = workspace;
    m_rows = *std::move(rows);
    m_states = routeStates(workspace->routes, m_rows);
    m_empty->setVisible(m_states.empty());
    m_routes->setVisible(!m_states.empty());
    m_table->setVisible(!m_states.empty());
    ResultModel::Content content;
    content.columns = {{tr("Route")}, {tr("Kind")}, {tr("Receiver")}, {tr("State")}, {tr("Last delivery")}, {tr("Why")}};
    content.rows = static_cast<int>(m_states.size());
    content.text = [this](int row, int column) {
        const RouteState &state = m_states[static_cast<std::size_t>(row)];
        switch (column) {
        case 0:
            return textOf(state.id);
        case 1:
            return kindText(state);
        case 2:
            return textOf(state.receiver);
        case 3:
            return conditionText(state);
        case 4:
            return timeText(state.lastDelivered);
        case 5:
            return textOf(state.why);
        }
        return QString();
    };
    content.isStrong = [this](int row) { return !m_states[static_cast<std::size_t>(row)].why.empty(); };
    int current = m_states.empty() ? -1 : 0;
    for (std::size_t n = 0; n < m_states.size(); ++n)
        if (m_states[n].id == m_chosen)
            current = static_cast<int>(n);
    m_isFilling = true; // what was chosen stays so
    m_routes->show(std::move(content));
    if (current >= 0)
        m_routes->setCurrentRow(current);
    m_isFilling = false;
    m_chosen = current >= 0 ? m_states[static_cast<std::size_t>(current)].id : std::string();
    showMessages();
}

void RoutesDialog::showMessages()
{
    m_test->setEnabled(isTestable());
    m_messages.clear();
    for (auto row = m_rows.rbegin(); row != m_rows.rend() && m_messages.size() < MostMessages; ++row)
        if (row->route == m_chosen)
            m_messages.push_back(&*row);
    ResultModel::Content content;
    content.columns = {{tr("Since")}, {tr("State")}, {tr("Alarm")}, {tr("Name")}, {tr("Attempts"), true}, {tr("Why")}};
    content.rows = static_cast<int>(m_messages.size());
    content.text = [this](int row, int column) {
        const OutboxRow &message = *m_messages[static_cast<std::size_t>(row)];
        switch (column) {
        case 0:
            return timeText(message.made);
        case 1:
            return translated(nameOf(message.state));
        case 2:
            return factOf(message, "path");
        case 3:
            return factOf(message, "name");
        case 4:
            return message.attempts > 1 ? tr("%1, a retry").arg(message.attempts) : QString::number(message.attempts);
        case 5:
            return textOf(message.why);
        }
        return QString();
    };
    m_table->show(std::move(content));
}

// A heartbeat tests itself, and nobody delivers for what is no longer in the file.
bool RoutesDialog::isTestable() const
{
    return std::any_of(m_states.begin(), m_states.end(),
                       [&](const RouteState &state) { return state.id == m_chosen && state.isInFile && !state.isHeartbeat; });
}

void RoutesDialog::sendTest()
{
    m_test->setEnabled(false);
    const QPointer<QObject> self(this);
    m_desk.session().submit({TestRoute{m_chosen}, [this, self](const Outcome &outcome) {
                                 postTo(self, [this, outcome] {
                                     m_said->setText(errorText(outcome.says));
                                     m_isUnread = false;
                                     m_test->setEnabled(isTestable());
                                     read();
                                 });
                             }});
}

}
