#include "state/statefile.h"

#include "core/platform.h"
#include "state/chunktable.h"
#include "state/historyreader.h"
#include "state/journaltable.h"
#include "state/outboxtable.h"
#include "state/schema.h"
#include "state/segment.h"
#include "state/tables.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace sg {

namespace {

constexpr int CoveredACommit = 512; // segments that one commit gives back

Result<std::unique_ptr<FileLock>> takeLock(const std::string &folder)
{
    const std::string path = folder + "/lock";
    auto lock = FileLock::take(path);
    // A lock file that can be opened but not locked is held; any other failure says what it is itself.
    if (!lock && std::ofstream(path, std::ios::app))
        return Error{SG_TR("another evaluator holds this state folder: %1"), {folder}, {}};
    return lock;
}

// Somebody else's: held by another evaluator, or a sound file that this version must not touch.
bool isRefused(const std::string &folder)
{
    const std::string path = folder + "/lock";
    if (std::ifstream(path) && std::ofstream(path, std::ios::app) && !FileLock::take(path))
        return true;
    try {
        Database database(folder + "/" + StateFileName, Database::Mode::ReadOnly);
        return !checkFormat(database, folder) && database.integer("SELECT count(*) FROM sqlite_schema") != 0;
    } catch (const SqlFault &) {
        return false; // not to be read at all
    }
}

struct Totals // of the segments in the file
{
    std::uint64_t segments = 0, rows = 0, bytes = 0;
    std::uint64_t last = 0; // newest number given, also when that segment is gone
};

}

struct StateFile::Private
{
    Private(std::string ofFolder, std::unique_ptr<FileLock> held, const StateOptions &given)
        : folder(std::move(ofFolder))
        , path(folder + "/" + StateFileName)
        , options(given)
        , lock(std::move(held))
        , database(path, Database::Mode::ReadWrite, options.vfs)
    {
    }

    // What needs the tables to exist; destroyed before the connection.
    struct Statements
    {
        explicit Statements(Database &database)
            : journal(database)
            , instances(database)
            , outbox(database)
            , meta(database, "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)")
            , position(database, "INSERT OR REPLACE INTO position (source, stream, bytes) VALUES (?, ?, ?)")
            , timing(database, "INSERT OR REPLACE INTO timing (source, bytes) VALUES (?, ?)")
            , series(database, "INSERT OR REPLACE INTO series (id, path, kind) VALUES (?, ?, ?)")
            , text(database, "INSERT OR REPLACE INTO text (code, text) VALUES (?, ?)")
            , rule(database, "INSERT OR REPLACE INTO rule (id, text, hash) VALUES (?, ?, ?)")
            , label(database, "INSERT OR REPLACE INTO label (source, place, name) VALUES (?, ?, ?)")
            , segment(database, "INSERT INTO segment (id, t_from, t_to, rows, bytes, data) VALUES (?, ?, ?, ?, ?, ?)")
            , oldest(database, "SELECT id, rows, bytes FROM segment ORDER BY id LIMIT 1")
            , dropSegment(database, "DELETE FROM segment WHERE id = ?")
            , waiting(database, "INSERT OR REPLACE INTO waiting (id, rows, data) VALUES (1, ?, ?)")
            , chunks(database)
        {
        }
        JournalWriter journal;
        InstanceWriter instances;
        OutboxWriter outbox;
        Statement meta, position, timing, series, text, rule, label, segment, oldest, dropSegment, waiting;
        ChunkWriter chunks;
    };

    Result<Done> prepare();
    void writeAll(const Commit &commit);
    void writeRules(const Commit &commit);
    void writeHistory(const Commit &commit);
    void writeRows(std::span<const StoredRow> rows, std::uint64_t segment);
    void dropOldest(std::uint64_t coveredBelow);
    void setMeta(const char *key, std::uint64_t value) { statements->meta.bind(key).bind(value).run(); }

    const std::string folder, path;
    const StateOptions options;
    const std::unique_ptr<FileLock> lock; // given back last, when SQLite has let go of the file
    Database database;
    std::optional<Statements> statements;
    Totals totals;
    std::size_t waitingRows = 0; // in the file
    std::string segmentBytes; // kept between large segments: fresh memory of that size costs more than coding into it
};

Result<Done> StateFile::Private::prepare()
{
    database.execute(options.isSynchronous ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=OFF");
    if (auto upToDate = bringUpToDate(database, path); !upToDate)
        return upToDate;
    {
        Statement mode(database, "PRAGMA journal_mode=WAL");
        if (!mode.next() || mode.text(0) != "wal")
            return Error{
                SG_TR("state folder '%1': the file system does not allow a write-ahead log (a network drive?); expected a local disk"),
                {folder},
                {}};
    }
    // The log is cut back after a burst, so that one large commit does not keep its size for ever.
    database.execute("PRAGMA journal_size_limit=16777216");
    database.execute("PRAGMA cache_size=-8000");
    // Some builds overwrite what is deleted with zeros, and so would write all history twice.
    database.execute("PRAGMA secure_delete=OFF");
    statements.emplace(database);
    if (database.integer("SELECT count(*) FROM meta WHERE key = 'state_name'") == 0) {
        const std::string name = randomName();
        statements->meta.bind("state_name").bind(name).run();
    }
    totals.segments = static_cast<std::uint64_t>(database.integer("SELECT value FROM meta WHERE key = 'segments'"));
    totals.rows = static_cast<std::uint64_t>(database.integer("SELECT value FROM meta WHERE key = 'segment_rows'"));
    totals.bytes = static_cast<std::uint64_t>(database.integer("SELECT value FROM meta WHERE key = 'segment_bytes'"));
    totals.last = static_cast<std::uint64_t>(database.integer("SELECT value FROM meta WHERE key = 'segment_last'"));
    waitingRows = static_cast<std::size_t>(database.integer("SELECT rows FROM waiting"));
    return Done();
}

Result<std::unique_ptr<StateFile>> StateFile::open(const std::string &folder)
{
    return open(folder, StateOptions());
}

Result<std::unique_ptr<StateFile>> StateFile::openOrStandIn(const std::string &folder, std::optional<Error> &why)
{
    auto file = open(folder);
    if (file || isRefused(folder))
        return file;
    StateOptions options;
    options.isTemporary = true;
    std::error_code failed;
    const auto temporary = std::filesystem::temp_directory_path(failed) / ("sightglass-" + randomName());
    auto standIn = failed ? Result<std::unique_ptr<StateFile>>(file.error()) : open(temporary.string(), options);
    if (!standIn)
        return file;
    why = Error{
        SG_TR("nothing is kept: %1. Watching goes on without the history and the acknowledgements of before, and what happens now is "
              "forgotten at the end; make the folder usable and start again"),
        {file.error().plain()},
        {}};
    return standIn;
}

Result<std::unique_ptr<StateFile>> StateFile::open(const std::string &folder, const StateOptions &options)
{
    if (auto made = makeFolder(folder); !made)
        return made.error();
    auto lock = takeLock(folder);
    if (!lock)
        return lock.error();
    try {
        auto p = std::make_unique<Private>(folder, *std::move(lock), options);
        if (auto prepared = p->prepare(); !prepared)
            return prepared.error();
        return std::unique_ptr<StateFile>(new StateFile(std::move(p)));
    } catch (const SqlFault &fault) {
        return explain(fault, folder + "/" + StateFileName);
    }
}

StateFile::StateFile(std::unique_ptr<Private> p)
    : d(std::move(p))
{
}

StateFile::~StateFile()
{
    const std::string temporary = d->options.isTemporary ? d->folder : std::string();
    d.reset();
    std::error_code ignored;
    if (!temporary.empty())
        std::filesystem::remove_all(temporary, ignored);
}

const std::string &StateFile::folder() const
{
    return d->folder;
}

const HistoryTotals &StateFile::history() const
{
    return d->statements->chunks.totals();
}

Result<Done> StateFile::write(const Commit &commit)
{
    const JournalWriter::Mark journalBefore = d->statements->journal.mark();
    const Totals totalsBefore = d->totals;
    const HistoryTotals historyBefore = d->statements->chunks.totals();
    try {
        d->database.execute("BEGIN IMMEDIATE");
        d->writeAll(commit);
        d->database.execute("COMMIT");
        d->waitingRows = commit.waiting.size();
        return Done();
    } catch (const SqlFault &fault) {
        Error error = explain(fault, d->path);
        d->statements->journal.rewind(journalBefore);
        d->totals = totalsBefore;
        d->statements->chunks.rewind(historyBefore);
        try {
            // Some failures end the transaction by themselves.
            if (d->database.isInTransaction())
                d->database.execute("ROLLBACK");
        } catch (const SqlFault &) {
            // The first error is the one to tell; SQLite rolls back by itself when the file is opened again.
        }
        return error;
    }
}

void StateFile::Private::writeAll(const Commit &commit)
{
    for (const auto &[source, streams] : commit.positions)
        for (const auto &[stream, bytes] : streams)
            statements->position.bind(source).bind(stream).bindBlob(bytes).run();
    for (const InstanceState &state : commit.instances)
        statements->instances.write(state);
    for (const JournalRow &row : commit.journal)
        statements->journal.append(row, commit.reference);
    for (const OutboxRow &row : commit.outbox)
        statements->outbox.write(row);
    for (const TimingState &state : commit.timing)
        statements->timing.bind(state.source).bindBlob(state.bytes).run();
    for (const KnownSeries &known : commit.series)
        statements->series.bind(number(known.id)).bind(known.path).bind(static_cast<int>(known.kind)).run();
    for (const KnownText &known : commit.texts)
        statements->text.bind(known.code).bind(known.text).run();
    if (commit.rules)
        writeRules(commit);
    writeHistory(commit);
    if (!commit.waiting.empty() || waitingRows != 0) {
        const std::string bytes = encodeSegment(commit.waiting);
        statements->waiting.bind(static_cast<std::uint64_t>(commit.waiting.size())).bindBlob(bytes).run();
    }
    if (!commit.isWatching)
        return;
    if (commit.reference != NoTime)
        statements->meta.bind("last_seen").bind(static_cast<std::int64_t>(commit.reference.time_since_epoch().count())).run();
    setMeta("clean", !commit.journal.empty() && commit.journal.back().event == "STOPPED" ? 1 : 0);
}

void StateFile::Private::writeHistory(const Commit &commit)
{
    ChunkWriter &chunks = statements->chunks;
    if (commit.isUpkeep)
        chunks.purge();
    for (const StoredChunk &chunk : commit.chunks)
        chunks.store(chunk);
    for (const std::int64_t place : commit.freed)
        chunks.free(place);
    for (const StoredRow &row : commit.held)
        chunks.hold(row);
    chunks.retain(commit.retention);
    if (!commit.chunks.empty() || !commit.freed.empty() || commit.isUpkeep)
        chunks.saveTotals();

    const std::uint64_t parts = segmentsFor(commit.rows.size());
    std::uint64_t segment = std::max(commit.segment, totals.last + parts) - parts;
    for (std::span<const StoredRow> rest = commit.rows; !rest.empty(); rest = rest.subspan(std::min(rest.size(), SegmentRows)))
        writeRows(rest.first(std::min(rest.size(), SegmentRows)), ++segment);
    if (!commit.rows.empty() || commit.isUpkeep)
        dropOldest(commit.coveredBelow);
}

void StateFile::Private::writeRules(const Commit &commit)
{
    database.execute("DELETE FROM label");
    for (const auto &[source, names] : commit.pathLabels)
        for (std::size_t i = 0; i < names.size(); ++i)
            statements->label.bind(source).bind(static_cast<std::uint64_t>(i)).bind(names[i]).run();
    const RuleSet &rules = *commit.rules;
    database.execute("DELETE FROM rule");
    const auto put = [this](const Rule &rule) { statements->rule.bind(rule.id).bind(rule.text).bind(rule.hash).run(); };
    for (const RefusedRule &refused : rules.refused)
        if (refused.keeps)
            put(*refused.keeps);
    for (const auto &rule : rules.rules)
        put(*rule);
}

void StateFile::Private::writeRows(std::span<const StoredRow> rows, std::uint64_t segment)
{
    Time first = rows.front().row.t, last = first;
    for (const StoredRow &row : rows) {
        first = std::min(first, row.row.t);
        last = std::max(last, row.row.t);
    }
    const std::string_view bytes = encodeSegment(rows, segmentBytes);
    statements->segment.bind(segment)
        .bind(static_cast<std::int64_t>(first.time_since_epoch().count()))
        .bind(static_cast<std::int64_t>(last.time_since_epoch().count()))
        .bind(static_cast<std::uint64_t>(rows.size()))
        .bind(static_cast<std::uint64_t>(bytes.size()))
        .bindBlob(bytes)
        .run();
    totals.segments += 1;
    totals.rows += rows.size();
    totals.bytes += bytes.size();
    totals.last = segment;
    constexpr std::size_t Few = 20'000;
    if (rows.size() < Few) // the burst is over
        std::string().swap(segmentBytes);
}

void StateFile::Private::dropOldest(std::uint64_t coveredBelow)
{
    const auto isTooMuch = [this] {
        return totals.segments > 1
            && (totals.rows > options.keptRows || totals.bytes > options.keptBytes || totals.segments > options.keptSegments);
    };
    // A few a commit, so none pays for a long clean-up. The newest segment stays whatever its size.
    for (int n = 0; n < CoveredACommit && statements->oldest.next(); ++n) {
        const std::uint64_t id = statements->oldest.word(0);
        if (id >= coveredBelow && !isTooMuch()) {
            statements->oldest.reset();
            break;
        }
        const std::uint64_t rows = statements->oldest.word(1), bytes = statements->oldest.word(2);
        statements->oldest.reset();
        statements->dropSegment.bind(id).run();
        totals.segments -= 1;
        totals.rows -= std::min(totals.rows, rows);
        totals.bytes -= std::min(totals.bytes, bytes);
    }
    setMeta("segments", totals.segments);
    setMeta("segment_rows", totals.rows);
    setMeta("segment_bytes", totals.bytes);
    setMeta("segment_last", totals.last);
}

Result<Saved> StateFile::load(std::size_t maxRows)
{
    try {
        Saved saved;
        Database &database = d->database;
        Commit &whole = saved.whole;
        for (Statement s(database, "SELECT source, stream, bytes FROM position"); s.next();)
            whole.positions[s.text(0)][s.text(1)] = std::string(s.blob(2));
        whole.instances = readInstances(database);
        whole.outbox = readOutbox(database);
        for (Statement s(database, "SELECT source, bytes FROM timing"); s.next();)
            whole.timing.push_back({s.text(0), std::string(s.blob(1))});
        saved.ruleTexts = readRuleTexts(database);
        loadReadings(database, d->path, maxRows, saved);
        saved.lastSegment = d->totals.last;
        saved.loader = loaderOf(d->path, d->options.vfs);
        for (Statement s(database, "SELECT max(place) FROM (SELECT max(place) AS place FROM chunk UNION ALL SELECT max(place) FROM dead)");
             s.next();)
            saved.nextPlace = s.isNull(0) ? 0 : s.integer(0) + 1;
        for (Statement s(database, "SELECT source, name FROM label ORDER BY source, place"); s.next();)
            whole.pathLabels[s.text(0)].push_back(s.text(1));
        for (Statement s(database, "SELECT data, rows FROM waiting"); s.next();)
            if (!decodeSegment(s.blob(0), whole.waiting))
                saved.troubles.push_back({SG_TR("state file '%1': the %2 readings that waited for older ones are damaged and left out"),
                                          {d->path, s.text(1)},
                                          {}});

        for (Statement s(database, "SELECT value FROM meta WHERE key = 'state_name'"); s.next();)
            saved.stateName = s.text(0);
        for (Statement s(database, "SELECT value FROM meta WHERE key = 'last_seen'"); s.next();)
            saved.lastSeen = timeOf(s, 0);
        for (Statement s(database, "SELECT value FROM meta WHERE key = 'clean'"); s.next();)
            saved.wasClean = s.integer(0) != 0;
        whole.reference = saved.lastSeen;
        saved.nextSeq = d->statements->journal.mark().seq + 1;
        return saved;
    } catch (const SqlFault &fault) {
        return explain(fault, d->path);
    }
}

}
