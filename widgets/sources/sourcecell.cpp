#include "widgets/sources/sourcecell.h"

#include "items/texts.h"
#include "widgets/main/desk.h"
#include "widgets/sources/sourcedeeds.h"
#include "widgets/theme/icons.h"

#include <QContextMenuEvent>
#include <QFrame>
#include <QMenu>
#include <QPainter>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace sg {

SourceCell::SourceCell(Desk &desk, int row, QWidget *parent)
    : QAbstractButton(parent)
    , m_desk(desk)
    , m_row(row)
{
    setFocusPolicy(Qt::TabFocus);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    connect(this, &QAbstractButton::clicked, this, &SourceCell::showDetails);
    refresh();
}

void SourceCell::refresh()
{
    const auto index = m_desk.sources().index(m_row);
    m_name = index.data(SourceModel::IdRole).toString();
    const auto summary = index.data(SourceModel::SummaryRole).toString();
    setObjectName(QStringLiteral("source-") + m_name);
    setAccessibleName(tr("Source %1: %2").arg(m_name, summary));
    if (summary.size() != m_summary.size())
        updateGeometry();
    m_summary = summary;
    const auto details = index.data(SourceModel::DetailsRole).toString();
    if (m_detailsText && m_detailsText->toPlainText() != details)
        m_detailsText->setPlainText(details);
    update();
}

QSize SourceCell::sizeHint() const
{
    // Fixed steps of width: numbers that change must not make the bar tremble.
    auto bold = font();
    bold.setBold(true);
    const auto width = QFontMetrics(bold).horizontalAdvance(m_name + QStringLiteral("  ") + m_summary) + 34;
    return {(width + 39) / 40 * 40, fontMetrics().height() + 8};
}

QSize SourceCell::minimumSizeHint() const
{
    return {fontMetrics().horizontalAdvance(m_name) + 34, fontMetrics().height() + 8};
}

void SourceCell::paintEvent(QPaintEvent *)
{
    const auto *source = m_desk.sources().source(m_row);
    if (source == nullptr)
        return;
    QPainter painter(this);
    const QRect frame = rect().adjusted(1, 2, -1, -2);
    if (underMouse() || hasFocus())
        painter.fillRect(frame, theme().raised);
    painter.setPen(hasFocus() ? theme().accent : theme().line);
    painter.drawRect(frame.adjusted(0, 0, -1, -1));
    paintSourceState(painter, QRectF(7, height() / 2.0 - 6, 12, 12), source->status.state);
    auto bold = font();
    bold.setBold(true);
    painter.setFont(bold);
    painter.setPen(theme().text);
    const auto nameWidth = painter.fontMetrics().horizontalAdvance(m_name);
    painter.drawText(QRect(24, 0, nameWidth + 2, height()), Qt::AlignVCenter, m_name);
    const auto state = source->status.state;
    if (state != SourceStatus::State::Lost && state != SourceStatus::State::Refused)
        painter.setFont(font());
    const auto isQuiet = m_desk.sources().index(m_row).data(SourceModel::IsQuietRole).toBool();
    painter.setPen(isQuiet ? theme().faint : theme().text);
    const auto left = 24 + nameWidth + 8;
    painter.drawText(QRect(left, 0, width() - left - 6, height()), Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(m_summary, Qt::ElideRight, width() - left - 6));
}

void SourceCell::contextMenuEvent(QContextMenuEvent *event)
{
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("sourceMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    fillSourceMenu(*menu, m_desk, utf8Of(m_name), window());
    menu->popup(event->globalPos());
}

void SourceCell::showDetails()
{
    auto *popup = new QFrame(this, Qt::Popup);
    popup->setObjectName(QStringLiteral("sourceDetails"));
    popup->setAttribute(Qt::WA_DeleteOnClose);
    popup->setFrameShape(QFrame::StyledPanel);
    auto *text = new QPlainTextEdit(popup); // plain: a payload is hostile
    text->setReadOnly(true);
    text->setObjectName(QStringLiteral("sourceDetailsText"));
    text->setAccessibleName(tr("Details of source %1").arg(m_name));
    auto *layout = new QVBoxLayout(popup);
    layout->setContentsMargins(4, 4, 4, 4);
    layout->addWidget(text);
    // What is seldom found by the other button stands here as well.
    auto *row = new QHBoxLayout;
    auto *messages = new QPushButton(tr("&Messages …"), popup);
    messages->setObjectName(QStringLiteral("sourceMessages"));
    messages->setEnabled(deeds::hasSteps(m_desk, utf8Of(m_name)));
    auto *more = new QPushButton(tr("&Change, stop, remove …"), popup);
    more->setObjectName(QStringLiteral("sourceMore"));
    auto *menu = new QMenu(more);
    fillSourceMenu(*menu, m_desk, utf8Of(m_name), window());
    more->setMenu(menu);
    row->addWidget(messages);
    row->addWidget(more);
    row->addStretch(1);
    layout->addLayout(row);
    connect(messages, &QPushButton::clicked, this, [this, popup] {
        popup->close();
        deeds::showMessages(m_desk, utf8Of(m_name), window());
    });
    connect(menu, &QMenu::triggered, popup, &QWidget::close);
    m_details = popup;
    m_detailsText = text;
    refresh();
    popup->resize(520, 220);
    popup->move(mapToGlobal(QPoint(0, -popup->height())));
    popup->show();
    text->setFocus();
}

}
