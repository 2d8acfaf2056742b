#pragma once

#include "connectors/mqtt/mqttsettings.h"

namespace sg {

// After a TLS connection failed: makes another, only to hear OpenSSL's reason. (The C++ client hands its error handler to the C
// client by the address of an object that is gone by then.) Nothing when no reason could be heard. Blocks for at most 1.5 s.
std::optional<Error> whyTlsFails(const MqttSettings &settings);

}
