#pragma once

#include "core/sender.h"

namespace sg {

// Publishes messages to one topic with QoS 1, not retained: the broker's acknowledgement is the delivery. With MQTT 5 the idempotency key
// and the attempt are user properties; with 3.1.1, which has none, the body alone must tell (its facts hold occurrence and number).
SenderKind mqttSender();

}
