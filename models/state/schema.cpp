#include "state/schema.h"

namespace sg {

namespace {

constexpr int ApplicationId = 0x53474C53; // "SGLS": tells our file from any other SQLite file

// migrations[n] takes a file of format n to format n + 1. Never edited once released: a change is another entry.
constexpr const char *migrations[StateFormat] = {
    R"sql(
CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE position (source TEXT NOT NULL, stream TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (source, stream)) WITHOUT ROWID;
CREATE TABLE instance (
    rule TEXT NOT NULL, key TEXT NOT NULL, field TEXT NOT NULL, condition_hash INTEGER NOT NULL,
    enabled INTEGER NOT NULL, condition INTEGER NOT NULL, ack INTEGER NOT NULL, latch INTEGER NOT NULL, suppression INTEGER NOT NULL,
    quality INTEGER NOT NULL, level INTEGER NOT NULL, worst INTEGER NOT NULL, seq INTEGER NOT NULL, occurrence INTEGER NOT NULL,
    t0 INTEGER, raised INTEGER, detected INTEGER, reoccurrences INTEGER NOT NULL, value REAL, "limit" REAL, state BLOB NOT NULL,
    PRIMARY KEY (rule, key, field)) WITHOUT ROWID;
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY, prev_hash BLOB NOT NULL, hash BLOB NOT NULL, event TEXT NOT NULL, rule TEXT NOT NULL, key TEXT NOT NULL,
    field TEXT NOT NULL, source TEXT NOT NULL, occurrence INTEGER NOT NULL, from_state TEXT NOT NULL, to_state TEXT NOT NULL,
    level TEXT NOT NULL, priority TEXT NOT NULL, area TEXT NOT NULL, t_stamp INTEGER, t_event INTEGER, t_detect INTEGER,
    t_record INTEGER, value REAL, value_text TEXT NOT NULL, "limit" REAL, quality INTEGER NOT NULL, actor TEXT NOT NULL,
    reason TEXT NOT NULL, rule_hash INTEGER NOT NULL, origin TEXT NOT NULL);
CREATE INDEX journal_occurrence ON journal (occurrence);
CREATE INDEX journal_time ON journal (coalesce(t_event, t_detect, t_record, 0));
CREATE TABLE series (id INTEGER PRIMARY KEY, path TEXT NOT NULL, kind INTEGER NOT NULL);
CREATE TABLE text (code INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE timing (source TEXT NOT NULL PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE segment (id INTEGER PRIMARY KEY, t_from INTEGER NOT NULL, t_to INTEGER NOT NULL, rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE waiting (id INTEGER PRIMARY KEY CHECK (id = 1), rows INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE rule (id TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL, hash INTEGER NOT NULL) WITHOUT ROWID;
)sql",
    // The index of the chunks is apart from their bytes, so that a start reads it in one sweep.
    R"sql(
CREATE TABLE chunk (place INTEGER PRIMARY KEY, series INTEGER NOT NULL, t_last INTEGER NOT NULL, up_to INTEGER NOT NULL,
    bytes INTEGER NOT NULL, summary BLOB NOT NULL);
CREATE INDEX chunk_last ON chunk (t_last);
CREATE TABLE chunkdata (place INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE dead (place INTEGER PRIMARY KEY, bytes INTEGER NOT NULL);
CREATE TABLE gone (series INTEGER PRIMARY KEY, t_last INTEGER NOT NULL, up_to INTEGER NOT NULL);
CREATE TABLE held (series INTEGER PRIMARY KEY, t INTEGER NOT NULL, bits INTEGER NOT NULL, quality INTEGER NOT NULL);
CREATE TABLE label (source TEXT NOT NULL, place INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (source, place)) WITHOUT ROWID;
INSERT OR REPLACE INTO meta (key, value) SELECT 'segment_last', coalesce(max(id), 0) FROM segment;
)sql",
    R"sql(
CREATE TABLE outbox (id INTEGER PRIMARY KEY, route TEXT NOT NULL, occurrence INTEGER NOT NULL, number INTEGER NOT NULL,
    state INTEGER NOT NULL, due INTEGER, made INTEGER, ended INTEGER, attempts INTEGER NOT NULL, why TEXT NOT NULL, facts BLOB NOT NULL);
)sql",
    R"sql(
ALTER TABLE journal ADD COLUMN notes TEXT NOT NULL DEFAULT '';
)sql"};

Error notOurs(const std::string &path)
{
    return {SG_TR("'%1' is a SQLite file, but not a state of Sightglass; it was left as it is"), {path}, {}};
}

Error newer(const std::string &path, std::int64_t format)
{
    return {SG_TR("state file '%1' was written by a newer version (format %2; this version knows up to %3). It was left as it is; use that "
                  "version, or another state folder"),
            {path, std::to_string(format), std::to_string(StateFormat)},
            {}};
}

Result<std::int64_t> formatOf(Database &database, const std::string &path)
{
    const std::int64_t format = database.integer("PRAGMA user_version");
    const bool isEmpty = format == 0 && database.integer("SELECT count(*) FROM sqlite_schema") == 0;
    if (!isEmpty && database.integer("PRAGMA application_id") != ApplicationId)
        return notOurs(path);
    if (format > StateFormat)
        return newer(path, format);
    return format;
}

}

Result<Done> bringUpToDate(Database &database, const std::string &path)
{
    const auto format = formatOf(database, path);
    if (!format)
        return format.error();
    if (*format == StateFormat)
        return Done();
    // Tables and version number change in one transaction, so that a crash leaves the older format whole.
    database.execute("BEGIN IMMEDIATE");
    for (std::int64_t from = *format; from < StateFormat; ++from)
        database.execute(migrations[from]);
    database.execute(("PRAGMA user_version=" + std::to_string(StateFormat)).c_str());
    database.execute(("PRAGMA application_id=" + std::to_string(ApplicationId)).c_str());
    database.execute("COMMIT");
    return Done();
}

Result<Done> checkFormat(Database &database, const std::string &path)
{
    const auto format = formatOf(database, path);
    if (!format)
        return format.error();
    if (*format < 1) // empty: its evaluator has only just made it
        return Error{SG_TR("there is nothing in the state file '%1' yet"), {path}, {}};
    return Done();
}

}
