#include "decode/seriescache.h"

#include "core/selector.h"
#include "core/text.h"
#include "decode/sametext.h"

#include <cstring>

namespace sg {

namespace {

constexpr std::size_t LongestLabel = 256; // bytes

void appendNumber(std::string &out, std::uint32_t number)
{
    char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    out.append(bytes, sizeof number);
}

std::uint32_t numberAt(const std::string &bytes, std::size_t at) // 0 behind their end
{
    std::uint32_t number = 0;
    if (at + sizeof number <= bytes.size())
        std::memcpy(&number, bytes.data() + at, sizeof number);
    return number;
}

}

// Devices are mostly asked in turn: what came behind the last one before comes behind it again. So the labels are first held against its
// own; only where they differ is the composite put together and searched for.
void SeriesCache::begin(std::uint32_t topic)
{
    m_composite.clear();
    m_guess = m_newest ? m_newest->second.next : nullptr;
    m_guessed = sizeof topic;
    if (m_guess && numberAt(m_guess->first, 0) == topic)
        return;
    m_guess = nullptr;
    appendNumber(m_composite, topic);
}

void SeriesCache::endGuess()
{
    if (m_guess)
        m_composite.assign(m_guess->first, 0, m_guessed);
    m_guess = nullptr;
}

void SeriesCache::addLabel(std::string_view text)
{
    if (m_guess) {
        const std::string &composite = m_guess->first;
        const std::size_t at = m_guessed + sizeof(std::uint32_t);
        if (at + text.size() <= composite.size() && numberAt(composite, m_guessed) == text.size()
            && isSameText(std::string_view(composite).substr(at, text.size()), text)) {
            m_guessed = at + text.size();
            return;
        }
        endGuess();
    }
    appendNumber(m_composite, static_cast<std::uint32_t>(text.size()));
    m_composite.append(text);
}

KeyEntry *SeriesCache::find()
{
    if (m_guess && m_guessed == m_guess->first.size()) {
        m_newest = m_guess;
        return &m_newest->second;
    }
    endGuess();
    const auto found = m_keys.find(std::string_view(m_composite));
    if (found == m_keys.end())
        return nullptr;
    if (m_newest)
        m_newest->second.next = &*found;
    m_newest = &*found;
    return &m_newest->second;
}

std::vector<std::string_view> SeriesCache::labelsOf(std::string_view composite) const
{
    std::vector<std::string_view> labels;
    for (std::size_t at = sizeof(std::uint32_t); at < composite.size();) {
        std::uint32_t size = 0;
        std::memcpy(&size, composite.data() + at, sizeof size);
        labels.push_back(composite.substr(at + sizeof size, size));
        at += sizeof size + size;
    }
    return labels;
}

Result<std::string> SeriesCache::keyPath(const std::vector<Case::Label> &labels)
{
    endGuess();
    std::string path = m_source;
    const auto texts = labelsOf(m_composite);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (texts[i].size() > LongestLabel)
            return Error{SG_TR("label %1: a text of %2 bytes; at most %3"),
                         {labels[i].name, std::to_string(texts[i].size()), std::to_string(LongestLabel)},
                         {}};
        if (!isUtf8(texts[i]))
            return Error{SG_TR("label %1: '%2' is not UTF-8"), {labels[i].name, shown(texts[i], 60)}, {}};
        path += '/';
        path += encodeSegment(texts[i]);
    }
    return path;
}

Result<KeyEntry *> SeriesCache::make(const std::vector<Case::Label> &labels)
{
    auto path = keyPath(labels);
    if (!path)
        return path.error();
    // Keys that never had a value make no series; they are bounded as well.
    const bool isKept = m_series.size() < m_maxSeries && m_keys.size() < 2 * m_maxSeries;
    KeyEntry *entry = isKept ? &m_keys[m_composite] : &m_passing.emplace_back();
    entry->path = std::move(*path);
    return entry;
}

const std::string &SeriesCache::pathOf(const KeyEntry &key, const FieldState &field)
{
    m_path.assign(key.path);
    m_path += '/';
    m_path += field.segment;
    return m_path;
}

SeriesRef SeriesCache::lookUp(const KeyEntry &key, const FieldState &field)
{
    const auto found = m_series.find(std::string_view(pathOf(key, field)));
    return found == m_series.end() ? SeriesRef() : found->second;
}

std::optional<SeriesRef> SeriesCache::create(const KeyEntry &key, const FieldState &field, ValueKind kind, Batch &batch)
{
    if (m_series.size() >= m_maxSeries) {
        ++m_refused;
        return std::nullopt;
    }
    SeriesRef ref;
    ref.id = static_cast<std::uint32_t>(m_series.size());
    ref.kind = kind;
    m_series.emplace(pathOf(key, field), ref);
    batch.newSeries.push_back({LocalId{ref.id}, m_path, kind});
    return ref;
}

std::pair<std::string, std::size_t> SeriesCache::widestLabel(const std::vector<Case::Label> &labels) const
{
    std::vector<std::unordered_set<std::string_view>> values(labels.size());
    for (const auto &[composite, entry] : m_keys) {
        const auto texts = labelsOf(composite);
        for (std::size_t i = 0; i < texts.size() && i < values.size(); ++i)
            values[i].insert(texts[i]);
    }
    std::pair<std::string, std::size_t> widest;
    for (std::size_t i = 0; i < values.size(); ++i)
        if (values[i].size() > widest.second)
            widest = {labels[i].name, values[i].size()};
    return widest;
}

}
