#include "widgets/connect/connectdialog.h"

#include "core/selector.h"
#include "items/texts.h"
#include "widgets/connect/addresspage.h"
#include "widgets/connect/samplepage.h"
#include "widgets/connect/savedpage.h"
#include "widgets/connect/seriespage.h"
#include "widgets/connect/topicspage.h"
#include "widgets/sources/addsourcedialog.h"

#include <QLabel>
#include <QListWidget>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QStyledItemDelegate>
#include <QTreeView>
#include <QVBoxLayout>

namespace sg {

namespace {

class RowDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        return QStyledItemDelegate::sizeHint(option, index) + QSize(8, 5);
    }
};

}

QString seriesName(const std::string &path)
{
    const auto key = keyText(keyOf(path));
    return key.isEmpty() ? fieldText(path) : key + QStringLiteral("  ") + fieldText(path);
}

void padRows(QTreeView &tree)
{
    tree.setItemDelegate(new RowDelegate(&tree));
}

QLabel *plainText(const char *name, QWidget *parent, const QString &text)
{
    auto *label = new QLabel(text, parent);
    label->setObjectName(QString::fromLatin1(name));
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(text.size() > 3 || text.isEmpty());
    return label;
}

ConnectDialog::ConnectDialog(Desk &desk, const ConnectState::Begin &begin, QWidget *parent)
    : QDialog(parent)
    , m_state(desk, begin, this)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("connectDialog"));
    setWindowTitle(m_state.isNew() ? tr("Connect your own data") : tr("Change source %1").arg(textOf(begin.id)));
    resize(1180, 720);
    m_steps = new QListWidget(this);
    m_steps->setObjectName(QStringLiteral("connectStepList"));
    m_steps->setAccessibleName(tr("Steps"));
    m_steps->setFixedWidth(150);
    m_steps->setSpacing(3);
    m_stack = new QStackedWidget(this);
    m_title = plainText("connectTitle", this);
    m_missing = plainText("connectMissing", this);
    m_yaml = new QPlainTextEdit(this);
    m_yaml->setObjectName(QStringLiteral("connectYaml"));
    m_yaml->setAccessibleName(tr("What Save writes"));
    m_yaml->setReadOnly(true);
    m_yaml->setTabChangesFocus(true);
    auto mono = m_yaml->font();
    mono.setFamily(QStringLiteral("monospace"));
    mono.setStyleHint(QFont::Monospace);
    m_yaml->setFont(mono);
    const auto button = [this](const char *name, const QString &text) {
        auto *made = new QPushButton(text, this);
        made->setObjectName(QString::fromLatin1(name));
        made->setAutoDefault(false);
        return made;
    };
    m_form = button("connectForm", tr("Edit as &form …"));
    m_back = button("connectBack", tr("&Back"));
    m_next = button("connectNext", tr("&Next"));
    m_save = button("connectSave", tr("&Save"));
    auto *cancel = button("connectCancel", tr("Cancel"));

    auto *middle = new QWidget(this);
    auto *middleLayout = new QVBoxLayout(middle);
    middleLayout->setContentsMargins(6, 0, 6, 0);
    middleLayout->addWidget(m_title);
    middleLayout->addWidget(m_stack, 1);
    auto *right = new QWidget(this);
    auto *rightLayout = new QVBoxLayout(right);
    rightLayout->setContentsMargins(0, 0, 0, 0);
    auto *yamlTitle = new QLabel(tr("What Save &writes"), this);
    yamlTitle->setBuddy(m_yaml);
    rightLayout->addWidget(yamlTitle);
    rightLayout->addWidget(m_yaml, 1);
    auto *split = new QSplitter(this);
    split->addWidget(middle);
    split->addWidget(right);
    split->setChildrenCollapsible(false);
    split->setStretchFactor(0, 1);
    split->setSizes({700, 310});
    auto *body = new QHBoxLayout;
    body->addWidget(m_steps);
    body->addWidget(split, 1);
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(m_form);
    buttons->addWidget(m_missing, 1);
    for (auto *one : {m_back, m_next, m_save, cancel})
        buttons->addWidget(one);
    auto *layout = new QVBoxLayout(this);
    layout->addLayout(body, 1);
    layout->addLayout(buttons);

    addPage(new AddressPage(m_state, m_stack), tr("Address"), tr("Which server, and how to log in. It is only read from."));
    addPage(new TopicsPage(m_state, m_stack), tr("Topics"), tr("What the server shows. Check what to read."));
    addPage(new SamplePage(m_state, m_stack), tr("Messages"), tr("What is in the messages, and what it is used as."));
    addPage(new SeriesPage(m_state, m_stack), tr("Series"), tr("The series as they come, and what they are called."));
    auto *saved = new SavedPage(m_state, m_stack);
    m_stack->addWidget(saved);
    connect(m_steps, &QListWidget::currentRowChanged, this, [this](int row) {
        if (row >= 0 && row != m_stack->currentIndex())
            goTo(row);
    });
    connect(m_back, &QPushButton::clicked, this, [this] { goTo(m_stack->currentIndex() - 1); });
    connect(m_next, &QPushButton::clicked, this, [this] { goTo(m_stack->currentIndex() + 1); });
    connect(m_save, &QPushButton::clicked, this, &ConnectDialog::save);
    connect(m_form, &QPushButton::clicked, this, &ConnectDialog::editAsForm);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(&desk, &QObject::destroyed, this, [this] { done(Rejected); }); // nothing may be asked of it any more
    connect(&m_state, &ConnectState::changed, this, &ConnectDialog::refresh);
    connect(saved, &SavedPage::settled, this, [this, saved, cancel] {
        m_isSaved = saved->isSaved();
        cancel->setText(m_isSaved ? tr("Close") : tr("Cancel"));
        refresh();
    });
    connect(saved, &SavedPage::finished, this, &QDialog::accept);
    m_begun = m_state.item();
    goTo(0);
}

void ConnectDialog::addPage(ConnectPage *page, const QString &title, const QString &what)
{
    m_pages.push_back(page);
    m_titles << what;
    m_steps->addItem(QStringLiteral("%1  %2").arg(m_pages.size()).arg(title));
    m_stack->addWidget(page);
    connect(page, &ConnectPage::missingChanged, this, &ConnectDialog::refresh);
}

void ConnectDialog::goTo(int step)
{
    if (const auto now = m_stack->currentIndex(); now != step && now >= 0 && now < static_cast<int>(m_pages.size()))
        m_pages[static_cast<std::size_t>(now)]->leave();
    m_stack->setCurrentIndex(step);
    static_cast<ConnectPage *>(m_stack->currentWidget())->enter();
    refresh();
}

void ConnectDialog::refresh()
{
    const auto step = m_stack->currentIndex();
    const auto last = static_cast<int>(m_pages.size()) - 1;
    const auto isSaving = step > last;
    // Up to the first step that lacks something.
    int reachable = 0;
    while (reachable < last && m_pages[static_cast<std::size_t>(reachable)]->missing().isEmpty())
        ++reachable;
    for (int i = 0; i <= last; ++i)
        m_steps->item(i)->setFlags(i <= std::max(reachable, step) && !m_isSaved ? Qt::ItemIsEnabled | Qt::ItemIsSelectable
                                                                                : Qt::NoItemFlags);
    m_steps->item(1)->setText(m_state.hasTopics() ? tr("2  Topics") : tr("2  Views"));
    m_steps->item(2)->setText(m_state.hasTopics() ? tr("3  Messages") : tr("3  Rows"));
    m_steps->setCurrentRow(isSaving ? -1 : step);
    m_title->setText(isSaving ? QString() : m_titles[step]);
    m_back->setEnabled(step > 0 && !m_isSaved);
    m_next->setVisible(step < last);
    m_next->setEnabled(step < reachable);
    m_save->setVisible(!isSaving);
    m_form->setVisible(!isSaving && m_state.isNew());
    const auto faults = isSaving || reachable < last ? std::vector<Error>() : m_state.faults();
    m_save->setEnabled(reachable == last && faults.empty());
    const auto missing = isSaving ? QString() : m_pages[static_cast<std::size_t>(step)]->missing();
    m_missing->setText(!missing.isEmpty() ? missing : step == last && !faults.empty() ? errorText(faults.front()) : QString());
    // No button is the default one: Enter in a line takes what was typed there, and must not leave the step.
    if (const auto yaml = m_state.yaml(); yaml != m_yaml->toPlainText())
        m_yaml->setPlainText(yaml);
}

void ConnectDialog::save()
{
    goTo(static_cast<int>(m_pages.size()));
    m_state.save([this](const std::optional<Error> &refused) {
        if (refused)
            static_cast<SavedPage *>(m_stack->currentWidget())->refuse(*refused);
    });
}

void ConnectDialog::editAsForm()
{
    (new AddSourceDialog(m_state.desk(), parentWidget()))->open();
    accept();
}

void ConnectDialog::reject()
{
    if (m_isSaved || m_state.item().saysTheSame(m_begun)) {
        QDialog::reject();
        return;
    }
    auto *box = new QMessageBox(QMessageBox::Question, windowTitle(), tr("Discard what was chosen here?"), QMessageBox::NoButton, this);
    box->setObjectName(QStringLiteral("connectDiscard"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    auto *discard = box->addButton(tr("Discard"), QMessageBox::DestructiveRole);
    discard->setObjectName(QStringLiteral("connectDiscardYes"));
    box->setDefaultButton(box->addButton(tr("Go on"), QMessageBox::RejectRole));
    connect(box, &QMessageBox::finished, this, [this, box, discard] {
        if (box->clickedButton() == discard)
            QDialog::reject();
    });
    box->open();
}

}
