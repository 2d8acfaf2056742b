#include "widgets/sources/sourcelist.h"

#include "items/texts.h"
#include "widgets/main/desk.h"
#include "widgets/sources/sourcedeeds.h"
#include "widgets/tune/resulttable.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QShortcut>
#include <QUndoStack>
#include <QVBoxLayout>

namespace sg {

namespace {

QString kindText(const Desk &desk, const SourceSpec &spec)
{
    const auto kind = desk.catalog().find(spec.kind);
    return kind != desk.catalog().end() && kind->second.label[0] != '\0' ? translated(kind->second.label) : textOf(spec.kind);
}

}

SourceList::SourceList(Desk &desk, QWidget *parent)
    : QDialog(parent)
    , m_desk(desk)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("sourceList"));
    setWindowTitle(tr("Sources"));
    resize(960, 460);
    m_table = new ResultTable(QStringLiteral("sourceTable"), tr("Sources"), this);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_empty = new QLabel(tr("No source yet: nothing is read. Add one."), this);
    m_empty->setTextFormat(Qt::PlainText);
    auto *said = new QLabel(this);
    said->setObjectName(QStringLiteral("sourcesSaid"));
    said->setTextFormat(Qt::PlainText);
    said->setWordWrap(true);
    said->hide();
    m_side = new QVBoxLayout;
    add("sourcesAdd", tr("&Add …"), tr("Connect your own data"), [this] { deeds::addSource(m_desk, this); });
    m_copy = add("sourcesCopy", tr("C&opy …"), tr("A new source that begins as this one"),
                 [this] { deeds::copySource(m_desk, chosen(), this); });
    m_change = add("sourcesChange", tr("&Change …"), tr("Address, topics, fields of the chosen one (Enter)"),
                   [this] { deeds::changeSource(m_desk, chosen(), this); });
    m_messages
        = add("sourcesMessages", tr("&Messages …"), tr("What comes, as it comes"), [this] { deeds::showMessages(m_desk, chosen(), this); });
    m_toggle = add("sourcesToggle", tr("&Stop"), tr("Stopped, it connects to nothing and stays in the file"),
                   [this] { deeds::setEnabled(m_desk, chosen(), !deeds::isEnabled(m_desk, chosen())); });
    m_remove = add("sourcesRemove", tr("&Remove"), tr("Take it out of the file; its history stays, and Undo brings it back"),
                   [this] { deeds::removeSource(m_desk, chosen()); });
    m_side->addSpacing(12);
    m_undo = add("sourcesUndo", tr("&Undo"), {}, [this] { m_desk.edits().stack().undo(); });
    m_redo = add("sourcesRedo", tr("Re&do"), {}, [this] { m_desk.edits().stack().redo(); });
    m_side->addStretch(1);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    buttons->button(QDialogButtonBox::Close)->setAutoDefault(false);
    auto *middle = new QHBoxLayout;
    middle->addWidget(m_table, 1);
    middle->addLayout(m_side);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_empty);
    layout->addLayout(middle, 1);
    layout->addWidget(said);
    layout->addWidget(buttons);
    connect(&desk, &QObject::destroyed, this, [this] { done(Rejected); });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_table, &ResultTable::rowChanged, this, &SourceList::refresh);
    connect(m_table, &ResultTable::rowTaken, this, [this] {
        if (m_change->isEnabled())
            m_change->click();
    });
    connect(&desk, &Desk::workspaceChanged, this, &SourceList::show);
    connect(&desk.feed(), &SnapshotFeed::second, this, &SourceList::show);
    connect(&desk.edits().stack(), &QUndoStack::indexChanged, this, &SourceList::refresh);
    // What an edit answered would stand behind this window otherwise.
    connect(&desk, &Desk::said, said, [said](const QString &text) {
        said->setText(text);
        said->setVisible(!text.isEmpty());
    });
    connect(new QShortcut(QKeySequence::Undo, this), &QShortcut::activated, m_undo, &QPushButton::click);
    connect(new QShortcut(QKeySequence::Redo, this), &QShortcut::activated, m_redo, &QPushButton::click);
    show();
    m_table->setCurrentRow(0);
    m_table->setFocus();
}

QPushButton *SourceList::add(const char *name, const QString &text, const QString &tip, std::function<void()> what)
{
    auto *button = new QPushButton(text, this);
    button->setObjectName(QString::fromLatin1(name));
    button->setToolTip(tip);
    button->setAutoDefault(false);
    connect(button, &QPushButton::clicked, this, std::move(what));
    m_side->addWidget(button);
    return button;
}

std::string SourceList::chosen() const
{
    const auto row = m_table->currentRow();
    return row >= 0 && row < static_cast<int>(m_ids.size()) ? m_ids[static_cast<std::size_t>(row)] : std::string();
}

void SourceList::show()
{
    std::vector<std::string> ids;
    std::vector<QStringList> rows;
    for (const auto &spec : m_desk.workspace()->sources) {
        auto state = deeds::isEnabled(m_desk, spec.id) ? tr("begins") : tr("stopped");
        QString series;
        for (int row = 0; row < m_desk.sources().rowCount(); ++row)
            if (const auto *source = m_desk.sources().source(row);
                source != nullptr && source->id == spec.id && deeds::isEnabled(m_desk, spec.id)) {
                state = m_desk.sources().index(row).data(SourceModel::SummaryRole).toString();
                series = QLocale().toString(static_cast<qulonglong>(source->series));
            }
        ids.push_back(spec.id);
        rows.push_back({textOf(spec.id), kindText(m_desk, spec), series, state});
    }
    if (rows != m_shown || ids != m_ids) {
        const auto before = chosen();
        const auto row = m_table->currentRow();
        m_ids = std::move(ids);
        m_shown = std::move(rows);
        m_table->show({{{tr("Id")}, {tr("Kind")}, {tr("Series"), true}, {tr("State")}},
                       static_cast<int>(m_ids.size()),
                       [this](int r, int column) { return m_shown[static_cast<std::size_t>(r)][column]; },
                       {},
                       {}});
        const auto again = std::find(m_ids.begin(), m_ids.end(), before);
        m_table->setCurrentRow(again != m_ids.end() ? static_cast<int>(again - m_ids.begin())
                                                    : std::min(std::max(row, 0), static_cast<int>(m_ids.size()) - 1));
    }
    m_empty->setVisible(m_ids.empty());
    refresh();
}

void SourceList::refresh()
{
    const auto id = chosen();
    const auto canLook = !id.empty() && deeds::hasSteps(m_desk, id);
    for (auto *button : {m_change, m_copy, m_messages})
        button->setEnabled(canLook);
    for (auto *button : {m_toggle, m_remove})
        button->setEnabled(!id.empty());
    m_toggle->setText(id.empty() || deeds::isEnabled(m_desk, id) ? tr("&Stop") : tr("&Start"));
    auto &stack = m_desk.edits().stack();
    m_undo->setEnabled(stack.canUndo());
    m_redo->setEnabled(stack.canRedo());
    m_undo->setToolTip(stack.undoText());
    m_redo->setToolTip(stack.redoText());
}

}
