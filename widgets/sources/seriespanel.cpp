#include "widgets/sources/seriespanel.h"

#include "items/texts.h"
#include "widgets/main/desk.h"
#include "widgets/rules/ruledialog.h"
#include "widgets/sources/sourcedeeds.h"
#include "widgets/sources/seriesdelegate.h"
#include "widgets/sources/sparkcache.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QTreeView>
#include <QVBoxLayout>

namespace sg {

SeriesPanel::SeriesPanel(Desk &desk, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_filter(desk.series())
{
    setObjectName(QStringLiteral("seriesPanel"));
    m_text = new QLineEdit(this);
    m_text->setObjectName(QStringLiteral("seriesFilter"));
    m_text->setAccessibleName(tr("Filter series"));
    m_text->setPlaceholderText(tr("Filter series (Ctrl+F)"));
    m_text->setClearButtonEnabled(true);
    m_text->installEventFilter(this);

    m_tree = new QTreeView(this);
    m_tree->setObjectName(QStringLiteral("seriesTree"));
    m_tree->setAccessibleName(tr("Series with their newest values"));
    m_tree->setModel(&m_filter);
    m_tree->setItemDelegate(new SeriesDelegate(desk, m_tree));
    m_tree->setUniformRowHeights(true);
    m_tree->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_tree->setDragEnabled(true);
    m_tree->setDragDropMode(QAbstractItemView::DragOnly);
    m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
    m_tree->setIndentation(14);
    m_tree->installEventFilter(this);
    auto *header = m_tree->header();
    header->setStretchLastSection(false);
    header->setSectionResizeMode(SeriesTreeModel::NameColumn, QHeaderView::Stretch);
    for (const auto &[column, width] : std::initializer_list<std::pair<int, int>>{{SeriesTreeModel::ValueColumn, 76},
                                                                                  {SeriesTreeModel::UnitColumn, 54},
                                                                                  {SeriesTreeModel::AgeColumn, 48},
                                                                                  {SeriesTreeModel::TrendColumn, 72}}) {
        header->setSectionResizeMode(column, QHeaderView::Interactive);
        header->resizeSection(column, width);
    }
    header->setMinimumSectionSize(36);

    m_empty = new QLabel(this);
    m_empty->setObjectName(QStringLiteral("seriesEmpty"));
    m_empty->setTextFormat(Qt::PlainText);
    m_empty->setWordWrap(true);
    m_empty->setMargin(6);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(4, 4, 4, 4);
    layout->addWidget(m_text);
    layout->addWidget(m_tree, 1);
    layout->addWidget(m_empty);

    connect(m_text, &QLineEdit::textChanged, this, [this](const QString &text) { m_filter.setText(text); });
    connect(&m_filter, &SeriesFilter::filtered, this, [this] {
        expandWhatFits();
        updateEmptyState();
    });

    connect(m_tree, &QTreeView::doubleClicked, this, &SeriesPanel::putOnChart);
    connect(m_tree, &QTreeView::customContextMenuRequested, this, [this](const QPoint &at) {
        auto *menu = new QMenu(this);
        menu->setObjectName(QStringLiteral("seriesMenu"));
        menu->setAttribute(Qt::WA_DeleteOnClose);
        const auto paths = selectedPaths();
        menu->addAction(tr("Put on a chart\tEnter"), this, &SeriesPanel::putOnChart)->setEnabled(!paths.isEmpty());
        auto *rule
            = menu->addAction(tr("Make a &rule for it …"), this, [this, paths] { RuleDialog::add(m_desk, paths.front(), window()); });
        rule->setObjectName(QStringLiteral("seriesRule"));
        rule->setEnabled(paths.size() == 1);
        if (!paths.isEmpty()) {
            const auto source = std::string(sourceOf(utf8Of(paths.front())));
            fillSourceMenu(*menu->addMenu(tr("Source %1").arg(textOf(source).replace(u'&', QStringLiteral("&&")))), m_desk, source,
                           window());
        }
        menu->popup(m_tree->viewport()->mapToGlobal(at));
    });
    // Ages run on without new data; painting asks the model again.
    connect(&desk.feed(), &SnapshotFeed::second, this, [this] {
        m_tree->viewport()->update();
        updateEmptyState();
    });
    connect(&desk.sparks(), &SparkCache::changed, m_tree->viewport(), qOverload<>(&QWidget::update));
    updateEmptyState();
}

void SeriesPanel::focusFilter()
{
    m_text->setFocus();
    m_text->selectAll();
}

QStringList SeriesPanel::selectedPaths() const
{
    QStringList paths;
    for (const auto &index : m_tree->selectionModel()->selectedRows())
        paths += m_desk.series().pathsBelow(m_filter.mapToSource(index));
    paths.removeDuplicates();
    return paths;
}

void SeriesPanel::putOnChart()
{
    constexpr int MostAtOnce = 12; // more lines than colours and dashes can tell apart
    auto paths = selectedPaths();
    if (paths.isEmpty())
        return;
    if (paths.size() > MostAtOnce) {
        Q_EMIT m_desk.said(
            tr("%1 series are too many for one chart; the first %2 were taken. Filter, or select fewer.").arg(paths.size()).arg(MostAtOnce),
            false);
        paths = paths.mid(0, MostAtOnce);
    }
    Q_EMIT m_desk.addToChartWanted(paths);
}

void SeriesPanel::expandWhatFits()
{
    constexpr int MostExpanded = 300;
    if (m_filter.isFiltering() && m_filter.matches() <= MostExpanded)
        m_tree->expandAll();
}

// A small source opens by itself, its first key too, so that values are seen at once; each only once, or a person could not close it.
void SeriesPanel::expandSources()
{
    constexpr int MostOpened = 60;
    for (int row = 0; row < m_filter.rowCount(); ++row) {
        const auto source = m_filter.index(row, 0);
        if (m_filter.isFiltering() || m_opened.contains(source.data().toString()) || m_filter.rowCount(source) == 0)
            continue;
        m_opened.insert(source.data().toString());
        if (m_filter.rowCount(source) <= MostOpened)
            m_tree->expand(source);
        m_tree->expand(m_filter.index(0, 0, source));
    }
}

void SeriesPanel::updateEmptyState()
{
    expandSources();
    QString text;
    const auto &snapshot = *m_desk.feed().current();
    if (m_desk.series().seriesCount() == 0) {
        if (snapshot.sources.empty())
            text = tr("No source yet. Add one: File > Add source.");
        for (const auto &source : snapshot.sources) {
            const auto since = snapshot.watchedSince;
            text += tr("%1: %2, 0 messages since %3").arg(textOf(source.id), statusText(source.status.state), clockText(since)) + u'\n';
        }
    } else if (m_filter.isFiltering() && m_filter.matches() == 0) {
        text = tr("No series matches \"%1\". Clear the filter with Esc.").arg(m_text->text());
    }
    m_empty->setText(text.trimmed());
    m_empty->setVisible(!text.isEmpty());
}

bool SeriesPanel::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress) {
        const auto key = static_cast<QKeyEvent *>(event)->key();
        if (watched == m_tree && (key == Qt::Key_Return || key == Qt::Key_Enter)) {
            putOnChart();
            return true;
        }
        if (watched == m_text && key == Qt::Key_Escape) {
            m_text->clear();
            return true;
        }
        if (watched == m_text && (key == Qt::Key_Down || key == Qt::Key_Return)) {
            m_tree->setFocus();
            if (!m_tree->currentIndex().isValid())
                m_tree->setCurrentIndex(m_filter.index(0, 0));
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

}
