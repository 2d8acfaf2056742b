#pragma once

#include "core/source.h"

#include <thread>

namespace sg {

// The thread, exception wall, jittered back-off and retry countdown of every source, written once.
class SourceRunner
{
public:
    // Starts at once. `spec` and `kind` are copied; the lane is shared with the ingest thread.
    SourceRunner(SourceSpec spec, const SourceKind &kind, std::shared_ptr<Lane> lane);
    ~SourceRunner(); // stops and joins; a source returns within about two seconds
    void requestStop() { m_thread.request_stop(); }

private:
    void run(std::stop_token stop);

    const SourceSpec m_spec;
    const SourceKind m_kind;
    const std::shared_ptr<Lane> m_lane;
    std::jthread m_thread; // last: starts when all above is there
};

}
