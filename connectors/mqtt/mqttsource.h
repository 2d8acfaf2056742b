#pragma once

#include "core/source.h"

namespace sg {

// MQTT topics of a broker, with a session that the broker keeps while nobody listens.
SourceKind mqttKind();

}
