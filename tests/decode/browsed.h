#pragma once

#include "core/browse.h"
#include "core/times.h"

#include <QByteArray>

// Messages as a browser brings them, for tests.
namespace browsed {

inline sg::Time noon()
{
    return *sg::parseIso("2026-03-04T00:15:00Z");
}

inline sg::BrowsedMessage message(const QByteArray &payload, const char *key = nullptr, const char *topic = "plant.L1.processed")
{
    sg::BrowsedMessage out;
    out.topic = topic;
    out.payload = payload.toStdString();
    out.size = out.payload.size();
    out.hasKey = key != nullptr;
    out.key = key ? key : "";
    out.partition = 0;
    out.offset = 7;
    out.brokerTime = noon();
    out.arrival = noon() + std::chrono::seconds(2);
    return out;
}

// `%1` in the payload is the message's number, `%2` one of three devices.
inline std::vector<sg::BrowsedMessage> many(int count, const QByteArray &payload)
{
    std::vector<sg::BrowsedMessage> out;
    for (int i = 0; i < count; ++i) {
        QByteArray text = payload;
        text.replace("%1", QByteArray::number(i)).replace("%2", "P-0" + QByteArray::number(i % 3));
        out.push_back(message(text));
    }
    return out;
}

}
