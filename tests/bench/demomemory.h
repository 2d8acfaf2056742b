#pragma once

namespace sg::bench {

// Memory of the agent and of the window (where there is one) on the built-in demo plant, each a process of its own for `seconds`.
void measureDemoMemory(int seconds);

}
