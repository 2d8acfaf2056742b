#include "widgets/forms/fieldsform.h"

#include "items/texts.h"
#include "workspace/textedit.h"

#include <QComboBox>
#include <QFormLayout>
#include <QGroupBox>
#include <QLineEdit>
#include <QVBoxLayout>

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
    case FieldType::Any:
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
        return {};
    }
    return {};
}

}

FieldsForm::FieldsForm(Fields fields, QWidget *parent, const std::vector<std::string> &without)
    : QWidget(parent)
{
    auto *form = new QFormLayout(this);
    form->setContentsMargins(0, 0, 0, 0);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    for (const auto &field : fields)
        if (std::find(without.begin(), without.end(), field.key) == without.end())
            add(*form, field, {}, false);
}

void FieldsForm::add(QFormLayout &form, const Field &field, const std::string &prefix, bool isInOptionalMap)
{
    const auto path = prefix + field.key;
    const auto label = field.label[0] != '\0' ? translated(field.label) : textOf(field.key);
    if (field.type == FieldType::Map && !field.nested.empty()) {
        auto *group = new QGroupBox(label, this);
        group->setToolTip(field.help[0] != '\0' ? translated(field.help) : QString());
        auto *inner = new QFormLayout(group);
        inner->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
        for (const auto &nested : field.nested)
            add(*inner, nested, path + "/", isInOptionalMap || !field.isRequired);
        form.addRow(group);
        return;
    }
    auto *editor = makeEditor(field, path);
    // What only its own map requires may be left out with the map.
    auto text = label + (field.isRequired && !isInOptionalMap ? QStringLiteral(" *") : QString());
    if (field.unit[0] != '\0')
        text += QStringLiteral(" [") + textOf(field.unit) + u']';
    form.addRow(text, editor);
    m_rows.push_back({path, &field, editor});
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
    } else {
        auto *line = new QLineEdit(this);
        line->setPlaceholderText(hintOf(field));
        if (field.isRequired)
            line->setText(textOf(field.byDefault));
        connect(line, &QLineEdit::textChanged, this, &FieldsForm::changed);
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
        const auto text = lineOf(nodeAt(item, row.path));
        if (auto *line = qobject_cast<QLineEdit *>(row.editor))
            line->setText(text);
        else if (auto *box = qobject_cast<QComboBox *>(row.editor))
            box->setCurrentIndex(std::max(0, text.isEmpty() ? box->currentIndex() : box->findData(text)));
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
    }
}

FormValues FieldsForm::values() const
{
    FormValues out;
    for (const auto &row : m_rows) {
        const auto *line = qobject_cast<QLineEdit *>(row.editor);
        const auto *box = qobject_cast<QComboBox *>(row.editor);
        const auto text = line != nullptr ? line->text().trimmed() : box->currentData().toString();
        if (!text.isEmpty())
            out.emplace_back(row.path, yamlOf(*row.field, text));
    }
    return out;
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
