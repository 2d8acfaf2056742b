#pragma once

#include "decode/connectschema.h"
#include "decode/decoder.h"
#include "decode/jsonparser.h"

namespace sg {

Value valueOf(const simdjson::dom::element &at);
// The same with what a Connect schema says of it.
Value valueOf(const simdjson::dom::element &at, const ConnectType *type, TextPool &texts);
const char *nameOf(simdjson::dom::element_type type); // "an object"
// What a pointer's tokens lead to; `type` goes along where there is one.
std::optional<simdjson::dom::element> elementAt(simdjson::dom::element at, const std::vector<std::string> &tokens,
                                                const ConnectType **type = nullptr);
// The whole text is one JSON document of at most LargestPayload bytes.
Result<simdjson::dom::element> parseJson(simdjson::dom::parser &parser, std::string_view bytes);

// The names of the documents of a topic, and which of them are read.
class JsonNames
{
public:
    void addPlace(const std::vector<std::string> &tokens, std::size_t slot);
    void setName(std::string name) { m_root.path = std::move(name); } // in front of learned names; before all else
    [[nodiscard]] bool isAsked() const { return !m_root.children.empty() || !m_root.slots.empty(); }
    void setType(const std::shared_ptr<const ConnectType> &schema, const ConnectType *type); // of the documents that follow
    // Each value that a place points at, or that is learned, into shape.values.
    Result<Done> read(const simdjson::dom::element &at, Shape &shape, bool isLearning);

private:
    // One name. Members come in the same order nearly always: each name is first looked for where it stood last time, and only then by
    // search.
    struct Branch
    {
        std::string name;
        std::string path; // tokens joined by '.', the name of a learned field
        std::vector<std::size_t> slots; // places that point here; one learned slot
        bool isUndecided = false; // learned when it first holds a number, a truth value or a short text
        std::uint64_t seen = 0; // in this document already: a duplicate key
        const ConnectType *type = nullptr;
        std::vector<std::unique_ptr<Branch>> children;
        std::vector<Branch *> order; // as the last object had them
        std::map<std::string_view, Branch *> byName;

        Branch *add(std::string_view child);
        [[nodiscard]] Branch *find(std::string_view child) const;
        void setType(const ConnectType *its);
    };

    Result<Done> readObject(const simdjson::dom::element &at, Branch &branch, Shape &shape, bool isLearning, std::size_t depth);
    Result<Done> readArray(const simdjson::dom::element &at, Branch &branch, Shape &shape);
    Result<Done> take(const simdjson::dom::element &at, Branch &branch, Shape &shape, bool isLearning, std::size_t depth);
    static void noteUnlearned(const Branch &branch, std::string_view name, const simdjson::dom::element &at, Shape &shape);

    Branch m_root;
    std::shared_ptr<const ConnectType> m_schema; // keeps the types of the branches
    std::size_t m_names = 0; // branches made while reading, bounded
    std::uint64_t m_document = 0;
};

}
