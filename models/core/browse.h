#pragma once

#include "core/source.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sg {

// Looking into a server by hand, before or beside a source: what the steps of "Connect your own data" and the Messages page show. A
// browser has a connection of its own (another client id, no group, no session that is kept, a read-only transaction), so that it never
// disturbs what a source reads. Whatever it brings is bounded in rate, bytes and time by the caller's limits and by its own.

// A column of a view or table.
struct BrowsedColumn
{
    std::string name;
    std::string type; // as the server names it: "timestamp with time zone"
    bool isNullable = true;
};

// A topic, or a view or table, as the server lists it. Numbers that a server does not tell stay -1, times NoTime.
struct BrowsedTopic
{
    std::string name; // "plant.L1.processed", "plant/L1/G1/beat", "reporting.line_status"
    double messagesPerSecond = -1; // over the time that was looked at
    Time newest = NoTime; // of the newest message: the broker's time, its arrival, or the view's newest stamp
    std::int64_t messages = -1; // that the server holds, as far as it can tell without reading them; of MQTT: that came meanwhile
    std::int64_t bytes = -1; // of those
    int partitions = -1;
    bool isRetained = false; // of MQTT: only a retained message was seen
    std::vector<BrowsedColumn> columns; // of a view or table
    // What a source of it would say, as keys of the kind's own map and of the item ("mode" -> "cursor", "row_key" -> "[line, ts]",
    // "path" -> "[line]"), in flow YAML, and for each why: the form proposes it, and a person decides.
    struct Proposal
    {
        std::string key, value;
        Error why;
    };
    std::vector<Proposal> proposals;
};

// One message or row, owned.
struct BrowsedMessage
{
    struct Cell
    {
        std::string column;
        std::optional<std::string> text; // nothing: NULL
        bool isNumber = false, isBool = false;
    };
    std::string topic; // or the view's name
    std::string key; // the record key's bytes
    bool hasKey = false;
    std::string payload; // cut at the request's bytes
    std::size_t size = 0; // of the whole payload
    bool isTombstone = false;
    bool isRetained = false; // of MQTT: kept by the broker, no sign of life
    std::vector<std::pair<std::string, std::string>> headers;
    std::vector<Cell> cells; // a SQL row instead of a payload
    int partition = -1;
    std::int64_t offset = -1;
    std::optional<Time> brokerTime;
    Time arrival{}; // this machine's wall clock

    [[nodiscard]] bool isCut() const { return cells.empty() && payload.size() < size; } // a row has no payload
};

// Where reading begins and ends.
struct BrowseRequest
{
    enum class From : std::uint8_t { Newest, End, Beginning, Offset, Stamp };
    std::vector<std::string> topics; // names as listed, or MQTT filters; of a view its name
    From from = From::Newest; // Newest: the last `count` that are there, then on
    std::int64_t offset = 0; // of Offset
    int partition = -1; // of Offset; -1: all
    Time stamp{}; // of Stamp: the broker's time
    std::size_t count = 20;
    bool isFollowing = false; // goes on with what comes, until stopped or `patience` is over
    Micros patience = std::chrono::seconds(10); // how long in all; following: how long at the most
    double mostPerSecond = 200; // what is above it is passed over and counted
    std::size_t mostBytes = 64U << 10U; // of one payload
};

class Browser
{
public:
    virtual ~Browser() = default;
    // Tells each step as it is reached (resolve, TCP, TLS, login, authorisation, advertised listeners); an error names the step that failed
    // and what to do. Bounded in time.
    virtual Result<Done> connect(const std::function<void(const Error &step)> &say, std::stop_token stop) = 0;
    // What there is to read. `listen`: how long to count messages, and for MQTT, how long to listen for topics.
    virtual Result<std::vector<BrowsedTopic>> list(Micros listen, std::stop_token stop) = 0;
    virtual std::vector<Error> remarks() const
    {
        return {};
    } // what is worth saying of the newest list: that it is cut, what may not be read
    // Gives messages one by one until `take` says false, the request is fulfilled, or `stop`. `passedOver` in the result: how many were
    // not given because of mostPerSecond.
    struct Read
    {
        std::uint64_t given = 0, passedOver = 0;
        std::vector<Error> remarks; // what is worth saying: a partition without a leader, a topic that may not be read
    };
    virtual Result<Read> read(const BrowseRequest &request, const std::function<bool(BrowsedMessage)> &take, std::stop_token stop) = 0;
};

}
