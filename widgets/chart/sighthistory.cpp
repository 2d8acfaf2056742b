#include "widgets/chart/sighthistory.h"

namespace sg {

void SightHistory::leave(const Sight &from, Step step, Mono now)
{
    const bool isOneMove = step != Step::Jump && step == m_last && now - m_lastAt < Together && !m_back.empty() && m_forward.empty();
    m_last = step;
    m_lastAt = now;
    m_forward.clear();
    if (isOneMove || (!m_back.empty() && m_back.back() == from))
        return;
    m_back.push_back(from);
    if (m_back.size() > Most)
        m_back.pop_front();
}

std::optional<Sight> SightHistory::back(const Sight &current)
{
    if (m_back.empty())
        return {};
    m_last = Step::Jump;
    m_forward.push_back(current);
    auto sight = std::move(m_back.back());
    m_back.pop_back();
    return sight;
}

std::optional<Sight> SightHistory::forward(const Sight &current)
{
    if (m_forward.empty())
        return {};
    m_last = Step::Jump;
    m_back.push_back(current);
    auto sight = std::move(m_forward.back());
    m_forward.pop_back();
    return sight;
}

}
