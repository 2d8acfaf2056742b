#pragma once

#include "decode/schemas.h"

#include <deque>
#include <map>

namespace sg {

// One type of an Avro schema. Named types may hold themselves.
struct AvroType
{
    enum class Kind : std::uint8_t { Null, Boolean, Int, Long, Float, Double, Bytes, String, Record, Enum, Array, Map, Fixed, Union };
    enum class Meaning : std::uint8_t {
        Plain,
        Decimal,
        Date,
        TimeMillis,
        TimeMicros,
        InstantMillis,
        InstantMicros,
        InstantNanos,
        LocalMillis,
        LocalMicros,
        LocalNanos
    };
    Kind kind = Kind::Null;
    Meaning meaning = Meaning::Plain;
    unsigned scale = 0; // of Decimal
    std::size_t size = 0; // of Fixed
    std::vector<std::string> names; // of a Record's fields, of an Enum's symbols
    std::vector<const AvroType *> types; // of a Record's fields, of a Union; the item of Array and Map
};

// A writer's schema, read once.
class AvroSchema
{
public:
    static Result<std::unique_ptr<AvroSchema>> parse(const SchemaText &schema);
    [[nodiscard]] const AvroType &root() const { return *m_root; }

private:
    friend class AvroSchemaReader;
    std::deque<AvroType> m_types; // never move
    std::map<std::string, AvroType *, std::less<>> m_named; // by full name
    const AvroType *m_root = nullptr;
};

}
