#pragma once

#include "core/browse.h"
#include "decode/schemas.h"

#include <unordered_map>

namespace sg {

// The payloads and record keys of one source as JSON text, each by the schema that its framing names. One thread.
class SchemaReader
{
public:
    // `type`: what the declaration says, "AVRO" or "PROTOBUF"; `message`: of Protobuf the one type that is read, or empty. Throws Refusal.
    SchemaReader(const SourceSpec &spec, std::string type, std::string message);

    // Of what stands behind the framing. The view is good until the next call of the same kind. An Error with isWaiting(): the registry
    // cannot be asked now, and the same bytes have to come again.
    Result<std::string_view> toJson(std::uint32_t schema, std::string_view bytes, bool isKey, const std::stop_token &stop);
    [[nodiscard]] bool isWaiting() const { return m_isWaiting; }

private:
    struct Entry
    {
        std::unique_ptr<Transcoder> transcoder;
        bool isJson = false;
        Error why; // without a transcoder: the schema cannot be read
    };
    Entry made(const SchemaText &schema) const;

    const std::string m_type, m_message;
    const std::unique_ptr<Schemas> m_schemas;
    std::unordered_map<std::uint32_t, Entry> m_entries;
    std::string m_payload, m_key;
    bool m_isWaiting = false;
};

// For looking at messages by hand: framed payloads and keys of a source that names a registry become JSON text, which tree() and
// recognise() then see; anything else stays as it is. May ask the registry: for a worker's thread.
class Unframing
{
public:
    static Result<std::unique_ptr<Unframing>> make(const SourceSpec &spec);
    // An Error leaves the message as it is.
    Result<Done> apply(BrowsedMessage &message, const std::stop_token &stop);

private:
    explicit Unframing(const SourceSpec &spec);
    SchemaReader m_reader;
};

}
