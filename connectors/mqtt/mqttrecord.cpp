#include "connectors/mqtt/mqttrecord.h"

#include "core/crc.h"

namespace sg {
namespace {

constexpr std::size_t BodyHead = 8 + 8 + 4 + 2 + 1 + 4;
constexpr std::size_t LargestBody = 300U << 20U; // MQTT allows 256 MB; what claims more is no record

constexpr unsigned QosBits = 3;
constexpr unsigned RetainedBit = 4;
constexpr unsigned DuplicateBit = 8;
constexpr unsigned HeadersBit = 16;
constexpr unsigned SessionBit = 128;

}

void writeRecord(const MqttRecord &record, std::string &bytes)
{
    bytes.clear();
    bytes.reserve(MqttRecordHead + BodyHead + record.topic.size() + 4 + record.headers.size() + record.payload.size());
    bytes.resize(MqttRecordHead);
    putNumber(bytes, record.seq);
    putNumber(bytes, static_cast<std::int64_t>(record.arrival.time_since_epoch().count()));
    putNumber(bytes, record.connection);
    putNumber(bytes, record.packet);
    bytes += static_cast<char>((record.qos & QosBits) | (record.isRetained ? RetainedBit : 0) | (record.isDuplicate ? DuplicateBit : 0)
                               | (record.headers.empty() ? 0 : HeadersBit) | (record.beginsSession ? SessionBit : 0));
    putNumber(bytes, static_cast<std::uint32_t>(record.topic.size()));
    bytes += record.topic;
    if (!record.headers.empty()) {
        putNumber(bytes, static_cast<std::uint32_t>(record.headers.size()));
        bytes += record.headers;
    }
    bytes += record.payload;
    std::string head;
    putNumber(head, static_cast<std::uint32_t>(bytes.size() - MqttRecordHead));
    putNumber(head, crc32(std::string_view(bytes).substr(MqttRecordHead)));
    bytes.replace(0, MqttRecordHead, head);
}

std::size_t sizeOfRecord(std::string_view head)
{
    if (head.size() < MqttRecordHead)
        return 0;
    const std::size_t body = getNumber<std::uint32_t>(head, 0);
    return body < BodyHead || body > LargestBody ? 0 : MqttRecordHead + body;
}

std::optional<MqttRecord> readRecord(std::string_view bytes, std::size_t &size)
{
    size = sizeOfRecord(bytes);
    if (size == 0 || size > bytes.size())
        return std::nullopt;
    const std::string_view body = bytes.substr(MqttRecordHead, size - MqttRecordHead);
    if (crc32(body) != getNumber<std::uint32_t>(bytes, 4))
        return std::nullopt;
    MqttRecord record;
    record.seq = getNumber<std::uint64_t>(body, 0);
    record.arrival = Time(Micros(getNumber<std::int64_t>(body, 8)));
    record.connection = getNumber<std::uint32_t>(body, 16);
    record.packet = getNumber<std::uint16_t>(body, 20);
    const auto flags = static_cast<unsigned char>(body[22]);
    record.qos = flags & QosBits;
    record.isRetained = (flags & RetainedBit) != 0;
    record.isDuplicate = (flags & DuplicateBit) != 0;
    record.beginsSession = (flags & SessionBit) != 0;
    const std::size_t topic = getNumber<std::uint32_t>(body, 23);
    if (topic > body.size() - BodyHead)
        return std::nullopt;
    record.topic = body.substr(BodyHead, topic);
    std::string_view rest = body.substr(BodyHead + topic);
    if ((flags & HeadersBit) != 0) {
        if (rest.size() < 4)
            return std::nullopt;
        const std::size_t headers = getNumber<std::uint32_t>(rest, 0);
        if (headers > rest.size() - 4)
            return std::nullopt;
        record.headers = rest.substr(4, headers);
        rest.remove_prefix(4 + headers);
    }
    record.payload = rest;
    return record;
}

}
