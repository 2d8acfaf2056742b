#pragma once

#include "decode/decoder.h"
#include "decode/textdictionary.h"

#include <deque>
#include <unordered_set>

namespace sg {

// A field of the source, whichever topic it comes from.
struct FieldState
{
    FieldRule rule;
    std::string segment; // its name in a path
    bool isPlain = false; // no rule: a number is that number
    bool isNumberTextTold = false;
    std::unordered_set<std::uint32_t> texts; // bounded
};

// One topic's shape for one kind of its messages, with the field of each of its slots.
struct Topic
{
    struct Column
    {
        std::size_t slot = 0;
        FieldState *field = nullptr;
        bool isDecoded = true; // else it stands beside the payload
    };
    std::uint32_t number = 0;
    std::unique_ptr<Shape> shape;
    std::vector<Column> columns; // given ones, then learned ones in the order of shape->learned
};

struct SeriesRef
{
    static constexpr std::uint32_t None = static_cast<std::uint32_t>(-1);
    std::uint32_t id = None;
    ValueKind kind = ValueKind::Number;
    std::uint32_t lastText = None;
    std::uint32_t foretold = 0; // the message that is to make it, of that kind
};

// A thing that rows are about: one combination of label values, as one topic tells it.
struct KeyEntry
{
    std::string path; // "press/L1/P-07"
    std::vector<SeriesRef> series; // by column of its topic
    std::vector<std::string> notes; // newest, by note of the declaration
    std::pair<const std::string, KeyEntry> *next = nullptr; // what came behind it the last time, as the cache keeps it
};

// From label values to series numbers, with nothing allocated for what is known.
class SeriesCache
{
public:
    SeriesCache(std::string source, std::size_t maxSeries)
        : m_source(std::move(source))
        , m_maxSeries(maxSeries)
    {
    }

    // Begins a lookup; then one call a label, in path order; then find() or make().
    void begin(std::uint32_t topic);
    void addLabel(std::string_view text);
    KeyEntry *find();
    // A new key, or past the limits one that is kept for this message only. An error when a label is no text for a path.
    Result<KeyEntry *> make(const std::vector<Case::Label> &labels);
    void forgetPassing() { m_passing.clear(); } // a message is over
    // "press/L1/P-07" of the labels given since begin().
    Result<std::string> keyPath(const std::vector<Case::Label> &labels);

    // The number of a series that exists already.
    SeriesRef lookUp(const KeyEntry &key, const FieldState &field);
    // Makes it; announces it in `batch`. Nothing past max_series.
    std::optional<SeriesRef> create(const KeyEntry &key, const FieldState &field, ValueKind kind, Batch &batch);

    [[nodiscard]] std::uint64_t refused() const { return m_refused; }
    // "lot: 19400 values": the label with the most values among the known keys.
    [[nodiscard]] std::pair<std::string, std::size_t> widestLabel(const std::vector<Case::Label> &labels) const;

private:
    void endGuess();
    [[nodiscard]] std::vector<std::string_view> labelsOf(std::string_view composite) const;
    const std::string &pathOf(const KeyEntry &key, const FieldState &field);

    std::string m_source;
    std::size_t m_maxSeries;
    std::string m_composite; // topic number, then length and bytes of each label; empty while a guess holds
    TextMap<KeyEntry> m_keys; // none is ever taken out
    TextMap<KeyEntry>::value_type *m_newest = nullptr; // found last
    TextMap<KeyEntry>::value_type *m_guess = nullptr; // what is looked for, as far as the labels say by now; else null
    std::size_t m_guessed = 0; // bytes of its composite that they have said
    std::deque<KeyEntry> m_passing; // keys past the limits
    TextMap<SeriesRef> m_series; // by path
    std::string m_path;
    std::uint64_t m_refused = 0;
};

}
