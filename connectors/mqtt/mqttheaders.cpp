#include "connectors/mqtt/mqttheaders.h"

#include "connectors/mqtt/mqttrecord.h"

#include <span>

namespace sg {
namespace {

// Lengths in 16 bits, because all texts of MQTT have no more.
void putText(std::string &bytes, std::string_view text)
{
    putNumber(bytes, static_cast<std::uint16_t>(text.size()));
    bytes += text;
}

std::string_view textOf(const MQTTLenString &text)
{
    return {text.data, text.len > 0 ? static_cast<std::size_t>(text.len) : 0};
}

bool takeText(std::string_view &bytes, std::string_view &text)
{
    if (bytes.size() < 2)
        return false;
    const std::size_t size = getNumber<std::uint16_t>(bytes, 0);
    if (bytes.size() < 2 + size)
        return false;
    text = bytes.substr(2, size);
    bytes.remove_prefix(2 + size);
    return true;
}

}

void writeHeaders(const mqtt::message &message, std::string &bytes)
{
    const MQTTProperties &all = message.get_properties().c_struct();
    if (all.count == 0)
        return;
    const std::span<const MQTTProperty> properties(all.array, static_cast<std::size_t>(all.count));
    for (const MQTTProperty &one : properties) {
        if (one.identifier == MQTTPROPERTY_CODE_CONTENT_TYPE) {
            putText(bytes, "content-type");
            putText(bytes, textOf(one.value.data));
        } else if (one.identifier == MQTTPROPERTY_CODE_PAYLOAD_FORMAT_INDICATOR) {
            putText(bytes, "payload-format-indicator");
            putText(bytes, std::to_string(one.value.byte));
        }
    }
    for (const MQTTProperty &one : properties) {
        if (one.identifier == MQTTPROPERTY_CODE_USER_PROPERTY) {
            putText(bytes, textOf(one.value.data));
            putText(bytes, textOf(one.value.value));
        }
    }
}

bool readHeaders(std::string_view bytes, MqttHeaders &headers)
{
    headers.clear();
    while (!bytes.empty()) {
        auto &[name, value] = headers.emplace_back();
        if (!takeText(bytes, name) || !takeText(bytes, value))
            return false;
    }
    return true;
}

}
