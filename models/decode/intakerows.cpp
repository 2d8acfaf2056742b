#include "decode/intakeprivate.h"

#include "core/text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sg {

namespace {

constexpr std::size_t LongestNote = 200; // bytes

}

// Every value of the message into `rows`, or the error that refuses the message.
Result<Done> Intake::Private::readFields(const Topic &topic, KeyEntry &key)
{
    rows.clear();
    if (key.series.size() < topic.columns.size())
        key.series.resize(topic.columns.size());
    if (buffers.size() < topic.columns.size())
        buffers.resize(topic.columns.size());
    for (std::size_t i = 0; i < topic.columns.size(); ++i) {
        const Topic::Column &column = topic.columns[i];
        const Value &decoded = topic.shape->values[column.slot];
        if (decoded.kind == Value::Kind::Absent)
            continue;
        SeriesRef &series = key.series[i];
        const bool isNumber = decoded.kind == Value::Kind::Integer || decoded.kind == Value::Kind::Number;
        if (isNumber && column.field->isPlain && series.id != SeriesRef::None && series.kind == ValueKind::Number
            && std::isfinite(decoded.number)) {
            rows.push_back({i, {FieldValue::Kind::Number, decoded.number, {}}}); // what nearly every value is
            continue;
        }
        const FieldRule &rule = column.field->rule;
        const auto value = meaningOf(decoded, rule, buffers[i]);
        if (!value)
            return value.error();
        if (series.id == SeriesRef::None)
            series = cache.lookUp(key, *column.field);
        const bool isKnown = series.id != SeriesRef::None;
        switch (value->kind) {
        case FieldValue::Kind::None:
            continue;
        case FieldValue::Kind::Bad:
            if (isKnown) // of a series that never had a value not even its kind is known
                rows.push_back({i, *value});
            continue;
        case FieldValue::Kind::Number:
            if (isKnown && series.kind != ValueKind::Number)
                return Error{SG_TR("field '%1': the number %2 came where texts came before"),
                             {shown(rule.name, 60), formatNumber(value->number)},
                             {}};
            break;
        case FieldValue::Kind::State:
            if (isKnown && series.kind != ValueKind::State)
                return Error{
                    SG_TR("field '%1': the text '%2' came where numbers came before"), {shown(rule.name, 60), shown(value->text, 60)}, {}};
            break;
        }
        rows.push_back({i, *value});
    }
    return Done();
}

void Intake::Private::append(const Message &message, Topic &topic, KeyEntry &key, Time stamp)
{
    if (!rows.empty() && (batch.runs.empty() || batch.runs.back().second != message.stream))
        batch.runs.emplace_back(static_cast<std::uint32_t>(batch.rows()), std::string(message.stream));
    for (const Row &row : rows) {
        SeriesRef &series = key.series[row.column];
        FieldState &field = *topic.columns[row.column].field;
        if (series.id == SeriesRef::None) {
            const ValueKind kind = row.value.kind == FieldValue::Kind::State ? ValueKind::State : ValueKind::Number;
            const auto made = cache.create(key, field, kind, batch);
            if (!made) {
                if (!isFullTold) {
                    isFullTold = true;
                    const auto [label, values] = cache.widestLabel(declaration.labels);
                    ledger.remark({SG_TR("more than %1 series, new ones are refused; %2: %3 values"),
                                   {std::to_string(declaration.maxSeries), label, std::to_string(values)},
                                   {}});
                }
                continue;
            }
            series = *made;
        }
        appendRow(message, series, row.value, field, stamp);
    }
}

void Intake::Private::appendRow(const Message &message, SeriesRef &series, const FieldValue &value, FieldState &field, Time stamp)
{
    double number = std::numeric_limits<double>::quiet_NaN();
    Quality quality = Quality::Bad;
    if (value.kind == FieldValue::Kind::Number) {
        number = value.number;
        quality = Quality::Good;
    } else if (value.kind == FieldValue::Kind::State) {
        if (const auto code = codeOf(value.text, series, field)) {
            number = *code;
            quality = Quality::Good;
        }
    }
    batch.series.push_back(LocalId{series.id});
    batch.stamp.push_back(stamp);
    batch.value.push_back(number);
    batch.quality.push_back(quality);
    batch.isLive.push_back(message.isLive ? 1 : 0);
    batch.offset.push_back(message.offset);
}

// Past its bounds a text becomes a bad value, and a remark names the field: memory is bounded, nothing is quiet.
std::optional<std::uint32_t> Intake::Private::codeOf(std::string_view text, SeriesRef &series, FieldState &field)
{
    if (texts.is(series.lastText, text))
        return series.lastText;
    if (text.size() > LongestStateText) {
        ledger.remark({SG_TR("field '%1' holds texts longer than %2 bytes; they count as bad values"),
                       {shown(field.rule.name, 60), std::to_string(LongestStateText)},
                       {}});
        return std::nullopt;
    }
    const bool isFull = field.texts.size() >= MostTextsPerField;
    const auto code = isFull ? texts.find(text) : texts.code(text, batch);
    if (!code || (isFull && !field.texts.contains(*code))) {
        ledger.remark({SG_TR("field '%1' has more than %2 texts; further ones count as bad values. Is it a note?"),
                       {shown(field.rule.name, 60), std::to_string(MostTextsPerField)},
                       {}});
        return std::nullopt;
    }
    field.texts.insert(*code);
    series.lastText = *code;
    return code;
}

void Intake::Private::addNotes(const Message &message, const Shape &shape, KeyEntry &key)
{
    if (declaration.notes.empty() || rows.empty())
        return;
    key.notes.resize(declaration.notes.size());
    for (std::size_t i = 0; i < declaration.notes.size(); ++i) {
        const Value value = valueAt(declaration.notes[i].slot, message, shape);
        const auto text = value.asText(buffers.front());
        if (!text || text->size() > LongestNote || key.notes[i] == *text || !isUtf8(*text))
            continue;
        key.notes[i] = *text;
        batch.notes.push_back({key.path, declaration.notes[i].name, std::string(*text)});
    }
}

}
