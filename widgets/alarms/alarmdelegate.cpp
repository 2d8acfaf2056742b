#include "widgets/alarms/alarmdelegate.h"

#include "items/alarmmodel.h"
#include "widgets/theme/icons.h"

#include <QApplication>
#include <QPainter>

namespace sg {

namespace {

constexpr int IconSide = 18;

}

void AlarmDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    option->state &= ~QStyle::State_HasFocus; // the row's selection shows where one is
    if (index.data(AlarmModel::IsUnacknowledgedRole).toBool())
        option->font.setBold(index.column() == AlarmModel::StateColumn || index.column() == AlarmModel::NameColumn);
    if (!index.data(AlarmModel::IsActiveRole).toBool())
        option->palette.setColor(QPalette::Text, theme().faint);
}

void AlarmDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    if (index.column() != AlarmModel::StateColumn) {
        QStyledItemDelegate::paint(painter, option, index);
        return;
    }
    QStyleOptionViewItem text = option;
    initStyleOption(&text, index);
    auto ground = text;
    ground.text.clear();
    const auto *style = option.widget != nullptr ? option.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &ground, painter, option.widget);
    const auto priority = index.data(AlarmModel::PriorityRole);
    if (priority.isValid()) {
        const QRectF icon(option.rect.left() + 6, option.rect.center().y() - IconSide / 2.0 + 1, IconSide, IconSide);
        // Alarm colours are made for the list's ground, not for a selection's.
        if ((option.state & QStyle::State_Selected) != 0)
            painter->fillRect(icon.adjusted(-3, -2, 3, 2), theme().panel);
        const auto isUnacknowledged = index.data(AlarmModel::IsUnacknowledgedRole).toBool();
        const auto isActive = index.data(AlarmModel::IsActiveRole).toBool();
        // Acknowledged and active: solid and still. Returned: the outline blinks against the solid shape as well, until seen.
        paintPriority(*painter, icon, static_cast<Priority>(priority.toInt()), isUnacknowledged ? m_isLit : isActive);
    }
    text.rect.adjust(IconSide + 8, 0, 0, 0);
    const auto isSelected = (option.state & QStyle::State_Selected) != 0;
    painter->save();
    painter->setFont(text.font);
    painter->setPen(text.palette.color(isSelected ? QPalette::HighlightedText : QPalette::Text));
    const QFontMetrics metrics(text.font);
    const auto room = text.rect.width() - 6;
    const auto words = metrics.horizontalAdvance(text.text) <= room ? text.text : index.data(AlarmModel::ShortStateRole).toString();
    painter->drawText(text.rect.adjusted(4, 0, -2, 0), Qt::AlignVCenter | Qt::AlignLeft, metrics.elidedText(words, Qt::ElideRight, room));
    painter->restore();
}

}
