#include "widgets/connect/decodedview.h"

#include "core/text.h"
#include "items/texts.h"
#include "widgets/connect/connectpage.h"

#include <QHeaderView>
#include <QLabel>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace sg {

DecodedView::DecodedView(QWidget *parent)
    : QWidget(parent)
{
    m_said = plainText("decodedSaid", this);
    m_said->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_rows = new QTreeWidget(this);
    m_rows->setObjectName(QStringLiteral("decodedRows"));
    m_rows->setAccessibleName(tr("Decoded"));
    m_rows->setRootIsDecorated(false);
    m_rows->setUniformRowHeights(true);
    padRows(*m_rows);
    m_rows->setHeaderLabels({tr("Series"), tr("Value"), tr("Time")});
    m_rows->header()->setStretchLastSection(true);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_said);
    layout->addWidget(m_rows, 1);
    say({});
}

void DecodedView::say(const QString &text)
{
    m_rows->clear();
    m_said->setText(text);
    m_said->setVisible(!text.isEmpty());
}

void DecodedView::show(const Preview::Read &read)
{
    QStringList lines;
    if (read.error)
        lines << (read.isWaiting ? tr("Not decoded: %1") : tr("Refused: %1")).arg(errorText(*read.error));
    for (const auto &key : read.retired)
        lines << tr("Deletes the key %1.").arg(keyText(key));
    for (const auto &[name, text] : read.notes)
        lines << tr("Note %1: %2").arg(textOf(name), textOf(shown(text)));
    if (lines.isEmpty() && read.rows.empty())
        lines << tr("This message gives no value.");
    if (read.hidden > 0)
        lines << tr("and %1 rows more").arg(read.hidden);
    say(lines.join(u'\n'));
    for (const auto &row : read.rows) {
        const auto value = row.text.empty() ? QStringLiteral("—") : textOf(row.text);
        auto *item = new QTreeWidgetItem(
            m_rows,
            {seriesName(row.path), row.quality == Quality::Good ? value : tr("%1 (bad)").arg(value), clockText(row.stamp, Millis(1))});
        item->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
    }
    for (int column = 0; column < 2; ++column)
        m_rows->resizeColumnToContents(column);
}

}
