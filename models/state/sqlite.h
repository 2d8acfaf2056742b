#pragma once

#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

// The little of SQLite that the state needs. A failing call throws SqlFault, which ends at the public functions of this folder.
namespace sg {

class SqlFault : public std::exception
{
public:
    SqlFault(int extendedCode, std::string message)
        : code(extendedCode)
        , m_message(std::move(message))
    {
    }
    [[nodiscard]] const char *what() const noexcept override { return m_message.c_str(); }
    const int code; // SQLite's extended result code

private:
    std::string m_message;
};

// The sentence for a failure of the state file at `path`: disk full, damaged, not allowed, busy, or SQLite's own words.
Error explain(const SqlFault &fault, const std::string &path);

// One connection. The thread that opened it.
class Database
{
public:
    enum class Mode { ReadWrite, ReadOnly };
    Database(const std::string &path, Mode mode, const char *vfs = nullptr);
    ~Database();
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;

    void execute(const char *sql);
    [[nodiscard]] std::int64_t integer(const char *sql); // first column of the first row; 0 when there is none
    [[nodiscard]] bool isInTransaction() const;
    [[nodiscard]] sqlite3 *handle() const { return m_handle; }

private:
    void close();
    sqlite3 *m_handle = nullptr;
};

// A prepared statement that is kept. Values are bound in order; texts and blobs are not copied and must live until run() or the last
// next(). A NaN is bound as NULL, which a REAL column cannot tell from it anyway.
class Statement
{
public:
    Statement(Database &database, const char *sql);
    ~Statement();
    Statement(const Statement &) = delete;
    Statement &operator=(const Statement &) = delete;

    Statement &bind(std::int64_t number);
    Statement &bind(std::uint64_t number); // stored as the signed number of the same bits
    Statement &bind(int number) { return bind(static_cast<std::int64_t>(number)); }
    Statement &bind(std::uint32_t number) { return bind(static_cast<std::int64_t>(number)); }
    Statement &bind(double value);
    Statement &bind(std::string_view text);
    Statement &bind(const std::string &text) { return bind(std::string_view(text)); }
    Statement &bind(const char *text) { return bind(std::string_view(text)); }
    Statement &bindBlob(std::string_view bytes);
    Statement &bindNull();

    void run(); // to its end, then ready for the next use
    bool next(); // false at the end, when it is ready for the next use
    void reset(); // gives up the rest of the rows

    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::uint64_t word(int column) const { return static_cast<std::uint64_t>(integer(column)); }
    [[nodiscard]] double real(int column) const; // NaN for NULL
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::string_view blob(int column) const; // valid until the next call
    [[nodiscard]] bool isNull(int column) const;

private:
    void expect(int code) const;
    sqlite3 *m_database;
    sqlite3_stmt *m_statement = nullptr;
    int m_bound = 0;
};

}
