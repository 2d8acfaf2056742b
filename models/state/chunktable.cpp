#include "state/chunktable.h"

#include "state/tables.h"
#include "store/chunkbytes.h"

#include <bit>
#include <mutex>

namespace sg {

namespace {

// What one commit may spend on tidying, so that none of them is long.
constexpr int FreesACommit = 256;
constexpr std::uint64_t PurgedBytesACommit = 8U << 20U;

std::int64_t microsOf(Time t)
{
    return t.time_since_epoch().count();
}

class DiskChunks final : public ChunkLoader
{
public:
    DiskChunks(std::string path, const char *vfs)
        : m_path(std::move(path))
        , m_vfs(vfs)
    {
    }

    Result<std::string> load(std::int64_t place) override
    {
        try {
            std::unique_ptr<Connection> connection = take();
            connection->data.bind(place);
            if (!connection->data.next())
                return Error{SG_TR("state file '%1': chunk %2 is not there any more"), {m_path, std::to_string(place)}, {}};
            std::string bytes(connection->data.blob(0));
            connection->data.reset();
            giveBack(std::move(connection));
            return bytes;
        } catch (const SqlFault &fault) {
            return explain(fault, m_path);
        }
    }

private:
    struct Connection
    {
        Connection(const std::string &path, const char *vfs)
            : database(path, Database::Mode::ReadOnly, vfs)
            , data(database, "SELECT data FROM chunkdata WHERE place = ?")
        {
        }
        Database database;
        Statement data;
    };

    std::unique_ptr<Connection> take()
    {
        {
            const std::lock_guard guard(m_mutex);
            if (!m_idle.empty()) {
                auto connection = std::move(m_idle.back());
                m_idle.pop_back();
                return connection;
            }
        }
        return std::make_unique<Connection>(m_path, m_vfs);
    }
    void giveBack(std::unique_ptr<Connection> connection)
    {
        const std::lock_guard guard(m_mutex);
        m_idle.push_back(std::move(connection));
    }

    const std::string m_path;
    const char *m_vfs;
    std::mutex m_mutex;
    std::vector<std::unique_ptr<Connection>> m_idle; // guarded by m_mutex; as many as threads ever read at once
};

}

ChunkWriter::ChunkWriter(Database &database)
    : m_index(database, "INSERT OR REPLACE INTO chunk (place, series, t_last, up_to, bytes, summary) VALUES (?, ?, ?, ?, ?, ?)")
    , m_data(database, "INSERT OR REPLACE INTO chunkdata (place, data) VALUES (?, ?)")
    , m_find(database, "SELECT bytes FROM chunk WHERE place = ?")
    , m_unindex(database, "DELETE FROM chunk WHERE place = ?")
    , m_die(database, "INSERT OR REPLACE INTO dead (place, bytes) VALUES (?, ?)")
    , m_hold(database, "INSERT OR REPLACE INTO held (series, t, bits, quality) VALUES (?, ?, ?, ?)")
    , m_unhold(database, "DELETE FROM held WHERE series = ? AND t <= ?")
    , m_oldest(database, "SELECT place, t_last, series, up_to FROM chunk ORDER BY t_last LIMIT 1")
    , m_gone(database,
             "INSERT INTO gone (series, t_last, up_to) VALUES (?, ?, ?) ON CONFLICT (series) DO UPDATE SET "
             "t_last = max(t_last, excluded.t_last), up_to = max(up_to, excluded.up_to)")
    , m_dead(database, "SELECT place, bytes FROM dead ORDER BY place LIMIT 1")
    , m_dropData(database, "DELETE FROM chunkdata WHERE place = ?")
    , m_bury(database, "DELETE FROM dead WHERE place = ?")
    , m_meta(database, "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)")
{
    m_totals.chunks = static_cast<std::uint64_t>(database.integer("SELECT value FROM meta WHERE key = 'chunks'"));
    m_totals.bytes = static_cast<std::uint64_t>(database.integer("SELECT value FROM meta WHERE key = 'chunk_bytes'"));
}

void ChunkWriter::store(const StoredChunk &chunk)
{
    for (const std::int64_t place : chunk.replaces)
        free(place);
    const std::string summary = encodeSummary(chunk.summary);
    m_index.bind(chunk.place).bind(number(chunk.series)).bind(microsOf(chunk.summary.last)).bind(chunk.upTo);
    m_index.bind(static_cast<std::uint64_t>(chunk.bytes.size())).bindBlob(summary).run();
    m_data.bind(chunk.place).bindBlob(chunk.bytes).run();
    m_unhold.bind(number(chunk.series)).bind(microsOf(chunk.summary.last)).run();
    m_totals.chunks += 1;
    m_totals.bytes += chunk.bytes.size();
}

void ChunkWriter::hold(const StoredRow &row)
{
    m_hold.bind(number(row.series)).bind(microsOf(row.row.t)).bind(std::bit_cast<std::uint64_t>(row.row.value));
    m_hold.bind(static_cast<int>(row.row.quality)).run();
}

void ChunkWriter::free(std::int64_t place)
{
    m_find.bind(place);
    if (!m_find.next())
        return; // freed by retention already
    const std::uint64_t bytes = m_find.word(0);
    m_find.reset();
    m_unindex.bind(place).run();
    m_die.bind(place).bind(bytes).run();
    m_totals.chunks -= std::min<std::uint64_t>(m_totals.chunks, 1);
    m_totals.bytes -= std::min(m_totals.bytes, bytes);
}

void ChunkWriter::retain(const Retention &retention)
{
    for (int n = 0; n < FreesACommit && m_oldest.next(); ++n) {
        const std::int64_t place = m_oldest.integer(0);
        const Time last = timeOf(m_oldest, 1);
        const std::int64_t series = m_oldest.integer(2);
        const std::uint64_t upTo = m_oldest.word(3);
        m_oldest.reset();
        const bool isTooOld = retention.from != NoTime && last < retention.from;
        const bool isTooMuch = retention.bytes != 0 && m_totals.bytes > retention.bytes;
        if (!isTooOld && !isTooMuch)
            return;
        free(place);
        m_gone.bind(series).bind(microsOf(last)).bind(upTo).run(); // its rows may still be in a segment
        m_totals.goneUpTo = std::max(m_totals.goneUpTo, last);
    }
}

void ChunkWriter::purge()
{
    for (std::uint64_t bytes = 0; bytes < PurgedBytesACommit && m_dead.next();) {
        const std::int64_t place = m_dead.integer(0);
        bytes += m_dead.word(1);
        m_dead.reset();
        m_dropData.bind(place).run();
        m_bury.bind(place).run();
    }
}

void ChunkWriter::saveTotals()
{
    m_meta.bind("chunks").bind(m_totals.chunks).run();
    m_meta.bind("chunk_bytes").bind(m_totals.bytes).run();
}

std::vector<KnownChunk> readChunks(Database &database, const std::string &path, std::vector<Error> &troubles)
{
    std::vector<KnownChunk> out;
    std::size_t damaged = 0;
    for (Statement s(database, "SELECT place, series, up_to, summary FROM chunk"); s.next();) {
        const auto summary = decodeSummary(s.blob(3));
        if (!summary || s.integer(0) < 0) {
            ++damaged;
            continue;
        }
        out.push_back({static_cast<SeriesId>(s.integer(1)), {*summary, s.integer(0)}, s.word(2)});
    }
    if (damaged > 0)
        troubles.push_back(
            {SG_TR("state file '%1': %2 entries of the history's index are damaged; their readings are missing from the charts"),
             {path, std::to_string(damaged)},
             {}});
    std::sort(out.begin(), out.end(), [](const KnownChunk &a, const KnownChunk &b) {
        return std::pair(number(a.series), a.chunk.summary.first) < std::pair(number(b.series), b.chunk.summary.first);
    });
    return out;
}

std::vector<GoneRows> readGone(Database &database)
{
    std::vector<GoneRows> out;
    for (Statement s(database, "SELECT series, t_last, up_to FROM gone"); s.next();)
        out.push_back({static_cast<SeriesId>(s.integer(0)), timeOf(s, 1), s.word(2)});
    return out;
}

std::vector<StoredRow> readHeld(Database &database)
{
    std::vector<StoredRow> out;
    for (Statement s(database, "SELECT series, t, bits, quality FROM held"); s.next();)
        out.push_back({static_cast<SeriesId>(s.integer(0)),
                       {timeOf(s, 1), std::bit_cast<double>(s.word(2)), enumOf(s, 3, Quality::Bad, Quality::Bad)}});
    return out;
}

std::shared_ptr<ChunkLoader> loaderOf(std::string path, const char *vfs)
{
    return std::make_shared<DiskChunks>(std::move(path), vfs);
}

}
