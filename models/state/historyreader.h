#pragma once

#include "state/sqlite.h"
#include "state/statefile.h"

#include <span>
#include <stop_token>

namespace sg {

// The stored readings of a state folder as of one instant, for who reads them at length: `whole` has series, texts and path labels,
// and rows come with segments, chunks, gone and held as StateFile::load() brings them; positions, instances and the rest stay empty.
// Any process and thread, also while an evaluator writes: the loader reads its chunks in the one read transaction of this instant, so
// that none is freed on the way. While the loader lives, SQLite's write-ahead log cannot start over and grows with what is committed.
Result<Saved> readHistory(const std::string &folder, std::size_t maxRows = 20'000'000);

// Every record that `query` selects, oldest first, a page at a time; its limit and order do not count. When stopped it ends like that, in
// the middle: who asked for the stop knows.
Result<Done> forEachRecord(const StateReader &state, JournalQuery query, const std::function<void(JournalRow &&row)> &each,
                           std::stop_token stop = {});
// The records of these numbers (rising); what lies between them is jumped over.
Result<std::vector<JournalRow>> recordsOf(const StateReader &state, std::span<const std::uint64_t> seqs, std::stop_token stop = {});

// The part that both have: segments (newest first up to `maxRows` readings, given in the order of their commits), chunks, gone, held,
// series and texts. May throw SqlFault.
void loadReadings(Database &database, const std::string &path, std::size_t maxRows, Saved &saved);

}
