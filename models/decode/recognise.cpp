#include "decode/recognise.h"

#include "core/text.h"
#include "core/times.h"
#include "decode/keylook.h"
#include "decode/kindlook.h"
#include "decode/listlook.h"
#include "decode/payloadlook.h"
#include "decode/roleguess.h"

namespace sg {

namespace {

constexpr std::size_t MostMessages = 2000; // looked at
constexpr std::size_t MostNamed = 5; // fields that a sentence names

using Kind = PayloadLook::Kind;

// Reads all messages, then says what they are.
class Recogniser
{
public:
    Recogniser(std::span<const BrowsedMessage> messages, const TopicChoice *topics, const DecodeAs &as)
        : m_messages(messages.first(std::min(messages.size(), MostMessages)))
        , m_topics(topics)
        , m_as(as)
    {
    }

    Recognition recognise()
    {
        lookAtAll();
        chooseUnwrap();
        collect();
        m_roles = guessRoles(m_stats);
        sayFormat();
        sayKeys();
        sayKinds();
        sayLists();
        sayTime();
        sayNumericTexts();
        saySeries();
        m_out.places = std::move(m_roles.places);
        m_out.hiddenPlaces = m_stats.hidden;
        return std::move(m_out);
    }

private:
    void lookAtAll()
    {
        for (const BrowsedMessage &message : m_messages) {
            m_looks.push_back(lookAt(message));
            ++m_counts[m_looks.back().kind];
            m_retained += message.isRetained ? 1 : 0;
        }
        std::size_t most = 0;
        for (const auto &[kind, count] : m_counts)
            if (kind != Kind::Tombstone && kind != Kind::Empty && count > most) {
                most = count;
                m_main = kind;
            }
    }

    [[nodiscard]] bool hasDocuments() const { return m_main == Kind::Json || m_main == Kind::JsonSchema; }
    [[nodiscard]] std::size_t countOf(Kind kind) const
    {
        const auto found = m_counts.find(kind);
        return found == m_counts.end() ? 0 : found->second;
    }

    void chooseUnwrap()
    {
        for (const PayloadLook &look : m_looks) {
            if (look.kind != m_main || !hasDocuments())
                continue;
            m_debezium += isDebezium(look.document) ? 1 : 0;
            m_connect += isConnectJson(look.document) ? 1 : 0;
        }
        if (m_debezium * 2 > countOf(m_main))
            m_out.unwrap = Unwrap::Debezium;
        else if (m_connect > 0)
            m_out.unwrap = Unwrap::Auto;
    }

    void collect()
    {
        for (const PayloadLook &look : m_looks)
            if (look.kind == m_main && m_connect > 0 && m_stats.decimals.empty())
                m_stats.decimals = decimalPlaces(look.document, m_out.unwrap);
        for (std::size_t i = 0; i < m_messages.size(); ++i) {
            const BrowsedMessage &message = m_messages[i];
            const PayloadLook &look = m_looks[i];
            if (look.kind != m_main)
                continue;
            m_stats.begin(message);
            for (const auto &cell : message.cells)
                m_stats.addCell(cell);
            if (hasDocuments())
                addDocument(look.document);
            for (std::size_t column = 0; column < look.cells.size(); ++column)
                m_stats.addText("column:" + columnName(column), columnName(column), look.cells[column], false);
            if (const auto captures = m_topics ? m_topics->match(message.topic) : std::nullopt)
                for (const auto &[name, value] : *captures)
                    m_stats.addText("topic:" + name, name, value, true);
            addKey(message);
            for (const auto &[name, value] : message.headers)
                m_stats.addText("header:" + name, name, value, true);
        }
    }

    void addDocument(const JsonNode &document)
    {
        if (const JsonNode *value = unwrapped(document, m_out.unwrap))
            m_stats.addJson(*value, {});
        if (m_out.unwrap != Unwrap::Debezium)
            return;
        // The database's own time of the change, which the row need not hold.
        const JsonNode *source = envelopeOf(document, m_out.unwrap).find("source");
        if (const JsonNode *time = source ? source->find("ts_ms") : nullptr; time && time->kind == JsonNode::Kind::Number)
            m_stats.addNumber("envelope:/source/ts_ms", "ts_ms", time->text);
    }

    void addKey(const BrowsedMessage &message)
    {
        if (!message.hasKey || message.key.empty())
            return;
        KeyLook look = lookAtKey(message);
        ++m_keys[look.kind];
        if (look.kind == KeyLook::Kind::Json)
            m_stats.addJson(*unwrapped(look.document, Unwrap::Auto), "key:");
        else if (look.kind != KeyLook::Kind::Binary)
            m_stats.addText("key:", "key", look.text, true);
        if (look.kind == KeyLook::Kind::Windowed)
            m_windows[look.text].insert(look.start);
    }

    static std::string columnName(std::size_t column) { return "c" + std::to_string(column + 1); }

    void say(Error says, ItemSettings settings = {}, bool isProblem = false)
    {
        m_out.findings.push_back({std::move(says), std::move(settings), isProblem});
    }

    void sayFormat()
    {
        const auto packed
            = std::find_if(m_looks.begin(), m_looks.end(), [](const PayloadLook &look) { return look.compression != nullptr; });
        if (packed != m_looks.end())
            say({SG_TR("payloads compressed with %1"), {packed->compression}, {}});
        std::string decode;
        switch (m_main) {
        case Kind::Json:
        case Kind::JsonSchema:
            decode = jsonDecode();
            if (m_main == Kind::JsonSchema)
                say({SG_TR("JSON Schema framing, schema id %1"), {schemas(Kind::JsonSchema)}, {}}, {{"decode", decode}});
            if (m_out.unwrap == Unwrap::Debezium)
                say({SG_TR("Debezium: changes of a table"), {}, {}}, {{"decode", decode}});
            else if (m_connect > 0)
                say({SG_TR("Kafka Connect JSON with schema"), {}, {}}, {{"decode", decode}});
            else if (m_main == Kind::Json)
                say({SG_TR("JSON"), {}, {}}, {{"decode", decode}});
            break;
        case Kind::Row:
            decode = "{ row: { learn: true } }";
            break;
        case Kind::Scalar:
            decode = scalarDecode();
            break;
        case Kind::Csv:
            decode = csvDecode();
            break;
        case Kind::Avro:
        case Kind::Protobuf:
            say({m_main == Kind::Avro ? SG_TR("Avro, schema id %1") : SG_TR("Protobuf, schema id %1"), {schemas(m_main)}, {}}, {}, true);
            break;
        case Kind::Packed:
        case Kind::Xml:
        case Kind::Text:
        case Kind::Binary:
            say({SG_TR("the payloads are %1, which is not read"), {nameOf(m_main)}, {}}, {}, true);
            break;
        case Kind::Tombstone:
        case Kind::Empty:
            break;
        }
        if (!decode.empty())
            m_out.settings.emplace_back("decode", decode);
        sayMixed();
    }

    void sayMixed()
    {
        for (const auto &[kind, count] : m_counts) {
            if (kind == m_main)
                continue;
            if (kind == Kind::Tombstone)
                say({SG_TR("%1 of %2 messages are tombstones: they delete their key"),
                     {std::to_string(count), std::to_string(m_messages.size())},
                     {}});
            else
                say({SG_TR("%1 of %2 messages are %3"), {std::to_string(count), std::to_string(m_messages.size()), nameWithId(kind)}, {}},
                    {}, true);
        }
        if (m_retained > 0)
            say({SG_TR("%1 of %2 messages were kept by the broker: no sign of life"),
                 {std::to_string(m_retained), std::to_string(m_messages.size())},
                 {}});
    }

    [[nodiscard]] std::string nameWithId(Kind kind) const
    {
        const bool isFramed = kind == Kind::Avro || kind == Kind::Protobuf || kind == Kind::JsonSchema;
        return nameOf(kind) + (isFramed ? ", schema id " + schemas(kind) : std::string());
    }

    [[nodiscard]] std::string schemas(Kind kind) const
    {
        std::set<std::uint32_t> ids;
        for (const PayloadLook &look : m_looks)
            if (look.kind == kind && ids.size() < MostNamed)
                ids.insert(look.schema);
        std::string out;
        for (const std::uint32_t id : ids)
            out += (out.empty() ? "" : ", ") + std::to_string(id);
        return out;
    }

    // "{ json: { unwrap: auto, ": whatever is read from it follows.
    [[nodiscard]] std::string head() const
    {
        return "{ " + m_as.format + ": { " + (m_as.use.empty() ? std::string() : "use: " + flowText(m_as.use) + ", ") + unwrapText();
    }

    [[nodiscard]] std::string unwrapText() const
    {
        return m_out.unwrap == Unwrap::Debezium ? "unwrap: debezium, " : m_out.unwrap == Unwrap::Auto ? "unwrap: auto, " : "";
    }

    [[nodiscard]] std::string jsonDecode() const
    {
        std::string fields;
        for (const std::size_t i : m_roles.numericTexts)
            fields += (fields.empty() ? "" : ", ") + flowText(m_roles.places[i].name) + ": " + m_roles.places[i].rule;
        return head() + "learn: true" + (fields.empty() ? "" : ", fields: { " + fields + " }") + " } }";
    }

    std::string scalarDecode()
    {
        std::size_t commas = 0, numbers = 0;
        std::string sample;
        for (const PayloadLook &look : m_looks)
            if (look.kind == Kind::Scalar) {
                commas += look.hasComma ? 1 : 0;
                numbers += look.isNumber ? 1 : 0;
            }
        for (std::size_t i = 0; i < m_messages.size(); ++i)
            if (m_looks[i].kind == Kind::Scalar)
                sample = shown(m_messages[i].payload, 40);
        const bool isNumber = numbers * 10 >= countOf(Kind::Scalar) * 9;
        const std::string decode
            = std::string("{ scalar: { field: value") + (isNumber ? ", as: number" : "") + (commas > 0 ? ", decimal: \",\"" : "") + " } }";
        say({commas > 0     ? SG_TR("each message is one number with a decimal comma, '%1'")
                 : isNumber ? SG_TR("each message is one number, '%1'")
                            : SG_TR("each message is one value, '%1'"),
             {sample},
             {}},
            {{"decode", decode}});
        return decode;
    }

    std::string csvDecode()
    {
        std::map<std::pair<char, std::size_t>, std::size_t> layouts;
        for (const PayloadLook &look : m_looks)
            if (look.kind == Kind::Csv)
                ++layouts[{look.separator, look.cells.size()}];
        const auto most
            = std::max_element(layouts.begin(), layouts.end(), [](const auto &a, const auto &b) { return a.second < b.second; });
        const auto &[separator, count] = most->first;
        std::string columns, fields;
        for (std::size_t i = 0; i < count; ++i)
            columns += (i == 0 ? "" : ", ") + columnName(i);
        for (const std::size_t i : m_roles.numericTexts)
            if (m_roles.places[i].rule.find("decimal") != std::string::npos)
                fields += (fields.empty() ? "" : ", ") + flowText(m_roles.places[i].name) + ": " + m_roles.places[i].rule;
        const std::string separatorText = separator == ',' ? "" : "separator: " + flowText(std::string(1, separator)) + ", ";
        const std::string decode = "{ csv: { columns: [" + columns + "], " + separatorText + "learn: true"
            + (fields.empty() ? "" : ", fields: { " + fields + " }") + " } }";
        say({SG_TR("CSV lines of %1 columns, separated by '%2'; name the columns"),
             {std::to_string(count), separator == '\t' ? std::string("tab") : std::string(1, separator)},
             {}},
            {{"decode", decode}});
        return decode;
    }

    void sayKeys()
    {
        using Key = KeyLook::Kind;
        if (m_keys[Key::Json] > 0)
            say({SG_TR("record keys are JSON: key:/p points into them"), {}, {}});
        else if (m_keys[Key::Text] > 0)
            say({SG_TR("record keys are text: key: is one"), {}, {}});
        if (const bool isLong = m_keys[Key::Int64] > m_keys[Key::Int32]; isLong || m_keys[Key::Int32] > 0)
            propose({SG_TR("record keys are big-endian integers of %1 bytes"), {isLong ? "8" : "4"}, {}},
                    {{"key", isLong ? "int64" : "int32"}});
        if (m_windows.empty())
            return;
        const std::int64_t apart = windowsApart(m_windows);
        const std::string window = apart == 0 ? "60s"
            : apart % 1000 == 0               ? std::to_string(apart / 1000) + "s"
                                              : std::to_string(apart) + "ms";
        propose({apart == 0 ? SG_TR("record keys end in the start of a window; say how long it is")
                            : SG_TR("record keys end in the start of a window, %1 after the one before"),
                 {window},
                 {}},
                {{"key", "{ text: { window: " + window + " } }"}, {"time", "{ basis: message, at: \"window:end\", revisions: replace }"}});
    }

    // Said, and part of what a new source begins with.
    void propose(Error says, ItemSettings settings)
    {
        for (const auto &[key, value] : settings) {
            const auto same = [&](const auto &setting) { return setting.first == key; };
            if (std::none_of(m_out.settings.begin(), m_out.settings.end(), same))
                m_out.settings.emplace_back(key, value);
        }
        say(std::move(says), std::move(settings));
    }

    void sayKinds()
    {
        const auto kinds = hasDocuments() ? lookAtKinds(m_stats, m_roles) : std::nullopt;
        if (!kinds)
            return;
        ItemSettings settings;
        if (!kinds->cases.empty()) {
            settings.emplace_back("decode", head() + kinds->cases + " } }");
            m_out.settings.front().second = settings.front().second;
        }
        m_roles.places[kinds->place].role = PlaceGuess::Role::None;
        const PlaceSeen &place = m_stats.places[kinds->place];
        say({SG_TR("%1 kinds of messages by %2"), {std::to_string(place.values.size()), shown(place.where, 60)}, {}}, std::move(settings));
    }

    // A list of objects: each item may be a message of its own.
    void sayLists()
    {
        if (m_stats.lists.empty())
            return;
        const ListLook list = lookAtList(m_stats, m_roles);
        ItemSettings settings;
        if (!list.reads.empty()) {
            settings.emplace_back("decode", head() + "each: " + flowText(list.pointer) + ", " + list.reads + " } }");
            if (list.isAll)
                m_out.settings.front().second = settings.front().second;
        }
        say({SG_TR("%1 is a list of objects: each item can be read by itself"),
             {list.pointer.empty() ? std::string("/") : shown(list.pointer, 60)},
             {}},
            std::move(settings));
    }

    void sayTime()
    {
        const bool isRow = m_main == Kind::Row;
        const bool hasBroker = std::any_of(m_messages.begin(), m_messages.end(), [](const auto &m) { return m.brokerTime.has_value(); });
        if (m_roles.time) {
            m_out.findings.push_back(stampFinding(m_stats.places[*m_roles.time], m_roles.stamp, isRow));
            if (m_windows.empty())
                m_out.settings.push_back(m_out.findings.back().settings.front());
        } else if (m_windows.empty()) {
            m_out.settings.emplace_back("time", isRow ? "{ basis: database }" : hasBroker ? "{ basis: broker }" : "{ basis: arrival }");
        }
    }

    void sayNumericTexts()
    {
        if (m_roles.numericTexts.empty() || m_main == Kind::Csv)
            return;
        std::string names;
        for (std::size_t i = 0; i < m_roles.numericTexts.size() && i < MostNamed; ++i)
            names += (names.empty() ? "" : ", ") + shown(m_roles.places[m_roles.numericTexts[i]].name, 40);
        if (m_roles.numericTexts.size() > MostNamed)
            names += ", …";
        say({SG_TR("numbers as text: %1"), {names}, {}});
    }

    void saySeries()
    {
        std::string path, labels, notes;
        for (const auto &label : m_roles.path) {
            path += (path.empty() ? "" : ", ") + label.name;
            const std::string &where = m_stats.places[label.place].where;
            if (where != "topic:" + label.name && where != "column:" + label.name)
                labels += (labels.empty() ? "" : ", ") + label.name + ": " + flowText(where);
        }
        if (path.empty()) {
            path = "thing";
            labels = "thing: { value: \"-\" }";
        }
        for (const auto &note : m_roles.notes)
            notes += (notes.empty() ? "" : ", ") + note.name + ": " + flowText(m_stats.places[note.place].where);
        m_out.settings.emplace_back("path", "[" + path + "]");
        if (!labels.empty())
            m_out.settings.emplace_back("labels", "{ " + labels + " }");
        if (!notes.empty())
            m_out.settings.emplace_back("notes", "{ " + notes + " }");
    }

    const std::span<const BrowsedMessage> m_messages;
    const TopicChoice *m_topics;
    const DecodeAs m_as;
    std::vector<PayloadLook> m_looks;
    std::map<Kind, std::size_t> m_counts;
    Kind m_main = Kind::Empty;
    std::size_t m_debezium = 0, m_connect = 0, m_retained = 0;
    WindowStarts m_windows;
    std::map<KeyLook::Kind, std::size_t> m_keys;
    PlaceStats m_stats;
    RoleGuess m_roles;
    Recognition m_out;
};

}

Recognition recognise(std::span<const BrowsedMessage> messages, const TopicChoice *topics, const DecodeAs &as)
{
    return Recogniser(messages, topics, as).recognise();
}

}
