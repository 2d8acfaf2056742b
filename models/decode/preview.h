#pragma once

#include "core/browse.h"
#include "decode/topicpattern.h"

#include <set>

namespace sg {

class Intake;

// What a source's declaration makes of messages that were looked at by hand: the real Intake on them, with nothing stored. One thread
// at a time. Everything is bounded; what is beyond is counted. Texts may be hostile: they are values, escape them where they are shown
// (shown()), except `text` of a row, which is escaped.
class Preview
{
public:
    static constexpr std::size_t MostRows = 500; // of one message
    static constexpr std::size_t MostSeries = 5000;
    static constexpr std::size_t MostLabelValues = 1000;

    struct Row
    {
        std::string path; // "press/L1/P-07/temp", segments percent-encoded
        std::vector<std::string> labels; // values in path order
        std::string field;
        ValueKind kind = ValueKind::Number;
        double value = 0; // of Number; NaN when bad
        std::string text; // the number or the state as it is shown; empty when bad
        Quality quality = Quality::Good;
        Time stamp{}; // as the basis says; the arrival where the basis is arrival
    };
    struct Read
    {
        std::vector<Row> rows;
        std::size_t hidden = 0; // rows beyond MostRows
        std::optional<Error> error; // why the message is refused, whole
        bool isWaiting = false; // it is not: its schema cannot be had now, and the source would wait for it
        std::vector<std::string> retired; // keys that it deletes
        std::vector<std::pair<std::string, std::string>> notes; // name, text
    };
    struct Series
    {
        std::string path;
        std::vector<std::string> labels;
        std::string field;
        ValueKind kind = ValueKind::Number;
        std::uint64_t count = 0; // rows
        Row newest;
    };
    struct Label
    {
        std::string name;
        std::set<std::string> values; // at most MostLabelValues
        bool isMore = false;
        std::optional<Error> warning; // it explodes: nearly every message has another value
    };

    // Reads the declaration as the source will; an Error names the first thing that it cannot read (Intake::check: all of them).
    static Result<std::unique_ptr<Preview>> make(const SourceSpec &spec);
    ~Preview();

    // Where the declaration names a registry, this may ask it: for seconds at most, and not after `stop`.
    Read add(const BrowsedMessage &message, const std::stop_token &stop = {});

    [[nodiscard]] std::vector<Series> series() const; // by path
    [[nodiscard]] std::size_t hiddenSeries() const { return m_hiddenSeries; }
    [[nodiscard]] std::vector<Label> labels() const; // in path order
    // Counts and standing remarks as the source's status will have them: learned fields, texts like numbers, missing labels.
    [[nodiscard]] SourceStatus status() const;

private:
    explicit Preview(const SourceSpec &spec);
    void take(const Batch &batch, const BrowsedMessage &message, Read &read);
    void noteLabels(const std::vector<std::string> &values);

    std::unique_ptr<Intake> m_intake;
    TopicChoice m_topics;
    std::map<std::uint32_t, Series> m_series; // by LocalId
    std::map<std::uint32_t, std::string> m_texts;
    std::size_t m_hiddenSeries = 0;
    std::vector<Label> m_labels;
    std::uint64_t m_applied = 0; // messages that gave rows
};

}
