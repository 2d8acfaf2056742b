#include "state/sqlite.h"

#include <sqlite3.h>

#include <cmath>
#include <limits>

namespace sg {

namespace {

[[noreturn]] void fail(sqlite3 *database, int code)
{
    throw SqlFault(code, database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code));
}

}

Error explain(const SqlFault &fault, const std::string &path)
{
    // What readers share with the writer lies in a file of its own, whose growing has its own code.
    switch (fault.code == SQLITE_IOERR_SHMSIZE ? SQLITE_FULL : fault.code & 0xff) {
    case SQLITE_FULL:
        return {SG_TR("state file '%1' cannot be written: disk full"), {path}, {}};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return {SG_TR("state file '%1' is damaged (%2). It was left as it is; move it away to start with an empty state"),
                {path, fault.what()},
                {}};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return {
            SG_TR("state file '%1' cannot be opened (%2); expected a file that this user may read and write"), {path, fault.what()}, {}};
    case SQLITE_READONLY:
        return {SG_TR("state file '%1' cannot be written: it or its folder is read-only"), {path}, {}};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return {SG_TR("state file '%1' is in use by another program"), {path}, {}};
    case SQLITE_IOERR:
        return {SG_TR("state file '%1': the disk reports an error (%2, code %3)"), {path, fault.what(), std::to_string(fault.code)}, {}};
    }
    return {SG_TR("state file '%1': %2 (code %3)"), {path, fault.what(), std::to_string(fault.code)}, {}};
}

Database::Database(const std::string &path, Mode mode, const char *vfs)
{
    const int access = mode == Mode::ReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const int code = sqlite3_open_v2(path.c_str(), &m_handle, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs);
    if (code != SQLITE_OK) {
        const SqlFault fault(code, m_handle != nullptr ? sqlite3_errmsg(m_handle) : sqlite3_errstr(code));
        close();
        throw fault;
    }
    try {
        sqlite3_busy_timeout(m_handle, 2000);
        // The file may come from elsewhere: its schema must not call functions with side effects.
        execute("PRAGMA trusted_schema=OFF");
    } catch (...) {
        close();
        throw;
    }
}

Database::~Database()
{
    close();
}

void Database::close()
{
    // The _v2 form also ends a connection whose statements live a little longer.
    sqlite3_close_v2(m_handle);
    m_handle = nullptr;
}

void Database::execute(const char *sql)
{
    const int code = sqlite3_exec(m_handle, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        fail(m_handle, code);
}

std::int64_t Database::integer(const char *sql)
{
    Statement statement(*this, sql);
    return statement.next() ? statement.integer(0) : 0;
}

bool Database::isInTransaction() const
{
    return sqlite3_get_autocommit(m_handle) == 0;
}

Statement::Statement(Database &database, const char *sql)
    : m_database(database.handle())
{
    expect(sqlite3_prepare_v3(m_database, sql, -1, SQLITE_PREPARE_PERSISTENT, &m_statement, nullptr));
}

Statement::~Statement()
{
    sqlite3_finalize(m_statement);
}

void Statement::expect(int code) const
{
    if (code != SQLITE_OK)
        fail(m_database, code);
}

Statement &Statement::bind(std::int64_t number)
{
    expect(sqlite3_bind_int64(m_statement, ++m_bound, number));
    return *this;
}

Statement &Statement::bind(std::uint64_t number)
{
    return bind(static_cast<std::int64_t>(number));
}

Statement &Statement::bind(double value)
{
    if (std::isnan(value))
        return bindNull();
    expect(sqlite3_bind_double(m_statement, ++m_bound, value));
    return *this;
}

Statement &Statement::bind(std::string_view text)
{
    // A null pointer would bind NULL instead of an empty text.
    expect(sqlite3_bind_text64(m_statement, ++m_bound, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8));
    return *this;
}

Statement &Statement::bindBlob(std::string_view bytes)
{
    expect(sqlite3_bind_blob64(m_statement, ++m_bound, bytes.empty() ? "" : bytes.data(), bytes.size(), SQLITE_STATIC));
    return *this;
}

Statement &Statement::bindNull()
{
    expect(sqlite3_bind_null(m_statement, ++m_bound));
    return *this;
}

void Statement::reset()
{
    sqlite3_reset(m_statement);
    sqlite3_clear_bindings(m_statement);
    m_bound = 0;
}

void Statement::run()
{
    while (next()) { }
}

bool Statement::next()
{
    const int code = sqlite3_step(m_statement);
    if (code == SQLITE_ROW)
        return true;
    if (code == SQLITE_DONE) {
        reset();
        return false;
    }
    const SqlFault fault(code, sqlite3_errmsg(m_database));
    reset();
    throw fault;
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(m_statement, column);
}

double Statement::real(int column) const
{
    return isNull(column) ? std::numeric_limits<double>::quiet_NaN() : sqlite3_column_double(m_statement, column);
}

std::string Statement::text(int column) const
{
    const unsigned char *bytes = sqlite3_column_text(m_statement, column);
    if (bytes == nullptr)
        return {};
    return {reinterpret_cast<const char *>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column))};
}

std::string_view Statement::blob(int column) const
{
    const void *bytes = sqlite3_column_blob(m_statement, column);
    if (bytes == nullptr)
        return {};
    return {static_cast<const char *>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column))};
}

bool Statement::isNull(int column) const
{
    return sqlite3_column_type(m_statement, column) == SQLITE_NULL;
}

}
