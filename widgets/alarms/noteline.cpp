#include "widgets/alarms/noteline.h"

#include "widgets/alarms/floodbanner.h"
#include "widgets/alarms/onelinelabel.h"

#include <QHBoxLayout>

namespace sg {

NoteLine::NoteLine(FloodBanner *flood, QWidget *parent)
    : QWidget(parent)
    , m_flood(flood)
    , m_answer(new OneLineLabel(this))
    , m_hold(new OneLineLabel(this))
{
    setObjectName(QStringLiteral("noteLine"));
    m_answer->setObjectName(QStringLiteral("ackAnswer"));
    m_hold->setObjectName(QStringLiteral("holdText"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_flood, 3);
    layout->addWidget(m_answer, 2);
    layout->addWidget(m_hold, 2);
    for (auto *label : {m_answer, m_hold})
        label->setContentsMargins(6, 0, 6, 0);
    setFixedHeight(m_flood->lineHeight());
    refresh();
}

void NoteLine::setNarrow(bool isNarrow)
{
    m_isNarrow = isNarrow;
    refresh();
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
    const auto isFlood = m_flood->isFlood() && !(m_isNarrow && isAnswer && isFresh);
    m_flood->setVisible(isFlood);
    m_answer->setVisible(isAnswer && !(m_isNarrow && isFlood));
    m_hold->setVisible(!isAnswer && !(isFlood && (m_isNarrow || m_why.isEmpty()))); // what a flood is matters more than what is listed
}

}
