#include "connectors/kafka/kafkatoken.h"

#include "core/times.h"

#include <charconv>
#include <cstdint>

namespace sg {
namespace {

// RFC 4648, section 5; nothing for what is not that alphabet.
std::optional<std::string> fromBase64Url(std::string_view text)
{
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        if (c == '=')
            break;
        int digit = -1;
        if (c >= 'A' && c <= 'Z')
            digit = c - 'A';
        else if (c >= 'a' && c <= 'z')
            digit = c - 'a' + 26;
        else if (c >= '0' && c <= '9')
            digit = c - '0' + 52;
        else if (c == '-' || c == '_')
            digit = c == '-' ? 62 : 63;
        if (digit < 0)
            return std::nullopt;
        bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xFFU);
        }
    }
    return bytes;
}

// What stands behind "name": in the claims. They are a flat object of our own identity provider; its broker, and not this, checks it.
std::string_view claim(std::string_view claims, std::string_view name)
{
    const std::string quoted = '"' + std::string(name) + '"';
    const auto at = claims.find(quoted);
    if (at == std::string_view::npos)
        return {};
    claims.remove_prefix(at + quoted.size());
    const auto value = claims.find_first_not_of(" \t\r\n:");
    return value == std::string_view::npos ? std::string_view() : claims.substr(value);
}

}

KafkaTokenClaims kafkaTokenClaims(std::string_view token)
{
    KafkaTokenClaims found;
    const auto first = token.find('.');
    if (first == std::string_view::npos)
        return found;
    const auto claims = fromBase64Url(token.substr(first + 1, token.find('.', first + 1) - first - 1));
    if (!claims)
        return found;
    const std::string_view expires = claim(*claims, "exp");
    double seconds = 0;
    if (std::from_chars(expires.data(), expires.data() + expires.size(), seconds).ec == std::errc())
        found.expires = fromEpoch(seconds, "s");
    std::string_view subject = claim(*claims, "sub");
    if (subject.starts_with('"')) {
        subject.remove_prefix(1);
        found.subject = std::string(subject.substr(0, std::min<std::size_t>(subject.find('"'), 200)));
    }
    return found;
}

}
