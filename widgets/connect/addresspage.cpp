#include "widgets/connect/addresspage.h"

#include "items/texts.h"
#include "widgets/forms/fieldsform.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <array>

namespace sg {

namespace {

constexpr std::array Protocols{"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"};
constexpr std::array Mechanisms{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"};
// What most clusters ask for, out of Kafka's properties; the rest is for the file.
constexpr std::array Security{
    Field{"security.protocol",
          FieldType::Choice,
          false,
          "PLAINTEXT",
          "",
          SG_TR("Security"),
          SG_TR("SSL encrypts, SASL logs in; ask who runs the brokers."),
          Protocols,
          {}},
    Field{"ssl.ca.location",
          FieldType::Path,
          false,
          "",
          "",
          SG_TR("CA certificate"),
          SG_TR("A file in the workspace: who must have signed the brokers' certificates; the system's list when empty."),
          {},
          {}},
    Field{"ssl.certificate.location",
          FieldType::Path,
          false,
          "",
          "",
          SG_TR("Own certificate"),
          SG_TR("For brokers that ask clients for one."),
          {},
          {}},
    Field{"ssl.key.location", FieldType::Path, false, "", "", SG_TR("Own key"), SG_TR("The private key of the own certificate."), {}, {}},
    Field{"ssl.key.password", FieldType::Secret, false, "", "", SG_TR("Key password"), SG_TR("By reference."), {}, {}},
    Field{"sasl.mechanism", FieldType::Choice, false, "PLAIN", "", SG_TR("Login by"), SG_TR("The SASL mechanism."), Mechanisms, {}},
    Field{"sasl.username", FieldType::Text, false, "", "", SG_TR("User"), "", {}, {}},
    Field{"sasl.password", FieldType::Secret, false, "", "", SG_TR("Password"), SG_TR("By reference."), {}, {}},
};

// The part of a kind's keys that says where its server is and how to log in.
constexpr std::array KafkaAddress{"brokers", "token"};
constexpr std::array MqttAddress{"broker", "version", "user", "password", "ca", "certificate", "key"};
constexpr std::array PostgresAddress{"host", "port", "dbname", "user", "password", "sslmode", "ca", "certificate", "key"};

bool isAddress(const std::string &kind, std::string_view key)
{
    const auto holds = [key](const auto &keys) { return std::find(keys.begin(), keys.end(), key) != keys.end(); };
    return kind == "kafka" ? holds(KafkaAddress) : kind == "mqtt" ? holds(MqttAddress) : kind == "postgres" && holds(PostgresAddress);
}

void put(Node &map, const FormValues &values)
{
    for (const auto &[key, value] : values)
        childOf(map, key) = flowNode(value);
}

}

AddressPage::AddressPage(ConnectState &state, QWidget *parent)
    : ConnectPage(state, parent)
{
    m_kind = new QComboBox(this);
    m_kind->setObjectName(QStringLiteral("connectKind"));
    m_kind->setAccessibleName(tr("Read from"));
    // The demo plant comes last: who connects wants data of their own.
    for (const auto isDemo : {false, true})
        for (const auto &[name, entry] : state.desk().catalog())
            if ((name == "demo") == isDemo)
                m_kind->addItem(entry.label[0] != '\0' ? translated(entry.label) : textOf(name), textOf(name));
    m_use = new QComboBox(this);
    m_use->setObjectName(QStringLiteral("connectUse"));
    m_use->setAccessibleName(tr("Connection"));
    m_note = plainText("connectNote", this);
    m_consent = new QWidget(this);
    m_question = plainText("connectQuestion", m_consent);
    auto *agree = new QPushButton(tr("I &agree"), m_consent);
    agree->setObjectName(QStringLiteral("connectAgree"));
    agree->setAutoDefault(false);
    auto *consentRow = new QHBoxLayout(m_consent);
    consentRow->setContentsMargins(0, 0, 0, 0);
    consentRow->addWidget(m_question, 1);
    consentRow->addWidget(agree);
    m_steps = new QPlainTextEdit(this);
    m_steps->setObjectName(QStringLiteral("connectSteps"));
    m_steps->setAccessibleName(tr("Steps of the test"));
    m_steps->setReadOnly(true);
    m_steps->setTabChangesFocus(true);
    m_steps->setPlaceholderText(tr("Test connects once and names each step: the name, the port, encryption, login, what may be read."));
    m_test = new QPushButton(tr("&Test"), this);
    m_test->setObjectName(QStringLiteral("connectTest"));
    m_test->setAutoDefault(false);

    auto *top = new QFormLayout;
    top->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    for (const auto &[text, box] : {std::pair(tr("&Read from"), m_kind), {tr("&Connection"), m_use}}) {
        auto *label = new QLabel(text, this);
        label->setMinimumWidth(fontMetrics().averageCharWidth() * 18);
        label->setBuddy(box);
        top->addRow(label, box);
    }
    auto *scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto *inner = new QWidget(scroll);
    m_forms = new QVBoxLayout(inner);
    m_forms->setContentsMargins(0, 0, 6, 0);
    m_forms->addStretch(1);
    scroll->setWidget(inner);
    auto *row = new QHBoxLayout;
    row->addWidget(m_test);
    row->addWidget(m_note, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(top);
    layout->addWidget(scroll, 3);
    layout->addWidget(m_consent);
    layout->addLayout(row);
    layout->addWidget(m_steps, 2);

    if (!state.kindName().empty()) {
        m_kind->setCurrentIndex(std::max(0, m_kind->findData(textOf(state.kindName()))));
        m_kind->setEnabled(false); // another kind would be another source
    }
    connect(m_kind, &QComboBox::currentIndexChanged, this, [this] {
        m_state.setKind(utf8Of(m_kind->currentData().toString()));
        buildForms();
    });
    connect(m_use, &QComboBox::currentIndexChanged, this, [this] {
        if (!m_isFilling)
            take();
    });
    connect(&state, &ConnectState::filesRead, this, &AddressPage::fillConnections);
    connect(&state, &ConnectState::changed, this, &AddressPage::refresh);
    connect(&state, &ConnectState::agreeRefused, this, [this](const Error &why) { m_question->setText(errorText(why)); });
    connect(agree, &QPushButton::clicked, &state, &ConnectState::agree);
    connect(m_test, &QPushButton::clicked, this, &AddressPage::test);
    connect(&m_run, &BrowseRun::said, this, [this](const Error &step) { m_steps->appendPlainText(errorText(step)); });
    connect(&m_run, &LongWork::runningChanged, this, &AddressPage::refresh);
    if (state.kindName().empty())
        state.setKind(utf8Of(m_kind->currentData().toString()));
    buildForms();
}

void AddressPage::enter()
{
    m_kind->setFocus();
}

void AddressPage::leave()
{
    m_run.stop();
}

void AddressPage::buildForms()
{
    delete std::exchange(m_address, nullptr);
    delete std::exchange(m_security, nullptr);
    m_run.stop();
    m_steps->clear();
    const auto *kind = m_state.kind();
    if (kind == nullptr)
        return;
    std::vector<std::string> without;
    for (const auto &field : kind->fields)
        if (!isAddress(m_state.kindName(), field.key))
            without.emplace_back(field.key);
    const auto folder = textOf(m_state.desk().workspace()->folder);
    m_isFilling = true;
    m_address = new FieldsForm(kind->fields, this, without);
    m_address->setFolder(folder);
    m_address->fill(m_state.settings());
    m_forms->insertWidget(0, m_address);
    if (m_state.kindName() == "kafka") {
        m_security = new FieldsForm(Security, this);
        m_security->setFolder(folder);
        m_security->fill(m_state.settings()["properties"]);
        m_forms->insertWidget(1, m_security);
    }
    for (const auto &[key, hint] :
         {std::pair("brokers", "kafka-1:9092, kafka-2:9092"), {"broker", "tcp://mqtt.example:1883"}, {"host", "db.example"}})
        if (auto *line = qobject_cast<QLineEdit *>(m_address->editorOf(key)))
            line->setPlaceholderText(QString::fromLatin1(hint));
    m_isFilling = false;
    QWidget *before = m_use;
    for (auto *form : {m_address, m_security}) {
        if (form == nullptr)
            continue;
        connect(form, &FieldsForm::changed, this, &AddressPage::take);
        for (auto *editor : form->editors())
            QWidget::setTabOrder(std::exchange(before, editor), editor);
    }
    fillConnections();
    take();
}

void AddressPage::fillConnections()
{
    m_isFilling = true;
    m_use->clear();
    m_use->addItem(tr("A new address"), QString());
    for (const auto &[id, connection] : m_state.connections())
        if (connection.kind == m_state.kindName())
            m_use->addItem(textOf(id), textOf(id));
    m_use->setCurrentIndex(std::max(0, m_use->findData(textOf(m_state.settings().text("use")))));
    m_use->setEnabled(m_use->count() > 1);
    m_isFilling = false;
    refresh();
}

void AddressPage::take()
{
    if (m_isFilling || m_address == nullptr)
        return;
    const auto use = m_use->currentData().toString();
    m_state.editSettings([&](Node &settings) {
        Node made = mapNode();
        if (!use.isEmpty()) {
            childOf(made, "use") = Node::ofScalar(utf8Of(use));
        } else {
            put(made, m_address->values());
            Node properties = mapNode();
            if (m_security != nullptr) {
                // What the form does not know stays as the file has it.
                for (const auto &[key, value] : settings["properties"].map)
                    if (std::none_of(Security.begin(), Security.end(), [&key = key](const Field &field) { return key == field.key; }))
                        childOf(properties, key) = value;
                put(properties, m_security->values());
            }
            if (!properties.map.empty())
                childOf(made, "properties") = properties;
        }
        for (const auto &[key, value] : settings.map)
            if (key != "use" && key != "properties" && !isAddress(m_state.kindName(), key))
                childOf(made, key) = value;
        settings = made;
    });
    refresh();
}

void AddressPage::refresh()
{
    if (m_address == nullptr)
        return;
    const auto isOwn = m_use->currentData().toString().isEmpty();
    m_address->setVisible(isOwn);
    if (m_security != nullptr) {
        m_security->setVisible(isOwn);
        const auto protocol = m_state.settings()["properties"].text("security.protocol");
        const auto isBearer = protocol.starts_with("SASL") && m_state.settings()["properties"].text("sasl.mechanism") == "OAUTHBEARER";
        for (const auto &field : Security) {
            const std::string_view key = field.key;
            if (key.starts_with("ssl."))
                m_security->setShown(key, protocol.ends_with("SSL"));
            if (key.starts_with("sasl."))
                m_security->setShown(key, protocol.starts_with("SASL") && (key == "sasl.mechanism" || !isBearer));
        }
        m_address->setShown("token", isBearer);
    }
    QStringList unagreed;
    for (const auto &access : m_state.unagreed())
        unagreed << errorText(sentenceOf(access));
    m_consent->setVisible(!unagreed.isEmpty());
    m_question->setText(
        tr("Connect to what this workspace names and nobody here has agreed to yet: %1?").arg(unagreed.join(QStringLiteral("; "))));
    const auto canLook = m_state.kind() != nullptr && m_state.kind()->browse != nullptr;
    m_test->setEnabled(canLook && !m_run.isRunning() && missing().isEmpty());
    m_note->setText(!canLook                   ? tr("This kind shows nothing beforehand: use \"Edit as form\" below.")
                        : m_run.isRunning()    ? tr("Connecting …")
                        : !missing().isEmpty() ? missing()
                                               : tr("Connects to %1.").arg(m_state.accesses().join(QStringLiteral("; "))));
    Q_EMIT missingChanged();
}

QString AddressPage::missing() const
{
    if (m_state.kind() == nullptr || m_state.kind()->browse == nullptr)
        return tr("This kind has no steps: use \"Edit as form\".");
    const auto faults = m_state.addressFaults();
    return faults.empty() ? QString() : errorText(faults.front());
}

void AddressPage::test()
{
    const auto spec = m_state.specToLook();
    if (!spec || m_state.kind()->browse == nullptr)
        return;
    m_steps->clear();
    m_run.look(
        *m_state.kind(), *spec, [](Browser &, const std::stop_token &) -> Result<Done> { return Done(); },
        [this](const Result<Done> &result) {
            m_steps->appendPlainText(result ? tr("It works. Next: choose what to read.")
                                            : tr("It does not work: %1").arg(errorText(result.error())));
            refresh();
        });
}

}
