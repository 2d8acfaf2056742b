#pragma once

#include "core/source.h"

#include <thread>

namespace sg {

// One demand for older data of one source: Source::readBack on a thread and a lane of its own, beside the live reading. The lane is small,
// so that the ingest thread never gets much of it at once. Ingest thread, but for its own.
class HistoryLoad
{
public:
    // Starts at once. `live`: the positions of the live reading, which older data never overtakes.
    HistoryLoad(SourceSpec spec, const SourceKind &kind, Doorbell &bell, Positions live, Time from, Time to);
    ~HistoryLoad(); // stops and joins; a source returns within about two seconds
    void requestStop() { m_thread.request_stop(); }

    std::deque<Batch> take();
    [[nodiscard]] bool isOver() const { return m_isOver; } // and all of it was taken
    // How far it is, or how it ended: a remark for the source's status.
    [[nodiscard]] Error remark() const;
    [[nodiscard]] bool hasNews(); // since the last call the remark changed
    [[nodiscard]] std::optional<Error> failure() const { return m_end && !*m_end ? std::optional(m_end->error()) : std::nullopt; }

private:
    void run(const std::stop_token &stop);

    const SourceSpec m_spec;
    const SourceKind m_kind;
    const Time m_from, m_to;
    Doorbell &m_bell;
    Lane m_lane;
    std::uint64_t m_rows = 0; // taken
    std::int64_t m_left = -1; // messages; -1 not known
    bool m_isOver = false;
    bool m_hasNews = true;
    std::mutex m_mutex;
    std::optional<Result<Done>> m_result; // guarded by m_mutex: set when the thread has pushed all
    std::optional<Result<Done>> m_end; // the same once all was taken
    std::jthread m_thread; // last: starts when all above is there
};

}
