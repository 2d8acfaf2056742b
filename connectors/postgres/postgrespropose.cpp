#include "connectors/postgres/postgrescatalog.h"
#include "connectors/postgres/postgressnapshot.h"

#include "core/text.h"

#include <algorithm>
#include <array>

// How a view would be read, guessed from names, types and indexes. Every guess says why, and none is made silently.
namespace sg {

namespace {

using Kind = PostgresColumn::Kind;
using Column = PostgresRelation::Column;

constexpr std::array LoadNames{"loaded_at",   "inserted_at", "ingested_at", "written_at",
                               "received_at", "created_at",  "updated_at",  "modified_at"};
constexpr std::array EventNames{"ts", "time", "timestamp", "event_time", "event_ts", "measured_at", "stamp", "at", "date_time", "datetime"};
constexpr std::array StateNames{"state",   "status", "mode",        "result", "message", "text",
                                "comment", "note",   "description", "unit",   "quality"};
constexpr double MostKeys = 5'000; // distinct texts of a column that may still name things

template <std::size_t N> std::size_t rankIn(const std::array<const char *, N> &names, std::string_view name)
{
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), lower) - names.begin());
}

bool isTime(const Column &column)
{
    return column.column.kind == Kind::ZonedTime || column.column.kind == Kind::PlainTime;
}

// The column of those that may be it with the best-known name; nothing when no name is known.
template <std::size_t N, class May> const Column *named(const PostgresRelation &relation, const std::array<const char *, N> &names, May may)
{
    const Column *best = nullptr;
    for (const Column &column : relation.columns)
        if (may(column) && rankIn(names, column.column.name) < (best ? rankIn(names, best->column.name) : N))
            best = &column;
    return best;
}

template <class May> const Column *first(const PostgresRelation &relation, May may)
{
    const auto found = std::find_if(relation.columns.begin(), relation.columns.end(), may);
    return found == relation.columns.end() ? nullptr : &*found;
}

// The names of a text column that things are told apart by: neither a state nor free text.
bool mayName(const PostgresRelation &relation, const Column &column)
{
    const bool isWord = column.column.kind == Kind::Text && !column.isEnum && column.type.find("[]") == std::string::npos;
    const double distinct
        = column.distinct < 0 && relation.rows >= 0 ? -column.distinct * static_cast<double>(relation.rows) : column.distinct;
    return isWord && rankIn(StateNames, column.column.name) == StateNames.size() && distinct <= MostKeys;
}

std::string label(std::string_view column)
{
    std::string out;
    for (const char c : column)
        out += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : '_';
    return out.empty() || out[0] < 'a' || out[0] > 'z' ? "c_" + out : out;
}

// A text in flow YAML, plain where no reader could take it for anything else.
std::string quoted(std::string_view text)
{
    static constexpr std::array words{"y", "n", "yes", "no", "on", "off", "true", "false", "null"};
    if (label(text) == text && std::none_of(words.begin(), words.end(), [&](const char *word) { return text == word; }))
        return std::string(text);
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        if (static_cast<unsigned char>(c) >= 0x20)
            out += c;
    }
    return out + '"';
}

std::string listOf(const std::vector<std::string> &texts)
{
    std::string out = "[";
    for (const std::string &text : texts)
        out += (out.size() > 1 ? ", " : "") + quoted(text);
    return out + ']';
}

struct Guess
{
    const Column *column = nullptr;
    Error why;
};

Guess guessCursor(const PostgresRelation &relation)
{
    const auto isLed = [&](const Column &c) { return relation.leading.contains(c.column.name); };
    if (const Column *c = named(relation, LoadNames, isTime))
        return {c,
                {isLed(*c) ? SG_TR("'%1' is named as the time of writing, and an index leads to it")
                           : SG_TR("'%1' is named as the time of writing"),
                 {c->column.name},
                 {}}};
    if (const Column *c = first(relation, [&](const Column &column) { return isTime(column) && isLed(column); }))
        return {c, {SG_TR("'%1' is a time that an index leads to"), {c->column.name}, {}}};
    if (relation.uniqueKey.size() == 1)
        if (const Column *c = relation.find(relation.uniqueKey.front()); c && c->column.kind == Kind::Whole)
            return {c,
                    {SG_TR("'%1' is a whole number and the unique key; such numbers mostly grow from row to row"), {c->column.name}, {}}};
    if (const Column *c = named(relation, EventNames, isTime))
        return {c, {SG_TR("'%1' is a time; no index is known to lead to it, so looks may be slow"), {c->column.name}, {}}};
    if (const Column *c = first(relation, isTime))
        return {c,
                {SG_TR("'%1' is the only kind of column that grows; no index is known to lead to it, so looks may be slow"),
                 {c->column.name},
                 {}}};
    return {};
}

void guessMode(const PostgresRelation &relation, const Guess &cursor, PostgresProposal &out)
{
    const bool isSmall = relation.rows < 0 || relation.rows <= static_cast<std::int64_t>(SnapshotBook::MostRows);
    Error why;
    if (relation.isGrouped) {
        out.isSnapshot = true;
        why = {SG_TR("its definition groups rows: a row changes in place, and nothing grows from row to row"), {}, {}};
    } else if (!cursor.column) {
        out.isSnapshot = true;
        why = isSmall
            ? Error{SG_TR("no column is a time or a growing key, so all rows are looked at each time"), {}, {}}
            : Error{SG_TR("no column is a time or a growing key; but it has about %1 rows, and a snapshot reads at most %2: make a view "
                          "of the newest row of each thing"),
                    {std::to_string(relation.rows), std::to_string(SnapshotBook::MostRows)},
                    {}};
    } else {
        out.cursor = cursor.column->column.name;
        why = {SG_TR("'%1' can tell new rows from old ones"), {out.cursor}, {}};
    }
    out.keys.push_back({"mode", out.isSnapshot ? "snapshot" : "cursor", std::move(why)});
    if (!out.isSnapshot)
        out.keys.push_back({"cursor", quoted(out.cursor), cursor.why});
}

void guessPath(const PostgresRelation &relation, PostgresProposal &out)
{
    Error why{SG_TR("texts with few different values name the thing that a row is about"), {}, {}};
    for (const std::string &name : relation.uniqueKey)
        if (const Column *column = relation.find(name); column && !isTime(*column) && name != out.cursor)
            out.path.push_back(name);
    if (!out.path.empty()) {
        why = {SG_TR("these columns of its unique key name the thing, the time aside"), {}, {}};
    } else {
        for (const Column &column : relation.columns)
            if (mayName(relation, column) && out.path.size() < 3)
                out.path.push_back(column.column.name);
        if (out.path.empty())
            if (const Column *column
                = first(relation, [&](const Column &c) { return c.column.kind == Kind::Whole && c.column.name != out.cursor; })) {
                out.path.push_back(column->column.name);
                why = {SG_TR("no text names the thing; '%1' may be its number"), {column->column.name}, {}};
            }
    }
    std::vector<std::string> labels;
    std::string odd;
    for (const std::string &column : out.path) {
        labels.push_back(label(column));
        if (labels.back() != column)
            odd += (odd.empty() ? "" : ", ") + labels.back() + ": " + quoted("column:" + column);
    }
    if (out.path.empty())
        return;
    out.keys.push_back({"path", listOf(labels), std::move(why)});
    if (!odd.empty())
        out.keys.push_back({"labels", "{ " + odd + " }", {SG_TR("names of labels are small letters, digits and _"), {}, {}}});
}

void guessTime(const PostgresRelation &relation, const std::string &serverZone, PostgresProposal &out)
{
    const Column *time = nullptr;
    for (const std::string &name : relation.uniqueKey)
        if (const Column *column = relation.find(name); column && isTime(*column) && !time)
            time = column;
    if (!time)
        time = named(relation, EventNames, isTime);
    if (!time)
        time = out.isSnapshot ? first(relation, isTime) : relation.find(out.cursor);
    if (!time || !isTime(*time)) {
        out.keys.push_back({"time", "{ basis: database }", {SG_TR("no column is a time, so a row has that of the look"), {}, {}}});
        return;
    }
    out.time = time->column.name;
    const std::string at = "{ basis: database, at: " + quoted("column:" + out.time);
    if (time->column.kind == Kind::ZonedTime)
        out.keys.push_back({"time", at + " }", {SG_TR("'%1' is a time with zone, so it means one instant"), {out.time}, {}}});
    else
        out.keys.push_back(
            {"time",
             at + ", zone: " + quoted(serverZone) + " }",
             {SG_TR("'%1' has no zone; %2 is the server's own, and whoever fills the column knows better"), {out.time, serverZone}, {}}});
}

}

PostgresProposal propose(const PostgresRelation &relation, const std::string &serverZone)
{
    PostgresProposal out;
    guessMode(relation, guessCursor(relation), out);
    guessPath(relation, out);
    guessTime(relation, serverZone, out);
    std::vector<std::string> key = out.path;
    if (!out.isSnapshot && !out.time.empty())
        key.push_back(out.time);
    if (!key.empty())
        out.keys.push_back({"row_key", listOf(key),
                            out.isSnapshot ? Error{SG_TR("of a snapshot a row is the thing itself"), {}, {}}
                                           : Error{SG_TR("the thing and its time tell one row from every other"), {}, {}}});
    return out;
}

}
