#include "widgets/rules/ruleform.h"

#include "items/texts.h"
#include "widgets/rules/ruledraft.h"
#include "workspace/textedit.h"

#include <QComboBox>
#include <QCompleter>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QStringListModel>
#include <QToolButton>
#include <QVBoxLayout>

namespace sg {

namespace {

QLabel *plainLabel(const QString &name, QWidget *parent, bool isBold)
{
    auto *label = new QLabel(parent);
    label->setObjectName(name);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    auto font = label->font();
    font.setBold(isBold);
    label->setFont(font);
    return label;
}

QLabel *heading(const QString &text, QWidget *parent)
{
    auto *label = plainLabel({}, parent, true);
    label->setText(text);
    return label;
}

QWidget *withBelow(QWidget *editor, const QList<QLabel *> &labels)
{
    auto *box = new QWidget(editor->parentWidget());
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addWidget(editor);
    for (auto *label : labels)
        layout->addWidget(label);
    return box;
}

bool contains(const std::vector<std::string> &keys, std::string_view key)
{
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

const std::vector<std::string> AnswerKeys{"name", "area", "audience", "priority", "respond_within", "cause", "consequence", "action"};

}

RuleForm::RuleForm(QWidget *parent)
    : QWidget(parent)
{
    m_scroll = new QScrollArea(this);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    auto *content = new QWidget(m_scroll);
    m_id = new QLineEdit(content);
    m_id->setObjectName(QStringLiteral("ruleId"));
    m_id->setAccessibleName(tr("Id"));
    m_id->setPlaceholderText(QStringLiteral("press-hot"));
    m_id->setToolTip(tr("Never reused: history and acknowledgements hang on it."));
    m_idFault = plainLabel(QStringLiteral("ruleIdFault"), content, true);
    m_series = new QLineEdit(content);
    m_series->setObjectName(QStringLiteral("ruleSeries"));
    m_series->setAccessibleName(tr("Series"));
    m_series->setPlaceholderText(QStringLiteral("press/*/*/temp"));
    m_series->setToolTip(tr("What it watches: source/label/field, * for any."));
    m_seriesFault = plainLabel(QStringLiteral("ruleSeriesFault"), content, true);
    m_watched = plainLabel(QStringLiteral("ruleWatches"), content, false);
    m_measure = new QComboBox(content);
    m_measure->setObjectName(QStringLiteral("ruleMeasure"));
    m_measure->setAccessibleName(tr("What is judged"));
    m_measure->addItem(tr("The value itself"), QString());
    for (const auto &kind : measureKinds())
        m_measure->addItem(translated(kind.label), textOf(kind.name));
    m_kind = new QComboBox(content);
    m_kind->setObjectName(QStringLiteral("ruleKind"));
    m_kind->setAccessibleName(tr("Condition"));
    for (const auto &kind : conditionKinds())
        m_kind->addItem(translated(kind.label), textOf(kind.name));
    for (auto *box : {m_measure, m_kind})
        box->setFocusPolicy(Qt::StrongFocus);

    auto *top = new QFormLayout;
    top->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    top->addRow(tr("Id *"), withBelow(m_id, {m_idFault}));
    top->addRow(tr("Series *"), withBelow(m_series, {m_seriesFault, m_watched}));
    top->addRow(tr("Condition"), m_kind);
    top->addRow(tr("Judged is"), m_measure);
    const FieldsForm asWide({}, nullptr);
    for (int row = 0; row < top->rowCount(); ++row)
        top->itemAt(row, QFormLayout::LabelRole)->widget()->setMinimumWidth(asWide.labelWidth());
    auto *layout = new QVBoxLayout(content);
    layout->addLayout(top);
    m_layout = new QVBoxLayout;
    layout->addLayout(m_layout);
    layout->addStretch(1);
    m_scroll->setWidget(content);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_scroll);
    connect(m_id, &QLineEdit::textChanged, this, &RuleForm::changed);
    connect(m_series, &QLineEdit::textChanged, this, &RuleForm::changed);
    build();
    const auto rebuild = [this] {
        build();
        Q_EMIT changed();
    };
    connect(m_kind, &QComboBox::currentIndexChanged, this, rebuild);
    connect(m_measure, &QComboBox::currentIndexChanged, this, rebuild);
}

void RuleForm::fill(const QString &id, bool isNew, const Node &item, const Node &defaults)
{
    const QSignalBlocker quiet(this);
    m_item = item;
    m_defaults = defaults;
    m_id->setText(id);
    m_id->setReadOnly(!isNew); // the id is what history and acknowledgements hang on
    m_series->setText(textOf(item.text("series")));
    const QSignalBlocker quietKind(m_kind), quietMeasure(m_measure);
    for (const auto &kind : conditionKinds())
        if (std::any_of(kind.fields.begin(), kind.fields.end(), [&](const Field &field) { return item.has(field.key); }))
            m_kind->setCurrentIndex(m_kind->findData(textOf(kind.name)));
    m_measure->setCurrentIndex(0);
    for (const auto &kind : measureKinds())
        if (item.has(kind.name))
            m_measure->setCurrentIndex(m_measure->findData(textOf(kind.name)));
    // What is set must not be hidden.
    m_isMoreOpen = false;
    for (const auto *key : {"only", "except", "latch", "ack", "on_missing", "warmup", "min_samples", "realarm", "forget_after", "late",
                            "suppress_when", "hours"})
        m_isMoreOpen = m_isMoreOpen || item.has(key);
    build();
}

void RuleForm::setKnownSeries(const QStringList &selectors)
{
    auto *completer = new QCompleter(selectors, m_series);
    completer->setFilterMode(Qt::MatchContains);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    m_series->setCompleter(completer);
}

std::string RuleForm::id() const
{
    return utf8Of(m_id->text().trimmed());
}

const ConditionKind *RuleForm::kind() const
{
    return conditionKind(utf8Of(m_kind->currentData().toString()));
}

const MeasureKind *RuleForm::measure() const
{
    return std::string_view(kind()->name) == "levels" ? measureKind(utf8Of(m_measure->currentData().toString())) : nullptr;
}

FormValues RuleForm::values() const
{
    FormValues out;
    if (!m_series->text().trimmed().isEmpty())
        out.emplace_back("series", sg::quoted(utf8Of(m_series->text().trimmed())));
    for (const auto *form : m_forms) {
        const auto own = form->values();
        out.insert(out.end(), own.begin(), own.end());
    }
    // As people write a rule: what it is called before what it does.
    std::stable_partition(out.begin(), out.end(), [](const auto &value) { return value.first == "name"; });
    return out;
}

FieldsForm *RuleForm::addForm(Fields fields, const std::vector<std::string> &without, QWidget *below)
{
    auto *parent = below != nullptr ? below : m_inner;
    auto *form = new FieldsForm(fields, parent, without);
    form->setInherited(m_defaults);
    form->fill(m_item);
    connect(form, &FieldsForm::changed, this, &RuleForm::changed);
    parent->layout()->addWidget(form);
    m_forms.push_back(form);
    const auto editors = form->editors();
    m_order.insert(m_order.end(), editors.begin(), editors.end());
    return form;
}

FieldsForm *RuleForm::addCommon(const std::vector<std::string> &keys, QWidget *below)
{
    std::vector<std::string> without;
    for (const auto &field : commonRuleFields())
        if (!contains(keys, field.key))
            without.emplace_back(field.key);
    return addForm(commonRuleFields(), without, below);
}

void RuleForm::addTableButton(const QString &text, const QString &path)
{
    auto *button = new QPushButton(text, m_inner);
    button->setObjectName(QStringLiteral("editTable"));
    button->setAutoDefault(false);
    connect(button, &QPushButton::clicked, this, [this, path] { Q_EMIT tableWanted(path); });
    m_inner->layout()->addWidget(button);
    m_inner->layout()->setAlignment(button, Qt::AlignLeft);
    m_order.push_back(button);
}

void RuleForm::build()
{
    // Built anew at another kind: what both have keeps what was typed, as far as it was in the file.
    delete m_inner;
    m_forms.clear();
    m_order = {m_id, m_series, m_kind, m_measure};
    m_inner = new QWidget(this);
    auto *layout = new QVBoxLayout(m_inner);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(10);
    m_layout->addWidget(m_inner);
    const auto &test = *kind();
    m_measure->setEnabled(std::string_view(test.name) == "levels");
    const auto *judged = measure();
    if (judged != nullptr)
        addForm(judged->fields, {});
    addForm(test.fields, {});
    // Of the keys that only some kinds take those of this one.
    std::vector<std::string> own(test.modifiers.begin(), test.modifiers.end());
    if (std::string_view(test.name) == "when")
        own.emplace_back("inputs");
    if (judged != nullptr ? judged->mayBeGrouped : test.mayBeGrouped)
        own.emplace_back("per");
    if (std::string_view(test.name) == "levels")
        own.emplace_back("limits_from");
    if (!own.empty())
        addCommon(own);
    if (std::string_view(test.name) == "levels")
        addTableButton(tr("Edit the table of limits …"), QStringLiteral("limits_from"));
    if (std::string_view(test.name) == "absence")
        addTableButton(tr("Edit the list of expected keys …"), QStringLiteral("absence/expect/file"));
    layout->addWidget(heading(tr("What people are told"), m_inner));
    addCommon(AnswerKeys);

    auto *toggle = new QToolButton(m_inner);
    toggle->setObjectName(QStringLiteral("ruleMore"));
    toggle->setText(tr("More settings"));
    toggle->setCheckable(true);
    toggle->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    toggle->setAutoRaise(true);
    layout->addWidget(toggle);
    m_order.push_back(toggle);
    m_more = new QWidget(m_inner);
    (new QVBoxLayout(m_more))->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_more);
    std::vector<std::string> rest;
    for (const auto &field : commonRuleFields())
        if (!contains({"id", "series", "deadband", "on_delay", "off_delay", "inputs", "per", "limits_from"}, field.key)
            && !contains(AnswerKeys, field.key))
            rest.emplace_back(field.key);
    addCommon(rest, m_more);
    const auto open = [this, toggle](bool isOpen) {
        m_isMoreOpen = isOpen;
        m_more->setVisible(isOpen);
        toggle->setArrowType(isOpen ? Qt::DownArrow : Qt::RightArrow);
    };
    connect(toggle, &QToolButton::toggled, this, open);
    toggle->setChecked(m_isMoreOpen);
    open(m_isMoreOpen);
    m_inner->show();
    setUnit(m_unit);
    orderTabs();
}

void RuleForm::orderTabs()
{
    for (std::size_t i = 1; i < m_order.size(); ++i)
        QWidget::setTabOrder(m_order[i - 1], m_order[i]);
}

void RuleForm::setText(const std::string &path, const QString &text)
{
    if (path == "series") {
        m_series->setText(text);
        return;
    }
    for (auto *form : m_forms)
        if (form->editorOf(path) != nullptr)
            form->setText(path, text);
}

void RuleForm::setUnit(const QString &unit)
{
    m_unit = unit;
    for (auto *form : m_forms)
        for (const auto *key : {"limit", "deadband"})
            form->setUnit(key, unit);
}

void RuleForm::setWatched(const QString &text)
{
    m_watched->setText(text);
}

QString RuleForm::emptyText() const
{
    QStringList labels;
    for (const auto &field : kind()->fields)
        labels << translated(field.label);
    return labels.size() == 1
        ? tr("Fill in %1.").arg(labels.front())
        : tr("Fill in at least one of %1 and %2.").arg(labels.mid(0, labels.size() - 1).join(QStringLiteral(", ")), labels.back());
}

std::vector<FieldFault> RuleForm::showFaults(const std::vector<FieldFault> &faults)
{
    auto left = faults;
    for (auto &fault : left)
        if (fault.path == TestFault)
            fault = {{}, emptyText()};
    const auto take = [&left](std::string_view path, QLineEdit *editor, QLabel *label) {
        QStringList texts;
        std::erase_if(left, [&](const FieldFault &fault) {
            if (fault.path != path)
                return false;
            texts << fault.text;
            return true;
        });
        label->setText(texts.join(u'\n'));
        label->setVisible(!texts.isEmpty());
        editor->setAccessibleDescription(label->text());
        markFaulty(editor, !texts.isEmpty());
    };
    take("id", m_id, m_idFault);
    take("series", m_series, m_seriesFault);
    for (auto *form : m_forms)
        left = form->showFaults(left);
    return left;
}

}
