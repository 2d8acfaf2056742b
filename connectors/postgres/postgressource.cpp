#include "connectors/postgres/postgressource.h"

#include "connectors/postgres/postgresbrowser.h"
#include "connectors/postgres/postgresconnect.h"
#include "connectors/postgres/postgresreader.h"

#include "core/text.h"
#include "core/times.h"

namespace sg {

namespace {

class PostgresSource final : public Source
{
public:
    explicit PostgresSource(const SourceSpec &spec)
        : m_spec(spec)
        , m_intake(spec)
    {
        if (const auto faults = readPostgresSettings(spec, PostgresSecrets::Skip, m_settings); !faults.empty())
            throw Refusal{faults.front()};
    }

    Error run(Lane &lane, const Positions &from, std::stop_token stop) override
    {
        return connected(lane, stop, [&](PostgresReader &reader) {
            reader.run(from, stop);
            return Error{SG_TR("stopped"), {}, {}};
        });
    }

    Result<Done> readBack(Lane &lane, Time from, Time to, std::stop_token stop) override
    {
        if (!m_spec.declaration["time"].has("at"))
            return Error{SG_TR("the rows of %1 have the time at which they were read, for the declaration names no column (time: at); so "
                               "older ones cannot be loaded"),
                         {m_settings.relation()},
                         {}};
        m_settings.channel.clear();
        return connected(lane, stop, [&](PostgresReader &reader) { return reader.readBack(from, to, stop); });
    }

private:
    // One connection, and what ended it.
    template <class Work> auto connected(Lane &lane, const std::stop_token &stop, Work work) -> std::invoke_result_t<Work, PostgresReader &>
    {
        // The secret is read for each attempt, so that a rotated password is found without a restart.
        PostgresSettings settings;
        if (const auto faults = readPostgresSettings(m_spec, PostgresSecrets::Read, settings); !faults.empty())
            throw Refusal{faults.front()};
        settings.channel = m_settings.channel;
        std::unique_ptr<PostgresClient> client;
        try {
            client = std::make_unique<PostgresClient>(settings);
            const std::stop_callback interrupt(stop, [&client] { client->interrupt(); });
            PostgresReader reader(settings, *client, m_intake, lane);
            return work(reader);
        } catch (const std::exception &failure) {
            if (stop.stop_requested())
                return Error{SG_TR("stopped"), {}, {}};
            PostgresFailure why = explain(failure, settings, client ? std::string_view(client->lastWords()) : std::string_view());
            if (!client) // libpq's one text is not enough: the step that fails is looked for once more
                if (auto step = tryConnection(
                        settings, [](const Error &) {}, stop))
                    why = *std::move(step);
            if (why.isRefusal)
                throw Refusal{std::move(why.error)};
            return std::move(why.error);
        }
    }

    const SourceSpec m_spec;
    PostgresSettings m_settings;
    Intake m_intake; // lives over reconnects: what it learned is numbered for the whole life of the source
};

std::vector<Error> checkPostgres(const SourceSpec &spec)
{
    PostgresSettings settings;
    std::vector<Error> faults = readPostgresSettings(spec, PostgresSecrets::Skip, settings);
    std::ranges::move(Intake::check(spec), std::back_inserter(faults));
    return faults;
}

std::unique_ptr<Source> makePostgres(const SourceSpec &spec)
{
    return std::make_unique<PostgresSource>(spec);
}

Result<Done> tryPostgres(const SourceSpec &spec, const std::function<void(const Error &step)> &say, std::stop_token stop)
{
    PostgresSettings settings;
    if (const auto faults = readPostgresSettings(spec, PostgresSecrets::Read, settings); !faults.empty())
        return faults.front();
    std::unique_ptr<PostgresClient> client;
    if (auto failed = tryConnection(settings, say, stop))
        return std::move(failed->error);
    try {
        client = std::make_unique<PostgresClient>(settings);
        const std::stop_callback interrupt(stop, [&client] { client->interrupt(); });
        const PostgresQuery query = describeView(*client, settings);
        std::string columns;
        for (const PostgresColumn &column : query.cells)
            columns += (columns.empty() ? "" : ", ") + shown(column.name, 60);
        say({SG_TR("%1 has the columns %2"), {settings.relation(), shown(columns, 300)}, {}});
        if (settings.isSnapshot) {
            const auto rows = client->query(query.snapshot(SnapshotBook::MostRows + 1)).size();
            if (static_cast<std::size_t>(rows) > SnapshotBook::MostRows)
                return tooManyRows(settings).error;
            say({SG_TR("%1 has %2 rows"), {settings.relation(), std::to_string(rows)}, {}});
            return Done();
        }
        const auto newest = client->query(query.newest());
        if (newest.empty())
            say({SG_TR("%1 is empty"), {settings.relation()}, {}});
        else if (query.isTime)
            say({SG_TR("newest row: %1"), {formatUtc(Time(Micros(std::strtoll(newest[0][0].c_str(), nullptr, 10))))}, {}});
        else
            say({SG_TR("newest row: %1"), {newest[0][0].c_str()}, {}});
        client->query(query.page(PostgresQuery::Begin::First, 1));
        return Done();
    } catch (const Refusal &refusal) {
        return refusal.error;
    } catch (const std::exception &failure) {
        return stop.stop_requested() ? Error{SG_TR("stopped"), {}, {}} : explain(failure, settings).error;
    }
}

}

SourceKind postgresKind()
{
    forgetPostgresService();
    SourceKind kind;
    kind.name = "postgres";
    kind.label = SG_TR("PostgreSQL");
    kind.fields = postgresFields();
    kind.isReplayable = true;
    kind.check = checkPostgres;
    kind.make = makePostgres;
    kind.test = tryPostgres;
    kind.browse = browsePostgres;
    return kind;
}

}
