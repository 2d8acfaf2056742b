#include "engine/historyload.h"

#include "core/text.h"
#include "core/times.h"

namespace sg {

namespace {
constexpr std::size_t LaneBytes = std::size_t(2) << 20U;
}

HistoryLoad::HistoryLoad(SourceSpec spec, const SourceKind &kind, Doorbell &bell, Positions live, Time from, Time to)
    : m_spec(std::move(spec))
    , m_kind(kind)
    , m_from(from)
    , m_to(to)
    , m_bell(bell)
    , m_lane(bell, LaneBytes, std::move(live))
    , m_thread([this](const std::stop_token &stop) { run(stop); })
{
}

HistoryLoad::~HistoryLoad() = default;

void HistoryLoad::run(const std::stop_token &stop)
{
    std::optional<Result<Done>> result;
    try {
        result = m_kind.make(m_spec)->readBack(m_lane, m_from, m_to, stop);
    } catch (const Refusal &refusal) {
        result = refusal.error;
    } catch (const std::exception &failed) {
        result = Error{SG_TR("the connector failed: %1"), {shown(failed.what())}, {}};
    }
    {
        const std::lock_guard guard(m_mutex);
        m_result = std::move(result);
    }
    m_bell.ring();
}

std::deque<Batch> HistoryLoad::take()
{
    if (m_isOver)
        return {};
    // In this order: what the thread had pushed before it told its result is in the lane.
    std::optional<Result<Done>> result;
    {
        const std::lock_guard guard(m_mutex);
        result = m_result;
    }
    Lane::Taken taken = m_lane.take();
    for (const Batch &batch : taken.history)
        m_rows += batch.rows();
    m_hasNews = m_hasNews || !taken.history.empty() || result;
    m_left = taken.status.lag;
    m_isOver = result.has_value();
    m_end = std::move(result);
    return std::move(taken.history);
}

bool HistoryLoad::hasNews()
{
    return std::exchange(m_hasNews, false);
}

Error HistoryLoad::remark() const
{
    std::vector<std::string> args{formatUtc(m_from, false), formatUtc(m_to, false), std::to_string(m_rows)};
    if (!m_end) {
        if (m_left < 0)
            return {SG_TR("loading older data of %1 to %2: %3 values so far"), std::move(args), {}};
        args.push_back(std::to_string(m_left));
        return {SG_TR("loading older data of %1 to %2: %3 values so far, %4 messages to go"), std::move(args), {}};
    }
    if (*m_end)
        return {SG_TR("older data of %1 to %2 is loaded: %3 values"), std::move(args), {}};
    args.push_back(m_end->error().plain());
    return {SG_TR("older data of %1 to %2 could not be loaded as a whole (%3 values came): %4"), std::move(args), {}};
}

}
