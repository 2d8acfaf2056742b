#include "state/historyreader.h"

#include "state/chunktable.h"
#include "state/schema.h"
#include "state/segment.h"
#include "state/tables.h"

#include <algorithm>
#include <filesystem>
#include <mutex>

namespace sg {

namespace {

constexpr std::size_t JournalPage = 5000;

// Chunks out of one transaction, so by one connection: its users take turns.
class ChunksOfInstant final : public ChunkLoader
{
public:
    explicit ChunksOfInstant(std::string path)
        : m_path(std::move(path))
        , m_database(m_path, Database::Mode::ReadOnly)
    {
        m_database.execute("BEGIN");
    }

    Database &database() { return m_database; }

    Result<std::string> load(std::int64_t place) override
    {
        const std::lock_guard guard(m_mutex);
        try {
            if (!m_data)
                m_data.emplace(m_database, "SELECT data FROM chunkdata WHERE place = ?");
            m_data->bind(place);
            if (!m_data->next())
                return Error{SG_TR("state file '%1': chunk %2 is not there any more"), {m_path, std::to_string(place)}, {}};
            std::string bytes(m_data->blob(0));
            m_data->reset();
            return bytes;
        } catch (const SqlFault &fault) {
            return explain(fault, m_path);
        }
    }

private:
    const std::string m_path;
    std::mutex m_mutex;
    Database m_database; // guarded by m_mutex once others know the loader
    std::optional<Statement> m_data; // as m_database
};

}

Result<Done> forEachRecord(const StateReader &state, JournalQuery query, const std::function<void(JournalRow &&row)> &each,
                           std::stop_token stop)
{
    query.isNewestFirst = false;
    query.limit = JournalPage;
    while (!stop.stop_requested()) {
        auto rows = state.journal(query);
        if (!rows)
            return rows.error();
        if (rows->empty())
            return Done();
        query.afterSeq = rows->back().seq;
        for (JournalRow &row : *rows)
            each(std::move(row));
    }
    return Done();
}

Result<std::vector<JournalRow>> recordsOf(const StateReader &state, std::span<const std::uint64_t> seqs, std::stop_token stop)
{
    std::vector<JournalRow> out;
    JournalQuery query;
    for (std::size_t at = 0; at < seqs.size() && !stop.stop_requested();) {
        // As many records as the next numbers span, when they lie close together.
        std::size_t end = at + 1;
        while (end < seqs.size() && seqs[end] - seqs[at] < JournalPage)
            ++end;
        query.afterSeq = seqs[at] - 1;
        query.limit = static_cast<std::size_t>(seqs[end - 1] - seqs[at]) + 1;
        auto rows = state.journal(query);
        if (!rows)
            return rows.error();
        for (JournalRow &row : *rows) {
            while (at < end && seqs[at] < row.seq)
                ++at; // no record has this number
            if (at < end && seqs[at] == row.seq) {
                out.push_back(std::move(row));
                ++at;
            }
        }
        at = end;
    }
    return out;
}

void loadReadings(Database &database, const std::string &path, std::size_t maxRows, Saved &saved)
{
    Commit &whole = saved.whole;
    whole.series = readSeries(database);
    whole.texts = readTexts(database);
    // Back from the newest to where the bound is reached, then forward, so that the rows come in the order of their commits.
    std::int64_t first = 0;
    std::uint64_t rows = 0;
    for (Statement s(database, "SELECT id, rows FROM segment ORDER BY id DESC"); rows < maxRows && s.next();) {
        first = s.integer(0);
        rows += s.word(1);
    }
    whole.rows.reserve(std::min<std::uint64_t>(rows, maxRows + SegmentRows));
    if (maxRows > 0) {
        Statement s(database, "SELECT id, data, rows FROM segment WHERE id >= ? ORDER BY id");
        s.bind(first);
        while (s.next()) {
            const std::size_t before = whole.rows.size();
            const bool isSound = decodeSegment(s.blob(1), whole.rows);
            saved.segments.push_back({s.word(0), whole.rows.size() - before});
            if (!isSound)
                saved.troubles.push_back({SG_TR("state file '%1': segment %2 is damaged; its %3 readings are missing from the charts"),
                                          {path, s.text(0), s.text(2)},
                                          {}});
        }
    }
    if (whole.rows.size() > maxRows) {
        const std::size_t surplus = whole.rows.size() - maxRows;
        saved.segments.front().rows -= surplus;
        whole.rows.erase(whole.rows.begin(), whole.rows.begin() + static_cast<std::ptrdiff_t>(surplus));
    }
    if (database.integer("PRAGMA user_version") < FirstFormatWithChunks)
        return;
    saved.chunks = readChunks(database, path, saved.troubles);
    saved.gone = readGone(database);
    whole.held = readHeld(database);
}

Result<Saved> readHistory(const std::string &folder, std::size_t maxRows)
{
    const std::string path = folder + "/" + StateFileName;
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored))
        return Error{SG_TR("no state in '%1' yet: nothing has run with this workspace, or its state is in another folder"), {folder}, {}};
    try {
        auto loader = std::make_shared<ChunksOfInstant>(path);
        Database &database = loader->database();
        if (auto checked = checkFormat(database, path); !checked)
            return checked.error();
        Saved saved;
        loadReadings(database, path, maxRows, saved);
        if (database.integer("PRAGMA user_version") >= FirstFormatWithChunks)
            for (Statement s(database, "SELECT source, name FROM label ORDER BY source, place"); s.next();)
                saved.whole.pathLabels[s.text(0)].push_back(s.text(1));
        for (Statement s(database, "SELECT value FROM meta WHERE key = 'last_seen'"); s.next();)
            saved.lastSeen = timeOf(s, 0);
        // Clocks of devices; what begins with a star is of the alarms.
        for (Statement s(database, "SELECT source, bytes FROM timing WHERE source NOT LIKE '*%'"); s.next();)
            saved.whole.timing.push_back({s.text(0), std::string(s.blob(1))});
        saved.whole.reference = saved.lastSeen;
        saved.loader = std::move(loader);
        return saved;
    } catch (const SqlFault &fault) {
        return explain(fault, path);
    }
}

}
