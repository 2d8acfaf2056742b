#pragma once

#include "alarms/alarmengine.h"

#include <QString>

namespace sg {

// The lists of the console; one alarm may be on several. Pure.
enum class AlarmList : std::uint8_t {
    Open, // the operator's: whatever is not normal and not hidden; each is on one of Active and Cleared
    Unacknowledged, // of those
    Active, // the condition holds
    Cleared, // it holds no more, but is not acknowledged or not reset yet
    Chattering, // raised three times within a minute, whatever became of it since
    Shelved,
    Suppressed, // by design
    OutOfService // and those that an engineer disabled; not those whose rule says so
};
constexpr std::size_t AlarmLists = 8;

using ListBits = std::uint8_t;
constexpr ListBits bitOf(AlarmList list)
{
    return static_cast<ListBits>(1U << static_cast<unsigned>(list));
}
ListBits listsOf(const AlarmView &alarm);
bool isUnacknowledged(AlarmState state);
bool isActive(const Regions &regions); // its condition holds, hidden or not

// Whose alarms: operators and engineers have lists and sounds of their own, by the rule's audience. Events are in both, and sound in none.
enum class Whose : std::uint8_t { Operators, Engineers, Everybody };
bool isOf(Whose whose, const Rule &rule);

// What of a list is shown. Empty: all.
struct AlarmFilter
{
    QString area;
    Priority least = Priority::Low;
    QString text; // words that all occur in name, path, rule or area, in any case

    [[nodiscard]] bool isEmpty() const { return area.isEmpty() && least == Priority::Low && text.isEmpty(); }
    bool operator==(const AlarmFilter &) const = default;
};
// A text to look for words in, and words to look for: lower case, UTF-8.
std::string folded(std::string_view utf8);
std::vector<std::string> foldedWords(const QString &text);
bool hasWords(std::string_view foldedText, const std::vector<std::string> &words);
std::string searchText(const AlarmView &alarm);

enum class AlarmGrouping : std::uint8_t { None, Area, Source };

}
