#include "widgets/rules/ruledialog.h"

#include "core/platform.h"
#include "core/workspacefile.h"
#include "items/texts.h"
#include "widgets/forms/itemedit.h"
#include "widgets/main/desk.h"
#include "widgets/main/posting.h"
#include "widgets/rules/ruleform.h"
#include "widgets/rules/rulepreview.h"
#include "widgets/rules/tabledialog.h"
#include "widgets/tune/advisorpanel.h"
#include "widgets/tune/backtestpanel.h"

#include <QDialogButtonBox>
#include <QMessageBox>
#include <QLabel>
#include <QPushButton>
#include <QTabWidget>
#include <QVBoxLayout>

#include <filesystem>
#include <set>

namespace sg {

namespace {

Node mapOf(std::vector<std::pair<std::string, std::string>> entries)
{
    Node node;
    node.kind = Node::Kind::Map;
    for (auto &[key, value] : entries)
        if (!value.empty())
            node.map.emplace_back(key, Node::ofScalar(value));
    return node;
}

// Where the other rules are; a workspace without rules gets its first file.
std::string newFile(const Workspace &workspace)
{
    return workspace.rules && !workspace.rules->rules.empty() ? workspace.rules->rules.back()->file : "rules/rules.yaml";
}

QLabel *plainLabel(const char *name, QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setObjectName(QString::fromLatin1(name));
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    return label;
}

}

void RuleDialog::add(Desk &desk, const QString &series, QWidget *parent)
{
    const auto id = series.isEmpty()
        ? QString()
        : fieldText(utf8Of(series)).toLower().replace(QRegularExpression(QStringLiteral("[^a-z0-9_-]+")), QStringLiteral("-"))
            + QStringLiteral("-limit");
    addLike(desk, id, mapOf({{"series", utf8Of(series)}}), {}, parent);
}

QStringList RuleDialog::knownSelectors(Desk &desk)
{
    constexpr int Most = 2000;
    std::set<QString> all;
    const auto &rows = desk.feed().current()->series;
    for (std::size_t i = 0; i < rows.size() && all.size() < Most; ++i) {
        if (!rows.at(i).path)
            continue;
        const auto segments = segmentsOf(*rows.at(i).path);
        auto any = textOf(segments.front());
        for (std::size_t s = 1; s < segments.size(); ++s)
            any += u'/' + (s + 1 < segments.size() ? QStringLiteral("*") : textOf(segments[s]));
        all.insert(any);
    }
    return {all.begin(), all.end()};
}

void RuleDialog::addLike(Desk &desk, const QString &id, const Node &item, const std::string &file, QWidget *parent)
{
    open(desk, {nullptr, id, file.empty() ? newFile(*desk.workspace()) : file, item, {}}, parent);
}

void RuleDialog::change(Desk &desk, std::shared_ptr<const Rule> rule, QWidget *parent)
{
    open(desk, {rule, textOf(rule->id), rule->file, {}, {}}, parent);
}

void RuleDialog::tune(Desk &desk, std::shared_ptr<const Rule> rule, QWidget *parent)
{
    Opening opening{rule, textOf(rule->id), rule->file, {}, {}};
    opening.isTuning = true;
    open(desk, std::move(opening), parent);
}

void RuleDialog::duplicate(Desk &desk, std::shared_ptr<const Rule> rule, QWidget *parent)
{
    Opening opening{rule, freeId(*desk.workspace(), rule->id + "-copy"), rule->file, {}, {}};
    opening.isCopy = true;
    open(desk, std::move(opening), parent);
}

QString RuleDialog::freeId(const Workspace &workspace, const std::string &wanted)
{
    const auto isTaken = [&](const std::string &id) {
        const auto &set = workspace.rules;
        return set
            && (std::any_of(set->rules.begin(), set->rules.end(), [&](const auto &rule) { return rule->id == id; })
                || std::any_of(set->refused.begin(), set->refused.end(), [&](const RefusedRule &rule) { return rule.id == id; }));
    };
    auto id = wanted;
    for (int n = 2; isTaken(id); ++n)
        id = wanted + "-" + std::to_string(n);
    return textOf(id);
}

void RuleDialog::open(Desk &desk, Opening opening, QWidget *parent)
{
    const auto path = desk.workspace()->folder + "/" + opening.file;
    desk.session().run([&desk, opening = std::move(opening), path, self = QPointer<QObject>(&desk), parent = QPointer<QWidget>(parent),
                        hasParent = parent != nullptr]() mutable {
        std::error_code none;
        const auto isThere = std::filesystem::exists(path, none);
        const auto text = isThere ? readFile(path) : Result<std::string>(std::string());
        std::optional<Error> failed;
        if (!text)
            failed = text.error();
        else
            opening.defaults = defaultsOf(*text, opening.file);
        if (opening.rule && !failed) {
            // The item as it stands in the file, which is what the edit changes.
            const auto itemText = textOfItem(*text, "rules", opening.rule->id);
            const auto item = itemText ? parseYaml(*itemText, opening.file) : Result<Node>(itemText.error());
            if (item)
                opening.item = *item;
            else
                failed = item.error();
            if (opening.isCopy) {
                std::erase_if(opening.item.map, [](const auto &entry) { return entry.first == "id"; });
                opening.rule.reset();
            }
        } else if (!opening.item.has("priority") && !opening.defaults.has("priority")) {
            opening.item.kind = Node::Kind::Map;
            opening.item.map.emplace_back("priority", Node::ofScalar("medium"));
        }
        postTo(self, [&desk, opening = std::move(opening), failed, parent, hasParent] {
            // Who closed the window that asked wants no editor any more; one without a parent would outlive the desk.
            if (hasParent && !parent)
                return;
            if (failed)
                Q_EMIT desk.said(errorText(*failed), true);
            else
                (new RuleDialog(desk, opening, parent))->QDialog::open();
        });
    });
}

RuleDialog::RuleDialog(Desk &desk, Opening opening, QWidget *parent)
    : QDialog(parent)
    , m_desk(desk)
    , m_from(std::move(opening))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("ruleDialog"));
    setWindowTitle(m_from.rule ? tr("Change rule %1").arg(m_from.id) : tr("Add rule"));
    resize(820, 760);
    m_sentence = plainLabel("ruleSentence", this);
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto large = m_sentence->font();
    large.setPointSizeF(large.pointSizeF() * 1.15);
    m_sentence->setFont(large);
    m_pages = new QTabWidget(this);
    m_pages->setObjectName(QStringLiteral("rulePages"));
    m_form = new RuleForm(this);
    m_faults = plainLabel("ruleFaults", this);
    auto bold = m_faults->font();
    bold.setBold(true);
    m_faults->setFont(bold);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel, this);
    m_ok = buttons->button(QDialogButtonBox::Save);
    m_ok->setObjectName(QStringLiteral("ruleSave"));
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_sentence);
    layout->addWidget(m_pages, 1);
    layout->addWidget(m_faults);
    layout->addWidget(buttons);

    m_form->setKnownSeries(knownSelectors(desk));
    m_form->fill(m_from.id, !m_from.rule, m_from.item, m_from.defaults);
    m_before = m_form->values();
    addPage(m_form, tr("Rule"));
    connect(m_form, &RuleForm::changed, this, &RuleDialog::refresh);
    connect(m_form, &RuleForm::tableWanted, this, [this, &desk](const QString &path) { TableDialog::edit(*this, desk, utf8Of(path)); });
    connect(&desk.feed(), &SnapshotFeed::second, this, &RuleDialog::refreshWatched);
    connect(&desk, &QObject::destroyed, this, [this] { done(Rejected); }); // nothing may be asked of it any more
    connect(&desk, &Desk::workspaceChanged, this, [this] {
        m_files.clear(); // may say something else now
        refresh();
    });
    connect(buttons, &QDialogButtonBox::accepted, this, &RuleDialog::save);
    connect(buttons, &QDialogButtonBox::rejected, this, &RuleDialog::reject);
    refresh();
    addPage(new RulePreview(*this, desk), tr("Preview"));
    addPage(new BacktestPanel(desk, *this), tr("Backtest"));
    auto *tuning = new AdvisorPanel(desk, *this);
    addPage(tuning, tr("Tuning"));
    if (m_from.isTuning)
        m_pages->setCurrentWidget(tuning);
}

void RuleDialog::addPage(QWidget *page, const QString &title)
{
    page->setAutoFillBackground(true); // the ground of a tab is brighter than that of the window
    m_pages->addTab(page, title);
}

void RuleDialog::setText(const std::string &path, const QString &text)
{
    m_form->setText(path, text);
}

Result<std::string> RuleDialog::textOfFile(const std::string &path)
{
    if (const auto known = m_files.find(path); known != m_files.end())
        return known->second;
    const Error reading{SG_TR("the file '%1' is being read …"), {path}, {}};
    m_files.emplace(path, reading);
    m_desk.session().run([this, self = QPointer<QObject>(this), path, folder = m_desk.workspace()->folder] {
        const auto file = fileInWorkspace(folder, path, "file");
        const auto text = file ? readFile(*file) : Result<std::string>(file.error());
        postTo(self, [this, path, text] {
            m_files.insert_or_assign(path, text);
            refresh();
        });
    });
    return reading;
}

void RuleDialog::refresh()
{
    std::vector<FieldFault> faults;
    const DraftGround ground{*m_desk.workspace(), m_from.rule, m_from.file, m_from.defaults,
                             [this](const std::string &path) { return textOfFile(path); }};
    auto draft = makeDraft(m_form->id(), m_form->values(), ground, faults);
    const auto isChanged = draft.text != m_draft.text || draft.faults != m_draft.faults;
    m_draft = std::move(draft);
    QStringList elsewhere;
    for (const auto &fault : m_form->showFaults(faults))
        elsewhere << fault.text;
    m_faults->setText(elsewhere.join(u'\n'));
    m_faults->setVisible(!elsewhere.isEmpty());
    m_ok->setEnabled(m_draft.faults.empty() && !m_isSaving);
    refreshWatched();
    if (isChanged)
        Q_EMIT draftChanged(m_draft);
}

void RuleDialog::refreshWatched()
{
    m_watched = watchedBy(m_draft, m_desk);
    m_form->setUnit(m_watched.subject.unit);
    m_form->setWatched(watchedText(m_watched, m_desk));
    const auto sentence = ruleSentence(m_draft.item, m_watched.subject);
    m_sentence->setText(sentence);
    m_sentence->setAccessibleName(sentence);
}

// Escape and Cancel: what was typed goes only when somebody says so.
void RuleDialog::reject()
{
    if (m_form->values() == m_before) {
        QDialog::reject();
        return;
    }
    auto *box = new QMessageBox(QMessageBox::Question, tr("Rule"), tr("Discard the changes of this rule?"),
                                QMessageBox::Discard | QMessageBox::Cancel, this);
    box->setObjectName(QStringLiteral("discardQuestion"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setDefaultButton(QMessageBox::Cancel);
    connect(box, &QDialog::finished, this, [this](int answer) {
        if (answer == QMessageBox::Discard)
            QDialog::reject();
    });
    box->open();
}

void RuleDialog::save()
{
    const auto id = m_form->id();
    const auto now = m_form->values();
    const auto file = m_from.file;
    m_isSaving = true;
    m_ok->setEnabled(false);
    const auto ended = [this](const std::optional<Error> &refused) {
        m_isSaving = false;
        if (!refused) {
            accept();
            return;
        }
        // What was typed stays: the person may copy it, or save again.
        m_ok->setEnabled(m_draft.faults.empty());
        m_faults->setText(tr("Not saved. %1").arg(errorText(*refused)));
        m_faults->setVisible(true);
    };
    if (m_from.rule) {
        m_desk.edits().edit(
            file, [file, id, before = m_before, now](const std::string &text) { return changeItem(file, text, "rules", id, before, now); },
            tr("Change rule %1").arg(textOf(id)), this, ended);
    } else {
        m_desk.edits().edit(file, addRuleItem(file, "id: " + sg::quoted(id) + "\n" + yamlOf(now)), tr("Add rule %1").arg(textOf(id)), this,
                            ended);
    }
}

}
