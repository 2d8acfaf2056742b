#include "connectors/demo/plantmessage.h"

#include "core/text.h"

namespace sg {

const Message &PlantText::write(PlantPart part, const PlantMessage &said, Time at, std::int64_t step)
{
    const std::string ts = std::to_string(std::chrono::floor<Millis>(at + said.clockError).time_since_epoch().count());
    m_captures.clear();
    m_captures.emplace_back("line", said.line);
    m_message = Message();
    switch (part) {
    case PlantPart::Press:
        m_topic = "plant/" + said.line + "/" + said.thing + "/process";
        m_payload = R"({"ts":)" + ts + R"(,"asset":{"id":")" + said.thing + R"("},"order":")" + said.order + R"(")";
        break;
    case PlantPart::Pumps:
        m_topic = "plant/" + said.line + "/" + said.thing + "/process";
        m_captures.emplace_back("device", said.thing);
        m_payload = R"({"device":")" + said.thing + R"(")";
        m_message.brokerTime = at;
        break;
    case PlantPart::Gateways:
        m_topic = "plant/" + said.line + "/" + said.thing + "/heartbeat";
        m_captures.emplace_back("gateway", said.thing);
        m_payload = R"({"ts":)" + ts;
        break;
    case PlantPart::Orders:
        m_topic = "orders/" + said.line;
        m_payload = R"({"order":")" + said.order + R"(")";
        m_message.databaseTime = at;
        break;
    }
    for (const PlantReading &reading : said.readings)
        m_payload += ",\"" + reading.field + "\":" + formatNumber(reading.value);
    m_payload += '}';
    m_message.topic = m_topic;
    m_message.payload = m_payload;
    m_message.captures = m_captures;
    m_message.stream = "demo";
    m_message.offset = step < 0 ? -1 : step;
    m_message.isLive = step >= 0;
    return m_message;
}

}
