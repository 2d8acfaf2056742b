#include "widgets/forms/fieldsform.h"

#include "items/texts.h"
#include "widgets/forms/secretedit.h"
#include "workspace/textedit.h"

#include <QComboBox>
#include <QFormLayout>
#include <QGridLayout>
#include <QGroupBox>
#include <QLabel>
#include <QLineEdit>
#include <QStyle>
#include <QVBoxLayout>

#include <set>

namespace sg {

namespace {

// What a node says, as somebody would type it into a line.
QString lineOf(const Node &node)
{
    switch (node.kind) {
    case Node::Kind::Missing:
        return {};
    case Node::Kind::Scalar:
        return textOf(node.scalar);
    case Node::Kind::List: {
        QStringList out;
        for (const auto &item : node.list)
            out << lineOf(item);
        return out.join(QStringLiteral(", "));
    }
    case Node::Kind::Map: {
        QStringList out;
        for (const auto &[key, value] : node.map)
            out << textOf(key) + QStringLiteral(": ")
                    + (value.kind == Node::Kind::List      ? u'[' + lineOf(value) + u']'
                           : value.kind == Node::Kind::Map ? lineOf(value)
                                                           : textOf(sg::quoted(value.scalar)));
        return QStringLiteral("{ ") + out.join(QStringLiteral(", ")) + QStringLiteral(" }");
    }
    }
    return {};
}

const Node &nodeAt(const Node &item, const std::string &path)
{
    const auto slash = path.find('/');
    return slash == std::string::npos ? item[path] : nodeAt(item[path.substr(0, slash)], path.substr(slash + 1));
}

std::string yamlOf(const Field &field, const QString &text)
{
    switch (field.type) {
    case FieldType::Texts:
        return yamlList(text.split(u',', Qt::SkipEmptyParts));
    case FieldType::Any:
    case FieldType::Map:
    case FieldType::Secret: // written as in the file: { env: SG_NAME }
        return utf8Of(text);
    case FieldType::Number:
    case FieldType::Integer:
    case FieldType::Percent:
    case FieldType::Duration:
    case FieldType::Bool:
    case FieldType::Choice: {
        // Typed by their key, so they stand plain, as people write them; what is no such word is quoted and then refused.
        static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9.+-][A-Za-z0-9.+%_-]*$"));
        return plain.match(text).hasMatch() ? utf8Of(text) : sg::quoted(utf8Of(text));
    }
    case FieldType::Text:
    case FieldType::Selector:
    case FieldType::Where:
    case FieldType::Path:
        return sg::quoted(utf8Of(text));
    }
    return {};
}

QString hintOf(const Field &field)
{
    if (field.byDefault[0] != '\0')
        return textOf(field.byDefault);
    switch (field.type) {
    case FieldType::Duration:
        return QStringLiteral("5s, 10min, 2h");
    case FieldType::Percent:
        return QStringLiteral("1% or 2.5");
    case FieldType::Texts:
        return QStringLiteral("a, b, c");
    case FieldType::Secret:
        return QStringLiteral("{ env: SG_NAME }");
    case FieldType::Map:
        return QStringLiteral("{ key: value }");
    case FieldType::Where:
        return QStringLiteral("/pointer, key:, header:x, column:c");
    case FieldType::Selector:
        return QStringLiteral("source/*/field");
    case FieldType::Text:
    case FieldType::Number:
    case FieldType::Integer:
    case FieldType::Bool:
    case FieldType::Choice:
    case FieldType::Path:
    case FieldType::Any:
        return {};
    }
    return {};
}

QString labelOf(const Field &field)
{
    return field.label[0] != '\0' ? translated(field.label) : textOf(field.key);
}

QLabel *faultLabel(const std::string &path, QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setObjectName(QStringLiteral("fault-") + textOf(path));
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    auto bold = label->font();
    bold.setBold(true);
    label->setFont(bold);
    label->hide();
    return label;
}

// "value > 80 nad run", 12 -> the text and below it an arrow at the n, both cut to what is near.
QString pointedAt(const QString &text, int character)
{
    constexpr int Near = 30;
    const auto at = std::clamp(character - 1, 0, static_cast<int>(text.size()));
    const auto from = std::max(0, at - Near);
    return (from > 0 ? QStringLiteral("…") : QString()) + text.mid(from, 2 * Near) + u'\n' + QString(at - from + (from > 0 ? 1 : 0), u' ')
        + QStringLiteral("▲");
}

std::string lastKeyOf(const std::string &path)
{
    return path.substr(path.rfind('/') + 1);
}

}

FieldsForm::FieldsForm(Fields fields, QWidget *parent, const std::vector<std::string> &without)
    : QWidget(parent)
{
    auto *form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    addAll(*form, fields, {}, false, without);
}

void FieldsForm::addAll(QFormLayout &form, Fields fields, const std::string &prefix, bool isInOptionalMap,
                        const std::vector<std::string> &without)
{
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (std::find(without.begin(), without.end(), fields[i].key) != without.end())
            continue;
        std::vector<const Field *> alike{&fields[i]};
        if (fields[i].type == FieldType::Map && !fields[i].nested.empty())
            while (i + 1 < fields.size() && fields[i + 1].nested.data() == fields[i].nested.data()
                   && std::find(without.begin(), without.end(), fields[i + 1].key) == without.end())
                alike.push_back(&fields[++i]);
        if (alike.size() > 1)
            addGrid(form, alike, prefix);
        else
            add(form, *alike.front(), prefix, isInOptionalMap);
    }
}

void FieldsForm::addGrid(QFormLayout &form, std::span<const Field *const> maps, const std::string &prefix)
{
    auto *grid = new QGridLayout;
    grid->setVerticalSpacing(4);
    const auto &keys = maps.front()->nested;
    std::vector<QLabel *> heads;
    for (int c = 0; c < static_cast<int>(keys.size()); ++c) {
        heads.push_back(new QLabel(labelOf(keys[static_cast<std::size_t>(c)]), this));
        heads.back()->setTextFormat(Qt::PlainText);
        grid->addWidget(heads.back(), 0, c + 1);
        grid->setColumnStretch(c + 1, 1);
    }
    for (int r = 0; r < static_cast<int>(maps.size()); ++r) {
        const auto &map = *maps[static_cast<std::size_t>(r)];
        auto *name = new QLabel(labelOf(map), this);
        name->setTextFormat(Qt::PlainText);
        name->setToolTip(map.help[0] != '\0' ? translated(map.help) : QString());
        name->setMinimumWidth(labelWidth());
        grid->addWidget(name, 2 * r + 1, 0);
        auto *fault = faultLabel(prefix + map.key, this);
        grid->addWidget(fault, 2 * r + 2, 1, 1, static_cast<int>(keys.size()));
        for (int c = 0; c < static_cast<int>(keys.size()); ++c) {
            const auto &key = keys[static_cast<std::size_t>(c)];
            const auto path = prefix + map.key + "/" + key.key;
            auto *editor = makeEditor(key, path);
            editor->setAccessibleName(tr("%1: %2").arg(labelOf(map), labelOf(key)));
            editor->setMinimumWidth(64);
            grid->addWidget(editor, 2 * r + 1, c + 1);
            m_rows.push_back({path, &key, editor, heads[static_cast<std::size_t>(c)], fault});
        }
    }
    form.addRow(grid);
}

void FieldsForm::add(QFormLayout &form, const Field &field, const std::string &prefix, bool isInOptionalMap)
{
    const auto path = prefix + field.key;
    if (field.type == FieldType::Map && !field.nested.empty()) {
        auto *group = new QGroupBox(labelOf(field), this);
        group->setToolTip(field.help[0] != '\0' ? translated(field.help) : QString());
        auto *inner = new QFormLayout(group);
        inner->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
        addAll(*inner, field.nested, path + "/", isInOptionalMap || !field.isRequired, {});
        form.addRow(group);
        return;
    }
    auto *editor = makeEditor(field, path);
    // What only its own map requires may be left out with the map.
    auto text = labelOf(field) + (field.isRequired && !isInOptionalMap ? QStringLiteral(" *") : QString());
    if (field.unit[0] != '\0')
        text += QStringLiteral(" [") + textOf(field.unit) + u']';
    auto *label = new QLabel(text, this);
    label->setTextFormat(Qt::PlainText);
    label->setBuddy(editor);
    label->setMinimumWidth(labelWidth());
    auto *box = new QVBoxLayout;
    box->setSpacing(2);
    box->addWidget(editor);
    auto *fault = faultLabel(path, this);
    box->addWidget(fault);
    form.addRow(label, box);
    m_rows.push_back({path, &field, editor, label, fault});
}

int FieldsForm::labelWidth() const
{
    return fontMetrics().averageCharWidth() * 18;
}

QWidget *FieldsForm::makeEditor(const Field &field, const std::string &path)
{
    QWidget *editor = nullptr;
    if (field.type == FieldType::Choice || field.type == FieldType::Bool) {
        auto *box = new QComboBox(this);
        if (!field.isRequired || field.byDefault[0] == '\0')
            box->addItem(field.byDefault[0] != '\0' ? tr("(%1)").arg(textOf(field.byDefault)) : QString(), QString());
        if (field.type == FieldType::Bool)
            for (const auto *word : {"true", "false"})
                box->addItem(textOf(word), textOf(word));
        for (const auto *choice : field.choices)
            box->addItem(textOf(choice), textOf(choice));
        if (field.isRequired && field.byDefault[0] != '\0')
            box->setCurrentIndex(std::max(0, box->findData(textOf(field.byDefault))));
        box->setFocusPolicy(Qt::StrongFocus);
        box->installEventFilter(this);
        connect(box, &QComboBox::currentIndexChanged, this, &FieldsForm::changed);
        editor = box;
    } else if (field.type == FieldType::Secret) {
        auto *secret = new SecretEdit(this);
        secret->setName(QStringLiteral("field-") + textOf(path), labelOf(field));
        connect(secret, &SecretEdit::changed, this, &FieldsForm::changed);
        editor = secret;
    } else {
        auto *line = new QLineEdit(this);
        line->setPlaceholderText(hintOf(field));
        if (field.isRequired)
            line->setText(textOf(field.byDefault));
        connect(line, &QLineEdit::textChanged, this, &FieldsForm::changed);
        if (field.type == FieldType::Path)
            addFilePicker(*line, {});
        editor = line;
    }
    editor->setObjectName(QStringLiteral("field-") + textOf(path));
    editor->setAccessibleName(field.label[0] != '\0' ? translated(field.label) : textOf(field.key));
    if (field.help[0] != '\0')
        editor->setToolTip(translated(field.help));
    return editor;
}

void FieldsForm::fill(const Node &item)
{
    for (const auto &row : m_rows) {
        const auto &node = nodeAt(item, row.path);
        const auto text = lineOf(node);
        if (auto *line = qobject_cast<QLineEdit *>(row.editor)) {
            if (!text.isEmpty() || !row.field->isRequired)
                line->setText(text);
            // A text in several languages is changed in the file: here it would become one text.
            line->setReadOnly(row.field->type == FieldType::Text && node.kind == Node::Kind::Map);
        } else if (auto *box = qobject_cast<QComboBox *>(row.editor))
            box->setCurrentIndex(std::max(0, text.isEmpty() ? box->currentIndex() : box->findData(text)));
        else if (auto *secret = qobject_cast<SecretEdit *>(row.editor))
            secret->setText(text);
    }
}

// Scrolling through the form must not change the choices that pass under the pointer.
bool FieldsForm::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Wheel && !static_cast<QWidget *>(watched)->hasFocus()) {
        event->ignore();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void FieldsForm::setText(const std::string &key, const QString &text)
{
    for (const auto &row : m_rows) {
        if (row.path != key)
            continue;
        if (auto *line = qobject_cast<QLineEdit *>(row.editor))
            line->setText(text);
        else if (auto *box = qobject_cast<QComboBox *>(row.editor))
            box->setCurrentIndex(std::max(0, box->findData(text)));
        else if (auto *secret = qobject_cast<SecretEdit *>(row.editor))
            secret->setText(text);
    }
}

void FieldsForm::setFolder(const QString &folder)
{
    for (const auto &row : m_rows) {
        if (auto *secret = qobject_cast<SecretEdit *>(row.editor))
            secret->setFolder(folder);
        auto *line = qobject_cast<QLineEdit *>(row.editor);
        if (line == nullptr || row.field->type != FieldType::Path)
            continue;
        qDeleteAll(line->actions());
        addFilePicker(*line, folder);
    }
}

void FieldsForm::setShown(std::string_view path, bool isShown)
{
    for (auto &row : m_rows) {
        if (row.path != path || row.isShown == isShown)
            continue;
        row.isShown = isShown;
        row.editor->setVisible(isShown);
        row.label->setVisible(isShown);
        row.fault->setVisible(isShown && !row.fault->text().isEmpty());
    }
}

void FieldsForm::setInherited(const Node &item)
{
    for (const auto &row : m_rows) {
        const auto text = lineOf(nodeAt(item, row.path));
        if (auto *line = qobject_cast<QLineEdit *>(row.editor); line != nullptr && !text.isEmpty())
            line->setPlaceholderText(text);
        else if (auto *box = qobject_cast<QComboBox *>(row.editor);
                 box != nullptr && !text.isEmpty() && box->itemData(0).toString().isEmpty())
            box->setItemText(0, tr("(%1)").arg(text));
    }
}

void FieldsForm::setUnit(std::string_view key, const QString &unit)
{
    for (const auto &row : m_rows) {
        if (lastKeyOf(row.path) != key)
            continue;
        const auto plain = labelOf(*row.field);
        row.label->setText(unit.isEmpty() ? plain : tr("%1 [%2]").arg(plain, unit));
    }
}

std::vector<FieldFault> FieldsForm::showFaults(const std::vector<FieldFault> &faults)
{
    // A fault of a whole map stands at the first editor of it.
    const auto rowOf = [this](const std::string &path) {
        const auto exact = std::find_if(m_rows.begin(), m_rows.end(), [&](const Row &row) { return row.path == path; });
        return exact != m_rows.end()
            ? exact
            : std::find_if(m_rows.begin(), m_rows.end(), [&](const Row &row) { return row.path.starts_with(path + "/"); });
    };
    std::vector<FieldFault> elsewhere;
    std::map<QLabel *, QStringList> texts;
    std::set<QWidget *> faulty;
    for (const auto &fault : faults) {
        // Inside of what one editor holds as a whole, such as `inputs/hot/series`, it is that editor's.
        auto path = fault.path;
        auto row = path.empty() ? m_rows.end() : rowOf(path);
        while (row == m_rows.end() && path.find('/') != std::string::npos) {
            path.erase(path.rfind('/'));
            row = rowOf(path);
        }
        if (row == m_rows.end()) {
            elsewhere.push_back(fault);
            continue;
        }
        faulty.insert(row->editor);
        const auto *line = qobject_cast<QLineEdit *>(row->editor);
        texts[row->fault] << (fault.character > 0 && line != nullptr ? pointedAt(line->text(), fault.character) + u'\n' : QString())
                + fault.text;
    }
    for (const auto &row : m_rows) {
        markFaulty(row.editor, faulty.contains(row.editor));
        row.editor->setAccessibleDescription(faulty.contains(row.editor) ? texts[row.fault].join(u'\n') : QString());
        const auto text = texts[row.fault].join(u'\n');
        auto font = row.fault->font();
        font.setFamily(text.contains(u'▲') ? QStringLiteral("monospace") : this->font().family());
        row.fault->setFont(font);
        row.fault->setText(text);
        row.fault->setVisible(!text.isEmpty());
    }
    return elsewhere;
}

std::vector<QWidget *> FieldsForm::editors() const
{
    std::vector<QWidget *> out;
    for (const auto &row : m_rows)
        out.push_back(row.editor);
    return out;
}

QWidget *FieldsForm::editorOf(std::string_view path) const
{
    const auto row = std::find_if(m_rows.begin(), m_rows.end(), [&](const Row &one) { return one.path == path; });
    return row == m_rows.end() ? nullptr : row->editor;
}

FormValues FieldsForm::values() const
{
    FormValues out;
    for (const auto &row : m_rows) {
        if (!row.isShown)
            continue;
        const auto *line = qobject_cast<QLineEdit *>(row.editor);
        const auto *secret = qobject_cast<SecretEdit *>(row.editor);
        const auto *box = qobject_cast<QComboBox *>(row.editor);
        const auto text = line != nullptr ? line->text().trimmed() : secret != nullptr ? secret->text() : box->currentData().toString();
        if (!text.isEmpty())
            out.emplace_back(row.path, yamlOf(*row.field, text));
    }
    return out;
}

void markFaulty(QWidget *editor, bool isFaulty)
{
    if (editor->property("isFaulty").toBool() == isFaulty)
        return;
    editor->setProperty("isFaulty", isFaulty);
    editor->style()->unpolish(editor);
    editor->style()->polish(editor);
}

std::string yamlList(const QStringList &texts)
{
    std::string out = "[";
    for (const auto &text : texts)
        out += (out.size() > 1 ? ", " : "") + sg::quoted(utf8Of(text.trimmed()));
    return out + "]";
}

std::string yamlOf(const FormValues &values)
{
    // Maps nest at most as deep as the tables do; rows of one map follow each other.
    std::string out;
    std::size_t i = 0;
    const std::function<std::string(const std::string &)> flow = [&](const std::string &prefix) {
        std::string map;
        while (i < values.size() && values[i].first.starts_with(prefix)) {
            const auto rest = values[i].first.substr(prefix.size());
            const auto slash = rest.find('/');
            map += map.empty() ? "" : ", ";
            if (slash == std::string::npos)
                map += rest + ": " + values[i++].second;
            else
                map += rest.substr(0, slash) + ": " + flow(prefix + rest.substr(0, slash + 1));
        }
        return "{ " + map + " }";
    };
    while (i < values.size()) {
        const auto slash = values[i].first.find('/');
        const auto key = values[i].first.substr(0, slash);
        out += out.empty() ? "" : "\n";
        if (slash == std::string::npos)
            out += key + ": " + values[i++].second;
        else
            out += key + ": " + flow(key + "/");
    }
    return out;
}

}
