// The decoders under libFuzzer: './dev fuzz'.
#include "fuzz/decodeinput.h"

#include <array>
#include <cstdint>

namespace {

// libFuzzer looks at the counters in a section of this name besides those that clang makes; g++ only tells each place that is passed.
[[gnu::section("__libfuzzer_extra_counters")]] std::array<std::uint8_t, 1U << 16U> passed;

}

extern "C" void __sanitizer_cov_trace_pc()
{
    const auto place = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
    ++passed[(place ^ place >> 16U) % passed.size()];
}

// Comparisons of doubles and floats, which g++ tells and libFuzzer does not ask for.
extern "C" void __sanitizer_cov_trace_cmpd(double, double) { }
extern "C" void __sanitizer_cov_trace_cmpf(float, float) { }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    sg::fuzz::readMessages({reinterpret_cast<const char *>(data), size});
    return 0;
}
