#include "widgets/alarms/noteline.h"

#include "widgets/alarms/floodbanner.h"
#include "widgets/alarms/onelinelabel.h"

#include <QBoxLayout>

namespace sg {

NoteLine::NoteLine(FloodBanner *flood, QWidget *parent)
    : QWidget(parent)
    , m_flood(flood)
    , m_answer(new OneLineLabel(this))
    , m_hold(new OneLineLabel(this))
    , m_layout(new QBoxLayout(QBoxLayout::LeftToRight, this))
{
    setObjectName(QStringLiteral("noteLine"));
    m_answer->setObjectName(QStringLiteral("ackAnswer"));
    m_hold->setObjectName(QStringLiteral("holdText"));
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(0);
    m_layout->addWidget(m_flood, 3);
    m_layout->addWidget(m_answer, 2);
    m_layout->addWidget(m_hold, 2);
    for (auto *label : {m_answer, m_hold})
        label->setContentsMargins(6, 0, 6, 0);
    setNarrow(false);
    refresh();
}

void NoteLine::setNarrow(bool isNarrow)
{
    m_layout->setDirection(isNarrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
    setFixedHeight((isNarrow ? 2 : 1) * m_flood->lineHeight());
}

void NoteLine::say(const QString &answer)
{
    m_answer->setText(answer);
    m_saidAt = Mono::clock::now();
    refresh();
}

void NoteLine::setHold(const QString &why)
{
    m_why = why;
    refresh();
}

void NoteLine::setMeaning(const QString &text)
{
    m_meaning = text;
    refresh();
}

// An answer is not talked over before it can be read.
void NoteLine::refresh()
{
    constexpr auto ReadIn = std::chrono::seconds(10);
    const auto isFresh = Mono::clock::now() - m_saidAt < ReadIn;
    const auto isAnswer = !m_answer->text().isEmpty() && (isFresh || m_why.isEmpty());
    m_hold->setText(m_why.isEmpty() ? m_meaning : m_why);
    auto font = m_hold->font();
    font.setBold(!m_why.isEmpty());
    m_hold->setFont(font);
    m_hold->setForegroundRole(m_why.isEmpty() ? QPalette::PlaceholderText : QPalette::WindowText);
    m_answer->setVisible(isAnswer);
    m_hold->setVisible(!isAnswer);
}

}
