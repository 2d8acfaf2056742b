#pragma once

#include "alarms/occurrences.h"
#include "alarms/rule.h"

#include <variant>

namespace sg {

// The KPI report: numbers of the journal as ISA-18.2 / IEC 62682 and EEMUA 191 define them, as far as public texts quote them. Only what
// was annunciated to an operator counts: RAISED, ESCALATED, REALARMED and the end of a shelf, never what was suppressed, recorded late,
// or came and went while a source caught up. Times are event times; windows lie on the clock (UTC).

struct KpiOptions
{
    Time from = NoTime; // NoTime: with the first record
    Time to = Time::max(); // Time::max(): with the last record, or `lastSeen`
    Time lastSeen = NoTime; // when the evaluator was last seen to run
    std::shared_ptr<const RuleSet> rules; // as configured; null: what hangs on them is not computed
    Micros fleeting = std::chrono::seconds(10);
};

// Trend: there is no target. TooShort: too little was watched for the target to mean anything, and it is not exceeded for certain.
enum class KpiGrade : std::uint8_t { Meets, OverTarget, OverMaximum, Trend, TooShort };
const char *nameOf(KpiGrade grade); // SG_TR, "meets" "over target" "over maximum" "-" "too short to grade"

using KpiRows = std::shared_ptr<const std::vector<std::uint64_t>>; // journal records, by seq, rising

struct Kpi
{
    std::string id; // "alarms_per_day": what --rows takes
    const char *title = ""; // SG_TR
    std::string area; // empty: all
    double value = std::numeric_limits<double>::quiet_NaN();
    const char *unit = "";
    std::string target; // "150 / 300", in words of the standards; empty: none
    KpiGrade grade = KpiGrade::Trend;
    KpiRows rows; // that it is made of
};

using KpiCell = std::variant<std::string, double, Time>;
struct KpiTable
{
    std::string id; // name of its CSV file
    const char *title = ""; // SG_TR
    std::vector<const char *> columns;
    std::vector<std::vector<KpiCell>> rows;
    std::optional<std::size_t> count{}; // of what its title names; none where its rows are hours or kinds
    std::vector<KpiRows> records{}; // one for each row: what it is made of; empty where it is made of no record
};

struct KpiExcluded // not watched, so not in any denominator
{
    Time from{}, to{};
    std::string source, why; // "STOPPED", "GAP"
    std::uint64_t seq = 0; // of the record that tells it
};

struct KpiReport
{
    Time from{}, to{};
    Micros watched{0}; // of it, without what is excluded
    bool isIndicative = false; // less than 30 days were watched
    bool isTooShort = false; // less than a day was: some or all numbers are not graded
    std::vector<KpiExcluded> excluded;
    std::uint64_t records = 0, firstSeq = 0, lastSeq = 0;
    std::size_t annunciated = 0;
    std::size_t suppressed = 0, caughtUp = 0, notForOperators = 0; // raises that were not annunciated to one
    std::vector<Kpi> scorecard;
    std::vector<KpiTable> tables;
    std::vector<Error> notComputed; // and why
};

// Takes a journal record by record, oldest first, and computes the report. One thread. Memory grows with the raises, about 150 bytes each.
class KpiBook
{
public:
    explicit KpiBook(KpiOptions options);
    ~KpiBook();
    void take(const JournalRow &row);
    [[nodiscard]] KpiReport report(); // once

private:
    struct Private;
    std::unique_ptr<Private> d;
};

}
