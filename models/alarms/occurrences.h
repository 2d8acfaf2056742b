#pragma once

#include "alarms/condition.h"
#include "alarms/journal.h"

#include <map>
#include <span>
#include <vector>

namespace sg {

// One time that an alarm was active, put together from the records of a journal, be it a stored one or that of a backtest.
struct Occurrence
{
    std::string rule, key, field;
    std::uint64_t id = 0;
    Time begin = NoTime; // event time
    Time end = NoTime; // event time; NoTime: still active where the records end
    Time detected = NoTime; // on the reference clock
    Level highest = Level::None; // None and On are the same to a rule without levels
    std::string ended; // the record that ended it: CLEARED, REDEFINED ... empty: none did
    std::uint64_t firstSeq = 0, lastSeq = 0; // of the journal; 0 in a backtest

    [[nodiscard]] std::string path() const { return field.empty() ? key : key + "/" + field; }
};

Level levelNamed(std::string_view name); // On for "": a rule without levels has the one

// Takes the records in their order. One thread.
class OccurrenceBook
{
public:
    void take(const JournalRow &row);
    [[nodiscard]] std::size_t size() const { return m_all.size(); }
    // In the order in which they were raised; those that are open have no end.
    [[nodiscard]] std::vector<Occurrence> takeAll();
    // The open one of this alarm, or null.
    [[nodiscard]] const Occurrence *openOne(const JournalRow &row) const;

private:
    std::vector<Occurrence> m_all;
    std::map<std::string, std::size_t, std::less<>> m_open; // by rule, key and field
};

std::vector<Occurrence> occurrencesOf(std::span<const JournalRow> rows);

// How two lists of occurrences differ: of live and backtest, or of two versions of the rules.
struct OccurrenceChange
{
    enum class Kind : std::uint8_t { Added, Removed, Shifted };
    Kind kind = Kind::Added;
    Occurrence before, after; // the one of the two that is not there is empty
};
const char *nameOf(OccurrenceChange::Kind kind); // SG_TR, "added" "removed" "shifted"
// The same alarm with the same begin, end and highest level is no difference; one that overlaps another is shifted. By time.
std::vector<OccurrenceChange> differences(std::vector<Occurrence> before, std::vector<Occurrence> after);

}
