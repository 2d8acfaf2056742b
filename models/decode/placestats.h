#pragma once

#include "decode/messagetree.h"
#include "decode/recognise.h"

#include <map>
#include <set>

namespace sg {

// What was seen at one place of the messages.
struct PlaceSeen
{
    std::string where;
    std::vector<std::string> tokens; // names on the way: "asset", "id"
    std::string sample; // newest, as it came
    std::set<std::string, std::less<>> values; // bounded
    bool isMore = false; // values beyond the bound
    std::size_t messages = 0;
    std::size_t numbers = 0, wholes = 0, bools = 0, nulls = 0;
    std::size_t texts = 0, numericTexts = 0, commaTexts = 0, isoZoned = 0, isoBare = 0;
    std::size_t longest = 0; // bytes of a text
    bool isOutside = false; // key, header or topic: not in the value
    bool isItem = false; // of a list of objects
    bool isDecimal = false; // texts that a schema says to be the bytes of numbers
    struct Stamp
    {
        std::string text;
        Time reference{}; // broker time, else arrival
    };
    std::vector<Stamp> stamps; // bounded: values with the time the message came
    std::uint64_t seen = 0; // number of the newest message that holds it

    [[nodiscard]] std::size_t scalars() const { return numbers + bools + texts; }
};

// Collects places from messages. Bounded: MostPlaces places, MostDistinct values each.
class PlaceStats
{
public:
    void begin(const BrowsedMessage &message); // then what it holds:
    void addJson(const JsonNode &value, const std::string &root); // root: "", "key:", "column:c"
    void addText(const std::string &where, const std::string &name, std::string_view text, bool isOutside);
    void addNumber(const std::string &where, const std::string &name, std::string_view text); // of the envelope
    void addCell(const BrowsedMessage::Cell &cell);

    // One message's own look: which places it has, as a number, and its short texts by place.
    struct Shape
    {
        std::uint64_t names = 0; // hash of the names of the value
        std::map<std::size_t, std::string> texts; // place -> text
        std::set<std::size_t> places;
    };

    std::set<std::string> decimals; // pointers, before the first message

    std::vector<PlaceSeen> places;
    std::vector<Shape> shapes;
    std::map<std::string, std::size_t> lists; // pointers of lists of objects -> messages
    std::size_t hidden = 0;
    std::uint64_t messages = 0;

private:
    void walk(const JsonNode &node, const std::string &root, std::string pointer, std::vector<std::string> &tokens, bool isItem);
    void addList(const JsonNode &node, const std::string &root, const std::string &pointer, std::vector<std::string> &tokens);
    PlaceSeen *place(const std::string &where, const std::vector<std::string> &tokens);
    void note(PlaceSeen &seen, JsonNode::Kind kind, std::string_view text);

    std::map<std::string, std::size_t> m_byWhere;
    Time m_reference{};
};

}
