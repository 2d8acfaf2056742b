#pragma once

#include "core/source.h"
#include "decode/guards.h"

namespace sg {

// Where the view is read from when nothing is stored of it.
struct PostgresStart
{
    enum class From : std::uint8_t { Earliest, Latest, Ago, At };
    From from = From::Latest;
    Micros ago{0};
    Time at{};
};

// The postgres: {...} map of a source, checked and typed. A value; the password is in it only when it was read.
struct PostgresSettings
{
    std::string host, port, dbname, user, password, sslmode;
    std::string ca; // absolute
    std::string schema, view;
    std::string cursor;
    std::vector<std::string> rowKey;
    bool isSnapshot = false; // mode: the whole view is looked at each time, and compared with what it held before
    bool retiresGone = false; // a row that vanished closes its key's alarms
    std::string overlap; // a duration or a number: the type of the cursor column decides, which only the server knows
    Micros every{0};
    std::string channel; // of LISTEN; empty: none
    PostgresStart start;
    SourceGuards guards;
    std::string clientName;
    std::string timeColumn; // that holds the rows' own time; empty: none does
    bool isByArrival = false; // the time of a row is when it reached us
    std::string zone; // whose clock that time shows where it has none; empty: not said
    std::vector<std::string> mentioned; // columns that the declaration asks for by name

    [[nodiscard]] bool isMentioned(std::string_view column) const;
    // For libpq: key='value' with the value escaped, and nothing left to the environment or to files in somebody's home.
    [[nodiscard]] std::string connectionText() const;
    [[nodiscard]] std::string server() const; // "127.0.0.1:5432/plant", for people
    [[nodiscard]] std::string relation() const; // "public.order_rate", for people
    // Text of a client library or a server, escaped and bounded, without the password.
    [[nodiscard]] std::string safe(std::string_view text) const;
};

// A service file of this machine cannot be switched off by an option of libpq. Called before there are threads.
void forgetPostgresService();

Fields postgresFields();

enum class PostgresSecrets : std::uint8_t { Skip, Read };
enum class PostgresUse : std::uint8_t { Read, Browse }; // who only looks around need not name a view
// Every fault, and what could be read. Reads no secret when told to skip them (`check` runs without them).
std::vector<Error> readPostgresSettings(const SourceSpec &spec, PostgresSecrets secrets, PostgresSettings &settings,
                                        PostgresUse use = PostgresUse::Read);

}
