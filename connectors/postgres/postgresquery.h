#pragma once

#include "connectors/postgres/postgressettings.h"

#include <functional>

namespace sg {

// What a column of the view is, as far as reading it goes.
struct PostgresColumn
{
    // Number: numeric, of any precision. Whole: an integer.
    enum class Kind : std::uint8_t { Text, Number, Whole, Float, Bool, ZonedTime, PlainTime, Date, Interval, Json, Money, Bytes };
    std::string name;
    Kind kind = Kind::Text;
};
PostgresColumn::Kind kindOfType(std::uint32_t oid); // of the server's own types; Text for every other
bool isNumberKind(PostgresColumn::Kind kind);
// The expression of a cell's text, the same whatever the session's settings are; a time is microseconds since 1970.
std::string cellText(const std::string &quoted, PostgresColumn::Kind kind);
// Such a time as ISO 8601; nothing for other kinds.
std::optional<std::string> writtenTime(std::string_view cell, PostgresColumn::Kind kind);
// Whether a decimal text has more digits than a double can hold.
bool isRounded(std::string_view decimal);

// The text of the page query, made once per connection. Names are quoted by the server's rules, values are always parameters, and a
// time is asked for as microseconds since 1970, so that no session setting decides how it is written.
class PostgresQuery
{
public:
    using Quote = std::function<std::string(const std::string &name)>;
    // An Error naming a column that the settings ask for and the view does not have, or a cursor that cannot be one.
    static Result<PostgresQuery> make(const PostgresSettings &settings, const std::vector<PostgresColumn> &columns, const Quote &quote);

    enum class Begin : std::uint8_t {
        First,
        Lower,
        After
    }; // from the first row; cursor >= $1; also behind ($1's cursor, keys) as $2 $3 ...
    [[nodiscard]] std::string page(Begin begin, std::size_t rows) const;
    [[nodiscard]] std::string snapshot(std::size_t rows) const; // the first of all rows; the cells, then the row key's columns
    // Of all that a first start would read: for EXPLAIN, with the same parameter as page(Lower).
    [[nodiscard]] std::string whole(bool hasLower) const;
    [[nodiscard]] std::string newest() const; // one value: the greatest cursor, NULL for an empty view
    // Rows of a time: cursor >= $1, and $2 <= their time < $3 in microseconds since 1970; also behind ($4's cursor, keys) as $5 $6 ...
    [[nodiscard]] std::string history(bool isAfter, std::size_t rows) const;
    [[nodiscard]] bool knowsTime() const { return !m_time.empty(); } // else nobody can say which rows are of which time
    [[nodiscard]] Micros historyMargin() const; // the column of history() is only about the rows' own time: how much wider to ask

    std::vector<PostgresColumn> cells; // first columns of the result
    std::size_t keys = 0; // after them the cursor as a number, then the row key's columns as texts
    bool isTime = false; // the cursor is microseconds since 1970
    std::int64_t overlap = 0; // in the cursor's unit

private:
    void addCells(const PostgresSettings &settings, const std::vector<PostgresColumn> &columns, const Quote &quote);
    [[nodiscard]] std::string after(std::size_t first) const; // the cursor is parameter `first`, the keys follow

    std::string m_select, m_relation, m_cursor, m_cursorNumber, m_finite, m_keyTexts;
    std::string m_time; // the column that says of which time a row is: that of the declaration, or the cursor; empty: none
    PostgresColumn::Kind m_cursorKind = PostgresColumn::Kind::Whole, m_timeKind = PostgresColumn::Kind::ZonedTime;
};

}
