#pragma once

#include "connectors/postgresreading.h"
#include "stack/stack.h"

#include <QFile>
#include <QTemporaryDir>

#include <pqxx/pqxx>

namespace sg::test {

using NodeRows = std::vector<std::pair<std::string, Node>>;

// A real server, a workspace folder with the stack's certificates, and sources of views in it.
class PostgresHouse
{
public:
    explicit PostgresHouse(const std::vector<std::string> &servers = {"postgres"})
        : stack(servers)
    {
        connection = "host=" + stack["SG_PG_HOST"] + " port=" + stack["SG_PG_PORT"] + " user=" + stack["SG_PG_USER"]
            + " dbname=" + stack["SG_PG_DB"];
        QFile::copy(QString::fromStdString(stack["SG_CA"]), workspace.filePath(QStringLiteral("ca.crt")));
        QFile::copy(QString::fromStdString(stack["SG_WRONG_CA"]), workspace.filePath(QStringLiteral("wrong.crt")));
        qputenv("SG_RIGHT", QByteArray::fromStdString(stack["SG_PG_TLS_PASSWORD"]));
        qputenv("SG_WRONG", "wr0ng-pa55word");
    }

    void execute(const std::string &sql) const
    {
        pqxx::connection c(connection);
        pqxx::work work(c);
        work.exec(sql);
        work.commit();
    }
    // Outside of a transaction, e.g. ALTER SYSTEM.
    void command(const std::string &sql) const
    {
        pqxx::connection c(connection);
        pqxx::nontransaction(c).exec(sql);
    }

    // The server and its superuser; what is given comes on top of it.
    SourceSpec spec(const NodeRows &settings, const NodeRows &declaration = {}) const
    {
        SourceSpec out;
        out.id = "status";
        out.kind = "postgres";
        out.folder = workspace.path().toStdString();
        out.clientName = "sightglass-test-host";
        out.settings = merged({{"host", text(stack["SG_PG_HOST"])},
                               {"port", text(stack["SG_PG_PORT"])},
                               {"user", text(stack["SG_PG_USER"])},
                               {"dbname", text(stack["SG_PG_DB"])},
                               {"every", text("100ms")}},
                              settings);
        out.declaration = merged({{"id", text("status")},
                                  {"path", list({"line"})},
                                  {"time", map({{"basis", text("database")}, {"at", text("column:ts")}})},
                                  {"decode", map({{"row", map({{"learn", text("true")}})}})}},
                                 declaration);
        return out;
    }

    Stack stack;
    QTemporaryDir workspace;
    std::string connection;

private:
    static Node merged(NodeRows rows, const NodeRows &more)
    {
        for (const auto &[key, node] : more) {
            std::erase_if(rows, [&key = key](const auto &entry) { return entry.first == key; });
            rows.emplace_back(key, node);
        }
        return map(std::move(rows));
    }
};

}
