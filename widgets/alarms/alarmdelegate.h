#pragma once

#include <QStyledItemDelegate>

namespace sg {

// Priority by shape, letter and colour; the icon blinks until the alarm is acknowledged, its text never does.
class AlarmDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void toggleBlink() { m_isLit = !m_isLit; }
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override;

private:
    bool m_isLit = true;
};

}
