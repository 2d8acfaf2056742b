#pragma once

#include "core/source.h"
#include "decode/message.h"

#include <optional>
#include <stop_token>

namespace sg {

// Everything between a message and a Batch, once for all connectors: decoding, labels, time basis, learned fields and their
// limits, series and text dictionaries, max_series, error counts, the last bad payload. One per opened source; that source's
// thread only. A message is applied whole or not at all.
class Intake
{
public:
    // Reads path, labels, notes, time, decode and max_series of the declaration. Throws Refusal naming what it cannot.
    explicit Intake(const SourceSpec &spec);
    ~Intake();

    // Faults of the declaration, without building anything: for `check`.
    static std::vector<Error> check(const SourceSpec &spec);
    static Fields fields(); // path, labels, notes, time, decode, lateness, start, max_series ...

    // Rows into the batch under way. An error is counted and remembered here as well; the caller need not do anything, unless
    // waitsFor(): then nothing has happened, and the same message must come again. Asks a registry where the declaration names one, for
    // seconds at most and not after `stop`.
    Result<Done> add(const Message &message, const std::stop_token &stop = {});
    // Why the message added last was not taken: its schema cannot be had now.
    [[nodiscard]] const std::optional<Error> &waitsFor() const;
    void add(Mark mark); // between the rows
    [[nodiscard]] std::size_t rows() const; // of the batch under way
    // The batch under way, ready to push. An empty one when there is nothing but positions. `after`: position of every stream
    // that moved.
    Batch seal(Positions after, Mono arrival);

    // Counters and remarks into a status that is about to be reported.
    void describe(SourceStatus &status) const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

}
