#pragma once

#include <QStyledItemDelegate>

namespace sg {

// Priority by shape, letter and colour; the icon blinks until the alarm is acknowledged, its text never does. Marks are framed, in the
// colours of the text: alarm colours are for priorities alone.
class AlarmDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    static constexpr int StateExtra = 36; // of a state's width, beside its words: the icon and margins
    using QStyledItemDelegate::QStyledItemDelegate;
    void toggleBlink() { m_isLit = !m_isLit; }
    // What is drawn of an alarm's marks in `room` pixels: all in full, or some in a word each, the least urgent first. None is left out
    // before every one is a word; then "+2" stands for the others.
    static QStringList fitted(const QStringList &full, const QStringList &words, const QFontMetrics &metrics, int room);
    static int marksWidth(const QStringList &marks, const QFontMetrics &metrics); // of the cell
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override;

private:
    void paintGround(QPainter &painter, const QStyleOptionViewItem &option) const;
    void paintState(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const;
    void paintMarks(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const;

    bool m_isLit = true;
};

}
