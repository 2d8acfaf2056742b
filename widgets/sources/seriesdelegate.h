#pragma once

#include <QStyledItemDelegate>

namespace sg {

class Desk;

// Paints the sparkline, and makes a stale or bad value look so.
class SeriesDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    SeriesDelegate(Desk &desk, QObject *parent);
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override;

private:
    Desk &m_desk;
};

}
