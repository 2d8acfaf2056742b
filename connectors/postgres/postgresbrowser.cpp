#include "connectors/postgres/postgresbrowser.h"

#include "connectors/postgres/postgrescatalog.h"
#include "connectors/postgres/postgresconnect.h"

#include "core/text.h"
#include "core/times.h"

namespace sg {

namespace {

constexpr Millis BrowseTimeout{3'000}; // of each statement: whoever looks around must not keep a server busy
constexpr std::size_t MostRows = 5'000; // of one question

class PostgresBrowser final : public Browser
{
public:
    explicit PostgresBrowser(const SourceSpec &spec)
        : m_spec(spec)
    {
        if (const auto faults = readPostgresSettings(spec, PostgresSecrets::Skip, m_settings, PostgresUse::Browse); !faults.empty())
            throw Refusal{faults.front()};
    }

    Result<Done> connect(const SayStep &say, std::stop_token stop) override
    {
        m_settings = {};
        if (const auto faults = readPostgresSettings(m_spec, PostgresSecrets::Read, m_settings, PostgresUse::Browse); !faults.empty())
            return faults.front();
        if (auto failed = tryConnection(m_settings, say, stop))
            return std::move(failed->error);
        return guarded(stop, [&]() -> Result<Done> {
            m_client = std::make_unique<PostgresClient>(m_settings);
            m_client->setTimeout(BrowseTimeout);
            const std::size_t readable = readCatalog(*m_client).size();
            if (readable == 0)
                return Error{
                    SG_TR("postgres: authorisation: user '%1' may read no view or table of database '%2' on server %3; their owner has "
                          "to GRANT SELECT (and USAGE on the schema)"),
                    {shown(m_settings.user, 60), shown(m_settings.dbname, 60), m_settings.server()},
                    {}};
            say({SG_TR("%1 views and tables may be read"), {std::to_string(readable)}, {}});
            return Done();
        });
    }

    Result<std::vector<BrowsedTopic>> list(Micros listen, std::stop_token stop) override
    {
        return guarded(stop, [&]() -> Result<std::vector<BrowsedTopic>> {
            const Mono until = Mono::clock::now() + std::max<Micros>(listen, std::chrono::seconds(1));
            const std::string zone = m_client->query("SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'TimeZone'")[0][0].c_str();
            std::vector<BrowsedTopic> out;
            for (PostgresRelation &relation : readCatalog(*m_client)) {
                const PostgresProposal proposal = propose(relation, zone);
                BrowsedTopic &topic = out.emplace_back();
                topic.name = relation.title();
                topic.messages = relation.rows;
                topic.bytes = relation.bytes;
                for (const auto &column : relation.columns)
                    topic.columns.push_back({column.column.name, column.type, column.isNullable});
                if (Mono::clock::now() < until && !stop.stop_requested())
                    topic.newest = newestOf(relation, proposal);
                topic.proposals = proposal.keys;
            }
            return out;
        });
    }

    Result<Read> read(const BrowseRequest &request, const std::function<bool(BrowsedMessage)> &take, std::stop_token stop) override
    {
        return guarded(stop, [&] { return readOne(request, take, stop); });
    }

private:
    // What libpqxx throws ends here; a stop wakes it.
    template <class Work> auto guarded(const std::stop_token &stop, Work work) -> decltype(work())
    {
        try {
            const std::stop_callback interrupt(stop, [this] {
                if (m_client)
                    m_client->interrupt();
            });
            return work();
        } catch (const Refusal &refusal) {
            return refusal.error;
        } catch (const std::exception &failure) {
            if (stop.stop_requested())
                return Error{SG_TR("stopped"), {}, {}};
            return explain(failure, m_settings).error;
        }
    }

    std::string quoted(const PostgresRelation &relation) const
    {
        return m_client->quoted(relation.schema) + "." + m_client->quoted(relation.name);
    }

    // The column that rows are put in order by, where the server can do it cheaply.
    std::string orderOf(const PostgresRelation &relation, const PostgresProposal &proposal)
    {
        const std::string column = proposal.cursor.empty() ? proposal.time : proposal.cursor;
        if (column.empty() || column.size() > 63)
            return {};
        const std::string sql = "SELECT * FROM " + quoted(relation) + " ORDER BY " + m_client->quoted(column) + " DESC LIMIT 1";
        return plannedCost(*m_client, sql) <= CheapCost ? column : std::string();
    }

    Time newestOf(const PostgresRelation &relation, const PostgresProposal &proposal)
    {
        try {
            const std::string column = orderOf(relation, proposal);
            const auto *found = relation.find(column);
            if (!found || found->column.kind != PostgresColumn::Kind::ZonedTime)
                return NoTime; // without a zone it names no instant
            const std::string name = m_client->quoted(column);
            const auto rows = m_client->query("SELECT (extract(epoch FROM " + name + ") * 1000000)::bigint FROM " + quoted(relation)
                                              + " WHERE isfinite(" + name + ") ORDER BY " + name + " DESC LIMIT 1");
            return rows.empty() ? NoTime : Time(Micros(std::strtoll(rows[0][0].c_str(), nullptr, 10)));
        } catch (const pqxx::sql_error &) {
            return NoTime; // a view that cannot be asked, or not in time, is listed all the same
        }
    }

    Result<Read> readOne(const BrowseRequest &request, const std::function<bool(BrowsedMessage)> &take, const std::stop_token &stop)
    {
        const std::string name = !request.topics.empty() ? request.topics.front() : m_settings.schema + "." + m_settings.view;
        const auto found = readCatalog(*m_client, name);
        if (found.empty())
            return Error{
                SG_TR("server %1 has no view or table %2, or this user does not see it"), {m_settings.server(), shown(name, 100)}, {}};
        Reading reading{request, take, found.front(), {}, {}, {}, {}};
        if (m_settings.cursor.empty() || !reading.relation.find(m_settings.cursor))
            reading.order = orderOf(reading.relation, propose(reading.relation, {}));
        else
            reading.order = m_settings.cursor;
        if (reading.order.empty())
            reading.read.remarks.push_back(
                {SG_TR("%1: no index is known to lead to its newest rows, so these are some of its rows"), {shown(name, 100)}, {}});
        const Mono until = Mono::clock::now() + request.patience;
        bool goesOn = give(reading, true);
        while (goesOn && request.isFollowing && !stop.stop_requested() && Mono::clock::now() < until) {
            m_client->awaitNotification(Millis(500)); // nobody notifies us; but an ended connection is noticed
            goesOn = give(reading, false);
        }
        return reading.read;
    }

    struct Reading
    {
        const BrowseRequest &request;
        const std::function<bool(BrowsedMessage)> &take;
        const PostgresRelation relation;
        std::string order;
        std::string after; // newest value of the order's column, as text
        std::set<std::string> seen; // rows of the question before
        Read read;
    };

    std::string selectOf(const Reading &reading) const
    {
        // Long texts are cut by the server: what nobody will see need not come.
        std::string out;
        for (const auto &column : reading.relation.columns)
            out += (out.empty() ? "" : ", ")
                + ("pg_catalog.left(" + cellText(m_client->quoted(column.column.name), column.column.kind) + ", "
                   + std::to_string(std::min<std::size_t>(reading.request.mostBytes, 1U << 20U)) + ")");
        return out.empty() ? "NULL" : out;
    }

    // One question; false when enough was taken.
    bool give(Reading &reading, bool isFirst)
    {
        const auto &request = reading.request;
        const double most = isFirst ? static_cast<double>(request.count) : request.mostPerSecond;
        const auto count = static_cast<std::size_t>(std::clamp(most, 1.0, static_cast<double>(MostRows)));
        const std::string order = reading.order.empty() ? std::string() : m_client->quoted(reading.order);
        const bool isBackwards = !order.empty() && (isFirst ? request.from != BrowseRequest::From::Beginning : false);
        std::string sql
            = "SELECT " + selectOf(reading) + (order.empty() ? "" : ", " + order + "::text") + " FROM " + quoted(reading.relation);
        std::vector<std::string> parameters;
        if (!order.empty() && !isFirst && !reading.after.empty()) {
            sql += " WHERE " + order + " > $1::" + reading.relation.find(reading.order)->type;
            parameters.push_back(reading.after);
        }
        if (!order.empty())
            sql += " ORDER BY " + order + (isBackwards ? " DESC NULLS LAST" : "");
        sql += " LIMIT " + std::to_string(isFirst && request.from == BrowseRequest::From::End ? 1 : count);
        const auto rows = m_client->query(sql, parameters);
        const Time arrival = std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
        const int total = static_cast<int>(rows.size());
        const auto orderAt = static_cast<pqxx::row::size_type>(reading.relation.columns.size());
        std::set<std::string> seen;
        for (int i = 0; i < total; ++i) {
            const auto row = rows[static_cast<pqxx::result::size_type>(isBackwards ? total - 1 - i : i)];
            BrowsedMessage message = messageOf(reading, row, arrival);
            if (!order.empty() && !row[orderAt].is_null())
                reading.after = row[orderAt].c_str();
            if (order.empty()) { // told again only when something of it changed
                std::string whole;
                for (const auto &cell : message.cells)
                    whole += cell.text ? *cell.text + '\0' : std::string("\1");
                if (const bool isKnown = reading.seen.contains(whole); seen.insert(std::move(whole)), isKnown)
                    continue;
            }
            if (isFirst && request.from == BrowseRequest::From::End)
                continue; // only what comes
            ++reading.read.given;
            if (!reading.take(std::move(message)))
                return false;
        }
        reading.seen = std::move(seen);
        return true;
    }

    static BrowsedMessage messageOf(const Reading &reading, const pqxx::row &row, Time arrival)
    {
        BrowsedMessage message;
        message.topic = reading.relation.title();
        message.arrival = arrival;
        for (std::size_t i = 0; i < reading.relation.columns.size(); ++i) {
            const PostgresColumn &column = reading.relation.columns[i].column;
            const auto field = row[static_cast<pqxx::row::size_type>(i)];
            auto &cell = message.cells.emplace_back();
            cell.column = column.name;
            cell.isNumber = isNumberKind(column.kind);
            cell.isBool = column.kind == PostgresColumn::Kind::Bool;
            if (!field.is_null())
                cell.text = writtenTime(std::string_view(field.c_str(), field.size()), column.kind).value_or(field.c_str());
            message.size += field.size();
        }
        return message;
    }

    const SourceSpec m_spec;
    PostgresSettings m_settings;
    std::unique_ptr<PostgresClient> m_client;
};

}

std::unique_ptr<Browser> browsePostgres(const SourceSpec &spec)
{
    return std::make_unique<PostgresBrowser>(spec);
}

}
