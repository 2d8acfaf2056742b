#include "connectors/postgres/postgrescatalog.h"

#include <map>

namespace sg {

namespace {

using Relations = std::vector<PostgresRelation>;

std::int64_t numberOf(const pqxx::field &field, std::int64_t otherwise = -1)
{
    return field.is_null() ? otherwise : std::strtoll(field.c_str(), nullptr, 10);
}
bool isTrue(const pqxx::field &field)
{
    return std::string_view(field.c_str()) == "t";
}

// Words of the definition, none of them inside a name or a text in quotes.
bool isGrouping(std::string_view definition)
{
    std::string bare;
    for (char quote = '\0'; const char c : definition) {
        if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '\'' || c == '"')
            quote = c;
        else
            bare += c;
    }
    return bare.find("GROUP BY") != std::string::npos || bare.find("DISTINCT") != std::string::npos;
}

Relations readRelations(PostgresClient &client, const std::string &isNamed)
{
    const auto rows
        = client.query("SELECT c.oid, n.nspname, c.relname, c.relkind, c.reltuples::bigint, "
                       "CASE WHEN c.relkind IN ('r', 'm') THEN pg_catalog.pg_total_relation_size(c.oid) END, "
                       "CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.left(pg_catalog.pg_get_viewdef(c.oid), 100000) END "
                       "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                       "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
                       "AND n.nspname NOT LIKE 'pg\\_%' AND ($1 = '' OR n.nspname || '.' || c.relname = $1) "
                       "AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') "
                       "ORDER BY n.nspname, c.relname LIMIT "
                           + std::to_string(MostRelations),
                       {isNamed});
    Relations out;
    for (const auto &row : rows) {
        PostgresRelation relation;
        relation.oid = row[0].c_str();
        relation.schema = row[1].c_str();
        relation.name = row[2].c_str();
        relation.kind = row[3].c_str()[0];
        const bool isStored = relation.kind != 'v' && relation.kind != 'f';
        relation.rows = isStored ? numberOf(row[4]) : -1; // -1 also where it was never counted
        relation.bytes = numberOf(row[5]);
        relation.isGrouped = !row[6].is_null() && isGrouping(row[6].c_str());
        out.push_back(std::move(relation));
    }
    return out;
}

}

const PostgresRelation::Column *PostgresRelation::find(std::string_view wanted) const
{
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column &c) { return c.column.name == wanted; });
    return found == columns.end() ? nullptr : &*found;
}

std::vector<PostgresRelation> readCatalog(PostgresClient &client, const std::string &isNamed)
{
    Relations relations = readRelations(client, isNamed);
    std::map<std::string, PostgresRelation *> byOid;
    std::string all = "{"; // oids are digits
    for (PostgresRelation &relation : relations) {
        byOid[relation.oid] = &relation;
        all += (all.size() > 1 ? "," : "") + relation.oid;
    }
    all += '}';
    for (const auto &row :
         client.query("SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, "
                      "(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE a.atttypid END)::bigint, t.typtype, s.n_distinct "
                      "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
                      "JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = "
                      "c.relnamespace LEFT JOIN pg_catalog.pg_stats s ON s.schemaname = n.nspname AND s.tablename = "
                      "c.relname AND s.attname = a.attname AND NOT s.inherited "
                      "WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum",
                      {all})) {
        PostgresRelation::Column column;
        column.column = {row[1].c_str(), kindOfType(static_cast<std::uint32_t>(numberOf(row[4])))};
        column.type = row[2].c_str();
        column.isNullable = !isTrue(row[3]);
        column.isEnum = row[5].c_str()[0] == 'e';
        column.distinct = row[6].is_null() ? 0 : std::strtod(row[6].c_str(), nullptr);
        byOid[row[0].c_str()]->columns.push_back(std::move(column));
    }
    std::string newest, keyIndex; // the index under way; the one that is the key of its relation
    // Unique ones first, and of these the primary key.
    for (const auto &row :
         client.query("SELECT i.indrelid, i.indexrelid, a.attname, i.indisunique AND i.indpred IS NULL "
                      "FROM pg_catalog.pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k (attnum, place) "
                      "JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum "
                      "WHERE i.indrelid = ANY ($1::oid[]) AND i.indisvalid AND k.place <= i.indnkeyatts AND i.indexprs IS NULL "
                      "ORDER BY i.indrelid, i.indisprimary DESC, i.indisunique DESC, i.indexrelid, k.place",
                      {all})) {
        PostgresRelation &relation = *byOid[row[0].c_str()];
        if (newest != row[1].c_str()) {
            newest = row[1].c_str();
            relation.leading.insert(row[2].c_str());
            if (relation.uniqueKey.empty() && isTrue(row[3]))
                keyIndex = newest;
        }
        if (keyIndex == newest)
            relation.uniqueKey.emplace_back(row[2].c_str());
    }
    return relations;
}

double plannedCost(PostgresClient &client, const std::string &sql)
{
    // "Limit  (cost=0.29..0.31 rows=1 width=8)"
    const auto rows = client.query("EXPLAIN " + sql);
    const std::string first = rows.empty() ? std::string() : rows[0][0].c_str();
    const std::size_t dots = first.find("..");
    return dots == std::string::npos ? CheapCost * 2 : std::strtod(first.c_str() + dots + 2, nullptr);
}

}
