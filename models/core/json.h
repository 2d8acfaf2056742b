#pragma once

#include <string>
#include <string_view>

namespace sg {

// A text as a JSON string, quotes included. Bytes that are no UTF-8 are shown escaped, as shown() does.
std::string jsonText(std::string_view text);

}
