#include "widgets/chart/cursorlink.h"

namespace sg {

CursorLink::CursorLink(QObject *parent)
    : QObject(parent)
{
    constexpr int Frame = 30; // ms
    m_later.setSingleShot(true);
    m_later.setInterval(Frame);
    connect(&m_later, &QTimer::timeout, this, &CursorLink::moved);
}

void CursorLink::moveTo(Time t, const QObject *by)
{
    m_at = t;
    m_by = by;
    if (!m_later.isActive())
        m_later.start();
}

void CursorLink::leave(const QObject *by)
{
    if (m_by != by)
        return;
    m_at.reset();
    m_by = nullptr;
    if (!m_later.isActive())
        m_later.start();
}

void CursorLink::setReference(std::optional<Time> reference)
{
    m_reference = reference;
    Q_EMIT moved();
}

}
