#include "items/seriesfilter.h"

namespace sg {

SeriesFilter::SeriesFilter(SeriesTreeModel &model, QObject *parent)
    : QSortFilterProxyModel(parent)
    , m_model(model)
{
    setSourceModel(&model);
    setSortRole(SeriesTreeModel::SortRole);
    setSortCaseSensitivity(Qt::CaseInsensitive);
    sort(0);
    m_again.setSingleShot(true);
    m_again.setInterval(0);
    connect(&m_again, &QTimer::timeout, this, [this] { markAll(); });
    // A new series below a hidden key must bring that key back.
    connect(&model, &QAbstractItemModel::rowsInserted, this, [this] {
        if (isFiltering())
            m_again.start();
    });
}

void SeriesFilter::setText(const QString &text)
{
    const auto words = text.toCaseFolded().split(u' ', Qt::SkipEmptyParts);
    if (words == m_words)
        return;
    m_words = words;
    markAll();
}

void SeriesFilter::markAll()
{
    m_matches = 0;
    if (isFiltering()) {
        m_isShown.assign(m_model.nodeNumbers(), false);
        for (const auto &child : m_model.root().children)
            mark(*child);
    }
    invalidateFilter();
    Q_EMIT filtered();
}

bool SeriesFilter::mark(const SeriesTreeModel::Node &node)
{
    bool isShown = false;
    if (node.series >= 0) {
        isShown = std::all_of(m_words.begin(), m_words.end(), [&](const QString &word) { return node.search.contains(word); });
        m_matches += isShown ? 1 : 0;
    }
    for (const auto &child : node.children)
        isShown = mark(*child) || isShown;
    m_isShown[node.number] = isShown;
    return isShown;
}

bool SeriesFilter::filterAcceptsRow(int row, const QModelIndex &parent) const
{
    if (!isFiltering())
        return true;
    const auto index = m_model.index(row, 0, parent);
    const auto number = static_cast<const SeriesTreeModel::Node *>(index.constInternalPointer())->number;
    return number < m_isShown.size() && m_isShown[number];
}

}
