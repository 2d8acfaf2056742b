#pragma once

#include <string>
#include <string_view>

namespace sg {

// http or https, a host, and nothing that ends a line or logs in.
bool isWebUrl(std::string_view url);
// Its scheme and host, which is what may be shown: chat services carry their secret in the path.
std::string placeOfUrl(std::string_view url);

}
