#pragma once

#include "engine/timing.h"

namespace sg {

// Samples newer than the watermark of their series wait here, so that what comes within the source's lateness lands in order.
// With lateness 0 nothing ever waits. Ingest thread only.
class ReorderBuffer
{
public:
    void add(const Sample &sample); // after those of the same time: arrival order decides
    // What its series' watermark, or (for a series that went silent) its event clock at `now` has passed, in time order.
    void release(Timing &timing, Time now, std::vector<Sample> &inOrder);
    [[nodiscard]] std::vector<Sample> waiting() const;
    [[nodiscard]] bool isEmpty() const { return m_waiting.empty(); }

private:
    std::map<SeriesId, std::vector<Sample>> m_waiting; // each sorted by t; no empty ones
};

}
