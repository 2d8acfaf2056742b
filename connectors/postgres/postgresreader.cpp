#include "connectors/postgres/postgresreader.h"

#include "core/text.h"
#include "core/times.h"

#include <charconv>

namespace sg {

namespace {

using Kind = PostgresColumn::Kind;

constexpr std::size_t PageRows = 10'000;
constexpr int ProbeTries = 8;
constexpr auto ProbeEvery = std::chrono::seconds(60);
constexpr Millis LookAtStop{200}; // how long a wait goes on before it asks whether it should stop
constexpr const char *ServerClock = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

Mono now()
{
    return Mono::clock::now();
}

std::int64_t integerOf(const pqxx::field &field)
{
    std::int64_t number = 0;
    std::from_chars(field.c_str(), field.c_str() + field.size(), number);
    return number;
}

Time timeOf(const pqxx::result &result)
{
    return Time(Micros(integerOf(result[0][0])));
}

// Names and kinds of the cells: stored rows of others cannot be compared.
std::string shapeOf(const PostgresQuery &query)
{
    std::string out;
    for (const PostgresColumn &column : query.cells)
        out += column.name + ':' + std::to_string(static_cast<int>(column.kind)) + ';';
    return out + std::to_string(query.keys);
}

}

PostgresQuery describeView(PostgresClient &client, const PostgresSettings &settings)
{
    // Domains are read as the type they are made of.
    const auto rows
        = client.query("SELECT a.attname, (CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE a.atttypid END)::bigint "
                       "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
                       "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
                       "WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 "
                       "AND NOT a.attisdropped ORDER BY a.attnum",
                       {settings.schema, settings.view});
    std::vector<PostgresColumn> columns;
    for (const auto &row : rows)
        columns.push_back({row[0].c_str(), kindOfType(static_cast<std::uint32_t>(integerOf(row[1])))});
    if (columns.empty())
        throw Refusal{
            {SG_TR("server %1 has no view or table %2, or this user does not see it"), {settings.server(), settings.relation()}, {}}};
    for (const PostgresColumn &column : columns)
        if (column.kind == Kind::PlainTime && column.name == settings.timeColumn && settings.zone.empty())
            throw Refusal{{SG_TR("time: column '%1' of %2 is a timestamp without time zone, so nobody can say which instant it means; say "
                                 "whose clock it shows, such as time: { zone: Asia/Seoul }"),
                           {shown(column.name), settings.relation()},
                           {}}};
    auto query = PostgresQuery::make(settings, columns, [&client](const std::string &name) { return client.quoted(name); });
    if (!query)
        throw Refusal{query.error()};
    return *std::move(query);
}

PostgresReader::PostgresReader(const PostgresSettings &settings, PostgresClient &client, Intake &intake, Lane &lane)
    : m_settings(settings)
    , m_client(client)
    , m_intake(intake)
    , m_lane(lane)
    , m_query(describeView(client, settings))
    , m_window(settings.cursor + (m_query.isTime ? ":time" : ":number"), m_query.overlap)
    , m_gate(settings.guards)
    , m_buffers(m_query.cells.size())
{
    if (settings.isSnapshot)
        m_book.emplace(shapeOf(m_query));
    listen();
    m_status = lane.status();
    m_status.why.reset();
    m_status.nextTry.reset();
}

void PostgresReader::run(const Positions &from, const std::stop_token &stop)
{
    m_rateSince = m_arrival = now();
    restore(from);
    probeClock();
    if (!m_book && m_isStored)
        compareWithStored();
    else if (!m_book)
        begin(stop);
    for (bool isFirst = true; !stop.stop_requested(); isFirst = false) {
        const Mono began = now();
        if (began >= m_nextProbe)
            probeClock();
        if (m_book ? !look(isFirst, stop) : !drain(isFirst, stop))
            return;
        report(SourceStatus::State::Live);
        const Mono ended = now();
        // Notifications make it look at once, but never more than half of the time.
        if (!isIdle(ended + (ended - began), stop))
            return;
        const Mono next = began + m_settings.every;
        while (now() < next && !stop.stop_requested()) {
            const auto left = std::chrono::ceil<Millis>(next - now());
            if (m_client.awaitNotification(std::clamp(left, Millis(0), LookAtStop)))
                break;
        }
    }
}

bool PostgresReader::isIdle(Mono until, const std::stop_token &stop)
{
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_until(lock, stop, until, [] { return false; });
    return !stop.stop_requested();
}

void PostgresReader::restore(const Positions &from)
{
    const auto stored = from.find(m_settings.view);
    if (stored == from.end())
        return;
    const auto restored = m_book ? m_book->restore(stored->second) : m_window.restore(stored->second);
    m_isStored = static_cast<bool>(restored);
    if (!restored)
        m_intake.add(Mark(Gap{NoTime, NoTime, restored.error()}));
}

void PostgresReader::begin(const std::stop_token &stop)
{
    const auto moveTo = [this](Time t) { m_window.advance(t.time_since_epoch().count()); };
    switch (m_settings.start.from) {
    case PostgresStart::From::Earliest:
        break;
    case PostgresStart::From::At:
        moveTo(m_settings.start.at + Micros(m_query.overlap)); // the window begins at the time that was asked for
        break;
    case PostgresStart::From::Ago:
        moveTo(serverTime() - m_settings.start.ago + Micros(m_query.overlap));
        break;
    case PostgresStart::From::Latest: {
        const auto newest = m_client.query(m_query.newest());
        if (newest.empty())
            break; // whatever comes into an empty view is new
        std::int64_t last = integerOf(newest[0][0]);
        if (m_query.isTime)
            last = std::min<std::int64_t>(last, serverTime().time_since_epoch().count());
        m_window.advance(last);
        // The rows that are there already are seen; those that commit into the window later are new.
        std::optional<Page> page;
        do {
            page = readPage(page, true, false);
        } while (page && page->rows == PageRows && !stop.stop_requested());
        break;
    }
    }
    if (m_settings.start.from != PostgresStart::From::Latest)
        askBeforeMuch();
    if (!stop.stop_requested())
        push(true, stop);
}

// A first start that would read a table of years is asked about before a row of it is read. The planner knows the size of any view.
void PostgresReader::askBeforeMuch()
{
    const auto lower = m_window.lower();
    const auto plan = m_client.query("EXPLAIN " + m_query.whole(lower.has_value()),
                                     lower ? std::vector{std::to_string(*lower)} : std::vector<std::string>());
    const std::string first = plan.empty() ? std::string() : plan[0][0].c_str(); // "Seq Scan on orders  (cost=0.00..1.00 rows=9 width=48)"
    const auto numberBehind = [&](const char *word) {
        const std::size_t at = first.find(word);
        return at == std::string::npos ? 0.0 : std::strtod(first.c_str() + at + std::char_traits<char>::length(word), nullptr);
    };
    const double rows = numberBehind(" rows="), bytes = rows * numberBehind(" width=");
    const auto most = static_cast<double>(m_settings.guards.mostBacklog);
    if (bytes > most)
        throw Refusal{
            {SG_TR("%1: about %2 in about %3 rows would be read from `start` on, and max_backlog is %4; start at latest, or raise "
                   "max_backlog"),
             {m_settings.relation(), formatSize(bytes), formatNumber(rows), formatSize(most)},
             {}}};
}

bool PostgresReader::restForRate(std::uint64_t rows, std::uint64_t bytes, const std::stop_token &stop)
{
    m_gate.spend(rows, bytes, now());
    return m_gate.opens() <= now() || isIdle(m_gate.opens(), stop);
}

bool PostgresReader::drain(bool isFirst, const std::stop_token &stop)
{
    m_serverNow = serverTime();
    bool wasBehind = false;
    std::optional<Page> page;
    std::optional<std::int64_t> last;
    do {
        page = readPage(page, false, isFirst && !wasBehind);
        if (!page)
            break;
        last = page->newest;
        const bool isLast = page->rows < PageRows;
        if (page->fresh > 0 && isFirst && !wasBehind) {
            wasBehind = true;
            report(SourceStatus::State::CatchingUp);
        }
        if ((wasBehind || isFirst) && isLast) // also of an attempt that broke off while it caught up
            m_intake.add(Mark(CaughtUp{}));
        // A stamp from the future must not carry the window away from the rows of the present.
        const std::int64_t most
            = m_query.isTime ? std::min<std::int64_t>(page->newest, m_serverNow.time_since_epoch().count()) : page->newest;
        m_window.advance(most);
        if (isLast)
            noteEnd(last);
        if (!push(page->fresh > 0 || m_hasGoneBack, stop))
            return false;
        if (!restForRate(page->rows, page->bytes, stop))
            return false;
        if (isLast)
            return true;
    } while (!stop.stop_requested());
    if (!stop.stop_requested())
        noteEnd(last);
    if (wasBehind || isFirst)
        m_intake.add(Mark(CaughtUp{}));
    return push(m_hasGoneBack, stop);
}

std::optional<PostgresReader::Page> PostgresReader::readPage(const std::optional<Page> &after, bool isPriming, bool marksBehind)
{
    std::vector<std::string> parameters;
    const auto lower = m_window.lower();
    auto how = PostgresQuery::Begin::First;
    if (after) {
        how = PostgresQuery::Begin::After;
        parameters = after->keys;
        parameters.insert(parameters.begin(), std::to_string(after->cursor));
    } else if (lower) {
        how = PostgresQuery::Begin::Lower;
        parameters = {std::to_string(*lower)};
    }
    const pqxx::result rows = m_client.query(m_query.page(how, PageRows), parameters);
    const Mono arrival = now();
    if (rows.empty())
        return std::nullopt;

    Page page;
    const std::uint64_t before = m_rateBytes;
    page.rows = static_cast<std::size_t>(rows.size());
    const auto cursorColumn = static_cast<pqxx::row::size_type>(m_query.cells.size());
    for (const auto &row : rows) {
        page.cursor = integerOf(row[cursorColumn]);
        if (!m_window.see(page.cursor, hashOf(row)) || isPriming)
            continue;
        if (++page.fresh == 1 && marksBehind)
            m_intake.add(Mark(Behind{}));
        addRow(row, page.cursor, arrival);
    }
    page.newest = page.cursor; // rows come in cursor order
    for (std::size_t i = 0; i < m_query.keys; ++i)
        page.keys.emplace_back(rows[rows.size() - 1][cursorColumn + 1 + static_cast<pqxx::row::size_type>(i)].c_str());
    page.bytes = m_rateBytes - before;
    if (page.fresh > 0)
        m_arrival = arrival;
    return page;
}

std::uint64_t PostgresReader::hashOf(const pqxx::row &row)
{
    StableHash hash;
    m_key.clear();
    for (std::size_t i = 0; i < m_query.keys; ++i) {
        const auto field = row[static_cast<pqxx::row::size_type>(m_query.cells.size() + 1 + i)];
        const std::string_view text(field.c_str(), field.size());
        hash.add(text);
        m_key.append(i == 0 ? "" : "|").append(text);
    }
    return hash.value();
}

void PostgresReader::readCells(std::span<const std::optional<std::string_view>> texts)
{
    m_cells.clear();
    for (std::size_t i = 0; i < m_query.cells.size(); ++i) {
        const PostgresColumn &column = m_query.cells[i];
        Cell &cell = m_cells.emplace_back();
        cell.column = column.name;
        cell.isNumber = isNumberKind(column.kind);
        cell.isBool = column.kind == Kind::Bool;
        cell.isJson = column.kind == Kind::Json;
        cell.text = texts[i];
        if (!cell.text)
            continue;
        cell.isRounded = (column.kind == Kind::Number || column.kind == Kind::Whole) && isRounded(*cell.text);
        if (cell.isRounded)
            m_rounded.emplace(column.name, *cell.text);
        if (auto written = writtenTime(*cell.text, column.kind)) {
            m_buffers[i] = *std::move(written);
            cell.text = m_buffers[i];
        }
    }
}

Message PostgresReader::messageOf(std::int64_t offset, Mono arrival) const
{
    Message message;
    message.topic = m_settings.view;
    message.key = m_key;
    message.cells = m_cells;
    message.stream = m_settings.view;
    message.offset = offset;
    message.databaseTime = m_serverNow;
    message.arrival = arrival;
    return message;
}

void PostgresReader::addRow(const pqxx::row &row, std::int64_t cursor, Mono arrival)
{
    m_texts.clear();
    for (std::size_t i = 0; i < m_query.cells.size(); ++i) {
        const auto field = row[static_cast<pqxx::row::size_type>(i)];
        m_rateBytes += field.size();
        m_texts.push_back(field.is_null() ? std::nullopt : std::optional<std::string_view>(std::in_place, field.c_str(), field.size()));
    }
    readCells(m_texts);
    ++m_rateMessages;
    ++m_status.messages;
    static_cast<void>(m_intake.add(messageOf(cursor, arrival))); // a row that cannot be read is counted and shown by the intake
}

Time PostgresReader::serverTime()
{
    return timeOf(m_client.query(ServerClock));
}

void PostgresReader::listen()
{
    if (m_settings.channel.empty())
        return;
    const auto peer = m_client.peer();
    if (peer.isStandby)
        m_notListening = {SG_TR("listen: server %1 is a standby, which passes no notification on; %2 is looked at every %3"),
                          {m_settings.server(), m_settings.relation(), formatDuration(m_settings.every)},
                          {}};
    else if (peer.isPooled)
        m_notListening
            = {SG_TR("listen: a connection pooler stands before server %1, and one that pools by transaction drops notifications; %2 is "
                     "looked at every %3"),
               {m_settings.server(), m_settings.relation(), formatDuration(m_settings.every)},
               {}};
    else
        m_client.listen(m_settings.channel);
}

void PostgresReader::probeClock()
{
    ClockProbe best{};
    auto least = Mono::duration::max();
    for (int i = 0; i < ProbeTries; ++i) {
        const Mono sent = now();
        const auto result = m_client.query(ServerClock);
        const Mono received = now();
        if (received - sent < least) {
            least = received - sent;
            best = {sent, received, timeOf(result)};
        }
    }
    m_intake.add(Mark(best));
    m_nextProbe = now() + ProbeEvery;
}

bool PostgresReader::push(bool hasMoved, const std::stop_token &stop)
{
    Positions after;
    if (hasMoved)
        after[m_settings.view] = m_book ? m_book->bytes() : m_window.bytes();
    m_hasGoneBack = m_hasGoneBack && !hasMoved;
    Batch batch = m_intake.seal(std::move(after), m_arrival);
    if (batch.isEmpty())
        return true;
    while (!m_lane.push(batch)) {
        if (stop.stop_requested())
            return false;
        m_lane.waitForRoom(stop);
    }
    return true;
}

void PostgresReader::report(SourceStatus::State state)
{
    const Mono t = now();
    const double seconds = std::chrono::duration<double>(t - m_rateSince).count();
    if (seconds >= 1) {
        m_status.messagesPerSecond = static_cast<double>(m_rateMessages) / seconds;
        m_status.bytesPerSecond = static_cast<double>(m_rateBytes) / seconds;
        m_status.queriesPerSecond = static_cast<double>(m_client.queries() - m_rateQueries) / seconds;
        m_rateMessages = m_rateBytes = 0;
        m_rateQueries = m_client.queries();
        m_rateSince = t;
    }
    m_status.state = state;
    m_status.lag = state == SourceStatus::State::Live ? 0 : -1;
    SourceStatus status = m_status;
    m_intake.describe(status);
    if (m_window.isCut())
        status.notes.push_back(
            {SG_TR("more than %1 rows lie in the overlap of %2; rows that commit later than the newest of them may be missed"),
             {std::to_string(CursorWindow::MostRows), m_settings.relation()},
             {}});
    if (m_shrunk)
        status.notes.push_back(*m_shrunk);
    if (m_gate.isLimiting(now()))
        status.notes.push_back({SG_TR("limited to %1 by max_rate: reading lags behind, and the server keeps the rest meanwhile"),
                                {m_settings.guards.rate},
                                {}});
    if (m_notListening)
        status.notes.push_back(*m_notListening);
    for (const auto &[column, example] : m_rounded)
        status.notes.push_back(
            {SG_TR("column '%1' holds numbers of more digits than a chart's number keeps (%2); they are rounded to about "
                   "16 digits and marked as uncertain; as: text keeps every digit"),
             {shown(column, 60), shown(example, 60)},
             {}});
    m_lane.report(std::move(status));
}

}
