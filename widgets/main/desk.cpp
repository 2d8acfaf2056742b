#include "widgets/main/desk.h"

#include "widgets/alarms/attention.h"
#include "widgets/chart/alarmspans.h"
#include "widgets/sources/sparkcache.h"

namespace sg {

Desk::Desk(std::shared_ptr<Session> session, const WindowContext &context)
    : m_session(std::move(session))
    , m_catalog(context.catalog)
    , m_workspace(m_session->workspace())
    , m_feed(*m_session)
    , m_series(m_feed)
    , m_sources(m_feed)
    , m_edits(m_session, context.read, m_workspace->folder)
    , m_attention(std::make_unique<Attention>(*m_session, m_feed))
    , m_alarmSpans(std::make_unique<AlarmSpans>(m_session, m_feed))
    , m_sparks(std::make_unique<SparkCache>(m_session, m_feed))
{
    connect(&m_edits, &EditStack::workspaceRead, this, [this](const std::shared_ptr<const Workspace> &workspace) {
        m_workspace = workspace;
        Q_EMIT workspaceChanged();
    });
    connect(&m_edits, &EditStack::said, this, &Desk::said);
    connect(&m_feed, &SnapshotFeed::frame, this, [this] { m_turns = 0; }); // before any chart hears of the frame
    m_feed.start();
}

Desk::~Desk() = default;

bool Desk::takeDrawTurn()
{
    constexpr int MostInAFrame = 5;
    return m_turns < MostInAFrame && ++m_turns > 0;
}

std::vector<SeriesId> Desk::matching(const std::string &selector, std::size_t limit) const
{
    std::vector<SeriesId> out;
    const auto parsed = Selector::parse(selector);
    if (!parsed)
        return out;
    const auto &rows = m_feed.current()->series;
    for (std::size_t i = 0; i < rows.size() && out.size() < limit; ++i)
        if (rows.at(i).path && parsed->matches(*rows.at(i).path))
            out.push_back(static_cast<SeriesId>(i));
    return out;
}

}
