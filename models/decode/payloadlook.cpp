#include "decode/payloadlook.h"

#include "core/text.h"
#include "decode/decoder.h"

namespace sg {

namespace {

constexpr std::size_t FramingBytes = 5;
constexpr std::size_t LongestLine = 4096; // of CSV

std::string_view trimmed(std::string_view text)
{
    const auto isSpace = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && isSpace(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back()))
        text.remove_suffix(1);
    return text;
}

// A protobuf varint off the front; nothing when it does not end.
std::optional<std::uint64_t> varint(std::string_view &bytes)
{
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
        if (byte < 0x80)
            return value;
    }
    return std::nullopt;
}

// Behind the id stand the indexes of the message type, nearly always the one byte 0, then fields that end with the payload. Avro bytes
// hardly ever do.
bool looksLikeProtobuf(std::string_view bytes)
{
    if (bytes.size() < 2 || bytes.front() != '\0')
        return false;
    bytes.remove_prefix(1);
    while (!bytes.empty()) {
        const auto tag = varint(bytes);
        if (!tag || *tag >> 3U == 0 || *tag >> 3U > 10'000)
            return false;
        std::size_t size = 0;
        switch (*tag & 7U) {
        case 0:
            if (!varint(bytes))
                return false;
            continue;
        case 1:
            size = 8;
            break;
        case 2: {
            const auto length = varint(bytes);
            if (!length || *length > bytes.size())
                return false;
            size = static_cast<std::size_t>(*length);
            break;
        }
        case 5:
            size = 4;
            break;
        default:
            return false;
        }
        if (size > bytes.size())
            return false;
        bytes.remove_prefix(size);
    }
    return true;
}

PayloadLook framed(std::string_view payload)
{
    PayloadLook look;
    for (std::size_t i = 1; i < FramingBytes; ++i)
        look.schema = look.schema << 8U | static_cast<unsigned char>(payload[i]);
    const std::string_view rest = payload.substr(FramingBytes);
    look.kind = looksLikeProtobuf(rest) ? PayloadLook::Kind::Protobuf : PayloadLook::Kind::Avro;
    if (rest.starts_with('{'))
        if (auto document = parseJsonTree(rest)) {
            look.kind = PayloadLook::Kind::JsonSchema;
            look.document = *std::move(document);
        }
    return look;
}

// Cells of one line; none when it is no CSV. Quotes are honoured, not unescaped: it is only looked at.
std::vector<std::string> cellsOf(std::string_view line, char separator)
{
    std::vector<std::string> cells(1);
    bool isQuoted = false;
    for (const char c : line) {
        if (c == '"')
            isQuoted = !isQuoted;
        else if (c == separator && !isQuoted)
            cells.emplace_back();
        else
            cells.back() += c;
    }
    return cells;
}

bool lookLikeCsv(std::string_view text, PayloadLook &look)
{
    if (text.size() > LongestLine || text.find_first_of("\r\n") != std::string_view::npos)
        return false;
    for (const char separator : {';', '\t', '|', ','}) {
        auto cells = cellsOf(text, separator);
        if (cells.size() < 3 && !(cells.size() == 2 && separator != ','))
            continue;
        const auto isValue = [](const std::string &cell) { return parseNumber(cell) || isDecimalComma(cell); };
        if (std::none_of(cells.begin(), cells.end(), isValue))
            continue; // a sentence with commas
        look.kind = PayloadLook::Kind::Csv;
        look.separator = separator;
        look.cells = std::move(cells);
        return true;
    }
    return false;
}

}

bool isDecimalComma(std::string_view text)
{
    const std::size_t comma = text.find(',');
    if (comma == std::string_view::npos || comma == 0 || text.find('.') != std::string_view::npos)
        return false;
    std::string pointed(text.substr(0, 64));
    if (comma < pointed.size())
        pointed[comma] = '.';
    return parseNumber(pointed).has_value() && pointed.back() != '.';
}

PayloadLook lookAt(const BrowsedMessage &message)
{
    PayloadLook look;
    const std::string_view payload = message.payload;
    if (!message.cells.empty()) {
        look.kind = PayloadLook::Kind::Row;
        return look;
    }
    if (message.isTombstone) {
        look.kind = PayloadLook::Kind::Tombstone;
        return look;
    }
    if (payload.size() >= FramingBytes && payload.front() == '\0')
        return framed(payload);
    if (payload.starts_with("\x1F\x8B")) {
        look.kind = PayloadLook::Kind::Gzip;
        return look;
    }
    if (payload.starts_with("\x28\xB5\x2F\xFD")) {
        look.kind = PayloadLook::Kind::Zstd;
        return look;
    }
    std::string_view text = trimmed(payload);
    if (text.empty()) {
        look.kind = PayloadLook::Kind::Empty;
        return look;
    }
    if (text.front() == '{' || text.front() == '[')
        if (auto document = parseJsonTree(payload)) {
            look.kind = PayloadLook::Kind::Json;
            look.document = *std::move(document);
            return look;
        }
    if (!isUtf8(text) || text.find('\0') != std::string_view::npos)
        return look;
    look.isNumber = parseNumber(text).has_value();
    look.hasComma = !look.isNumber && isDecimalComma(text);
    if (look.isNumber || look.hasComma) {
        look.kind = PayloadLook::Kind::Scalar;
        look.isNumber = true;
        return look;
    }
    if (text.front() == '<') {
        look.kind = PayloadLook::Kind::Xml;
        return look;
    }
    if (lookLikeCsv(text, look))
        return look;
    const bool isShort = text.size() <= LongestLearnedText && text.find_first_of("\r\n{}[]") == std::string_view::npos;
    look.kind = isShort ? PayloadLook::Kind::Scalar : PayloadLook::Kind::Text;
    return look;
}

const char *nameOf(PayloadLook::Kind kind)
{
    switch (kind) {
    case PayloadLook::Kind::Row:
        return SG_TR("rows");
    case PayloadLook::Kind::Tombstone:
        return SG_TR("tombstones");
    case PayloadLook::Kind::Empty:
        return SG_TR("empty payloads");
    case PayloadLook::Kind::Json:
        return SG_TR("JSON");
    case PayloadLook::Kind::Scalar:
        return SG_TR("single values");
    case PayloadLook::Kind::Csv:
        return SG_TR("CSV lines");
    case PayloadLook::Kind::Avro:
        return SG_TR("Avro");
    case PayloadLook::Kind::Protobuf:
        return SG_TR("Protobuf");
    case PayloadLook::Kind::JsonSchema:
        return SG_TR("JSON Schema framing");
    case PayloadLook::Kind::Gzip:
        return SG_TR("gzip");
    case PayloadLook::Kind::Zstd:
        return SG_TR("zstd");
    case PayloadLook::Kind::Xml:
        return SG_TR("XML");
    case PayloadLook::Kind::Text:
        return SG_TR("text");
    case PayloadLook::Kind::Binary:
        return SG_TR("unknown bytes");
    }
    return "";
}

}
