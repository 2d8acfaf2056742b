#pragma once

#include "core/source.h"

namespace sg {

// One notification, rendered. Its key is the same in every attempt, so that a receiver can tell a repetition.
struct Notification
{
    std::string key; // idempotency key: letters, digits, '-', '_' and '.'
    std::string about; // the alarm's key: Kafka's record key
    std::string subject; // one line
    std::string body; // JSON, or plain text for who reads mail
    Time made{}; // when it was decided on
    unsigned attempt = 1; // above 1 it is a retry: an earlier attempt may have arrived all the same
};

struct Sent
{
    enum class How : std::uint8_t { Delivered, Later, Refused };
    How how = How::Delivered; // Later: an attempt may cure it. Refused: none will
    Error why; // of Later none: broken off before it could fail. Of Delivered: who of several receivers was not reached
};

// Takes messages to one receiver. All calls come on one thread; send() blocks for its time-out at most and returns soon after `stop`,
// and throws nothing but what derives from std::exception (then the attempt counts as Later).
class Sender
{
public:
    virtual ~Sender() = default;
    virtual Sent send(const Notification &message, std::stop_token stop) = 0;
};

// What a kafka or mqtt route and a source of that kind share, as a source's settings: its `topic` is the one topic. The id is another
// than that of any source, so that their client ids differ.
SourceSpec asSource(SourceSpec target);

// A row in a table that app fills. `make` gets a route's kind, settings, folder and names as a source gets them, its id being the
// route's, and reads the secrets; it may throw Refusal.
struct SenderKind
{
    const char *name = "";
    std::unique_ptr<Sender> (*make)(const SourceSpec &target) = nullptr;
    // Connects and logs in, as far as that goes without sending anything, and tells each step as it is reached; bounded in time.
    Result<Done> (*test)(const SourceSpec &target, const std::function<void(const Error &step)> &say, std::stop_token stop) = nullptr;
};
using SenderCatalog = std::map<std::string, SenderKind, std::less<>>;

}
