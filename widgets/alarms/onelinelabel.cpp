#include "widgets/alarms/onelinelabel.h"

#include "items/alarmtexts.h"

#include <QEvent>
#include <QPainter>

namespace sg {

OneLineLabel::OneLineLabel(QWidget *parent)
    : QLabel(parent)
{
    setTextFormat(Qt::PlainText);
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
}

bool OneLineLabel::isCut() const
{
    return text().contains(u'\n') || fontMetrics().horizontalAdvance(text()) > contentsRect().width();
}

bool OneLineLabel::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip)
        setToolTip(isCut() ? tipText(text()) : QString());
    return QLabel::event(event);
}

void OneLineLabel::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setPen(palette().color(foregroundRole()));
    const auto line = QString(text()).replace(u'\n', QStringLiteral("  |  "));
    painter.drawText(contentsRect(), Qt::AlignVCenter | Qt::AlignLeft,
                     fontMetrics().elidedText(line, Qt::ElideRight, contentsRect().width()));
}

}
