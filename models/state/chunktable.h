#pragma once

#include "state/sqlite.h"
#include "state/statefile.h"

// History on disk: chunks of compressed rows, their index, and the newest rows of series whose other rows are all in chunks. Within a
// transaction of the caller; all may throw SqlFault.
namespace sg {

class ChunkWriter
{
public:
    explicit ChunkWriter(Database &database);

    [[nodiscard]] const HistoryTotals &totals() const { return m_totals; }
    void rewind(const HistoryTotals &totals) { m_totals = totals; } // a failed transaction took everything back

    void store(const StoredChunk &chunk);
    void hold(const StoredRow &row);
    // Takes the chunk out of the index. Its bytes go with a later purge(), because a reader may be on its way to them.
    void free(std::int64_t place);
    // Frees the oldest chunks while a bound is passed, a few a call.
    void retain(const Retention &retention);
    // Gives the pages of chunks that were freed before the last call back to the file, a few MB a call.
    void purge();
    void saveTotals();

private:
    Statement m_index, m_data, m_find, m_unindex, m_die, m_hold, m_unhold, m_oldest, m_gone, m_dead, m_dropData, m_bury, m_meta;
    HistoryTotals m_totals;
};

std::vector<KnownChunk> readChunks(Database &database, const std::string &path, std::vector<Error> &troubles); // by series, oldest first
std::vector<GoneRows> readGone(Database &database);
std::vector<StoredRow> readHeld(Database &database);

// Reads chunks by connections of its own. `vfs` as in StateOptions.
std::shared_ptr<ChunkLoader> loaderOf(std::string path, const char *vfs);

}
