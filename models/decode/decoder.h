#pragma once

#include "decode/declaration.h"
#include "decode/message.h"
#include "decode/textpool.h"
#include "decode/value.h"

namespace sg {

constexpr std::size_t MostLearnedFields = 50; // per topic and kind of message
constexpr std::size_t MostKnownNames = 500; // per topic: learned, given and passed over
constexpr std::size_t LongestLearnedText = 128; // bytes; a longer text is no state
constexpr std::size_t LongestName = 128;
constexpr std::size_t LargestPayload = 8U << 20U;

// What one topic's messages of one kind look like: the values of the newest message by slot, and the fields learned so far. Slots below
// `given` are the case's places; slot given + i is learned[i]. Each decoder adds its own index from names to slots.
struct Shape
{
    explicit Shape(const Case &kind);
    virtual ~Shape() = default;

    void begin(); // a message: no value is left of the one before
    void beginItem(); // of `each`: what stands outside the items stays
    // A slot for a new field, or nothing: the name is taken, too long, or the limit is reached, which is remembered.
    std::optional<std::size_t> learn(std::string_view name, const Value &first);

    const Case &kind;
    std::vector<Value> values;
    TextPool texts; // that had to be made of the message's own
    std::vector<std::string> learned;
    std::set<std::string, std::less<>> unlearned; // beyond the limit; bounded
    std::set<std::string, std::less<>> givenNames;

private:
    std::vector<std::size_t> m_itemSlots;
};

Error numberTextRemark(std::string_view field, std::string_view text);

// Bytes to values at places. Keeps nothing between messages but its parser's buffers and what a shape has learned.
class Decoder
{
public:
    // What a message does to the thing that it is about.
    enum class Change : std::uint8_t { Row, Deletion, None };

    virtual ~Decoder() = default;
    virtual std::unique_ptr<Shape> makeShape(const Case &kind) const = 0;
    // Takes the payload apart, up to where its case can be told. Views of all answers are valid until the next open().
    virtual Result<Done> open(const Message &) { return Done(); }
    [[nodiscard]] Change change() const { return m_change; }
    // What stands at a place of the opened payload, for conditions.
    [[nodiscard]] virtual Value at(const Where &) { return {}; }
    // Fills shape.values with what the opened message holds outside the items of `each`. After an error the values mean nothing.
    virtual Result<Done> decode(const Message &message, Shape &shape) = 0;
    // Fills in the next item of `each`; false: there is none.
    virtual Result<bool> nextItem(Shape &) { return false; }

protected:
    Change m_change = Change::Row; // set by open()
};

std::unique_ptr<Decoder> makeJsonDecoder(const Declaration &declaration);
std::unique_ptr<Decoder> makeCsvDecoder(const Declaration &declaration);
std::unique_ptr<Decoder> makeScalarDecoder(const Declaration &declaration);
std::unique_ptr<Decoder> makeRowDecoder(const Declaration &declaration);
std::unique_ptr<Decoder> makeDecoder(const Declaration &declaration);

}
