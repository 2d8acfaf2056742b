#pragma once

#include "decode/compressed.h"
#include "decode/decoder.h"
#include "decode/fieldvalue.h"
#include "decode/framing.h"
#include "decode/intake.h"
#include "decode/intakeledger.h"
#include "decode/keyreader.h"
#include "decode/schemareader.h"
#include "decode/seriescache.h"

namespace sg {

struct Intake::Private
{
    // A field whose name a message tells.
    struct ReadField
    {
        std::uint32_t number = 0; // of its own keys: each has one series
        FieldState *field = nullptr;
    };
    // What is known of one kind of messages.
    struct CaseState
    {
        const Case *kind = nullptr;
        TextMap<FieldState> fields; // by name; nodes never move
        TextMap<ReadField> read; // by name
        TextMap<Topic> topics;
        Topic *newestTopic = nullptr;
        std::string newestTopicName;
        bool isReadFullTold = false;
    };
    // A row that will be appended when the whole message turned out to be good.
    struct Row
    {
        KeyEntry *key = nullptr;
        std::uint32_t column = 0; // of the key's series
        FieldState *field = nullptr;
        FieldValue value;
        Time stamp;
    };
    struct NewNote
    {
        KeyEntry *key = nullptr;
        std::size_t note = 0;
        std::string_view text;
        std::size_t row = 0; // of `rows`, the first of the item that says it
    };

    using Pairs = std::span<const std::pair<std::string_view, std::string_view>>;
    static std::optional<std::string_view> textOf(Pairs pairs, std::string_view name);

    explicit Private(const SourceSpec &spec); // throws Refusal

    // intake.cpp: which case reads a message, and what is to be done with it.
    Result<Done> addMessage(const Message &message);
    Result<Done> addPlain(const Message &message);
    Result<Done> addFramed(const Message &message, const Framing &framing);
    // intakeschemas.cpp: bytes whose schema a registry has, as JSON text. An Error is counted, or what waitsFor() says.
    Result<Done> addWithSchemas(const Message &message);
    Result<std::string_view> jsonOf(const Message &message, const Framing &framing, bool isKey);
    Result<Done> addOpened(const Message &message);
    Result<Done> addTombstone(const Message &message);
    CaseState *caseOf(const Message &message);
    bool holds(const Case::Condition &condition, const Message &message);
    Value valueOutside(const Where &where, const Message &message);

    // intakecase.cpp: one case reads it.
    Result<Done> addRows(const Message &message, CaseState &state);
    Result<Done> readOne(const Message &message, CaseState &state, Topic &topic);
    Result<Done> retire(const Message &message, CaseState &state);
    Topic *topicOf(const Message &message, CaseState &state);
    void growColumns(CaseState &state, Topic &topic);
    FieldState *fieldNamed(CaseState &state, const FieldRule &rule);
    Value valueAt(std::size_t slot, const Message &message, const Shape &shape);
    std::optional<Error> splitText(const Message &message, const Shape &shape);
    std::optional<Error> addLabels(const Message &message, const Shape &shape);
    Result<KeyEntry *> keyOf(const Message &message, const Shape &shape, std::uint32_t number);

    // intakerows.cpp: its values become rows.
    Result<Done> readFields(const Message &message, const Topic &topic, KeyEntry &key, Time stamp);
    Result<Done> readReading(const Message &message, CaseState &state, const Shape &shape, Time stamp);
    void noteNumberText(FieldState &field, std::string_view text);
    ReadField *readFieldNamed(CaseState &state, std::string_view name);
    bool readQuickly(const Value &value, KeyEntry &key, std::uint32_t column, FieldState &field, Time stamp);
    Result<Done> readValue(const Value &value, KeyEntry &key, std::uint32_t column, FieldState &field, Time stamp);
    void append(const Message &message, const Case &kind);
    void appendWhole(const Message &message);
    void appendRow(const Message &message, SeriesRef &series, const FieldValue &value, FieldState &field, Time stamp);
    void readNotes(const Message &message, const Shape &shape, KeyEntry &key, std::size_t firstRow);
    void tellNote(const NewNote &note, const Case &kind);
    std::optional<std::uint32_t> codeOf(std::string_view text, SeriesRef &series, FieldState &field);

    const Declaration declaration;
    std::unique_ptr<Decoder> decoder;
    KeyReader keys;
    SeriesCache cache;
    TextDictionary texts;
    std::vector<CaseState> cases;
    std::uint32_t numbers = 0; // of topics and read fields
    IntakeLedger ledger;
    Batch batch;
    std::unique_ptr<SchemaReader> schemas; // where the declaration names a registry
    std::optional<Error> waitsFor;
    std::stop_token stop; // of the call under way
    std::uint64_t messages = 0;
    std::uint64_t retold = 0; // of these: that say nothing new
    bool isFullTold = false;

    // Kept between messages so that a known message allocates nothing.
    std::vector<Row> rows;
    std::vector<NewNote> notes;
    TextPool pool; // texts of values in `rows` and `notes`
    std::string buffer;
    std::vector<std::string_view> parts; // of the split text
    Inflater inflater;
};

}
