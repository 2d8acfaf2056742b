#include "widgets/rules/ruledialog.h"

#include "core/platform.h"
#include "items/texts.h"
#include "widgets/forms/itemedit.h"
#include "widgets/main/desk.h"
#include "widgets/main/posting.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QTabWidget>
#include <QVBoxLayout>

namespace sg {

void RuleDialog::add(Desk &desk, const QString &series, QWidget *parent)
{
    auto *dialog = new RuleDialog(desk, nullptr, Node(), parent);
    dialog->m_series->setText(series);
    if (!series.isEmpty())
        dialog->m_id->setText(
            fieldText(utf8Of(series)).toLower().replace(QRegularExpression(QStringLiteral("[^a-z0-9_-]+")), QStringLiteral("-"))
            + QStringLiteral("-limit"));
    dialog->open();
}

void RuleDialog::change(Desk &desk, std::shared_ptr<const Rule> rule, QWidget *parent)
{
    // The item as it stands in the file, which is what the edit changes: read by a worker.
    const auto path = desk.workspace()->folder + "/" + rule->file;
    desk.session().run([&desk, rule, path, self = QPointer<QObject>(&desk), parent = QPointer<QWidget>(parent)] {
        const auto file = readFile(path);
        auto text = file ? textOfItem(*file, "rules", rule->id) : Result<std::string>(file.error());
        auto item = std::make_shared<const Result<Node>>(text ? parseYaml(*text, rule->file) : Result<Node>(text.error()));
        postTo(self, [&desk, rule, item, parent] {
            if (*item)
                (new RuleDialog(desk, rule, **item, parent))->open();
            else
                Q_EMIT desk.said(errorText(item->error()), true);
        });
    });
}

void RuleDialog::choose(Desk &desk, const QString &ruleId, QWidget *parent)
{
    const auto &set = desk.workspace()->rules;
    QStringList ids;
    int current = 0;
    if (set)
        for (const auto &rule : set->rules) {
            if (textOf(rule->id) == ruleId)
                current = static_cast<int>(ids.size());
            ids << textOf(rule->id);
        }
    auto *ask = new QInputDialog(parent);
    ask->setObjectName(QStringLiteral("chooseRule"));
    ask->setAttribute(Qt::WA_DeleteOnClose);
    ask->setWindowTitle(tr("Change rule"));
    ask->setLabelText(ids.isEmpty() ? tr("There is no rule yet.") : tr("Which rule?"));
    ask->setComboBoxItems(ids);
    if (!ids.isEmpty())
        ask->setTextValue(ids[current]);
    connect(ask, &QInputDialog::textValueSelected, parent, [&desk, set, parent](const QString &id) {
        for (const auto &rule : set->rules)
            if (textOf(rule->id) == id)
                change(desk, rule, parent);
    });
    ask->open();
}

RuleDialog::RuleDialog(Desk &desk, std::shared_ptr<const Rule> rule, Node item, QWidget *parent)
    : QDialog(parent)
    , m_desk(desk)
    , m_rule(std::move(rule))
    , m_item(std::move(item))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("ruleDialog"));
    setWindowTitle(m_rule ? tr("Change rule %1").arg(textOf(m_rule->id)) : tr("Add rule"));
    resize(560, 640);
    m_id = new QLineEdit(this);
    m_id->setObjectName(QStringLiteral("ruleId"));
    m_id->setPlaceholderText(QStringLiteral("press-hot"));
    m_series = new QLineEdit(this);
    m_series->setObjectName(QStringLiteral("ruleSeries"));
    m_series->setPlaceholderText(QStringLiteral("press/*/*/temp"));
    m_kind = new QComboBox(this);
    m_kind->setObjectName(QStringLiteral("ruleKind"));
    for (const auto &kind : conditionKinds())
        m_kind->addItem(translated(kind.label), textOf(kind.name));
    m_watches = new QLabel(this);
    m_watches->setObjectName(QStringLiteral("ruleWatches"));
    m_watches->setTextFormat(Qt::PlainText);
    m_faults = new QLabel(this);
    m_faults->setObjectName(QStringLiteral("ruleFaults"));
    m_faults->setTextFormat(Qt::PlainText);
    m_faults->setWordWrap(true);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel, this);
    m_ok = buttons->button(QDialogButtonBox::Save);
    m_ok->setObjectName(QStringLiteral("ruleSave"));

    m_pages = new QTabWidget(this);
    m_pages->setObjectName(QStringLiteral("rulePages"));
    auto *page = new QWidget(this);
    auto *top = new QFormLayout;
    top->addRow(tr("Id *"), m_id);
    top->addRow(tr("Series *"), m_series);
    top->addRow(QString(), m_watches);
    top->addRow(tr("Condition"), m_kind);
    auto *scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto *inner = new QWidget(scroll);
    m_forms = new QVBoxLayout(inner);
    scroll->setWidget(inner);
    auto *layout = new QVBoxLayout(this);
    auto *pageLayout = new QVBoxLayout(page);
    pageLayout->addLayout(top);
    pageLayout->addWidget(scroll, 1);
    addPage(page, tr("Rule"));
    layout->addWidget(m_pages, 1);
    layout->addWidget(m_faults);
    layout->addWidget(buttons);

    if (m_rule) {
        m_id->setText(textOf(m_rule->id));
        m_id->setReadOnly(true); // the id is what history and acknowledgements hang on
        m_series->setText(textOf(m_rule->series.text()));
        m_kind->setCurrentIndex(std::max(0, m_kind->findData(textOf(m_rule->kind))));
    }
    const auto rebuild = [this] {
        if (const auto *kind = conditionKind(utf8Of(m_kind->currentData().toString())))
            buildForms(*kind);
    };
    rebuild();
    m_before = values();
    connect(m_kind, &QComboBox::currentIndexChanged, this, rebuild);
    connect(m_id, &QLineEdit::textChanged, this, &RuleDialog::refresh);
    connect(m_series, &QLineEdit::textChanged, this, &RuleDialog::refresh);
    connect(buttons, &QDialogButtonBox::accepted, this, &RuleDialog::save);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    refresh();
}

void RuleDialog::buildForms(const ConditionKind &kind)
{
    delete m_kindForm;
    delete m_commonForm;
    m_kindForm = new FieldsForm(kind.fields, this);
    // Of deadband and the delays only those that this kind of condition knows.
    std::vector<std::string> without{"id", "series"};
    for (const auto *modifier : {"deadband", "on_delay", "off_delay"})
        if (std::none_of(kind.modifiers.begin(), kind.modifiers.end(),
                         [modifier](const char *known) { return std::string_view(known) == modifier; }))
            without.emplace_back(modifier);
    m_commonForm = new FieldsForm(commonRuleFields(), this, without);
    for (auto *form : {m_kindForm, m_commonForm}) {
        form->fill(m_item);
        connect(form, &FieldsForm::changed, this, &RuleDialog::refresh);
        m_forms->addWidget(form);
    }
    refresh();
}

FormValues RuleDialog::values() const
{
    FormValues out{{"series", sg::quoted(utf8Of(m_series->text().trimmed()))}};
    for (const auto *form : {m_kindForm, m_commonForm}) {
        const auto own = form->values();
        out.insert(out.end(), own.begin(), own.end());
    }
    return out;
}

RuleDraft RuleDialog::makeDraft() const
{
    RuleDraft draft;
    draft.id = utf8Of(m_id->text().trimmed());
    draft.file = m_rule ? m_rule->file : newFile();
    draft.saved = m_rule;
    draft.text = "id: " + sg::quoted(draft.id) + "\n" + yamlOf(values()) + "\n";
    const auto node = parseYaml(draft.text, "");
    if (!node) {
        draft.faults = {node.error()};
        return draft;
    }
    auto item = *node;
    if (item["priority"].isMissing()) // may stand in the file's defaults
        item.map.emplace_back("priority", Node::ofScalar("medium"));
    auto rule = readRule(item, Node(), draft.text);
    if (rule)
        draft.rule = *rule;
    else
        draft.faults = {rule.error()};
    return draft;
}

void RuleDialog::addPage(QWidget *page, const QString &title)
{
    m_pages->addTab(page, title);
}

void RuleDialog::refresh()
{
    if (m_kindForm == nullptr || m_commonForm == nullptr)
        return;
    const auto count = m_desk.matching(utf8Of(m_series->text().trimmed()), 100'000).size();
    m_watches->setText(count == 0       ? tr("Watches nothing that is known now.")
                           : count == 1 ? tr("Watches 1 series.")
                                        : tr("Watches %1 series.").arg(count));
    QStringList lines;
    auto draft = makeDraft();
    const auto isChanged = draft.text != m_draft.text;
    m_draft = std::move(draft);
    for (const auto &fault : m_draft.faults)
        lines << errorText({fault.text, fault.args, {}});
    m_faults->setText(lines.join(u'\n'));
    m_faults->setVisible(!lines.isEmpty());
    m_ok->setEnabled(lines.isEmpty());
    if (isChanged)
        Q_EMIT draftChanged(m_draft);
}

std::string RuleDialog::newFile() const
{
    // Where the other rules are; a workspace without rules gets its first file.
    const auto &rules = m_desk.workspace()->rules;
    return rules && !rules->rules.empty() ? rules->rules.back()->file : "rules/rules.yaml";
}

void RuleDialog::save()
{
    const auto id = utf8Of(m_id->text().trimmed());
    const auto now = values();
    if (m_rule) {
        m_desk.edits().edit(
            m_rule->file,
            [file = m_rule->file, id, before = m_before, now](const std::string &text) {
                return changeItem(file, text, "rules", id, before, now);
            },
            tr("Change rule %1").arg(textOf(id)));
    } else {
        auto item = "id: " + sg::quoted(id) + "\n" + yamlOf(now);
        const auto hasPriority = std::any_of(now.begin(), now.end(), [](const auto &value) { return value.first == "priority"; });
        if (!hasPriority)
            item += "\npriority: medium";
        const auto file = newFile();
        m_desk.edits().edit(
            file,
            [file, item](const std::string &text) -> Result<TextEdit> {
                if (!text.empty())
                    return addItem(file, text, "rules", item);
                const std::string frame = "format: 1\nrules:\n";
                TextEdit made;
                made.file = file;
                made.after = frame + "  - ";
                for (const auto c : item)
                    made.after += c == '\n' ? std::string("\n    ") : std::string(1, c);
                made.after += '\n';
                return made;
            },
            tr("Add rule %1").arg(textOf(id)));
    }
    accept();
}

}
