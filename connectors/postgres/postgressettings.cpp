#include "connectors/postgres/postgressettings.h"

#include "core/secret.h"
#include "core/text.h"
#include "core/times.h"
#include "core/workspacefile.h"

#include <libpq-fe.h>

#include <cstdlib>
#include <memory>
#include <set>

namespace sg {

namespace {

constexpr const char *Modes[] = {"cursor", "snapshot"};
constexpr const char *WhenGone[] = {"nodata", "retire"};
constexpr const char *SslModes[] = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"};
constexpr Micros LeastEvery{100'000};

constexpr Field Table[] = {
    {"host", FieldType::Text, true, "", "", SG_TR("Host"), SG_TR("Name or address of the server."), {}, {}},
    {"port", FieldType::Integer, false, "5432", "", SG_TR("Port"), SG_TR("Port of the server."), {}, {}},
    {"dbname", FieldType::Text, true, "", "", SG_TR("Database"), SG_TR("Name of the database."), {}, {}},
    {"user", FieldType::Text, false, "", "", SG_TR("User"), SG_TR("A role that may read the view and nothing else."), {}, {}},
    {"password", FieldType::Secret, false, "", "", SG_TR("Password"), SG_TR("By reference: an environment variable or a file."), {}, {}},
    {"sslmode",
     FieldType::Choice,
     false,
     "",
     "",
     SG_TR("TLS"),
     SG_TR("How the connection is protected; verify-full where a CA is given, else prefer."),
     SslModes,
     {}},
    {"ca",
     FieldType::Path,
     false,
     "",
     "",
     SG_TR("CA certificate"),
     SG_TR("File in the workspace that the server's certificate is held against."),
     {},
     {}},
    {"schema", FieldType::Text, false, "public", "", SG_TR("Schema"), SG_TR("Schema of the view."), {}, {}},
    {"view", FieldType::Text, true, "", "", SG_TR("View"), SG_TR("A view or table; it is only read."), {}, {}},
    {"mode",
     FieldType::Choice,
     false,
     "cursor",
     "",
     SG_TR("Mode"),
     SG_TR("cursor reads rows beyond the last one seen; snapshot looks at all rows of a small view and tells what changed."),
     Modes,
     {}},
    {"cursor",
     FieldType::Text,
     false,
     "",
     "",
     SG_TR("Cursor column"),
     SG_TR("Of mode cursor: a timestamp or whole number that grows from row to row."),
     {},
     {}},
    {"overlap",
     FieldType::Text,
     false,
     "",
     "",
     SG_TR("Overlap"),
     SG_TR("How far back is looked again for rows that were committed late: a duration, or a number for a numeric cursor."),
     {},
     {}},
    {"row_key",
     FieldType::Texts,
     false,
     "",
     "",
     SG_TR("Row key"),
     SG_TR("Columns that tell one row from every other; a snapshot takes the columns of path when it is not given."),
     {},
     {}},
    {"gone",
     FieldType::Choice,
     false,
     "nodata",
     "",
     SG_TR("Row gone"),
     SG_TR("Of mode snapshot: a row that vanished has no data (its alarms stay as they are), or is retired, which closes them."),
     WhenGone,
     {}},
    {"every", FieldType::Duration, false, "1s", "", SG_TR("Every"), SG_TR("Time between two looks."), {}, {}},
    {"listen", FieldType::Text, false, "", "", SG_TR("Listen"), SG_TR("Channel whose NOTIFY makes it look at once."), {}, {}},
    {"start",
     FieldType::Text,
     false,
     "latest",
     "",
     SG_TR("Start"),
     SG_TR("Where to begin when nothing is stored: earliest, latest, a duration ago (-2h) or an ISO 8601 time."),
     {},
     {}},
};

void readStart(const Node &node, PostgresStart &start, std::vector<Error> &faults)
{
    const std::string &text = node.scalar;
    if (node.isMissing() || text == "latest") {
        start.from = PostgresStart::From::Latest;
    } else if (text == "earliest") {
        start.from = PostgresStart::From::Earliest;
    } else if (text.starts_with('-')) {
        const auto ago = parseDuration(text);
        if (!ago)
            return faults.push_back(node.error(SG_TR("start: %1"), {ago.error().plain()}));
        start.from = PostgresStart::From::Ago;
        start.ago = Micros(std::abs(ago->count()));
    } else {
        const auto at = parseIso(text);
        if (!at)
            return faults.push_back(node.error(
                SG_TR("start: '%1' is neither earliest, latest, a duration ago such as -2h, nor a time such as 2026-10-12T08:00:00Z"),
                {shown(text)}));
        start.from = PostgresStart::From::At;
        start.at = *at;
    }
}

// "column:ts" and "column:data/temp" anywhere in the declaration.
void collectMentioned(const Node &node, std::vector<std::string> &out)
{
    constexpr std::string_view prefix = "column:";
    if (node.kind == Node::Kind::Scalar && node.scalar.starts_with(prefix))
        out.push_back(node.scalar.substr(
            prefix.size(), node.scalar.find('/') == std::string::npos ? std::string::npos : node.scalar.find('/') - prefix.size()));
    for (const auto &[key, value] : node.map)
        collectMentioned(value, out);
    for (const Node &item : node.list)
        collectMentioned(item, out);
}

// The column that a label of path is read from; empty when it is no column's.
std::string columnOf(const SourceSpec &spec, const std::string &label)
{
    const Node &labels = spec.declaration["labels"];
    if (!labels.has(label))
        return label;
    const std::string where = labels.text(label);
    return where.starts_with("column:") ? where.substr(7, where.find('/') == std::string::npos ? std::string::npos : where.find('/') - 7)
                                        : std::string();
}

// Of a snapshot a row is what stays while its values change, so its key is what the path is made of, no more and no less.
void readSnapshot(const SourceSpec &spec, PostgresSettings &settings, std::vector<Error> &faults)
{
    const Node &node = spec.settings;
    settings.retiresGone = node.text("gone") == "retire";
    for (const char *key : {"cursor", "overlap"})
        if (node.has(key))
            faults.push_back(
                node[key].error(SG_TR("%1: mode: snapshot looks at all rows, so it takes none; remove it, or say mode: cursor"), {key}));
    if (node.has("start") && node.text("start") != "latest")
        faults.push_back(node["start"].error(SG_TR("start: a view in mode: snapshot shows no past; only latest is possible")));
    std::vector<std::string> columns;
    for (const std::string &label : readTexts(spec.declaration["path"]))
        if (std::string column = columnOf(spec, label);
            !column.empty() && std::find(columns.begin(), columns.end(), column) == columns.end())
            columns.push_back(std::move(column));
    if (settings.rowKey.empty())
        settings.rowKey = columns;
    for (const std::string &column : settings.rowKey)
        if (std::find(columns.begin(), columns.end(), column) == columns.end())
            faults.push_back(
                node["row_key"].error(SG_TR("row_key: column '%1' is no label of path; in mode: snapshot a row is a thing that "
                                            "stays while its values and its time change"),
                                      {shown(column)}));
    for (const std::string &column : columns)
        if (std::find(settings.rowKey.begin(), settings.rowKey.end(), column) == settings.rowKey.end())
            faults.push_back(node["row_key"].error(
                SG_TR("row_key: column '%1' of path is missing in it: two rows that differ in it are two things"), {shown(column)}));
}

// Two rows that differ in nothing a series is made of would overwrite each other, so the key must be path and time.
void checkRowKey(const SourceSpec &spec, const PostgresSettings &settings, std::vector<Error> &faults)
{
    const std::vector<std::string> path = readTexts(spec.declaration["path"]);
    const Node &labels = spec.declaration["labels"];
    const std::string time = spec.declaration["time"].text("at");
    for (const std::string &column : settings.rowKey) {
        const bool isTime = time == "column:" + column || time == column;
        const bool isLabel = std::any_of(path.begin(), path.end(), [&](const std::string &label) {
            return labels.has(label) ? labels.text(label) == "column:" + column : label == column;
        });
        if (!isTime && !isLabel)
            faults.push_back(spec.settings["row_key"].error(
                SG_TR(
                    "row_key: column '%1' is neither a label of path nor the time; rows that differ only in it would overwrite each other"),
                {shown(column)}));
    }
}

// The view and how it is read.
void readWhatIsRead(const SourceSpec &spec, PostgresSettings &settings, std::vector<Error> &faults)
{
    const Node &node = spec.settings;
    if (settings.view.empty())
        faults.push_back(node.error(SG_TR("'%1' is missing"), {"view"}));
    if (settings.isSnapshot) {
        readSnapshot(spec, settings, faults);
        return;
    }
    if (settings.cursor.empty())
        faults.push_back(node.error(SG_TR("'cursor' is missing: a column that grows from row to row; a view without one is read with "
                                          "mode: snapshot")));
    if (node.has("gone"))
        faults.push_back(node["gone"].error(SG_TR("gone: only mode: snapshot sees that a row vanished")));
    if (settings.rowKey.empty())
        faults.push_back(node.error(SG_TR("'row_key' is missing: the columns that tell one row from every other")));
    checkRowKey(spec, settings, faults);
}

}

Fields postgresFields()
{
    return Table;
}

bool PostgresSettings::isMentioned(std::string_view column) const
{
    return std::find(mentioned.begin(), mentioned.end(), column) != mentioned.end();
}

std::string PostgresSettings::connectionText() const
{
    std::string out;
    std::set<std::string, std::less<>> said;
    const auto add = [&](const char *key, std::string_view value) {
        said.emplace(key);
        out.append(out.empty() ? "" : " ").append(key).append("='");
        for (const char c : value) {
            if (c == '\'' || c == '\\')
                out += '\\';
            out += c;
        }
        out += '\'';
    };
    add("host", host);
    add("port", port);
    add("dbname", dbname);
    add("user", user);
    add("password", password);
    add("sslmode", sslmode);
    add("sslrootcert", ca); // without one libpq looks into ~/.postgresql/root.crt: whom this machine trusts is its own matter
    add("application_name", clientName);
    add("client_encoding", "UTF8");
    add("connect_timeout", "5");
    // A server that vanished without a word is noticed within half a minute.
    add("keepalives_idle", "10");
    add("keepalives_interval", "5");
    add("keepalives_count", "3");
    // Only what the workspace says: a password, a certificate or a Kerberos ticket that lies on this machine for other servers must not go
    // to this one. An option that is there, even if empty, keeps libpq from its environment variable.
    constexpr const char *NoFile = "/dev/null/none";
    add("passfile", NoFile);
    add("sslcert", NoFile);
    add("sslkey", NoFile);
    add("gssencmode", "disable");
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse("", nullptr), PQconninfoFree);
    for (const auto *option = options.get(); option != nullptr && option->keyword != nullptr; ++option)
        if (const std::string_view key = option->keyword;
            option->envvar != nullptr && !said.contains(key) && key != "service" && key != "servicefile") // see forgetPostgresService()
            add(option->keyword, option->compiled != nullptr ? option->compiled : "");
    return out;
}

void forgetPostgresService()
{
    ::unsetenv("PGSERVICE");
}

std::string PostgresSettings::server() const
{
    return shown(host, 100) + ":" + port + "/" + shown(dbname, 100);
}

std::string PostgresSettings::relation() const
{
    return shown(schema, 100) + "." + shown(view, 100);
}

std::string PostgresSettings::safe(std::string_view text) const
{
    std::string out = withoutSecret(std::string(text), password);
    while (!out.empty() && (out.back() == '\n' || out.back() == ' '))
        out.pop_back();
    return shown(out, 400);
}

std::vector<Error> readPostgresSettings(const SourceSpec &spec, PostgresSecrets secrets, PostgresSettings &settings, PostgresUse use)
{
    std::vector<Error> faults;
    const Node &node = spec.settings;
    settings.host = node.text("host");
    if (settings.host.find(',') != std::string::npos)
        faults.push_back(node["host"].error(SG_TR("host: '%1' names several servers; expected one"), {shown(settings.host)}));
    settings.port = node.text("port", "5432");
    if (const auto port = parseNumber(settings.port); !port || *port < 1 || *port > 65535)
        faults.push_back(node["port"].error(SG_TR("port: '%1' is not a number from 1 to 65535"), {shown(settings.port)}));
    settings.dbname = node.text("dbname");
    settings.user = node.text("user");
    settings.schema = node.text("schema", "public");
    settings.view = node.text("view");
    settings.cursor = node.text("cursor");
    settings.overlap = node.text("overlap");
    settings.rowKey = readTexts(node["row_key"]);
    settings.channel = node.text("listen");
    settings.clientName = spec.clientName.empty() ? "sightglass" : spec.clientName;
    settings.isSnapshot = node.text("mode") == "snapshot";
    for (const char *key : {"host", "dbname"})
        if (node.text(key).empty())
            faults.push_back(node.error(SG_TR("'%1' is missing"), {key}));
    if (use == PostgresUse::Read)
        readWhatIsRead(spec, settings, faults);

    if (node.has("ca")) {
        auto path = fileInWorkspace(spec.folder, node.text("ca"), "ca");
        if (path)
            settings.ca = *std::move(path);
        else
            faults.push_back(path.error());
    }
    settings.sslmode = node.text("sslmode", settings.ca.empty() ? "prefer" : "verify-full");
    if (node.has("every")) {
        const auto every = readDuration(node["every"], "every");
        if (!every)
            faults.push_back(every.error());
        else if (*every < LeastEvery)
            faults.push_back(node["every"].error(SG_TR("every: %1 is too short; expected 100ms or more, or `listen` to look at once"),
                                                 {node.text("every")}));
        else
            settings.every = *every;
    } else {
        settings.every = std::chrono::seconds(1);
    }
    readStart(node["start"], settings.start, faults);
    settings.guards = SourceGuards::read(spec.declaration, faults);
    if (const std::string at = spec.declaration["time"].text("at"); at.starts_with("column:"))
        settings.timeColumn = at.substr(7);
    settings.isByArrival = spec.declaration["time"].text("basis") == "arrival";
    settings.zone = spec.declaration["time"].text("zone");
    collectMentioned(spec.declaration, settings.mentioned);
    for (const std::string &label : readTexts(spec.declaration["path"]))
        settings.mentioned.push_back(label);

    if (secrets == PostgresSecrets::Read && node.has("password")) {
        auto password = readSecret(node["password"]);
        if (password)
            settings.password = *std::move(password);
        else
            faults.push_back(password.error());
    }
    return faults;
}

}
