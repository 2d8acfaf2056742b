#pragma once

#include "core/sender.h"

namespace sg {

// HTTP(S): a POST of the message's JSON, with Idempotency-Key and, on a retry, Sightglass-Attempt. 2xx is delivered; 408, 425, 429, 5xx,
// a time-out and a connection that fails are tried again; everything else is refused.
SenderKind httpSender();

}
