#include "decode/roleguess.h"

#include "core/text.h"
#include "decode/decoder.h"

namespace sg {

namespace {

constexpr double Most = 0.9; // of the values or messages
constexpr std::size_t FewStates = 20; // different texts that are still a state
constexpr std::size_t MostPath = 3;
constexpr std::size_t MostNotes = 3;
constexpr std::size_t LongestShown = 80;

bool isMost(std::size_t some, std::size_t all)
{
    return all > 0 && static_cast<double>(some) >= Most * static_cast<double>(all);
}

bool has(const std::vector<std::string> &words, std::initializer_list<std::string_view> any)
{
    return std::any_of(words.begin(), words.end(),
                       [&](const std::string &word) { return std::find(any.begin(), any.end(), word) != any.end(); });
}

// How much a name says "this is the thing": 3 a kind of thing, 1 an id of something.
int thingRank(const PlaceSeen &seen)
{
    if (seen.where.starts_with("topic:"))
        return 4; // somebody named it already
    std::vector<std::string> words;
    for (const std::string &token : seen.tokens)
        for (std::string &word : wordsOf(token))
            words.push_back(std::move(word));
    if (has(words, {"lot",     "order",    "batch",  "serial",  "uuid",   "guid",  "trace",    "correlation", "message", "msg",   "event",
                    "seq",     "sequence", "offset", "version", "type",   "kind",  "unit",     "uom",         "status",  "state", "mode",
                    "quality", "value",    "schema", "job",     "recipe", "shift", "operator", "user",        "alarm",   "error", "code"}))
        return 0;
    if (has(words,
            {"device", "machine", "asset", "sensor", "equipment", "station", "gateway", "line",  "robot", "pump", "press", "cell", "plant",
             "area",   "site",    "plc",   "node",   "host",      "hall",    "zone",    "meter", "motor", "tank", "dev",   "eq"}))
        return 3;
    if (has(words, {"tag", "point", "channel", "signal", "id", "name", "key"}))
        return 1;
    return 0;
}

std::string nameFor(const PlaceSeen &seen)
{
    if (seen.tokens.empty())
        return "key";
    const std::string &last = seen.tokens.back();
    const bool isVague = last == "id" || last == "name" || last == "code" || last == "ID" || last == "Id";
    return isVague && seen.tokens.size() > 1 ? seen.tokens[seen.tokens.size() - 2] : last;
}

std::string fieldName(const PlaceSeen &seen)
{
    std::string name;
    for (const std::string &token : seen.tokens)
        name += (name.empty() ? "" : ".") + token;
    return name.empty() ? "value" : name;
}

class Guesser
{
public:
    explicit Guesser(const PlaceStats &stats)
        : m_stats(stats)
    {
    }

    RoleGuess guess()
    {
        for (const PlaceSeen &seen : m_stats.places)
            m_out.places.push_back(look(seen));
        chooseTime();
        choosePath();
        chooseNotes();
        for (std::size_t i = 0; i < m_out.places.size(); ++i) {
            PlaceGuess &place = m_out.places[i];
            if (place.role == PlaceGuess::Role::None && isField(i))
                place.role = PlaceGuess::Role::Field;
            if (place.kind == PlaceGuess::Kind::NumericText && place.role == PlaceGuess::Role::Field)
                m_out.numericTexts.push_back(i);
        }
        return std::move(m_out);
    }

private:
    PlaceGuess look(const PlaceSeen &seen)
    {
        PlaceGuess place;
        place.where = seen.where;
        place.name = fieldName(seen);
        place.sample = shown(seen.sample, LongestShown);
        place.messages = seen.messages;
        place.distinct = seen.values.size();
        const std::size_t all = seen.scalars();
        const bool hasComma = seen.commaTexts > 0;
        m_stamps.push_back(guessStamp(seen));
        if (const auto &stamp = m_stamps.back()) {
            place.kind = PlaceGuess::Kind::Stamp;
            place.unit = stamp->unit;
            place.zone = stamp->isBare ? stamp->zone : std::string();
        } else if (seen.isDecimal || isMost(seen.numbers, all)) {
            place.kind = PlaceGuess::Kind::Number;
        } else if (isMost(seen.bools, all)) {
            place.kind = PlaceGuess::Kind::Bool;
        } else if (seen.texts > 0 && isMost(seen.numericTexts + seen.commaTexts + seen.numbers, all)) {
            place.kind = PlaceGuess::Kind::NumericText;
        }
        place.rule = "{ at: " + flowText(seen.where);
        if (place.kind == PlaceGuess::Kind::NumericText)
            place.rule += hasComma ? ", as: number, decimal: \",\"" : ", as: number";
        place.rule += " }";
        return place;
    }

    bool isUsual(std::size_t i) const { return isMost(m_stats.places[i].messages, m_stats.messages); }

    void chooseTime()
    {
        int best = 0;
        for (std::size_t i = 0; i < m_stamps.size(); ++i) {
            if (!m_stamps[i] || m_stats.places[i].isItem || !isUsual(i))
                continue;
            const int score = 1 + m_stamps[i]->rank + (m_stamps[i]->isNear ? 2 : 0);
            if (score <= best)
                continue;
            best = score;
            m_out.time = i;
            m_out.stamp = *m_stamps[i];
        }
        if (m_out.time)
            m_out.places[*m_out.time].role = PlaceGuess::Role::Stamp;
    }

    // A text or a whole number that comes again: of few messages it cannot be told.
    bool canBeLabel(std::size_t i) const
    {
        const PlaceSeen &seen = m_stats.places[i];
        const bool isName
            = !seen.isDecimal && isMost(seen.texts + seen.wholes, seen.scalars()) && seen.commaTexts == 0 && seen.longest <= LongestShown;
        const bool comesAgain = m_stats.messages < 10 || (!seen.isMore && seen.values.size() * 5 <= m_stats.messages * 4);
        return isName && comesAgain && isUsual(i) && !m_stamps[i] && !seen.isItem && !seen.where.starts_with("header:");
    }

    void choosePath()
    {
        for (const int rank : {4, 3, 1}) {
            if (rank == 1 && !m_out.path.empty())
                break;
            for (std::size_t i = 0; i < m_stats.places.size() && m_out.path.size() < MostPath; ++i)
                if (thingRank(m_stats.places[i]) == rank && (rank == 4 || canBeLabel(i)))
                    addLabel(i);
        }
        if (m_out.path.empty())
            for (std::size_t i = 0; i < m_stats.places.size(); ++i)
                if (m_stats.places[i].where == "key:" && canBeLabel(i))
                    addLabel(i);
    }

    void addLabel(std::size_t i)
    {
        const std::string name = labelName(nameFor(m_stats.places[i]));
        const bool isTaken = std::any_of(m_out.path.begin(), m_out.path.end(), [&](const auto &label) { return label.name == name; });
        // The same thing twice, in the key and in the value say, is one label.
        const bool isSame = std::any_of(m_out.path.begin(), m_out.path.end(), [&](const auto &label) {
            const PlaceSeen &other = m_stats.places[label.place];
            return other.values == m_stats.places[i].values && !other.where.starts_with("topic:");
        });
        if (isTaken || isSame)
            return;
        m_out.path.push_back({name, i});
        m_out.places[i].role = PlaceGuess::Role::Label;
    }

    void chooseNotes()
    {
        for (std::size_t i = 0; i < m_stats.places.size() && m_out.notes.size() < MostNotes; ++i) {
            const PlaceSeen &seen = m_stats.places[i];
            const auto words = wordsOf(seen.tokens.empty() ? std::string() : seen.tokens.back());
            if (m_out.places[i].role != PlaceGuess::Role::None || m_stamps[i] || seen.isItem || seen.longest > LongestShown)
                continue;
            if (!has(words, {"lot", "order", "batch", "serial", "job", "recipe", "product", "material", "shift"}))
                continue;
            m_out.notes.push_back({labelName(nameFor(seen)), i});
            m_out.places[i].role = PlaceGuess::Role::Note;
        }
    }

    bool isField(std::size_t i) const
    {
        const PlaceSeen &seen = m_stats.places[i];
        if (seen.isOutside || seen.scalars() == 0)
            return false;
        switch (m_out.places[i].kind) {
        case PlaceGuess::Kind::Number:
        case PlaceGuess::Kind::NumericText:
        case PlaceGuess::Kind::Bool:
            return true;
        case PlaceGuess::Kind::Text:
            return !seen.isMore && seen.values.size() <= FewStates && seen.longest <= LongestLearnedText
                && (m_stats.messages < 5 || seen.values.size() * 2 <= m_stats.messages);
        case PlaceGuess::Kind::Stamp:
            return false;
        }
        return false;
    }

    const PlaceStats &m_stats;
    std::vector<std::optional<StampGuess>> m_stamps;
    RoleGuess m_out;
};

}

RoleGuess guessRoles(const PlaceStats &stats)
{
    return Guesser(stats).guess();
}

std::string labelName(std::string_view name)
{
    static constexpr std::string_view taken[] = {"field", "value", "limit", "unit", "source"};
    std::string out;
    bool wasLower = false;
    for (const char c : name) {
        const bool isUpper = c >= 'A' && c <= 'Z';
        const bool isLower = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if ((isUpper && wasLower) || (!isUpper && !isLower)) {
            if (!out.empty() && out.back() != '_')
                out += '_';
        }
        if (isUpper || isLower)
            out += isUpper ? static_cast<char>(c - 'A' + 'a') : c;
        wasLower = isLower;
    }
    while (!out.empty() && out.back() == '_')
        out.pop_back();
    if (out.empty() || out.front() < 'a' || out.front() > 'z')
        out = "label" + (out.empty() ? std::string() : "_" + out);
    if (std::find(std::begin(taken), std::end(taken), out) != std::end(taken))
        out += "_id";
    return out;
}

}
