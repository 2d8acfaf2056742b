#pragma once

#include "core/node.h"

#include <memory>
#include <optional>

namespace sg {

using Captures = std::vector<std::pair<std::string, std::string>>;

// Topic patterns "plant.{line}.processed" or "plant/{line}/+/beat" and plain names. {x} is one or more characters without the separator
// ('.' for Kafka, '/' for MQTT); `^` begins a regex for Kafka.
class TopicPattern
{
public:
    static Result<TopicPattern> parse(std::string_view text, char separator);
    // Captures in pattern order, or nothing when the topic does not match.
    [[nodiscard]] std::optional<Captures> match(std::string_view topic) const;
    [[nodiscard]] bool isPlain() const; // one topic, as written
    [[nodiscard]] std::string mqttFilter() const; // {x} -> +
    [[nodiscard]] const std::string &text() const { return m_text; }

private:
    std::string m_text;
    char m_separator = '.';
    std::vector<std::string> m_segments;
    std::shared_ptr<const void> m_regex;
};

// The topics of a source and those it leaves out, in the workspace's `topics` and `except`.
struct TopicChoice
{
    std::vector<TopicPattern> topics;
    std::vector<TopicPattern> except;

    // Each text that is no pattern is a fault at its place.
    static TopicChoice read(const Node &settings, char separator, std::vector<Error> &faults);
    // Captures of the first pattern that matches; nothing for a topic that is not chosen.
    [[nodiscard]] std::optional<Captures> match(std::string_view topic) const;
};

}
