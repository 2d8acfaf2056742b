#include "fuzz/decodeinput.h"

#include "decode/flow.h"
#include "decode/intake.h"
#include "decode/schemas.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace sg::fuzz {

namespace {

struct Form
{
    const char *kind;
    const char *settings;
    const char *declaration;
};

// Every format, every kind of place, every rule of a field.
const Form Forms[] = {
    {"kafka", "{}", "{path: [line, device], labels: {device: /id}, decode: {json: {learn: true, unwrap: auto}}}"},
    {"kafka", "{}",
     "{path: [device], labels: {device: \"key:/id\"}, notes: {lot: \"envelope:/schema/name\", day: /day}, time: {basis: message, at: /t, "
     "unit: "
     "ms}, decode: {json: {unwrap: auto, fields: {a: {at: /a}, d: {at: /l/1/x}}}}}"},
    {"kafka", "{}",
     "{path: [id], labels: {id: \"key:/id\"}, time: {basis: message, at: \"envelope:/source/ts_ms\", unit: ms}, decode: {json: {unwrap: "
     "debezium, learn: true, fields: {x: {at: /x, as: decimal, digits: 2}}}}}"},
    {"kafka", "{}",
     "{path: [line, device], labels: {line: /asset/line, device: /asset/id}, decode: {json: {count_by: /type, cases: [{when: {/type: "
     "telemetry}, fields: {t: {at: /d/t}}}, {when: {\"header:k\": [alarm, event], /m: present}, labels: {line: {value: \"-\"}, device: "
     "/m}, "
     "learn: true}, {else: {learn: true}}]}}}"},
    {"mqtt", "{}",
     "{path: [line, device], labels: {line: \"split:line\", device: \"split:device\"}, notes: {gateway: \"topic:line\", tag: "
     "\"item:/tag\"}, "
     "time: {basis: message, at: \"item:/t\", unit: iso, zone: Asia/Seoul}, decode: {json: {cases: [{when: {/batch: present}, each: "
     "/batch, "
     "split: {at: \"item:/tag\", as: \"{line}.{device}.{point}\"}, reading: {field: \"split:point\", value: \"item:/v\", quality: {at: "
     "\"item:/q\", good: [192]}}, fields: {Temp: {scale: 0.1}, Run: {as: bool}}, learn: true}, {else: ignore}]}}}"},
    {"mqtt", "{}", "{path: [line], decode: {json: {each: \"\", learn: true, fields: {x: {at: \"item:\"}}}}}"},
    {"mqtt", "{}",
     "{path: [line], decode: {json: {fields: {n: {at: /n, as: number, scale: 0.1, offset: -5, bad: [-999, x]}, m: {at: /m, map: {\"0\": "
     "off_, "
     "\"1\": on_}}, b: {at: /b, bit: 3}, c: {at: /c, decimal: \",\"}, d: {at: /d, as: decimal}, t: {at: /t, as: text}, f: {at: /f, as: "
     "bool}, "
     "h: {at: \"header:k\"}, k: {at: \"key:\"}}}}}"},
    {"mqtt", "{}", "{path: [line], decode: {scalar: {field: \"topic:line\", decimal: \",\"}}}"},
    {"mqtt", "{}", "{path: [line], decode: {scalar: {field: beat, bit: 1, map: {\"1\": up}}}}"},
    {"kafka", "{}",
     "{path: [a], time: {basis: message, at: \"column:b\", unit: iso, zone: UTC}, decode: {csv: {columns: [a, b, c, j], learn: true, "
     "fields: "
     "{o: {at: \"column:j/oee\"}}}}}"},
    {"postgres", "{}", "{path: [a], decode: {row: {learn: true, fields: {o: {at: \"column:b/oee\"}, p: {at: \"column:c/l/0\"}}}}}"},
    {"kafka", "{key: {text: {window: 60s}}}",
     "{path: [line], labels: {line: \"key:\"}, notes: {w: \"window:start\"}, time: {basis: message, at: \"window:end\", revisions: "
     "replace}, "
     "decode: {json: {learn: true}}}"},
    {"kafka", "{key: int64}", "{path: [line], labels: {line: \"key:\"}, decode: {json: {learn: true}}}"},
    {"kafka", "{key: {json: {window: 1h}}}",
     "{path: [line], labels: {line: \"key:/a\"}, decode: {json: {unwrap: auto, cases: [{when: {\"key:/b\": present}, learn: true}]}}}"},
    {"kafka", "{}",
     "{path: [id], labels: {id: \"key:/id\"}, time: {basis: message, at: /t, unit: iso}, decode: {avro: {use: r, learn: true, fields: {d: "
     "{at: /d, as: decimal, digits: 2}, n: {at: /l/0/n}}}}}"},
    {"kafka", "{}", "{path: [line], decode: {avro: {use: r, learn: true}}}"},
    {"kafka", "{}", "{path: [line], decode: {protobuf: {use: r, learn: true}}}"},
};

// Schema 1 is ours, of every other id it is the record's key: a registry is a server of others.
std::string_view foreignSchema;

constexpr const char *Avro
    = R"({"type":"record","name":"R","fields":[{"name":"id","type":"string"},{"name":"t","type":{"type":"long","logicalType":)"
      R"("timestamp-micros"}},{"name":"d","type":["null",{"type":"bytes","logicalType":"decimal","precision":40,"scale":2}]},{"name":"l",)"
      R"("type":{"type":"array","items":{"type":"record","name":"S","fields":[{"name":"n","type":"int"},{"name":"next","type":["null","R"]})"
      R"(]}}},{"name":"m","type":{"type":"map","values":"double"}},{"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]}},)"
      R"({"name":"f","type":{"type":"fixed","name":"F","size":3}},{"name":"b","type":"boolean"},{"name":"g","type":"float"}]})";
constexpr const char *Proto
    = "syntax = \"proto3\"; import \"google/protobuf/timestamp.proto\"; import \"google/protobuf/struct.proto\"; message R { string id = "
      "1; double v = 2; repeated int32 many = 3; map<string, int64> counts = 4; google.protobuf.Timestamp at = 5; bytes raw = 6; oneof "
      "choice { uint64 x = 7; string y = 8; } google.protobuf.Struct free = 9; R itself = 10; enum S { A = 0; B = 1; } S state = 11; "
      "sint64 zig = 12; repeated R list = 13; } message Other { fixed32 n = 1; }";

class FuzzedSchemas final : public Schemas
{
public:
    explicit FuzzedSchemas(bool isAvro)
        : m_isAvro(isAvro)
    {
    }
    Fetched fetch(std::uint32_t id, const std::stop_token &) override
    {
        if (id == 3)
            return {Fetched::How::Later, {}, {"later", {}, {}}};
        const char *type = m_isAvro ? "AVRO" : "PROTOBUF";
        return {Fetched::How::Known, {type, id == 1 ? (m_isAvro ? Avro : Proto) : std::string(foreignSchema), {}}, {}};
    }

private:
    const bool m_isAvro;
};

void must(bool isSo, const char *what)
{
    if (isSo)
        return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

void check(const Batch &batch, std::size_t series)
{
    const std::size_t rows = batch.rows();
    must(batch.stamp.size() == rows && batch.value.size() == rows && batch.quality.size() == rows && batch.isLive.size() == rows
             && batch.offset.size() == rows,
         "columns of one length");
    for (std::size_t i = 0; i < rows; ++i) {
        must(number(batch.series[i]) < series, "series that were announced");
        must(std::isfinite(batch.value[i]) == (batch.quality[i] != Quality::Bad), "a value that is not finite is bad");
    }
    for (const auto &[row, mark] : batch.marks)
        must(row <= rows, "marks between the rows");
}

std::vector<Cell> cellsOf(std::string_view row)
{
    constexpr std::string_view names[] = {"a", "b", "c", "d"};
    std::vector<Cell> cells;
    for (const std::string_view name : names) {
        const std::string_view text = row.substr(0, std::min(row.find('\t'), row.size()));
        row.remove_prefix(std::min(text.size() + 1, row.size()));
        const char type = text.empty() ? 'N' : text.front();
        cells.push_back({name, type == 'N' ? std::nullopt : std::optional(text.substr(1)), type == '#', type == '?', type == '{'});
        if (type == '{')
            cells.back().text = text;
    }
    return cells;
}

std::string_view taken(std::string_view &from, std::size_t size)
{
    const std::string_view front = from.substr(0, size);
    from.remove_prefix(front.size());
    return front;
}

}

std::size_t declarations()
{
    return std::size(Forms);
}

void readMessages(std::string_view input)
{
    if (input.size() < 2)
        return;
    const Form &form = Forms[static_cast<unsigned char>(input[0]) % std::size(Forms)];
    const std::size_t keyBytes = static_cast<unsigned char>(input[1]);
    input.remove_prefix(2);
    SourceSpec spec = flow::source(form.declaration, form.kind);
    spec.settings = flow::node(form.settings);
    setSchemasMaker([](const SourceSpec &of) -> std::unique_ptr<Schemas> {
        return std::make_unique<FuzzedSchemas>(of.declaration["decode"].has("avro"));
    });
    Intake intake(spec);
    const std::string_view key = taken(input, keyBytes);
    foreignSchema = key;
    const std::pair<std::string_view, std::string_view> captures[] = {{"line", "L1"}};
    const std::pair<std::string_view, std::string_view> headers[] = {{"k", key}};
    std::size_t series = 0;
    for (bool isMore = true; isMore;) {
        const std::size_t end = input.find(Divider);
        isMore = end != std::string_view::npos;
        Message message;
        message.topic = "t";
        message.stream = "t/0";
        message.key = key;
        message.payload = taken(input, end);
        input.remove_prefix(isMore ? Divider.size() : 0);
        message.captures = captures;
        message.headers = headers;
        message.isTombstone = message.payload.empty();
        std::vector<Cell> cells;
        if (std::string_view(form.kind) == "postgres") {
            cells = cellsOf(message.payload);
            message.cells = cells;
        }
        const std::size_t before = intake.rows();
        const bool isRead = static_cast<bool>(intake.add(message));
        must(isRead || intake.rows() == before, "a message is applied whole or not at all");
        must(!intake.waitsFor() || !isRead, "what waits is not taken");
        const Batch batch = intake.seal({}, {});
        series += batch.newSeries.size();
        check(batch, series);
    }
    SourceStatus status;
    intake.describe(status);
    must(status.lastBadPayload.size() < 4000 && status.notes.size() < 100, "bounded words");
}

}
