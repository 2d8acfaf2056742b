#pragma once

#include "core/sender.h"

namespace sg {

// Writes messages to one topic: acks=all and librdkafka's idempotence, the alarm as the record key, the idempotency key and the attempt as
// headers. The topic must exist.
SenderKind kafkaSender();

}
