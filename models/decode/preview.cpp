#include "decode/preview.h"

#include "core/selector.h"
#include "core/text.h"
#include "decode/intake.h"
#include "decode/textdictionary.h"

namespace sg {

namespace {

// A label is said to explode when nearly every message has another value of it, or when it has very many.
constexpr std::size_t FewValues = 10;
constexpr double NearlyEvery = 0.8;

using Views = std::vector<std::pair<std::string_view, std::string_view>>;

Views viewsOf(const std::vector<std::pair<std::string, std::string>> &pairs)
{
    return {pairs.begin(), pairs.end()};
}

}

Preview::Preview(const SourceSpec &spec)
    : m_intake(std::make_unique<Intake>(spec))
{
    std::vector<Error> faults; // the kind's own check tells them
    m_topics = TopicChoice::read(spec.settings, spec.kind == "mqtt" ? '/' : '.', faults);
    for (const std::string &name : readTexts(spec.declaration["path"])) {
        m_labels.emplace_back();
        m_labels.back().name = name;
    }
}

Preview::~Preview() = default;

Result<std::unique_ptr<Preview>> Preview::make(const SourceSpec &spec)
{
    try {
        return std::unique_ptr<Preview>(new Preview(spec));
    } catch (const Refusal &refusal) {
        return refusal.error;
    }
}

Preview::Read Preview::add(const BrowsedMessage &message, const std::stop_token &stop)
{
    Read read;
    if (message.isCut()) {
        read.error = Error{SG_TR("only %1 of its %2 bytes were fetched: not decoded here"),
                           {std::to_string(message.payload.size()), std::to_string(message.size)},
                           {}};
        return read;
    }
    const auto captured = m_topics.match(message.topic);
    const Views captures = captured ? viewsOf(*captured) : Views();
    const Views headers = viewsOf(message.headers);
    std::vector<Cell> cells;
    for (const auto &cell : message.cells)
        cells.push_back({cell.column, cell.text, cell.isNumber, cell.isBool});
    Message given;
    given.topic = message.topic;
    given.key = message.key;
    given.payload = message.payload;
    given.isTombstone = message.isTombstone;
    given.headers = headers;
    given.cells = cells;
    given.captures = captures;
    given.stream = message.topic;
    given.offset = message.offset;
    given.brokerTime = message.brokerTime;
    given.databaseTime = message.brokerTime.value_or(message.arrival);
    given.isLive = !message.isRetained;
    if (auto done = m_intake->add(given, stop); !done)
        read.error = done.error();
    read.isWaiting = m_intake->waitsFor().has_value();
    take(m_intake->seal({}, {}), message, read);
    return read;
}

void Preview::take(const Batch &batch, const BrowsedMessage &message, Read &read)
{
    for (const NewText &text : batch.newTexts)
        m_texts.emplace(text.code, text.text);
    for (const NewSeries &made : batch.newSeries) {
        if (m_series.size() >= MostSeries) {
            ++m_hiddenSeries;
            continue;
        }
        Series series;
        series.path = made.path;
        series.kind = made.kind;
        const auto segments = segmentsOf(series.path);
        for (std::size_t i = 1; i + 1 < segments.size(); ++i)
            series.labels.push_back(decodeSegment(segments[i]));
        series.field = decodeSegment(segments.back());
        m_series.emplace(number(made.id), std::move(series));
    }
    for (std::size_t i = 0; i < batch.rows(); ++i) {
        const auto found = m_series.find(number(batch.series[i]));
        if (found == m_series.end()) {
            ++read.hidden;
            continue;
        }
        Series &series = found->second;
        Row row{series.path, series.labels, series.field, series.kind, batch.value[i], {}, batch.quality[i], batch.stamp[i]};
        if (row.stamp == NoTime)
            row.stamp = message.arrival;
        if (row.quality != Quality::Bad)
            row.text = row.kind == ValueKind::State ? shown(m_texts[static_cast<std::uint32_t>(row.value)], LongestStateText)
                                                    : formatNumber(row.value);
        ++series.count;
        series.newest = row;
        if (read.rows.empty() || read.rows.back().labels != row.labels)
            noteLabels(row.labels);
        if (read.rows.size() < MostRows)
            read.rows.push_back(std::move(row));
        else
            ++read.hidden;
    }
    for (const auto &[row, mark] : batch.marks)
        if (const auto *retired = std::get_if<Retired>(&mark))
            read.retired.push_back(retired->key);
    for (const Note &note : batch.notes)
        read.notes.emplace_back(note.name, note.text);
    m_applied += batch.rows() > 0 ? 1 : 0;
}

void Preview::noteLabels(const std::vector<std::string> &values)
{
    for (std::size_t i = 0; i < std::min(values.size(), m_labels.size()); ++i) {
        Label &label = m_labels[i];
        if (label.values.size() < MostLabelValues)
            label.values.insert(values[i]);
        else
            label.isMore = label.isMore || !label.values.contains(values[i]);
    }
}

std::vector<Preview::Series> Preview::series() const
{
    std::vector<Series> out;
    for (const auto &[id, series] : m_series)
        out.push_back(series);
    std::sort(out.begin(), out.end(), [](const Series &a, const Series &b) { return a.path < b.path; });
    return out;
}

std::vector<Preview::Label> Preview::labels() const
{
    std::vector<Label> out = m_labels;
    for (Label &label : out) {
        const std::size_t values = label.values.size();
        if (label.isMore)
            label.warning = Error{
                SG_TR("%1: more than %2 values, each of them series of its own. Is it a note?"), {label.name, std::to_string(values)}, {}};
        else if (values >= FewValues && static_cast<double>(values) >= NearlyEvery * static_cast<double>(m_applied))
            label.warning = Error{SG_TR("%1: %2 values in %3 messages, each of them series of its own. Is it a note?"),
                                  {label.name, std::to_string(values), std::to_string(m_applied)},
                                  {}};
    }
    return out;
}

SourceStatus Preview::status() const
{
    SourceStatus status;
    m_intake->describe(status);
    return status;
}

}
