#include "state/kpireader.h"

#include "state/historyreader.h"

namespace sg {

Result<KpiReport> readKpi(const std::string &stateFolder, KpiOptions options, const std::function<void(double share)> &progress,
                          std::stop_token stop)
{
    const auto reader = StateReader::open(stateFolder);
    if (!reader)
        return reader.error();
    if (const auto seen = readHistory(stateFolder, 0)) // only when it was last seen to run
        options.lastSeen = seen->lastSeen;
    JournalQuery newest;
    newest.isNewestFirst = true;
    newest.limit = 1;
    const auto last = (*reader)->journal(newest);
    if (!last)
        return last.error();
    const double all = last->empty() ? 1 : static_cast<double>(last->front().seq);
    KpiBook book(std::move(options));
    Mono told{};
    const auto take = [&](JournalRow &&row) {
        book.take(row);
        if (!progress || row.seq % 1024 != 0)
            return;
        if (const Mono now = Mono::clock::now(); now - told > Millis(100)) {
            told = now;
            progress(std::min(1.0, static_cast<double>(row.seq) / all));
        }
    };
    if (const auto read = forEachRecord(**reader, {}, take, stop); !read)
        return read.error();
    if (stop.stop_requested())
        return Error{SG_TR("stopped: the KPI report was not computed"), {}, {}};
    return book.report();
}

}
