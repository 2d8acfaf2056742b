#include "connectors/postgres/postgresquery.h"

#include "core/text.h"
#include "core/times.h"

#include <charconv>

namespace sg {

namespace {

using Kind = PostgresColumn::Kind;

constexpr std::int64_t DefaultOverlapRows = 1000;
constexpr Micros DefaultOverlap = std::chrono::seconds(30);

std::string micros(const std::string &quoted)
{
    return "CASE WHEN isfinite(" + quoted + ") THEN (extract(epoch FROM " + quoted + ") * 1000000)::bigint END";
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
    case 17:
        return Kind::Bytes;
    case 114:
    case 3802: // jsonb
        return Kind::Json;
    case 790:
        return Kind::Money;
    case 20: // bigint
    case 21: // smallint
    case 23: // integer
        return Kind::Whole;
    case 700: // real
    case 701: // double precision
        return Kind::Float;
    case 26: // oid
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

std::string cellText(const std::string &quoted, PostgresColumn::Kind kind)
{
    switch (kind) {
    case Kind::Text:
    case Kind::Number:
    case Kind::Whole:
    case Kind::Float:
    case Kind::Bool:
    case Kind::Json:
        return quoted + "::text";
    case Kind::Money: // written with the server's currency and separators
        return quoted + "::numeric::text";
    case Kind::Bytes:
        return "encode(" + quoted + ", 'hex')";
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

std::optional<std::string> writtenTime(std::string_view cell, Kind kind)
{
    if (kind != Kind::ZonedTime && kind != Kind::PlainTime)
        return std::nullopt;
    std::int64_t micros = 0;
    std::from_chars(cell.data(), cell.data() + cell.size(), micros);
    std::string text = formatUtc(Time(Micros(micros)));
    if (kind == Kind::PlainTime) // written without a zone: whose it is, only the declaration knows
        text.pop_back();
    return text;
}

bool isNumberKind(Kind kind)
{
    switch (kind) {
    case Kind::Number:
    case Kind::Whole:
    case Kind::Float:
    case Kind::Interval:
    case Kind::Money:
        return true;
    case Kind::Text:
    case Kind::Bool:
    case Kind::ZonedTime:
    case Kind::PlainTime:
    case Kind::Date:
    case Kind::Json:
    case Kind::Bytes:
        return false;
    }
    return false;
}

bool isRounded(std::string_view decimal)
{
    constexpr std::size_t AlwaysHeld = 15, MostDigits = 400; // decimal digits of a double
    if (decimal.size() <= AlwaysHeld)
        return false;
    std::string digits;
    for (const char c : decimal)
        if (c >= '0' && c <= '9' && (c != '0' || !digits.empty()))
            digits += c;
    while (!digits.empty() && digits.back() == '0')
        digits.pop_back();
    if (digits.size() <= AlwaysHeld)
        return false;
    double number = 0;
    if (digits.size() > MostDigits || std::from_chars(decimal.data(), decimal.data() + decimal.size(), number).ec != std::errc())
        return true;
    char written[MostDigits + 16];
    const auto end
        = std::to_chars(written, written + sizeof written, number, std::chars_format::scientific, static_cast<int>(digits.size()) - 1).ptr;
    std::string held;
    for (const char *c = written; c != end && *c != 'e'; ++c)
        if (*c >= '0' && *c <= '9')
            held += *c;
    return held != digits;
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
    query.m_relation = quote(settings.schema) + "." + quote(settings.view);
    if (settings.isSnapshot) {
        query.addCells(settings, columns, quote);
        for (const std::string &name : settings.rowKey) {
            const auto key = find(name);
            if (key == columns.end())
                return missing("row_key", name);
            query.m_select += (query.m_select.empty() ? "" : ", ") + cellText(quote(name), key->kind);
            ++query.keys;
        }
        return query;
    }
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

    query.addCells(settings, columns, quote);
    query.m_select += (query.m_select.empty() ? "" : ", ") + query.m_cursorNumber;
    for (const std::string &name : settings.rowKey) {
        const auto key = find(name);
        if (key == columns.end())
            return missing("row_key", name);
        // Compared as texts by their bytes: pages need an order, not a meaningful one, and NULL must have its place in it.
        const std::string text = "coalesce(" + cellText(quote(name), key->kind) + ", '') COLLATE \"C\"";
        query.m_select += ", " + text;
        query.m_keyTexts += ", " + text;
        ++query.keys;
    }
    return query;
}

void PostgresQuery::addCells(const PostgresSettings &settings, const std::vector<PostgresColumn> &columns, const Quote &quote)
{
    for (const PostgresColumn &column : columns) {
        // A column of times that nobody asked for would only be learned as a state with a new text in every row.
        const bool isAsked = settings.isMentioned(column.name);
        if (!isAsked && (column.name == settings.cursor || isTimeKind(column.kind)))
            continue;
        m_select += (m_select.empty() ? "" : ", ") + cellText(quote(column.name), column.kind);
        cells.push_back(column);
    }
}

std::string PostgresQuery::snapshot(std::size_t rows) const
{
    return "SELECT " + m_select + " FROM " + m_relation + " LIMIT " + std::to_string(rows);
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

std::string PostgresQuery::whole(bool hasLower) const
{
    return "SELECT * FROM " + m_relation + (hasLower ? " WHERE " + m_cursor + " >= " + bound(m_cursorKind, 1) : "");
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
