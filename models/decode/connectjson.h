#pragma once

#include "decode/jsonnames.h"

namespace sg {

// A document as Kafka Connect's converter writes it: {"schema": ..., "payload": ...}, or one without. The schema comes with every message
// and is mostly larger than what it describes, so the text in front of the payload is kept: where a message begins with the same bytes,
// only the rest of it is parsed.
class ConnectJson
{
public:
    // `needsWhole`: whole() is asked for as well, so nothing may be left out.
    ConnectJson(bool isUnwrapping, bool needsWhole);

    Result<Done> parse(std::string_view bytes);
    // What unwrapping leaves; the document itself when it is not exactly {schema, payload}.
    [[nodiscard]] const simdjson::dom::element &root() const { return m_root; }
    [[nodiscard]] const simdjson::dom::element &whole() const { return m_whole; }
    [[nodiscard]] const std::shared_ptr<const ConnectType> &type() const { return m_type; } // of root; null: no schema

private:
    struct Prefix
    {
        std::string text;
        std::shared_ptr<const ConnectType> type;
    };
    bool parseBehindKnown(std::string_view bytes);
    void remember(std::string_view bytes);

    const bool m_isUnwrapping;
    const bool m_needsWhole;
    simdjson::dom::parser m_parser;
    simdjson::dom::element m_root;
    simdjson::dom::element m_whole;
    std::shared_ptr<const ConnectType> m_type;
    std::vector<Prefix> m_prefixes; // a few, the newest replaces the oldest
    std::size_t m_oldest = 0;
};

}
