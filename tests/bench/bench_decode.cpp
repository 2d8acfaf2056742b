// Messages a second on one core, from payload bytes to the rows of a batch, by kind of payload; beside them the raw simdjson DOM parser on
// the same bytes, which only says whether they are JSON. Both take turns in one run, so that a busy machine is busy for both. And how much
// memory the programs take on the demo plant.
#include "bench/demomemory.h"
#include "bench/peers.h"
#include "decode/avrobytes.h"
#include "decode/flow.h"
#include "decode/intake.h"
#include "decode/schemas.h"

#include <simdjson.h>

#include <cstdio>
#include <cstdlib>
#include <functional>

#include <time.h>

using namespace sg;

namespace {

constexpr int Rounds = 7;
constexpr int DemoSeconds = 60;
constexpr std::size_t Distinct = 1000; // messages, so that neither side reads one from the cache only
constexpr std::size_t SealRows = 10'000; // as the connectors do
constexpr std::int64_t Start = 1'790'000'000'000;

// Of one core, whatever else the machine does meanwhile.
double cpuSeconds()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::string text(std::size_t number)
{
    return std::to_string(number);
}

std::string telemetry(std::size_t i)
{
    return R"({"device":"P-)" + text(i % 40) + R"(","ts":)" + text(Start + i) + R"(,"temp":71.)" + text(i % 97) + R"(,"pressure":)"
        + text(i % 13) + R"(,"state":"run","meta":{"fw":"1.2.3","site":"north"}})";
}

// Three kinds in one topic; the last is nobody's.
std::string mixed(std::size_t i)
{
    if (i % 3 == 0)
        return R"({"type":"telemetry","asset":{"line":"L1","id":"P-)" + text(i % 40) + R"("},"ts":)" + text(Start + i)
            + R"(,"data":{"temp":71.)" + text(i % 97) + R"(}})";
    if (i % 3 == 1)
        return R"({"type":"alarm","machine":"P-)" + text(i % 40) + R"(","code":)" + text(i % 17) + R"(,"text":"door"})";
    return R"({"type":"audit","user":"u","action":"login","at":)" + text(Start + i) + "}";
}

constexpr std::size_t Items = 20;
std::string batchOfItems(std::size_t i)
{
    std::string out = R"({"timestamp":)" + text(Start + i) + R"(,"batch":[)";
    for (std::size_t k = 0; k < Items; ++k)
        out += std::string(k ? "," : "") + R"({"tag":"L1.P-)" + text((i + k) % 40) + (k % 2 ? ".Temp" : ".Speed") + R"(","v":)"
            + text(i % 997) + "." + text(k) + R"(,"q":192,"t":)" + text(Start + i) + "}";
    return out + "]}";
}

std::string change(std::size_t i)
{
    return R"({"before":null,"after":{"machine_id":)" + text(i % 40) + R"(,"status":"run","temp":"H8w=","updated_at":)"
        + text((Start + i) * 1000) + R"(},"source":{"version":"2.5.0","connector":"postgresql","name":"erp","ts_ms":)" + text(Start + i)
        + R"(,"snapshot":"false","db":"erp","schema":"public","table":"machine","txId":)" + text(i) + R"(,"lsn":)" + text(24023128 + i)
        + R"(},"op":"u","ts_ms":)" + text(Start + i) + "}";
}

std::string wrappedChange(std::size_t i)
{
    const std::string row
        = R"({"type":"struct","fields":[{"type":"int32","optional":false,"field":"machine_id"},{"type":"string","optional":true,)"
          R"("field":"status"},{"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,)"
          R"("parameters":{"scale":"2","connect.decimal.precision":"6"},"field":"temp"},{"type":"int64","optional":true,)"
          R"("name":"io.debezium.time.MicroTimestamp","version":1,"field":"updated_at"}],"optional":true,"name":"erp.Value",)";
    return R"({"schema":{"type":"struct","fields":[)" + row + R"("field":"before"},)" + row
        + R"("field":"after"},{"type":"struct","fields":[{"type":"string","optional":false,"field":"version"},{"type":"string","optional":false,)"
          R"("field":"connector"},{"type":"int64","optional":false,"field":"ts_ms"}],"optional":false,"name":"io.debezium.connector.Source",)"
          R"("field":"source"},{"type":"string","optional":false,"field":"op"},{"type":"int64","optional":true,"field":"ts_ms"}],"optional":false,)"
          R"("name":"erp.Envelope","version":1},"payload":)"
        + change(i) + "}";
}

// What telemetry() holds, as a registry's serializers write it.
std::string avroTelemetry(std::size_t i)
{
    using namespace avro;
    const auto device = QByteArray::fromStdString("P-" + text(i % 40));
    return framed(1,
                  avro::text(device) + whole(Start + static_cast<std::int64_t>(i)) + whole(1) + real(71 + static_cast<double>(i % 97) / 100)
                      + real(static_cast<double>(i % 13)) + whole(1) + avro::text("1.2.3") + avro::text("north"))
        .toStdString();
}

std::string protobufTelemetry(std::size_t i)
{
    const auto device = QByteArray::fromStdString("P-" + text(i % 40));
    QByteArray bytes(1, '\0'); // the first type
    bytes += "\x0A" + QByteArray(1, static_cast<char>(device.size())) + device + "\x10";
    for (std::uint64_t ts = static_cast<std::uint64_t>(Start) + i; ts > 0; ts >>= 7U)
        bytes += static_cast<char>((ts & 0x7FU) | (ts >= 0x80 ? 0x80U : 0U));
    bytes += "\x19" + avro::real(71 + static_cast<double>(i % 97) / 100) + "\x21" + avro::real(static_cast<double>(i % 13)) + "\x28\x01";
    return avro::framed(2, bytes + "\x32\x0E\x0A\x05" + "1.2.3" + "\x12\x05" + "north").toStdString();
}

class FixedSchemas final : public Schemas
{
public:
    Fetched fetch(std::uint32_t id, const std::stop_token &) override
    {
        if (id == 1)
            return {Fetched::How::Known,
                    {"AVRO",
                     R"({"type":"record","name":"T","fields":[{"name":"device","type":"string"},{"name":"ts","type":"long"},)"
                     R"({"name":"temp","type":["null","double"]},{"name":"pressure","type":"double"},)"
                     R"({"name":"state","type":{"type":"enum","name":"S","symbols":["stop","run"]}},{"name":"meta","type":)"
                     R"({"type":"record","name":"M","fields":[{"name":"fw","type":"string"},{"name":"site","type":"string"}]}}]})",
                     {}},
                    {}};
        return {Fetched::How::Known,
                {"PROTOBUF",
                 "syntax = \"proto3\"; message T { string device = 1; int64 ts = 2; double temp = 3; double pressure = 4; enum S { stop = "
                 "0; run = "
                 "1; } S state = 5; message M { string fw = 1; string site = 2; } M meta = 6; }",
                 {}},
                {}};
    }
};

// One row here is all that a further kind needs.
struct Kind
{
    const char *name;
    const char *declaration;
    std::string (*payload)(std::size_t i);
    std::size_t rows; // of Distinct messages: counted, so that no kind is quick because it reads nothing
    const char *key = "";
    std::string (*json)(std::size_t i) = nullptr; // the same as JSON, for the parser, where the payload is none
};
const char *const Cdc
    = "{path: [machine], labels: {machine: /machine_id}, time: {basis: message, at: /updated_at, unit: us}, decode: {json: "
      "{unwrap: debezium, fields: {status: {at: /status}, temp: {at: /temp, as: decimal, digits: 2}}}}}";
const Kind Kinds[] = {
    {"pointers",
     "{path: [line, device], labels: {device: /device}, time: {basis: message, at: /ts, unit: ms}, decode: {json: {fields: {temp: {at: "
     "/temp}, "
     "pressure: {at: /pressure}, state: {at: /state}}}}}",
     telemetry, 3 * Distinct},
    {"learned",
     "{path: [line, device], labels: {device: /device}, time: {basis: message, at: /ts, unit: ms}, decode: {json: {unwrap: auto, learn: "
     "true}}}",
     telemetry, 5 * Distinct},
    {"cases",
     "{path: [line, device], labels: {line: /asset/line, device: /asset/id}, decode: {json: {count_by: /type, cases: [{when: {/type: "
     "telemetry}, "
     "fields: {temp: {at: /data/temp}}}, {when: {/type: [alarm, event]}, labels: {line: {value: \"-\"}, device: /machine}, fields: {code: "
     "{at: "
     "/code}}}, {else: ignore}]}}}",
     mixed, 667},
    {"each",
     "{path: [line, device], labels: {line: \"split:line\", device: \"split:device\"}, time: {basis: message, at: \"item:/t\", unit: ms}, "
     "decode: "
     "{json: {each: /batch, split: {at: \"item:/tag\", as: \"{line}.{device}.{point}\"}, reading: {field: \"split:point\", value: "
     "\"item:/v\", "
     "quality: {at: \"item:/q\", good: [192]}}}}}",
     batchOfItems, Items *Distinct},
    {"debezium", Cdc, wrappedChange, 2 * Distinct},
    {"debezium_bare", Cdc, change, 2 * Distinct},
    {"avro",
     "{path: [line, device], labels: {device: /device}, time: {basis: message, at: /ts, unit: ms}, decode: {avro: {use: r, fields: {temp: "
     "{at: /temp}, pressure: {at: /pressure}, state: {at: /state}}}}}",
     avroTelemetry, 3 * Distinct, "", telemetry},
    {"protobuf",
     "{path: [line, device], labels: {device: /device}, time: {basis: message, at: /ts, unit: ms}, decode: {protobuf: {use: r, fields: "
     "{temp: {at: /temp}, pressure: {at: /pressure}, state: {at: /state}}}}}",
     protobufTelemetry, 3 * Distinct, "", telemetry},
};

struct Load
{
    explicit Load(std::string (*payload)(std::size_t))
    {
        for (std::size_t i = 0; i < Distinct; ++i) {
            payloads.push_back(payload(i));
            bytes += payloads.back().size();
        }
    }
    std::vector<std::string> payloads;
    std::size_t bytes = 0;
};

// Messages a second, and the rows that came of one pass.
double decodeRate(const Kind &kind, const Load &load, std::size_t passes)
{
    Intake intake(flow::source(kind.declaration));
    const std::pair<std::string_view, std::string_view> captures[] = {{"line", "L1"}};
    Message message;
    message.topic = "plant.L1.processed";
    message.stream = "plant.L1.processed/0";
    message.captures = captures;
    message.key = kind.key;
    std::size_t rows = 0;
    const double begin = cpuSeconds();
    for (std::size_t pass = 0; pass < passes; ++pass)
        for (const std::string &payload : load.payloads) {
            message.payload = payload;
            ++message.offset;
            bench::must(static_cast<bool>(intake.add(message)), kind.name);
            if (intake.rows() >= SealRows)
                rows += intake.seal({}, {}).rows();
        }
    const double seconds = cpuSeconds() - begin;
    rows += intake.seal({}, {}).rows();
    bench::must(rows == passes * kind.rows, "all rows of all messages");
    return static_cast<double>(passes * Distinct) / seconds;
}

double parseRate(const Load &load, std::size_t passes)
{
    simdjson::dom::parser parser;
    std::size_t types = 0;
    const double begin = cpuSeconds();
    for (std::size_t pass = 0; pass < passes; ++pass)
        for (const std::string &payload : load.payloads) {
            simdjson::dom::element root;
            bench::must(parser.parse(payload.data(), payload.size()).get(root) == simdjson::SUCCESS, "JSON");
            types += static_cast<std::size_t>(root.is_object());
        }
    const double seconds = cpuSeconds() - begin;
    bench::must(types == passes * Distinct, "objects");
    return static_cast<double>(passes * Distinct) / seconds;
}

void run(const Kind &kind, std::size_t bytes)
{
    const Load load(kind.payload);
    const Load json(kind.json ? kind.json : kind.payload);
    const std::size_t passes = std::max<std::size_t>(1, bytes / load.bytes);
    std::vector<double> ours, theirs;
    for (int round = 0; round < Rounds; ++round) {
        ours.push_back(decodeRate(kind, load, passes));
        theirs.push_back(parseRate(json, passes));
    }
    std::printf("%s: %zu bytes a message, %zu messages a round\n", kind.name, load.bytes / Distinct, passes * Distinct);
    bench::print("sightglass", "messages/s", bench::spreadOf(ours));
    bench::print("simdjson DOM", "messages/s", bench::spreadOf(theirs));
    const double decoded = bench::spreadOf(ours).median, parsed = bench::spreadOf(theirs).median;
    bench::figure((std::string("decode_per_s_") + kind.name).c_str(), decoded, "1/s");
    bench::figure((std::string("simdjson_per_s_") + kind.name).c_str(), parsed, "1/s");
    bench::figure((std::string("decode_over_simdjson_") + kind.name).c_str(), decoded / parsed, "ratio");
}

}

int main(int argc, char **argv)
{
    // bench_decode [MB a round] [kind, or "demo"]
    setSchemasMaker([](const SourceSpec &) -> std::unique_ptr<Schemas> { return std::make_unique<FixedSchemas>(); });
    const std::size_t bytes = (argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : 60) << 20U;
    for (const Kind &kind : Kinds)
        if (argc < 3 || std::string_view(argv[2]) == kind.name)
            run(kind, bytes);
    if (argc < 3 || std::string_view(argv[2]) == "demo")
        bench::measureDemoMemory(DemoSeconds);
    return 0;
}
