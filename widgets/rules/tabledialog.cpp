#include "widgets/rules/tabledialog.h"

#include "alarms/expectedkeys.h"
#include "alarms/limitstable.h"
#include "core/platform.h"
#include "core/workspacefile.h"
#include "items/texts.h"
#include "widgets/forms/itemedit.h"
#include "widgets/main/desk.h"
#include "widgets/main/posting.h"
#include "widgets/rules/ruledialog.h"

#include <QClipboard>
#include <QDialogButtonBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

#include <filesystem>
#include <set>

namespace sg {

namespace {

constexpr const char *Levels[] = {"high_high", "high", "low", "low_low"};

// The machines that the draft watches now, by these labels, in the order of their paths.
std::vector<std::vector<std::string>> knownKeys(RuleDialog &editor, Desk &desk, const std::vector<std::string> &labels)
{
    const auto &all = editor.watched().subject.labels;
    std::set<std::vector<std::string>> seen;
    std::vector<std::vector<std::string>> out;
    const auto &rows = desk.feed().current()->series;
    for (const auto id : editor.watched().series) {
        const auto path = rows.at(number(id)).path;
        if (!path)
            continue; // retired since the draft was judged
        const auto segments = segmentsOf(*path);
        std::vector<std::string> key;
        for (const auto &label : labels) {
            const auto at = static_cast<std::size_t>(std::find(all.begin(), all.end(), label) - all.begin()) + 1;
            key.push_back(at < segments.size() ? decodeSegment(segments[at]) : std::string());
        }
        if (seen.insert(key).second)
            out.push_back(std::move(key));
    }
    return out;
}

}

void TableDialog::edit(RuleDialog &editor, Desk &desk, const std::string &path)
{
    const auto &draft = editor.draft();
    const auto isLimits = path == "limits_from";
    Table table;
    table.path = path;
    table.file = isLimits ? draft.item.text("limits_from") : draft.item["absence"]["expect"].text("file");
    if (table.file.empty())
        table.file = "limits/" + (draft.id.empty() ? std::string("rule") : draft.id) + (isLimits ? ".csv" : "-expected.csv");
    table.labels = isLimits && draft.item.has("per") ? readTexts(draft.item["per"]) : editor.watched().subject.labels;
    if (isLimits) {
        for (const auto *level : Levels)
            for (const auto *ending : {"", ".deadband"})
                table.levels.push_back(std::string(level) + ending);
        table.reader = [file = table.file, labels = table.labels](const std::string &text) -> std::optional<Error> {
            const auto read = LimitsTable::read(text, file, labels);
            return read ? std::nullopt : std::optional(read.error());
        };
    } else if (const auto series = Selector::parse(draft.item.text("series"))) {
        table.reader = [file = table.file, labels = table.labels, series = *series](const std::string &text) -> std::optional<Error> {
            const auto read = readExpectedKeys(text, file, labels, series);
            return read ? std::nullopt : std::optional(read.error());
        };
    }
    if (!table.reader || table.labels.empty()) {
        Q_EMIT desk.said(tr("Choose the series of the rule first: its source says which columns the table has."), true);
        return;
    }
    table.known = knownKeys(editor, desk, table.labels);
    // A new table begins with the levels that the rule has.
    auto columns = table.labels;
    if (isLimits)
        for (const auto *level : Levels)
            if (draft.item.has(level))
                columns.emplace_back(level);
    desk.session().run([&editor, &desk, table = std::move(table), columns, folder = desk.workspace()->folder,
                        self = QPointer<QObject>(&editor)]() mutable {
        std::error_code none;
        std::optional<Error> failed;
        if (std::filesystem::exists(folder + "/" + table.file, none)) {
            const auto file = fileInWorkspace(folder, table.file, "file");
            const auto text = file ? readFile(*file) : Result<std::string>(file.error());
            if (text)
                table.text = *text;
            else
                failed = text.error();
        }
        postTo(self, [&editor, &desk, table = std::move(table), columns, failed] {
            if (failed) {
                Q_EMIT desk.said(errorText(*failed), true);
                return;
            }
            auto *dialog = new TableDialog(editor, desk, table);
            if (dialog->m_model->columnCount() == 0)
                dialog->m_model->begin(columns);
            dialog->refresh();
            dialog->open();
        });
    });
}

TableDialog::TableDialog(RuleDialog &editor, Desk &desk, Table table)
    : QDialog(&editor)
    , m_editor(editor)
    , m_desk(desk)
    , m_table(std::move(table))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("tableDialog"));
    setWindowTitle(textOf(m_table.file));
    resize(640, 480);
    m_model = new GridModel(CsvText::read(m_table.text), m_table.reader, this);
    m_view = new QTableView(this);
    m_view->setObjectName(QStringLiteral("tableGrid"));
    m_view->setAccessibleName(textOf(m_table.file));
    m_view->setModel(m_model);
    m_view->setTabKeyNavigation(false);
    m_view->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    m_view->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_view->installEventFilter(this);
    auto *help = new QLabel(m_table.levels.empty() ? tr("One row for each that must be there. Cells can be pasted from a spreadsheet.")
                                                   : tr("One row for each with limits of its own. An empty cell: the rule's own limit; "
                                                        "a dash: no such level. Cells can be pasted from a spreadsheet."),
                            this);
    help->setTextFormat(Qt::PlainText);
    help->setWordWrap(true);
    m_fault = new QLabel(this);
    m_fault->setObjectName(QStringLiteral("tableFault"));
    m_fault->setTextFormat(Qt::PlainText);
    m_fault->setWordWrap(true);
    auto bold = m_fault->font();
    bold.setBold(true);
    m_fault->setFont(bold);

    auto *side = new QVBoxLayout;
    const auto add = [&](const char *name, const QString &text, const QString &tip, auto slot) {
        auto *button = new QPushButton(text, this);
        button->setObjectName(QString::fromLatin1(name));
        button->setToolTip(tip);
        button->setAutoDefault(false);
        connect(button, &QPushButton::clicked, this, slot);
        side->addWidget(button);
        return button;
    };
    add("tableAdd", tr("&Add row"), {}, [this] {
        m_model->addRow(std::vector<std::string>(static_cast<std::size_t>(m_model->columnCount())));
        m_view->setCurrentIndex(m_model->index(m_model->rowCount() - 1, 0));
        m_view->setFocus();
    });
    add("tableKnown", tr("Add &known"), tr("A row for each that is watched now and has none yet"), &TableDialog::addKnown)
        ->setEnabled(!m_table.known.empty());
    add("tableRemove", tr("&Remove rows"), tr("Those of the chosen cells"), &TableDialog::removeRows);
    add("tablePaste", tr("&Paste"), tr("From a spreadsheet, from the chosen cell on (Ctrl+V)"), &TableDialog::paste);
    if (!m_table.levels.empty()) {
        auto *column = add("tableColumn", tr("Add &column"), {}, [] {});
        auto *menu = new QMenu(column);
        connect(menu, &QMenu::aboutToShow, this, [this, menu] {
            menu->clear();
            for (const auto &level : m_table.levels) {
                auto isThere = false;
                for (int c = 0; c < m_model->columnCount(); ++c)
                    isThere = isThere || m_model->headerData(c, Qt::Horizontal).toString() == textOf(level);
                if (!isThere)
                    menu->addAction(textOf(level), this, [this, level] { m_model->addColumn(textOf(level)); });
            }
        });
        column->setMenu(menu);
    }
    side->addStretch(1);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel, this);
    m_ok = buttons->button(QDialogButtonBox::Save);
    m_ok->setObjectName(QStringLiteral("tableSave"));
    m_ok->setAutoDefault(false);
    connect(buttons, &QDialogButtonBox::accepted, this, &TableDialog::save);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *middle = new QHBoxLayout;
    middle->addWidget(m_view, 1);
    middle->addLayout(side);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(help);
    layout->addLayout(middle, 1);
    layout->addWidget(m_fault);
    layout->addWidget(buttons);
    for (auto changed : {&GridModel::rowsInserted, &GridModel::rowsRemoved})
        connect(m_model, changed, this, &TableDialog::refresh);
    connect(m_model, &GridModel::dataChanged, this, &TableDialog::refresh);
    connect(m_model, &GridModel::columnsInserted, this, &TableDialog::refresh);
    connect(m_model, &GridModel::modelReset, this, &TableDialog::refresh);
}

void TableDialog::refresh()
{
    const auto fault = m_model->fault();
    m_fault->setText(fault);
    m_fault->setVisible(!fault.isEmpty());
    m_ok->setEnabled(fault.isEmpty());
}

void TableDialog::addKnown()
{
    // Of the table's columns those that are labels, wherever they stand.
    std::vector<int> columns;
    for (const auto &label : m_table.labels)
        for (int c = 0; c < m_model->columnCount(); ++c)
            if (m_model->headerData(c, Qt::Horizontal).toString() == textOf(label))
                columns.push_back(c);
    if (columns.size() != m_table.labels.size())
        return; // the fault of the header says so
    std::set<std::vector<std::string>> there;
    for (int r = 0; r < m_model->rowCount(); ++r) {
        const auto cells = m_model->row(r);
        std::vector<std::string> key;
        for (const auto c : columns)
            key.push_back(static_cast<std::size_t>(c) < cells.size() ? cells[static_cast<std::size_t>(c)] : std::string());
        there.insert(std::move(key));
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto &key : m_table.known) {
        if (there.contains(key))
            continue;
        std::vector<std::string> cells(static_cast<std::size_t>(m_model->columnCount()));
        for (std::size_t l = 0; l < columns.size(); ++l)
            cells[static_cast<std::size_t>(columns[l])] = key[l];
        rows.push_back(std::move(cells));
    }
    m_model->addRows(rows);
}

void TableDialog::removeRows()
{
    m_model->removeRowsOf(m_view->selectionModel()->selectedIndexes());
}

void TableDialog::paste()
{
    const auto lost = m_model->paste(m_view->currentIndex(), QGuiApplication::clipboard()->text());
    if (lost > 0) {
        m_fault->setText(tr("%1 cells of what was pasted had no column and were left out.").arg(lost));
        m_fault->show();
    }
}

void TableDialog::copy() const
{
    QGuiApplication::clipboard()->setText(m_model->copied(m_view->selectionModel()->selectedIndexes()));
}

bool TableDialog::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_view && event->type() == QEvent::KeyPress) {
        auto *key = static_cast<QKeyEvent *>(event);
        if (key->matches(QKeySequence::Paste)) {
            paste();
            return true;
        }
        if (key->matches(QKeySequence::Copy)) {
            copy();
            return true;
        }
        if (key->key() == Qt::Key_Delete) {
            m_model->clear(m_view->selectionModel()->selectedIndexes());
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

void TableDialog::save()
{
    const auto after = m_model->text();
    const auto saved = [this] {
        m_editor.setText(m_table.path, textOf(m_table.file));
        accept();
    };
    if (after == m_table.text) {
        saved();
        return;
    }
    m_ok->setEnabled(false);
    m_desk.edits().edit(
        m_table.file,
        [file = m_table.file, before = m_table.text, after](const std::string &text) -> Result<TextEdit> {
            if (text != before)
                return Error{SG_TR("'%1' was changed elsewhere meanwhile; copy what you need, and open it again"), {file}, {}};
            return editBetween(file, before, after);
        },
        tr("Change %1").arg(textOf(m_table.file)), this,
        [this, saved](const std::optional<Error> &refused) {
            if (!refused) {
                saved();
                return;
            }
            // What was typed stays.
            m_ok->setEnabled(true);
            m_fault->setText(tr("Not saved. %1").arg(errorText(*refused)));
            m_fault->setVisible(true);
        });
}

}
