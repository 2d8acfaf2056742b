#include "decode/keylook.h"

#include "core/text.h"
#include "core/times.h"

namespace sg {

namespace {

constexpr std::size_t WindowBytes = 8; // behind a windowed key

bool isShown(std::string_view text)
{
    return !text.empty() && isUtf8(text)
        && std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

// Two's complement, as Kafka's serializers write whole numbers.
std::int64_t bigEndian(std::string_view bytes)
{
    std::uint64_t value = static_cast<unsigned char>(bytes.front()) >= 0x80 ? ~std::uint64_t{0} : 0;
    for (const char c : bytes)
        value = value << 8U | static_cast<unsigned char>(c);
    return static_cast<std::int64_t>(value);
}

// Streams and ksqlDB write the start of the window behind the key: a time not long before the message came.
bool isWindow(std::int64_t start, const BrowsedMessage &message)
{
    constexpr Micros year = std::chrono::hours(24 * 365);
    const auto time = fromEpoch(start, "ms");
    const Time came = message.brokerTime.value_or(message.arrival);
    return time && *time<came + year && * time> came - 10 * year;
}

}

KeyLook lookAtKey(const BrowsedMessage &message)
{
    const std::string_view key = message.key;
    KeyLook look;
    look.text = key;
    if (key.starts_with('{'))
        if (auto document = parseJsonTree(key)) {
            look.kind = KeyLook::Kind::Json;
            look.document = *std::move(document);
            return look;
        }
    if (isShown(key)) {
        look.kind = KeyLook::Kind::Text;
        return look;
    }
    if (key.size() > WindowBytes && isShown(key.substr(0, key.size() - WindowBytes))) {
        look.start = bigEndian(key.substr(key.size() - WindowBytes));
        look.text = key.substr(0, key.size() - WindowBytes);
        if (isWindow(look.start, message)) {
            look.kind = KeyLook::Kind::Windowed;
            return look;
        }
    }
    if (key.size() == 4 || key.size() == 8) {
        look.kind = key.size() == 4 ? KeyLook::Kind::Int32 : KeyLook::Kind::Int64;
        look.text = std::to_string(bigEndian(key));
    }
    return look;
}

std::int64_t windowsApart(const WindowStarts &starts)
{
    std::int64_t least = 0;
    for (const auto &[key, times] : starts)
        for (auto at = times.begin(); at != times.end() && std::next(at) != times.end(); ++at)
            if (const std::int64_t apart = *std::next(at) - *at; least == 0 || apart < least)
                least = apart;
    return least;
}

}
