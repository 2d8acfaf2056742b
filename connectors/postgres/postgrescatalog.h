#pragma once

#include "connectors/postgres/postgresclient.h"

#include "core/browse.h"

#include <set>

namespace sg {

// A view or table as the server's catalog tells it, without reading a row of it.
struct PostgresRelation
{
    struct Column
    {
        PostgresColumn column;
        std::string type; // as the server names it
        bool isNullable = true;
        bool isEnum = false;
        double distinct = 0; // by the server's statistics: a number, or below 0 a share of the rows; 0: not known
    };
    std::string oid, schema, name;
    char kind = 'r'; // of pg_class: r table, p partitioned, v view, m materialized view, f foreign table
    std::int64_t rows = -1, bytes = -1;
    bool isGrouped = false; // its definition groups, so a row changes in place
    std::vector<Column> columns;
    std::vector<std::string> uniqueKey; // columns of the primary key, else of a unique index
    std::set<std::string> leading; // columns that an index begins with
    Time newest = NoTime;

    [[nodiscard]] std::string title() const { return schema + "." + name; }
    [[nodiscard]] const Column *find(std::string_view name) const;
};

// What the user may read, at most so many. `isNamed`: only the one whose title() this is.
std::vector<PostgresRelation> readCatalog(PostgresClient &client, const std::string &isNamed = {});
constexpr std::size_t MostRelations = 1000;

// How a source would read it, each key with its reason: the form proposes it, and a person decides.
struct PostgresProposal
{
    bool isSnapshot = false;
    std::string cursor, time; // columns; empty: none
    std::vector<std::string> path;
    std::vector<BrowsedTopic::Proposal> keys;
};
PostgresProposal propose(const PostgresRelation &relation, const std::string &serverZone);

// Of one statement, as the server's planner guesses it, in its own unit: an index look-up is about 1, a page read from disk 1.
double plannedCost(PostgresClient &client, const std::string &sql);
constexpr double CheapCost = 2'000; // some milliseconds

}
