#include "widgets/main/messagebar.h"

#include "widgets/theme/icons.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QTimer>
#include <QToolButton>
#include <algorithm>
#include <utility>

namespace sg {

namespace {

constexpr int MostKept = 50; // of each kind

}

MessageBar::MessageBar(QWidget *parent)
    : QFrame(parent)
    , m_text(new QLabel(this))
    , m_offer(new QPushButton(this))
    , m_close(new QToolButton(this))
{
    setObjectName(QStringLiteral("messageBar"));
    setFrameShape(QFrame::StyledPanel);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Button);
    m_text->setObjectName(QStringLiteral("messageText"));
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_close->setObjectName(QStringLiteral("messageClose"));
    m_close->setAccessibleName(tr("Close the message"));
    m_close->setIcon(symbolIcon(Symbol::Remove));
    m_close->setAutoRaise(true);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(8, 2, 4, 2);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_offer, 0, Qt::AlignTop);
    layout->addWidget(m_close, 0, Qt::AlignTop);
    m_offer->setObjectName(QStringLiteral("messageOffer"));
    m_offer->hide();
    connect(m_offer, &QPushButton::clicked, this, &MessageBar::taken);
    connect(m_close, &QToolButton::clicked, this, [this] {
        m_messages.clear();
        m_closed = std::exchange(m_notes, {});
        refresh();
    });
    refresh();
}

void MessageBar::say(const QString &text, bool isError)
{
    if (m_messages.contains(text))
        return;
    m_messages.prepend(text);
    while (m_messages.size() > MostKept)
        m_messages.removeLast();
    refresh();
    if (!isError) // what is no fault goes by itself
        QTimer::singleShot(8000, this, [this, text] {
            m_messages.removeAll(text);
            refresh();
        });
}

void MessageBar::setNote(const QString &key, const QString &text, bool isFinal)
{
    const auto isThis = [&](const Note &note) { return note.key == key; };
    if (const auto closed = std::ranges::find_if(m_closed, isThis); closed != m_closed.end() && (closed->isFinal || !isFinal))
        return;
    auto note = std::ranges::find_if(m_notes, isThis);
    if (note == m_notes.end()) {
        m_notes.prepend({key, {}, false});
        while (m_notes.size() > MostKept)
            m_notes.removeLast();
        note = m_notes.begin();
    }
    note->isFinal = isFinal;
    if (std::exchange(note->text, text) != text)
        refresh();
}

void MessageBar::setStanding(const QStringList &troubles)
{
    if (troubles == m_standing)
        return;
    m_standing = troubles;
    refresh();
}

void MessageBar::setOffer(const QString &text)
{
    m_offer->setText(text);
    m_offer->setVisible(!text.isEmpty());
}

void MessageBar::refresh()
{
    constexpr int MostShown = 3;
    auto lines = m_standing;
    for (const auto &note : m_notes)
        lines << note.text;
    lines += m_messages;
    const auto more = lines.size() - MostShown;
    if (more > 0) {
        lines = lines.mid(0, MostShown);
        lines << tr("and %1 more").arg(more);
    }
    m_text->setText(lines.join(u'\n'));
    m_close->setVisible(!m_messages.isEmpty() || !m_notes.isEmpty());
    setVisible(!lines.isEmpty());
}

}
