// The decoders under libFuzzer: './dev fuzz'.
#include "fuzz/decodeinput.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    sg::fuzz::readMessages({reinterpret_cast<const char *>(data), size});
    return 0;
}
