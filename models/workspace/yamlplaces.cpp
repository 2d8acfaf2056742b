#include "workspace/yamlplaces.h"

#include <yaml.h>

#include <algorithm>
#include <cstdint>
#include <memory>

// The one file that includes libyaml.
namespace sg {

namespace {

constexpr std::size_t MaxDepth = 64;
constexpr std::string_view Bom = "\xEF\xBB\xBF";

// libyaml counts characters; these are the bytes at which they begin.
class ByteOffsets
{
public:
    explicit ByteOffsets(std::string_view text)
    {
        for (std::size_t i = 0; i < text.size(); ++i)
            if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U)
                m_begins.push_back(static_cast<std::uint32_t>(i));
        m_begins.push_back(static_cast<std::uint32_t>(text.size()));
    }
    [[nodiscard]] std::size_t operator[](std::size_t character) const { return m_begins[std::min(character, m_begins.size() - 1)]; }

private:
    std::vector<std::uint32_t> m_begins;
};

struct ParserCloser
{
    void operator()(yaml_parser_t *parser) const { yaml_parser_delete(parser); }
};
struct EventCloser
{
    void operator()(yaml_event_t *event) const { yaml_event_delete(event); }
};

class PlaceReader
{
public:
    explicit PlaceReader(std::string_view text)
        : m_text(text)
        , m_offsets(text)
    {
    }

    Result<Place> read()
    {
        yaml_parser_t parser;
        if (!yaml_parser_initialize(&parser))
            return Error{SG_TR("not enough memory to read the file"), {}, {}};
        const std::unique_ptr<yaml_parser_t, ParserCloser> closeParser(&parser);
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char *>(m_text.data()), m_text.size());
        m_root.begin = m_root.end = m_text.size();
        for (;;) {
            yaml_event_t event;
            if (!yaml_parser_parse(&parser, &event))
                return Error{SG_TR("this is not valid YAML: %1"), {parser.problem ? parser.problem : ""}, {}};
            const std::unique_ptr<yaml_event_t, EventCloser> closeEvent(&event);
            if (event.type == YAML_STREAM_END_EVENT)
                return std::move(m_root);
            take(event);
            if (m_stack.size() > MaxDepth)
                return Error{SG_TR("more than %1 levels inside each other"), {std::to_string(MaxDepth)}, {}};
        }
    }

private:
    struct Frame
    {
        Place place;
        Place key;
        bool hasKey = false;
    };

    void take(const yaml_event_t &event)
    {
        switch (event.type) {
        case YAML_SCALAR_EVENT:
            add(scalarOf(event));
            return;
        case YAML_SEQUENCE_START_EVENT:
        case YAML_MAPPING_START_EVENT: {
            Frame frame;
            frame.place = newPlace(event);
            const bool isList = event.type == YAML_SEQUENCE_START_EVENT;
            frame.place.kind = isList ? Place::Kind::List : Place::Kind::Map;
            frame.place.isFlow = isList ? event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
                                        : event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
            m_stack.push_back(std::move(frame));
            return;
        }
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT: {
            Place place = std::move(m_stack.back().place);
            m_stack.pop_back();
            if (place.isFlow)
                place.end = m_offsets[event.end_mark.index];
            else
                place.end = endOfLast(place);
            add(std::move(place));
            return;
        }
        case YAML_ALIAS_EVENT:
            add(newPlace(event));
            return;
        case YAML_NO_EVENT:
        case YAML_STREAM_START_EVENT:
        case YAML_STREAM_END_EVENT:
        case YAML_DOCUMENT_START_EVENT:
        case YAML_DOCUMENT_END_EVENT:
            return;
        }
    }

    [[nodiscard]] Place newPlace(const yaml_event_t &event) const
    {
        Place place;
        place.begin = m_offsets[event.start_mark.index];
        place.end = m_offsets[event.end_mark.index];
        place.column = event.start_mark.column;
        return place;
    }

    [[nodiscard]] Place scalarOf(const yaml_event_t &event) const
    {
        Place place = newPlace(event);
        place.scalar.assign(reinterpret_cast<const char *>(event.data.scalar.value), event.data.scalar.length);
        const auto style = event.data.scalar.style;
        place.isBlockText = style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE;
        // Its mark stands behind all blank lines that follow.
        while (place.isBlockText && place.end > place.begin
               && std::string_view(" \t\r\n").find(m_text[place.end - 1]) != std::string_view::npos)
            --place.end;
        return place;
    }

    static std::size_t endOfLast(const Place &place)
    {
        if (!place.items.empty())
            return std::max(place.items.back().end, place.begin + 1); // an item of nothing: at least its dash
        if (!place.entries.empty())
            return std::max(place.entries.back().first.end, place.entries.back().second.end);
        return place.begin;
    }

    void add(Place place)
    {
        if (m_stack.empty()) {
            m_root = std::move(place);
            return;
        }
        Frame &top = m_stack.back();
        if (top.place.kind == Place::Kind::List) {
            top.place.items.push_back(std::move(place));
        } else if (!top.hasKey) {
            top.key = std::move(place);
            top.hasKey = true;
        } else {
            top.place.entries.emplace_back(std::move(top.key), std::move(place));
            top.hasKey = false;
        }
    }

    std::string_view m_text;
    ByteOffsets m_offsets;
    std::vector<Frame> m_stack;
    Place m_root;
};

void shift(Place &place, std::size_t by)
{
    place.begin += by;
    place.end += by;
    for (auto &[key, value] : place.entries) {
        shift(key, by);
        shift(value, by);
    }
    for (Place &item : place.items)
        shift(item, by);
}

}

const std::pair<Place, Place> *Place::entry(std::string_view key) const
{
    for (const auto &pair : entries)
        if (pair.first.kind == Kind::Scalar && pair.first.scalar == key)
            return &pair;
    return nullptr;
}

Result<Place> placesOf(std::string_view text)
{
    const bool hasBom = text.starts_with(Bom);
    auto root = PlaceReader(hasBom ? text.substr(Bom.size()) : text).read();
    if (root && hasBom)
        shift(*root, Bom.size());
    return root;
}

}
