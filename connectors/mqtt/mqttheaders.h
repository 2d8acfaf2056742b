#pragma once

#include <mqtt/message.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sg {

// What MQTT 5 sends beside a payload, as headers: the content type as "content-type", the payload format indicator as
// "payload-format-indicator" ("1": text in UTF-8), and each user property under its own name, in the order of the packet. The first of two
// with one name is the one that counts, and the two of the standard stand before those of the sender.

using MqttHeaders = std::vector<std::pair<std::string_view, std::string_view>>;

// Appends them to `bytes` as the spool and the inbox keep them; nothing for a message without.
void writeHeaders(const mqtt::message &message, std::string &bytes);
// Views into `bytes`; replaces what was in `headers`. False: they are not as writeHeaders() writes them.
bool readHeaders(std::string_view bytes, MqttHeaders &headers);

}
