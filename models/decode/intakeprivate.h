#pragma once

#include "decode/decoder.h"
#include "decode/fieldvalue.h"
#include "decode/intake.h"
#include "decode/intakeledger.h"
#include "decode/seriescache.h"

namespace sg {

struct Intake::Private
{
    // A row that will be appended when the whole message turned out to be good.
    struct Row
    {
        std::size_t column = 0;
        FieldValue value;
    };

    explicit Private(const SourceSpec &spec); // throws Refusal

    // intake.cpp: what a message is about.
    Topic &topicOf(const Message &message);
    void growColumns(Topic &topic);
    FieldState *fieldNamed(const FieldRule &rule);
    Value valueAt(std::size_t slot, const Message &message, const Shape &shape) const;
    std::optional<Error> addLabels(const Message &message, const Shape &shape);
    Result<Done> addMessage(const Message &message);
    Result<Done> addTombstone(const Message &message);

    // intakerows.cpp: its values become rows.
    Result<Done> readFields(const Topic &topic, KeyEntry &key);
    void append(const Message &message, Topic &topic, KeyEntry &key, Time stamp);
    void appendRow(const Message &message, SeriesRef &series, const FieldValue &value, FieldState &field, Time stamp);
    void addNotes(const Message &message, const Shape &shape, KeyEntry &key);
    std::optional<std::uint32_t> codeOf(std::string_view text, SeriesRef &series, FieldState &field);

    const Declaration declaration;
    std::unique_ptr<Decoder> decoder;
    SeriesCache cache;
    TextDictionary texts;
    TextMap<FieldState> fields; // by name; nodes never move
    TextMap<Topic> topics;
    Topic *newestTopic = nullptr;
    std::string newestTopicName;
    IntakeLedger ledger;
    Batch batch;
    std::uint64_t messages = 0;
    bool isFullTold = false;

    // Kept between messages so that a known message allocates nothing.
    std::vector<Row> rows;
    std::vector<std::string> buffers;
};

}
