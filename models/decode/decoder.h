#pragma once

#include "decode/declaration.h"
#include "decode/message.h"
#include "decode/value.h"

namespace sg {

constexpr std::size_t MostLearnedFields = 50; // per topic
constexpr std::size_t MostKnownNames = 500; // per topic: learned, given and passed over
constexpr std::size_t LongestLearnedText = 128; // bytes; a longer text is no state
constexpr std::size_t LongestName = 128;
constexpr std::size_t LargestPayload = 8U << 20U;

// What one topic's messages look like: the values of the newest message by slot, and the fields learned so far. Slots below
// `given` are the declaration's places; slot given + i is learned[i]. Each decoder adds its own index from names to slots.
struct Shape
{
    explicit Shape(const Declaration &declaration);
    virtual ~Shape() = default;

    void clear() { std::fill(values.begin(), values.end(), Value()); }
    // A slot for a new field, or nothing: the name is taken, too long, or the limit is reached, which is remembered.
    std::optional<std::size_t> learn(std::string_view name, const Value &first);

    std::vector<Value> values;
    std::vector<std::string> learned;
    std::set<std::string, std::less<>> unlearned; // beyond the limit; bounded
    std::vector<Error> remarks; // bounded: one a name at most
    std::set<std::string, std::less<>> givenNames;
};

// Bytes to values at places. Keeps nothing between messages but its parser's buffers and what a shape has learned.
class Decoder
{
public:
    virtual ~Decoder() = default;
    virtual std::unique_ptr<Shape> makeShape() const = 0;
    // Fills shape.values; views are valid until the next call. After an error the values mean nothing.
    virtual Result<Done> decode(const Message &message, Shape &shape) = 0;
    // Of a tombstone: only what stands in the record key.
    virtual Result<Done> decodeKey(const Message &message, Shape &shape);
};

std::unique_ptr<Decoder> makeJsonDecoder(const Declaration &declaration);
std::unique_ptr<Decoder> makeCsvDecoder(const Declaration &declaration);
std::unique_ptr<Decoder> makeScalarDecoder(const Declaration &declaration);
std::unique_ptr<Decoder> makeRowDecoder(const Declaration &declaration);
std::unique_ptr<Decoder> makeDecoder(const Declaration &declaration);

}
