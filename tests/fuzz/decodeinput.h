#pragma once

#include <cstddef>
#include <string_view>

namespace sg::fuzz {

// Takes bytes as messages of a source and holds what the Intake does against what it promises; ends the program where it does not. The
// first byte chooses the declaration, the second how many bytes of key follow; the rest are payloads, divided by Divider.
void readMessages(std::string_view input);

constexpr std::string_view Divider = "\x1E\x1E";
std::size_t declarations();

}
