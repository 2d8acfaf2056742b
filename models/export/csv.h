#pragma once

#include "core/types.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sg {

// Data: for programs. Excel: the same behind a byte order mark, without which Excel takes UTF-8 for its own code page.
enum class CsvProfile : std::uint8_t { Data, Excel };

// Writes RFC 4180 into a string: comma, CRLF, quotes doubled. Numbers are the shortest text that reads back the same and know no
// locale. Text from outside that a spreadsheet would take for a formula gets a leading apostrophe; numbers never do.
class CsvWriter
{
public:
    CsvWriter(CsvProfile profile, std::string zone); // zone: of the times, "" this machine's

    void text(std::string_view field);
    void number(double value); // nothing for NaN
    void integer(std::uint64_t value);
    void time(Time t); // ISO 8601 with offset, microseconds when there are any; nothing for NoTime
    void endRow();

    std::string out; // what was written since the caller last emptied it

private:
    void separate();
    bool m_isFirst = true;
    std::string m_zone;
    // The text of a time but for its seconds, which is the same for all times of a minute; formatting a zone is slow.
    std::optional<std::int64_t> m_minute;
    std::string m_untilSeconds, m_offset;
};

// The apostrophe that text() puts in front, as a pair of pure functions; unprotect(protect(x)) == x for every x.
std::string protectFromFormula(std::string_view field);
std::string unprotectFromFormula(std::string_view field);

}
