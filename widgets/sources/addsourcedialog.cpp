#include "widgets/sources/addsourcedialog.h"

#include "decode/intake.h"
#include "items/texts.h"
#include "widgets/main/desk.h"
#include "widgets/main/posting.h"
#include "widgets/sources/sourcefaults.h"
#include "workspace/consent.h"
#include "workspace/textedit.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

namespace sg {

AddSourceDialog::AddSourceDialog(Desk &desk, QWidget *parent)
    : QDialog(parent)
    , m_desk(desk)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("addSourceDialog"));
    setWindowTitle(tr("Add source"));
    resize(600, 680);
    m_kind = new QComboBox(this);
    m_kind->setObjectName(QStringLiteral("sourceKind"));
    // The demo plant comes last: who adds a source wants a real one.
    for (const auto isDemo : {false, true})
        for (const auto &[name, entry] : desk.catalog())
            if ((name == "demo") == isDemo)
                m_kind->addItem(entry.label[0] != '\0' ? translated(entry.label) : textOf(name), textOf(name));
    m_id = new QLineEdit(this);
    m_id->setObjectName(QStringLiteral("sourceId"));
    m_id->setPlaceholderText(QStringLiteral("press"));
    m_id->setToolTip(tr("Never reused: history and acknowledgements hang on it."));
    m_faults = new QLabel(this);
    m_faults->setObjectName(QStringLiteral("sourceFaults"));
    m_faults->setTextFormat(Qt::PlainText);
    m_faults->setWordWrap(true);
    m_steps = new QPlainTextEdit(this);
    m_steps->setObjectName(QStringLiteral("sourceTestSteps"));
    m_steps->setAccessibleName(tr("Steps of the test"));
    m_steps->setReadOnly(true);
    m_steps->setMaximumHeight(110);
    m_steps->hide();
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel, this);
    m_ok = buttons->button(QDialogButtonBox::Save);
    m_ok->setObjectName(QStringLiteral("sourceSave"));
    m_test = buttons->addButton(tr("Test"), QDialogButtonBox::ActionRole);
    m_test->setObjectName(QStringLiteral("sourceTest"));

    auto *top = new QFormLayout;
    top->addRow(tr("Kind"), m_kind);
    top->addRow(tr("Id *"), m_id);
    auto *scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto *inner = new QWidget(scroll);
    m_forms = new QVBoxLayout(inner);
    scroll->setWidget(inner);
    auto *layout = new QVBoxLayout(this);
    layout->addLayout(top);
    layout->addWidget(scroll, 1);
    layout->addWidget(m_faults);
    layout->addWidget(m_steps);
    layout->addWidget(buttons);
    connect(m_kind, &QComboBox::currentIndexChanged, this, &AddSourceDialog::buildForms);
    connect(m_id, &QLineEdit::textChanged, this, &AddSourceDialog::refresh);
    connect(m_test, &QPushButton::clicked, this, &AddSourceDialog::test);
    connect(buttons, &QDialogButtonBox::accepted, this, &AddSourceDialog::save);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    buildForms();
}

AddSourceDialog::~AddSourceDialog()
{
    m_stop.request_stop();
}

const SourceKind *AddSourceDialog::kind() const
{
    const auto found = m_desk.catalog().find(utf8Of(m_kind->currentData().toString()));
    return found != m_desk.catalog().end() ? &found->second : nullptr;
}

void AddSourceDialog::buildForms()
{
    delete std::exchange(m_kindForm, nullptr);
    delete std::exchange(m_intakeForm, nullptr);
    if (kind() == nullptr)
        return;
    m_kindForm = new FieldsForm(kind()->fields, this);
    m_intakeForm = new FieldsForm(Intake::fields(), this, {"id"});
    for (auto *form : {m_kindForm, m_intakeForm}) {
        connect(form, &FieldsForm::changed, this, &AddSourceDialog::refresh);
        m_forms->addWidget(form);
    }
    // Most messages are JSON and most people want all of it; a row of a database is its own form.
    m_intakeForm->setText(m_kind->currentData().toString() == QStringLiteral("postgres") ? "decode/row/learn" : "decode/json/learn",
                          QStringLiteral("true"));
    refresh();
}

std::string AddSourceDialog::item() const
{
    FormValues values{{"id", sg::quoted(utf8Of(m_id->text().trimmed()))}};
    const auto name = utf8Of(m_kind->currentData().toString());
    auto own = m_kindForm->values();
    for (const auto &[path, value] : own)
        values.emplace_back(name + "/" + path, value);
    if (own.empty())
        values.emplace_back(name, "{}");
    const auto intake = m_intakeForm->values();
    values.insert(values.end(), intake.begin(), intake.end());
    return yamlOf(values);
}

Result<SourceSpec> AddSourceDialog::spec() const
{
    const auto node = parseYaml(item() + "\n", "");
    if (!node)
        return node.error();
    SourceSpec spec;
    spec.id = utf8Of(m_id->text().trimmed());
    spec.kind = utf8Of(m_kind->currentData().toString());
    spec.settings = (*node)[spec.kind];
    spec.declaration = *node;
    spec.folder = m_desk.workspace()->folder;
    spec.clientName = "sightglass-test";
    spec.stateName = "test";
    return spec;
}

void AddSourceDialog::refresh()
{
    if (m_kindForm == nullptr || m_intakeForm == nullptr)
        return;
    const auto faults = sourceFaults(*m_desk.workspace(), kind(), utf8Of(m_id->text().trimmed()), {}, spec());
    QStringList lines;
    for (const auto &fault : faults) {
        // A form shows labels, so a fault names them and not the keys of the file.
        std::vector<std::string> args = fault.args;
        for (std::string &arg : args)
            for (const Field &field : kind()->fields)
                if (arg == field.key && field.label[0] != '\0')
                    arg = utf8Of(translated(field.label));
        lines << errorText({fault.text, std::move(args), {}});
    }
    m_faults->setText(lines.mid(0, 4).join(u'\n'));
    m_faults->setVisible(!lines.isEmpty());
    m_ok->setEnabled(faults.empty());
    m_test->setEnabled(faults.empty() && kind()->test != nullptr);
}

void AddSourceDialog::test()
{
    const auto made = spec();
    if (!made)
        return;
    m_stop.request_stop();
    m_stop = std::stop_source();
    m_steps->clear();
    m_steps->show();
    m_test->setEnabled(false);
    m_desk.session().run([this, self = QPointer<QObject>(this), run = kind()->test, made = *made, stop = m_stop.get_token()] {
        const auto say = [this, self](const Error &step) { postTo(self, [this, step] { m_steps->appendPlainText(errorText(step)); }); };
        auto result = Result<Done>(Done());
        try {
            result = run(made, say, stop);
        } catch (const Refusal &refusal) {
            result = refusal.error;
        } catch (const std::exception &fault) {
            result = Error{SG_TR("The test ended: %1"), {fault.what()}, {}};
        }
        postTo(self, [this, result] { finishTest(result); });
    });
}

void AddSourceDialog::finishTest(const Result<Done> &result)
{
    m_steps->appendPlainText(result ? tr("It works.") : tr("It does not work: %1").arg(errorText(result.error())));
    if (!result)
        m_steps->appendPlainText(
            tr("Nothing was saved. Check the address, and that the server runs and answers this machine; then test again. "
               "A source saved all the same goes on trying to connect."));
    m_test->setEnabled(true);
}

void AddSourceDialog::save()
{
    const auto made = spec();
    const auto accesses = made ? accessesOf(*made) : std::vector<Access>(); // who typed them agreed to them
    m_desk.edits().edit(
        "workspace.yaml",
        [text = item(), folder = m_desk.workspace()->folder, accesses](const std::string &file) -> Result<TextEdit> {
            if (const auto kept = trust(folder, accesses); !kept)
                return kept.error();
            return addItem("workspace.yaml", file, "sources", text);
        },
        tr("Add source %1").arg(m_id->text().trimmed()));
    accept();
}

}
