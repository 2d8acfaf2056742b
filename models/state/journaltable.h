#pragma once

#include "state/sqlite.h"
#include "state/statefile.h"

namespace sg {

// Appends to the journal and keeps its hash chain. Within a transaction of the caller; what a failed transaction took back is forgotten
// by a rewind() to the mark taken before.
class JournalWriter
{
public:
    explicit JournalWriter(Database &database);

    struct Mark
    {
        std::uint64_t seq = 0;
        std::string hash; // of the row `seq`; 32 zero bytes before the first
    };
    [[nodiscard]] const Mark &mark() const { return m_newest; }
    void rewind(Mark mark) { m_newest = std::move(mark); }
    void append(const JournalRow &row, Time recorded);

private:
    Statement m_insert;
    Mark m_newest;
};

std::vector<JournalRow> readJournal(Database &database, const JournalQuery &query);
// Every row's hash recomputed; the error names the first row that is not as it was written.
Result<Done> verifyJournal(Database &database);

}
