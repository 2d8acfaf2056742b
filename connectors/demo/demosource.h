#pragma once

#include "core/source.h"

namespace sg {

// demo: { plant: press|pumps|gateways|orders, seed: 1, speed: 1 }: a part of the made-up plant of plant.h as a source in real time, ten
// batches a second. Its messages are bytes like any broker's and go through Intake. On the first start it fills the ten minutes before.
SourceKind demoKind();

}
