#include "widgets/rules/templatedialog.h"

#include "items/rulesentence.h"
#include "items/texts.h"
#include "widgets/main/desk.h"
#include "widgets/rules/ruledialog.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

namespace sg {

TemplateDialog::TemplateDialog(Desk &desk, QWidget *parent)
    : QDialog(parent)
    , m_desk(desk)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("templateDialog"));
    setWindowTitle(tr("Rule from a template"));
    resize(640, 480);
    m_list = new QListWidget(this);
    m_list->setObjectName(QStringLiteral("templates"));
    m_list->setAccessibleName(tr("Templates"));
    for (const auto &one : ruleTemplates())
        m_list->addItem(textOf(one.title));
    const auto known = RuleDialog::knownSelectors(desk);
    for (const auto &selector : known)
        m_selectors.push_back(utf8Of(selector));
    const auto combo = [&](const char *name, const QString &label) {
        auto *box = new QComboBox(this);
        box->setObjectName(QString::fromLatin1(name));
        box->setAccessibleName(label);
        box->setEditable(true); // also for what was never received yet
        box->setInsertPolicy(QComboBox::NoInsert);
        box->addItems(known);
        box->lineEdit()->setPlaceholderText(QStringLiteral("press/*/*/temp"));
        connect(box, &QComboBox::editTextChanged, this, &TemplateDialog::refresh);
        return box;
    };
    m_series = combo("templateSeries", tr("For the series"));
    m_other = combo("templateOther", tr("Divided by the series"));
    m_otherLabel = new QLabel(tr("Divided by the series"), this);
    m_sentence = new QLabel(this);
    m_sentence->setObjectName(QStringLiteral("templateSentence"));
    m_sentence->setTextFormat(Qt::PlainText);
    m_sentence->setWordWrap(true);
    m_sentence->setMinimumHeight(5 * fontMetrics().height()); // so that nothing jumps from template to template
    m_sentence->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    m_ok = buttons->button(QDialogButtonBox::Ok);
    m_ok->setObjectName(QStringLiteral("templateTake"));
    m_ok->setText(tr("Continue …"));
    auto *form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(tr("For the series"), m_series);
    form->addRow(m_otherLabel, m_other);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_list, 1);
    layout->addLayout(form);
    layout->addWidget(m_sentence);
    layout->addWidget(buttons);
    connect(m_list, &QListWidget::currentRowChanged, this, &TemplateDialog::chooseTemplate);
    connect(buttons, &QDialogButtonBox::accepted, this, &TemplateDialog::take);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    m_list->setCurrentRow(0);
    m_list->setFocus();
}

const RuleTemplate *TemplateDialog::chosen() const
{
    const auto row = m_list->currentRow();
    return row < 0 ? nullptr : &ruleTemplates()[static_cast<std::size_t>(row)];
}

void TemplateDialog::chooseTemplate()
{
    const auto *one = chosen();
    if (one == nullptr)
        return;
    if (!m_selectors.empty()) {
        m_series->setCurrentIndex(static_cast<int>(bestFor(one->fits, m_selectors)));
        m_other->setCurrentIndex(static_cast<int>(bestFor(one->otherFits, m_selectors)));
    }
    m_other->setVisible(!one->otherFits.empty());
    m_otherLabel->setVisible(m_other->isVisibleTo(this));
    refresh();
}

Node TemplateDialog::item() const
{
    const auto series = utf8Of(m_series->currentText().trimmed());
    const auto &all = m_desk.workspace()->pathLabels;
    const auto labels = all.find(std::string(sourceOf(series)));
    return filledIn(*chosen(), series, utf8Of(m_other->currentText().trimmed()),
                    labels == all.end() ? std::vector<std::string>() : labels->second);
}

void TemplateDialog::refresh()
{
    const auto *one = chosen();
    if (one == nullptr)
        return;
    RuleDraft draft;
    draft.item = item();
    const auto watched = watchedBy(draft, m_desk);
    auto text = ruleSentence(draft.item, watched.subject) + u'\n' + watchedText(watched, m_desk);
    if (!one->unit.empty() && !watched.subject.unit.isEmpty() && watched.subject.unit != textOf(one->unit))
        text += u'\n'
            + tr("The template's numbers are in %1, these values in %2: change them.").arg(textOf(one->unit), watched.subject.unit);
    m_sentence->setText(text);
    m_ok->setEnabled(!m_series->currentText().trimmed().isEmpty());
}

void TemplateDialog::take()
{
    const auto *one = chosen();
    if (one == nullptr)
        return;
    RuleDialog::addLike(m_desk, RuleDialog::freeId(*m_desk.workspace(), one->id), item(), {}, parentWidget());
    accept();
}

}
