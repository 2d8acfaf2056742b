#pragma once

#include "core/result.h"
#include "core/types.h"

#include <map>
#include <optional>

namespace sg {

// Where to resume, by stream ("orders/3", "order_rate"). The bytes are the source's own, versioned by it; nobody else reads them.
using Positions = std::map<std::string, std::string, std::less<>>;

// What an operator did, wherever it was done: this window, the socket, another console.
enum class Verb : std::uint8_t {
    Acknowledge,
    Unacknowledge,
    Shelve,
    Unshelve,
    OutOfService,
    InService,
    Reset,
    Retire,
    Note,
    Disable,
    Enable
};

struct ShownOccurrence
{
    std::uint64_t occurrence = 0;
    std::uint32_t seq = 0; // of the instance when it was shown
};

struct AlarmName
{
    std::string rule, key, field;
};

struct OperatorAction
{
    Verb verb = Verb::Acknowledge;
    std::vector<ShownOccurrence> shown;
    std::string actor; // name or initials, "@host" is added by the session
    std::string reason;
    std::optional<Time> until;
    // Alarms as they are when it is done, those that were never raised too. An acknowledgement heeds only what was shown.
    std::vector<AlarmName> named;
    std::string permit; // of OutOfService: the work permit under which it is silent
};

// In-band facts: their place between the rows matters, so a newest-wins slot cannot carry them.
struct Gap // data of this source between from and to is lost for good; NoTime: not known
{
    Time from = NoTime;
    Time to = NoTime;
    Error why;
};
struct Behind // catching up begins: positions lie behind the end noted at this (re)connect
{
};
struct CaughtUp
{
};
struct Retired // the source itself deleted this key
{
    std::string key;
};
struct ClockProbe // the server's clock read `remote` between these two instants of ours
{
    Mono sent;
    Mono received;
    Time remote;
};
using Mark = std::variant<Gap, Behind, CaughtUp, Retired, ClockProbe, OperatorAction>;

struct NewSeries
{
    LocalId id{};
    std::string path; // "press/L1/P-07/temp", segments percent-encoded
    ValueKind kind = ValueKind::Number;
};
struct NewText
{
    std::uint32_t code = 0; // dense within one opened source; value of a State row
    std::string text;
};
// A short text that is shown and journaled with a key, never identity (a lot number).
struct Note
{
    std::string key, name, text;
    std::uint32_t row = 0; // of the batch, from which on it holds
};

// What one source read, as columns. Built by one source thread, then moved through its Lane; nobody shares it.
// The columns series, stamp, value, quality, isLive, offset have one entry a row each.
struct Batch
{
    Mono arrival{}; // of the last row; mapped to the reference clock by the evaluator
    std::vector<LocalId> series;
    std::vector<Time> stamp; // as the basis says, not corrected; NoTime: the arrival is the time (basis arrival)
    std::vector<double> value; // number, or text code
    std::vector<Quality> quality;
    std::vector<std::uint8_t> isLive;
    std::vector<std::int64_t> offset; // of the row's message within its run's stream
    std::vector<std::pair<std::uint32_t, std::string>> runs; // from row n on: stream "orders/3"
    std::vector<std::pair<std::uint32_t, Mark>> marks; // before row n
    std::vector<NewSeries> newSeries;
    std::vector<NewText> newTexts;
    std::vector<Note> notes; // by row
    Positions after; // of the streams in runs
    std::uint64_t messages = 0; // messages in it, for rates

    [[nodiscard]] std::size_t rows() const { return series.size(); }
    [[nodiscard]] bool isEmpty() const { return series.empty() && marks.empty() && after.empty(); }
    [[nodiscard]] std::size_t bytes() const; // about what it occupies, for the lane's bound
};

}
