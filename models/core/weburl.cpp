#include "core/weburl.h"

#include <algorithm>

namespace sg {

bool isWebUrl(std::string_view url)
{
    const bool hasHost = (url.starts_with("https://") && url.size() > 8) || (url.starts_with("http://") && url.size() > 7);
    return hasHost
        && std::none_of(url.begin(), url.end(), [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '@'; });
}

std::string placeOfUrl(std::string_view url)
{
    const std::size_t host = url.find("://");
    return std::string(host == std::string_view::npos ? std::string_view() : url.substr(0, url.find_first_of("/?#", host + 3)));
}

}
