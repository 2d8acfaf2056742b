#pragma once

#include "core/source.h"

#include <optional>
#include <stop_token>

namespace sg {

// A schema as a registry holds it, with the texts that it refers to: each stands behind those that it needs itself.
struct SchemaText
{
    struct Reference
    {
        std::string name; // as the schema calls it: a full name of Avro, a file name of Protobuf
        std::string text;
    };
    std::string type; // "AVRO", "PROTOBUF", "JSON"
    std::string text;
    std::vector<Reference> references;
};

// Where schemas come from by their id, which never changes its meaning: what was fetched is kept. One thread.
class Schemas
{
public:
    struct Fetched
    {
        enum class How : std::uint8_t { Known, Unknown, Later };
        How how = How::Later; // Unknown: the registry has no such id. Later: it cannot be asked now, and asking again may help
        SchemaText schema;
        Error why; // of Unknown and Later
    };
    virtual ~Schemas() = default;
    // Asks the registry, for seconds at most, and soon not after `stop`. After a failure it waits longer and longer before it asks again,
    // and says Later meanwhile at once.
    virtual Fetched fetch(std::uint32_t id, const std::stop_token &stop) = 0;
};

// How a registry is reached with a source's `registry` settings. The program says it before it makes sources, because nothing in models
// knows a network. Throws Refusal for settings that cannot be used.
using SchemasMaker = std::unique_ptr<Schemas> (*)(const SourceSpec &spec);
void setSchemasMaker(SchemasMaker maker);
std::unique_ptr<Schemas> makeSchemas(const SourceSpec &spec);

// Payloads of one schema as JSON text, by the rules of the writer's schema. One thread.
class Transcoder
{
public:
    virtual ~Transcoder() = default;
    // The record as a JSON document. A value that is no record is {"value": ...}, or, `isKey`, the plain text of it. Never longer than
    // LargestPayload; hostile bytes are an Error and allocate no more than that.
    virtual Result<Done> toJson(std::string_view bytes, bool isKey, std::string &out) = 0;
};

// An Error names what of the schema this version cannot read.
Result<std::unique_ptr<Transcoder>> makeAvro(const SchemaText &schema);
Result<std::unique_ptr<Transcoder>> makeProtobuf(const SchemaText &schema, const std::string &message);

}
