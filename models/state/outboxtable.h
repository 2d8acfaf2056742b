#pragma once

#include "state/outbox.h"
#include "state/sqlite.h"

// The table `outbox`. All may throw SqlFault.
namespace sg {

class OutboxWriter
{
public:
    explicit OutboxWriter(Database &database);
    void write(const OutboxRow &row); // deletes one that is gone

private:
    Statement m_replace, m_remove;
};

std::vector<OutboxRow> readOutbox(Database &database); // by id

}
