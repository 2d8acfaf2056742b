#include "decode/schemas.h"

#include <atomic>

namespace sg {

namespace {

std::atomic<SchemasMaker> theMaker{nullptr};

}

void setSchemasMaker(SchemasMaker maker)
{
    theMaker = maker;
}

std::unique_ptr<Schemas> makeSchemas(const SourceSpec &spec)
{
    const SchemasMaker maker = theMaker;
    if (!maker)
        throw Refusal{Error{SG_TR("this program reaches no schema registry"), {}, {}}};
    return maker(spec);
}

}
