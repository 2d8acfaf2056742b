#include "state/chunktable.h"
#include "state/journaltable.h"
#include "state/outboxtable.h"
#include "state/schema.h"
#include "state/segment.h"
#include "state/tables.h"

#include <filesystem>
#include <unordered_set>

namespace sg {

namespace {

constexpr std::size_t MostSeenRows = 5'000'000; // of segments; chunks tell their newest row by themselves

}

struct StateReader::Private
{
    Private(const std::string &file)
        : path(file)
        , database(file, Database::Mode::ReadOnly)
    {
    }

    std::string path;
    mutable Database database;

    // Runs a query and turns SQLite's failure into the sentence for it.
    template <class F> auto guarded(F query) const -> Result<decltype(query(database))>
    {
        try {
            return query(database);
        } catch (const SqlFault &fault) {
            return explain(fault, path);
        }
    }
};

Result<std::unique_ptr<StateReader>> StateReader::open(const std::string &folder)
{
    const std::string path = folder + "/" + StateFileName;
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored))
        return Error{SG_TR("no state in '%1' yet: nothing has run with this workspace, or its state is in another folder"), {folder}, {}};
    try {
        auto p = std::make_unique<Private>(path);
        if (auto checked = checkFormat(p->database, path); !checked)
            return checked.error();
        return std::unique_ptr<StateReader>(new StateReader(std::move(p)));
    } catch (const SqlFault &fault) {
        return explain(fault, path);
    }
}

StateReader::StateReader(std::unique_ptr<Private> p)
    : d(std::move(p))
{
}
StateReader::~StateReader() = default;

Result<std::vector<JournalRow>> StateReader::journal(const JournalQuery &query) const
{
    return d->guarded([&](Database &database) { return readJournal(database, query); });
}

Result<std::vector<InstanceState>> StateReader::instances() const
{
    return d->guarded(readInstances);
}

Result<std::vector<OutboxRow>> StateReader::outbox() const
{
    return d->guarded([](Database &database) {
        return database.integer("PRAGMA user_version") >= FirstFormatWithOutbox ? readOutbox(database) : std::vector<OutboxRow>();
    });
}

Result<std::map<std::string, std::string>> StateReader::ruleTexts() const
{
    return d->guarded(readRuleTexts);
}

Result<std::map<std::string, std::vector<std::string>>> StateReader::knownPaths() const
{
    return d->guarded([](Database &database) {
        std::map<std::string, std::vector<std::string>> out;
        if (database.integer("PRAGMA user_version") < FirstFormatWithChunks)
            return out;
        for (Statement s(
                 database,
                 "SELECT source, name FROM label WHERE source IN (SELECT DISTINCT substr(path, 1, instr(path, '/') - 1) FROM series) "
                 "ORDER BY source, place");
             s.next();)
            out[s.text(0)].push_back(s.text(1));
        return out;
    });
}

Result<Done> StateReader::verifyJournal() const
{
    auto verified = d->guarded(sg::verifyJournal);
    return verified ? *verified : Result<Done>(verified.error());
}

Result<std::vector<StateReader::LastValue>> StateReader::lastValues() const
{
    return d->guarded([](Database &database) {
        // One view of the file for all three tables, whatever the evaluator commits meanwhile.
        database.execute("BEGIN");
        const std::vector<KnownSeries> series = readSeries(database);
        std::unordered_map<std::uint32_t, Row> newest;
        const auto note = [&newest](SeriesId of, const Row &row) {
            const auto [place, isNew] = newest.try_emplace(number(of), row);
            // What is noted later wins at the same time.
            if (!isNew && row.t >= place->second.t)
                place->second = row;
        };
        if (database.integer("PRAGMA user_version") >= FirstFormatWithChunks) {
            std::vector<Error> ignored;
            for (const KnownChunk &known : readChunks(database, {}, ignored)) {
                const ChunkSummary &summary = known.chunk.summary;
                const bool hasValue = summary.lastFinite + 1 == summary.rows;
                note(known.series,
                     {summary.last, hasValue ? summary.lastValue : std::numeric_limits<double>::quiet_NaN(), summary.lastQuality});
            }
            for (const StoredRow &held : readHeld(database))
                note(held.series, held.row);
        }
        std::vector<StoredRow> rows;
        std::unordered_set<std::uint32_t> inSegments;
        std::size_t seen = 0;
        {
            Statement s(database, "SELECT data FROM segment ORDER BY id DESC");
            while (seen < MostSeenRows && s.next()) {
                rows.clear();
                if (!decodeSegment(s.blob(0), rows))
                    continue;
                seen += rows.size();
                for (const StoredRow &stored : rows)
                    // A newer segment is read first and wins at the same time.
                    if (const auto known = newest.find(number(stored.series));
                        inSegments.insert(number(stored.series)).second || known == newest.end() || stored.row.t > known->second.t)
                        note(stored.series, stored.row);
            }
        }
        std::unordered_map<std::uint32_t, std::string> texts;
        for (KnownText &known : readTexts(database))
            texts.emplace(known.code, std::move(known.text));
        database.execute("COMMIT");

        std::vector<LastValue> out;
        for (const KnownSeries &known : series) {
            const auto found = newest.find(number(known.id));
            if (found == newest.end())
                continue;
            LastValue &last = out.emplace_back();
            last.path = known.path;
            last.kind = known.kind;
            last.row = found->second;
            if (known.kind == ValueKind::Number || !(last.row.value >= 0 && last.row.value <= 4294967295.0))
                continue;
            if (const auto text = texts.find(static_cast<std::uint32_t>(last.row.value)); text != texts.end())
                last.text = text->second;
        }
        return out;
    });
}

}
