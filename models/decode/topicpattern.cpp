#include "decode/topicpattern.h"

#include "core/fields.h"
#include "core/text.h"

#include <algorithm>
#include <regex>

namespace sg {

namespace {

// A pattern is written by a person; a topic name of Kafka has at most 249 characters, one of MQTT at most 65,535.
constexpr std::size_t LongestPattern = 1000;

bool isLabelName(std::string_view name)
{
    if (name.empty() || name.front() < 'a' || name.front() > 'z')
        return false;
    return std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::vector<std::string> split(std::string_view text, char separator)
{
    std::vector<std::string> out;
    for (std::size_t begin = 0;;) {
        const std::size_t end = text.find(separator, begin);
        out.emplace_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
        if (end == std::string_view::npos)
            return out;
        begin = end + 1;
    }
}

// A hostile pattern must not stop us: libstdc++'s polynomial matcher walks all states at once instead of backtracking.
#ifdef __GLIBCXX__
constexpr auto RegexFlags = std::regex::ECMAScript | std::regex_constants::__polynomial;
#else
constexpr auto RegexFlags = std::regex::ECMAScript;
#endif

}

Result<TopicPattern> TopicPattern::parse(std::string_view text, char separator)
{
    TopicPattern pattern;
    pattern.m_text = text;
    pattern.m_separator = separator;
    if (text.empty() || text.size() > LongestPattern || text.find('\0') != std::string_view::npos || !isUtf8(text))
        return Error{SG_TR("'%1' is not a topic"), {shown(text, 60)}, {}};
    if (separator == '.' && text.front() == '^') {
        try {
            pattern.m_regex = std::make_shared<const std::regex>(std::string(text), RegexFlags);
        } catch (const std::regex_error &error) {
            return Error{SG_TR("topic '%1' is not a regular expression: %2"), {shown(text, 60), error.what()}, {}};
        }
        return pattern;
    }
    if (text.find('\n') != std::string_view::npos)
        return Error{SG_TR("topic '%1' holds a line break"), {shown(text, 60)}, {}};
    pattern.m_segments = split(text, separator);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < pattern.m_segments.size(); ++i) {
        const std::string &segment = pattern.m_segments[i];
        if (separator == '/') {
            const bool isLastHash = segment == "#" && i + 1 == pattern.m_segments.size();
            if (segment != "+" && !isLastHash && segment.find_first_of("+#") != std::string::npos)
                return Error{SG_TR("topic '%1': + stands for a whole level, # for all levels at the end"), {shown(text, 60)}, {}};
        }
        const std::size_t open = segment.find('{');
        const std::size_t close = segment.find('}');
        if (open == std::string::npos && close == std::string::npos)
            continue;
        const bool isOne = open != std::string::npos && close != std::string::npos && open < close
            && segment.find('{', open + 1) == std::string::npos && segment.find('}', close + 1) == std::string::npos;
        if (!isOne)
            return Error{SG_TR("topic '%1': '%2' does not hold one {label}"), {shown(text, 60), shown(segment, 60)}, {}};
        if (separator == '/' && (open != 0 || close + 1 != segment.size()))
            return Error{
                SG_TR("topic '%1': '%2' must be a whole level; MQTT has no part of one"), {shown(text, 60), shown(segment, 60)}, {}};
        std::string name = segment.substr(open + 1, close - open - 1);
        if (!isLabelName(name))
            return Error{SG_TR("topic '%1': '%2' is no label name; it takes a-z, 0-9 and _ and begins with a letter"),
                         {shown(text, 60), shown(name, 60)},
                         {}};
        if (std::find(names.begin(), names.end(), name) != names.end())
            return Error{SG_TR("topic '%1' holds {%2} twice"), {shown(text, 60), name}, {}};
        names.push_back(std::move(name));
    }
    return pattern;
}

std::optional<Captures> TopicPattern::match(std::string_view topic) const
{
    std::vector<std::pair<std::string, std::string>> captures;
    if (m_regex) {
        std::match_results<std::string_view::const_iterator> found;
        if (!std::regex_search(topic.begin(), topic.end(), found, *static_cast<const std::regex *>(m_regex.get())))
            return std::nullopt;
        for (std::size_t i = 1; i < found.size(); ++i)
            captures.emplace_back(std::to_string(i), found[i].str()); // a group has a number only: "topic:1"
        return captures;
    }
    std::size_t begin = 0;
    for (std::size_t i = 0; i < m_segments.size(); ++i) {
        const std::string &wanted = m_segments[i];
        if (m_separator == '/' && wanted == "#")
            return captures;
        if (begin > topic.size()) // the topic has fewer segments, but "a/#" is also "a": looked at above
            return std::nullopt;
        const std::size_t end = std::min(topic.find(m_separator, begin), topic.size());
        const std::string_view segment = topic.substr(begin, end - begin);
        begin = end + 1;
        const std::size_t open = wanted.find('{');
        if (open == std::string::npos) {
            if (segment != wanted && !(m_separator == '/' && wanted == "+"))
                return std::nullopt;
            continue;
        }
        const std::size_t close = wanted.find('}');
        const std::string_view before = std::string_view(wanted).substr(0, open);
        const std::string_view after = std::string_view(wanted).substr(close + 1);
        if (segment.size() <= before.size() + after.size() || !segment.starts_with(before) || !segment.ends_with(after))
            return std::nullopt;
        captures.emplace_back(wanted.substr(open + 1, close - open - 1),
                              segment.substr(before.size(), segment.size() - before.size() - after.size()));
    }
    if (begin <= topic.size())
        return std::nullopt;
    return captures;
}

bool TopicPattern::isPlain() const
{
    return !m_regex && m_text.find_first_of(m_separator == '/' ? "{+#" : "{") == std::string::npos;
}

std::string TopicPattern::mqttFilter() const
{
    std::string filter;
    for (std::size_t i = 0; i < m_segments.size(); ++i) {
        if (i > 0)
            filter += '/';
        filter += m_segments[i].starts_with('{') ? std::string("+") : m_segments[i];
    }
    return filter;
}

TopicChoice TopicChoice::read(const Node &settings, char separator, std::vector<Error> &faults)
{
    TopicChoice choice;
    const auto readList = [&](const char *name, std::vector<TopicPattern> &patterns) {
        const Node &node = settings[name];
        for (const std::string &text : readTexts(node)) {
            if (auto pattern = TopicPattern::parse(text, separator))
                patterns.push_back(*std::move(pattern));
            else
                faults.push_back(node.error(pattern.error().text, pattern.error().args));
        }
    };
    readList("topics", choice.topics);
    readList("except", choice.except);
    return choice;
}

std::optional<Captures> TopicChoice::match(std::string_view topic) const
{
    if (std::ranges::any_of(except, [topic](const TopicPattern &one) { return one.match(topic).has_value(); }))
        return std::nullopt;
    for (const TopicPattern &pattern : topics) {
        if (auto captures = pattern.match(topic))
            return captures;
    }
    return std::nullopt;
}

}
