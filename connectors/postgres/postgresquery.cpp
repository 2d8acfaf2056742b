#include "connectors/postgres/postgresquery.h"

#include "core/text.h"
#include "core/times.h"

namespace sg {

namespace {

using Kind = PostgresColumn::Kind;

constexpr std::int64_t DefaultOverlapRows = 1000;
constexpr Micros DefaultOverlap = std::chrono::seconds(30);

std::string micros(const std::string &quoted)
{
    return "CASE WHEN isfinite(" + quoted + ") THEN (extract(epoch FROM " + quoted + ") * 1000000)::bigint END";
}

std::string asText(const std::string &quoted, Kind kind)
{
    switch (kind) {
    case Kind::Text:
    case Kind::Number:
    case Kind::Whole:
    case Kind::Bool:
        return quoted + "::text";
    case Kind::ZonedTime:
    case Kind::PlainTime:
        return "(" + micros(quoted) + ")::text";
    case Kind::Date:
        return "to_char(" + quoted + ", 'YYYY-MM-DD')";
    case Kind::Interval:
        return "extract(epoch FROM " + quoted + ")::text";
    }
    return quoted;
}

bool isTimeKind(Kind kind)
{
    return kind == Kind::ZonedTime || kind == Kind::PlainTime;
}

// A parameter that is compared with a column of that kind: microseconds since 1970 for a time, else a whole number.
std::string bound(Kind kind, std::size_t parameter)
{
    const std::string number = "$" + std::to_string(parameter);
    if (kind == Kind::ZonedTime)
        return "(timestamptz 'epoch' + " + number + "::double precision * interval '1 microsecond')";
    if (kind == Kind::PlainTime)
        return "(timestamp 'epoch' + " + number + "::double precision * interval '1 microsecond')";
    return number + "::bigint";
}

Result<std::int64_t> overlapOf(const PostgresSettings &settings, bool isTime)
{
    if (settings.overlap.empty())
        return isTime ? DefaultOverlap.count() : DefaultOverlapRows;
    if (isTime) {
        const auto duration = parseDuration(settings.overlap);
        if (!duration || duration->count() < 0)
            return Error{SG_TR("overlap: '%1' is not a duration such as 30s, which a time cursor needs"), {shown(settings.overlap)}, {}};
        return duration->count();
    }
    const auto number = parseNumber(settings.overlap);
    if (!number || *number < 0 || *number > 1e15 || *number != static_cast<double>(static_cast<std::int64_t>(*number)))
        return Error{SG_TR("overlap: '%1' is not a whole number; the cursor '%2' is one, so say how far back, such as 1000"),
                     {shown(settings.overlap), shown(settings.cursor)},
                     {}};
    return static_cast<std::int64_t>(*number);
}

}

Kind kindOfType(std::uint32_t oid)
{
    // Object ids of built-in types never change.
    switch (oid) {
    case 16:
        return Kind::Bool;
    case 20: // bigint
    case 21: // smallint
    case 23: // integer
        return Kind::Whole;
    case 26: // oid
    case 700: // real
    case 701: // double precision
    case 1700: // numeric
        return Kind::Number;
    case 1082:
        return Kind::Date;
    case 1114:
        return Kind::PlainTime;
    case 1184:
        return Kind::ZonedTime;
    case 1186:
        return Kind::Interval;
    }
    return Kind::Text;
}

Result<PostgresQuery> PostgresQuery::make(const PostgresSettings &settings, const std::vector<PostgresColumn> &columns, const Quote &quote)
{
    const auto find = [&](const std::string &name) {
        return std::find_if(columns.begin(), columns.end(), [&](const PostgresColumn &c) { return c.name == name; });
    };
    const auto missing = [&](const char *key, const std::string &name) {
        std::vector<std::string> known;
        std::string list;
        for (const PostgresColumn &column : columns) {
            known.push_back(column.name);
            list += (list.empty() ? "" : ", ") + shown(column.name, 60);
        }
        return Error{SG_TR("%1: %2 has no column '%3'; it has %4"), {key, settings.relation(), shown(name), shown(list, 300)}, {}};
    };

    PostgresQuery query;
    const auto cursor = find(settings.cursor);
    if (cursor == columns.end())
        return missing("cursor", settings.cursor);
    query.isTime = isTimeKind(cursor->kind);
    if (!query.isTime && cursor->kind != Kind::Whole)
        return Error{SG_TR("cursor: column '%1' is neither a timestamp nor a whole number"), {shown(settings.cursor)}, {}};
    auto overlap = overlapOf(settings, query.isTime);
    if (!overlap)
        return overlap.error();
    query.overlap = *overlap;
    if (!query.isTime && (settings.start.from == PostgresStart::From::Ago || settings.start.from == PostgresStart::From::At))
        return Error{
            SG_TR("start: a time needs a time cursor, and '%1' is a number; expected earliest or latest"), {shown(settings.cursor)}, {}};

    query.m_relation = quote(settings.schema) + "." + quote(settings.view);
    query.m_cursor = quote(settings.cursor);
    query.m_cursorNumber = query.isTime ? micros(query.m_cursor) : query.m_cursor + "::bigint";
    query.m_finite = query.isTime ? "isfinite(" + query.m_cursor + ")" : query.m_cursor + " IS NOT NULL";
    query.m_cursorKind = cursor->kind;
    if (const auto time = find(settings.timeColumn); time != columns.end() && isTimeKind(time->kind)) {
        query.m_time = quote(time->name);
        query.m_timeKind = time->kind;
    } else if (query.isTime) {
        query.m_time = query.m_cursor;
        query.m_timeKind = cursor->kind;
    }

    for (const PostgresColumn &column : columns) {
        // A column of times that nobody asked for would only be learned as a state with a new text in every row.
        const bool isAsked = settings.isMentioned(column.name);
        if (!isAsked && (column.name == settings.cursor || isTimeKind(column.kind)))
            continue;
        query.m_select += asText(quote(column.name), column.kind) + ", ";
        query.cells.push_back(column);
    }
    query.m_select += query.m_cursorNumber;
    for (const std::string &name : settings.rowKey) {
        const auto key = find(name);
        if (key == columns.end())
            return missing("row_key", name);
        // Compared as texts by their bytes: pages need an order, not a meaningful one, and NULL must have its place in it.
        const std::string text = "coalesce(" + asText(quote(name), key->kind) + ", '') COLLATE \"C\"";
        query.m_select += ", " + text;
        query.m_keyTexts += ", " + text;
        ++query.keys;
    }
    return query;
}

std::string PostgresQuery::after(std::size_t first) const
{
    std::string bounds = bound(m_cursorKind, first);
    for (std::size_t i = 1; i <= keys; ++i)
        bounds += ", $" + std::to_string(first + i) + "::text";
    return "(" + m_cursor + m_keyTexts + ") > (" + bounds + ")";
}

std::string PostgresQuery::page(Begin begin, std::size_t rows) const
{
    std::string out = "SELECT " + m_select + " FROM " + m_relation + " WHERE " + m_finite;
    if (begin != Begin::First)
        out += " AND " + m_cursor + " >= " + bound(m_cursorKind, 1); // alone in front, so that an index on the cursor serves it
    if (begin == Begin::After)
        out += " AND " + after(1);
    return out + " ORDER BY " + m_cursor + m_keyTexts + " LIMIT " + std::to_string(rows);
}

std::string PostgresQuery::history(bool isAfter, std::size_t rows) const
{
    std::string out = "SELECT " + m_select + " FROM " + m_relation + " WHERE " + m_finite + " AND " + m_cursor + " >= "
        + bound(m_cursorKind, 1) + " AND " + m_time + " >= " + bound(m_timeKind, 2) + " AND " + m_time + " < " + bound(m_timeKind, 3);
    if (isAfter)
        out += " AND " + after(4);
    return out + " ORDER BY " + m_cursor + m_keyTexts + " LIMIT " + std::to_string(rows);
}

Micros PostgresQuery::historyMargin() const
{
    if (m_timeKind == Kind::PlainTime)
        return std::chrono::hours(15); // whose clock it is, only the declaration knows
    return m_time == m_cursor ? Micros(std::chrono::hours(1)) : Micros(0); // a row is loaded some time after its own
}

std::string PostgresQuery::newest() const
{
    return "SELECT " + m_cursorNumber + " FROM " + m_relation + " WHERE " + m_finite + " ORDER BY " + m_cursor + " DESC LIMIT 1";
}

}
