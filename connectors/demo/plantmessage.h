#pragma once

#include "connectors/demo/plant.h"
#include "decode/message.h"

namespace sg {

// A plant's message as its device would send it: topic, captures, and a JSON object.
// press:    plant/L1/P-03/process    {"ts":MS,"asset":{"id":"P-03"},"temp":61.2,...,"state":1,"order":"A-2003"}
// pumps:    plant/L1/PU-01/process   {"device":"PU-01","flow":41.3,...}   broker time
// gateways: plant/L1/G1/heartbeat    {"ts":MS,"beat":1000123,"rssi":-58}
// orders:   orders/L1                {"order":"A-2003","produced":5040,...}   database time
class PlantText
{
public:
    // `at`: when the step is. The message's views live until the next call.
    const Message &write(PlantPart part, const PlantMessage &said, Time at, std::int64_t step);

private:
    std::string m_topic, m_payload;
    std::vector<std::pair<std::string_view, std::string_view>> m_captures;
    Message m_message;
};

}
