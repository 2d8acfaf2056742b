#pragma once

#include "state/sqlite.h"
#include "state/statefile.h"

#include <unordered_map>

// What the writing and the reading side share: how values lie in the tables. All may throw SqlFault.
namespace sg {

Time timeOf(const Statement &statement, int column); // NULL is NoTime
void bindTime(Statement &statement, Time t);

// A number that is no value of the enumeration (a damaged file) is read as `otherwise`.
template <class E> E enumOf(const Statement &statement, int column, E last, E otherwise)
{
    const std::int64_t number = statement.integer(column);
    return number >= 0 && number <= static_cast<std::int64_t>(last) ? static_cast<E>(number) : otherwise;
}

class InstanceWriter
{
public:
    explicit InstanceWriter(Database &database);
    void write(const InstanceState &state); // deletes one that is gone

private:
    Statement m_replace, m_remove;
};

std::vector<InstanceState> readInstances(Database &database);
std::map<std::string, std::string> readRuleTexts(Database &database);
std::vector<KnownSeries> readSeries(Database &database);
std::vector<KnownText> readTexts(Database &database);

}
