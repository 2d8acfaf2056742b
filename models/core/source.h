#pragma once

#include "core/fields.h"
#include "core/lane.h"

#include <functional>
#include <map>
#include <memory>

namespace sg {

// One source as the workspace declares it, checked against its kind's Fields. `settings` is the kind's own map (kafka: {...}) with
// a used connection's keys merged in; `declaration` the whole item (path, labels, notes, time, decode ...), which Intake reads.
struct SourceSpec
{
    std::string id;
    std::string kind; // "kafka", "mqtt", "postgres", "demo"
    Node settings;
    Node declaration;
    Node registry; // of a decode that names a schema registry (use: ID): that connection's settings
    Micros lateness{0};
    std::string folder; // of the workspace: relative paths (ca files) are inside it
    std::string clientName; // "sightglass-<workspace>-<host>": so that a platform team sees who reads
    std::string stateName; // random, made once per state: MQTT client ids and Kafka groups hang on it
    std::string stateFolder; // where the evaluator keeps its state, for what a source must keep itself; empty: nowhere (a trial)
};

// A reader of one server. One connection attempt after another is SourceRunner's business: a source connects, reads, and says why
// it ended. All calls come on the runner's one thread. It must return soon after `stop`, and may throw nothing but what derives
// from std::exception (the runner's wall turns it into Lost).
class Source
{
public:
    virtual ~Source() = default;
    // Blocks until stopped or the connection is lost. `from`: where to go on, empty streams start as the declaration says.
    virtual Error run(Lane &lane, const Positions &from, std::stop_token stop) = 0;
    // Pushes what the server still holds of [from, to) as history. Asked of an instance of its own that
    // never ran, on a thread and a lane of its own, while another one reads live: its series and texts are numbered apart.
    virtual Result<Done> readBack(Lane &lane, Time from, Time to, std::stop_token stop);
};

// An Error that a new attempt cannot cure (a wrong setting, a refused property): the runner reports Refused and waits long.
// It travels as an exception out of Source::run or its maker.
struct Refusal
{
    Error error;
};

class Browser; // core/browse.h

// A row in a table; app fills the table, so that widgets know the fields of every kind and link none.
struct SourceKind
{
    const char *name = "";
    const char *label = ""; // SG_TR
    Fields fields;
    bool isReplayable = false; // what was missed while nobody watched can be read afterwards
    std::vector<Error> (*check)(const SourceSpec &spec) = nullptr; // beyond the table, without connecting
    std::unique_ptr<Source> (*make)(const SourceSpec &spec) = nullptr; // may throw Refusal
    // Tries to connect and tells each step as it is reached; bounded in time.
    Result<Done> (*test)(const SourceSpec &spec, const std::function<void(const Error &step)> &say, std::stop_token stop) = nullptr;
    // Looks into the server that the spec's settings name; topics and the like may be missing. May throw Refusal.
    std::unique_ptr<Browser> (*browse)(const SourceSpec &spec) = nullptr;
};
using SourceCatalog = std::map<std::string, SourceKind, std::less<>>;

}
