#include "widgets/alarms/alarmdelegate.h"

#include "items/alarmmodel.h"
#include "widgets/theme/icons.h"

#include <QApplication>
#include <QPainter>

namespace sg {

namespace {

constexpr int IconSide = 18;
constexpr int MarkPad = 5, MarkGap = 4, MarksLeft = 4, MarksRight = 2;

QColor textColour(const QStyleOptionViewItem &option)
{
    return option.palette.color((option.state & QStyle::State_Selected) != 0 ? QPalette::HighlightedText : QPalette::Text);
}

}

void AlarmDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    option->state &= ~QStyle::State_HasFocus; // the row's selection shows where one is
    if (index.column() == AlarmModel::GroupColumn)
        option->font.setBold(true);
    else if (index.data(AlarmModel::IsUnacknowledgedRole).toBool())
        option->font.setBold(index.column() == AlarmModel::StateColumn || index.column() == AlarmModel::NameColumn);
    if (!index.data(AlarmModel::IsActiveRole).toBool() && index.column() != AlarmModel::GroupColumn)
        option->palette.setColor(QPalette::Text, theme().faint);
}

void AlarmDelegate::paintGround(QPainter &painter, const QStyleOptionViewItem &option) const
{
    auto ground = option;
    ground.text.clear();
    const auto *style = option.widget != nullptr ? option.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &ground, &painter, option.widget);
}

void AlarmDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    if (index.column() == AlarmModel::StateColumn)
        paintState(*painter, option, index);
    else if (index.column() == AlarmModel::BadgesColumn)
        paintMarks(*painter, option, index);
    else
        QStyledItemDelegate::paint(painter, option, index);
    if (index.row() > 0 && index.data(AlarmModel::GroupBeginsRole).toBool()) {
        painter->save();
        painter->setPen(theme().line);
        painter->drawLine(option.rect.topLeft(), option.rect.topRight());
        painter->restore();
    }
}

void AlarmDelegate::paintState(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QStyleOptionViewItem text = option;
    initStyleOption(&text, index);
    paintGround(painter, text);
    const auto priority = index.data(AlarmModel::PriorityRole);
    if (priority.isValid()) {
        const QRectF icon(option.rect.left() + 6, option.rect.center().y() - IconSide / 2.0 + 1, IconSide, IconSide);
        // Alarm colours are made for the list's ground, not for a selection's.
        if ((option.state & QStyle::State_Selected) != 0)
            painter.fillRect(icon.adjusted(-3, -2, 3, 2), theme().panel);
        const auto isUnacknowledged = index.data(AlarmModel::IsUnacknowledgedRole).toBool();
        const auto isActive = index.data(AlarmModel::IsActiveRole).toBool();
        // Acknowledged and active: solid and still. Returned: the outline blinks against the solid shape as well, until seen.
        paintPriority(painter, icon, static_cast<Priority>(priority.toInt()), isUnacknowledged ? m_isLit : isActive);
    }
    text.rect.adjust(IconSide + 8, 0, 0, 0);
    painter.save();
    painter.setFont(text.font);
    painter.setPen(textColour(text));
    const QFontMetrics metrics(text.font);
    const auto room = text.rect.width() - 6;
    const auto words = metrics.horizontalAdvance(text.text) <= room ? text.text : index.data(AlarmModel::ShortStateRole).toString();
    painter.drawText(text.rect.adjusted(4, 0, -2, 0), Qt::AlignVCenter | Qt::AlignLeft, metrics.elidedText(words, Qt::ElideRight, room));
    painter.restore();
}

int AlarmDelegate::marksWidth(const QStringList &marks, const QFontMetrics &metrics)
{
    int width = MarksLeft + MarksRight - MarkGap;
    for (const auto &mark : marks)
        width += metrics.horizontalAdvance(mark) + 2 * MarkPad + MarkGap;
    return width;
}

QStringList AlarmDelegate::fitted(const QStringList &full, const QStringList &words, const QFontMetrics &metrics, int room)
{
    constexpr int LeastOfFirst = 60; // more than its word says
    auto out = full;
    for (auto i = out.size() - 1; i > 0 && marksWidth(out, metrics) > room; --i)
        out[i] = words[i];
    if (out.isEmpty() || marksWidth(out, metrics) <= room)
        return out;
    // The most urgent one is cut where that still says more than its word.
    const auto left = room - marksWidth(out, metrics) + metrics.horizontalAdvance(out.front());
    if (left >= metrics.horizontalAdvance(words.front()) + LeastOfFirst) {
        out.front() = metrics.elidedText(out.front(), Qt::ElideRight, left);
        return out;
    }
    out.front() = words.front();
    for (qsizetype hidden = 0; marksWidth(out, metrics) > room && out.size() > 1;) {
        if (hidden > 0)
            out.removeLast();
        out.removeLast();
        out << QStringLiteral("+%1").arg(hidden = full.size() - out.size());
    }
    return out;
}

// Each mark in a frame of its own.
void AlarmDelegate::paintMarks(QPainter &painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QStyleOptionViewItem text = option;
    initStyleOption(&text, index);
    paintGround(painter, text);
    const QFontMetrics metrics(text.font);
    const auto marks = fitted(index.data(AlarmModel::BadgesRole).toStringList(), index.data(AlarmModel::ShortBadgesRole).toStringList(),
                              metrics, option.rect.width());
    if (marks.isEmpty())
        return;
    painter.save();
    painter.setFont(text.font);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto isSelected = (option.state & QStyle::State_Selected) != 0;
    auto left = option.rect.left() + MarksLeft;
    for (const auto &mark : marks) {
        const auto width = std::min(metrics.horizontalAdvance(mark) + 2 * MarkPad, option.rect.right() - MarksRight - left);
        const QRectF frame(left + 0.5, option.rect.top() + 2.5, width - 1, option.rect.height() - 5);
        painter.setPen(QPen(isSelected ? textColour(option) : theme().line, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(frame, 3, 3);
        painter.setPen(textColour(option));
        painter.drawText(frame.adjusted(MarkPad - 1, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                         metrics.elidedText(mark, Qt::ElideRight, width - 2 * MarkPad + 1));
        left += width + MarkGap;
    }
    painter.restore();
}

}
