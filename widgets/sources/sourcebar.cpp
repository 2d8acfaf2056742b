#include "widgets/sources/sourcebar.h"

#include "widgets/main/desk.h"
#include "widgets/sources/sourcecell.h"

#include <QHBoxLayout>

namespace sg {

SourceBar::SourceBar(Desk &desk, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
{
    setObjectName(QStringLiteral("sourceBar"));
    m_layout = new QHBoxLayout(this);
    m_layout->setContentsMargins(2, 0, 2, 0);
    m_layout->setSpacing(2);
    m_layout->addStretch(1);
    connect(&desk.sources(), &QAbstractItemModel::rowsInserted, this, &SourceBar::rebuild);
    connect(&desk.sources(), &QAbstractItemModel::rowsRemoved, this, &SourceBar::rebuild);
    connect(&desk.sources(), &QAbstractItemModel::dataChanged, this, [this] {
        for (auto *cell : m_cells)
            cell->refresh();
    });
    rebuild();
}

void SourceBar::rebuild()
{
    for (auto *cell : m_cells)
        cell->deleteLater();
    m_cells.clear();
    for (int row = 0; row < m_desk.sources().rowCount(); ++row) {
        m_cells.push_back(new SourceCell(m_desk, row, this));
        m_layout->insertWidget(row, m_cells.back());
    }
}

}
