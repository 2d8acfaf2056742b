#include "decode/payloadlook.h"

#include "core/text.h"
#include "decode/compressed.h"
#include "decode/decoder.h"
#include "decode/framing.h"

namespace sg {

namespace {

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

PayloadLook framed(const Framing &framing)
{
    PayloadLook look;
    look.schema = framing.schema;
    look.kind = framing.looksLikeProtobuf() ? PayloadLook::Kind::Protobuf : PayloadLook::Kind::Avro;
    if (framing.mayBeJson())
        if (auto document = parseJsonTree(framing.rest)) {
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
    if (const auto framing = Framing::in(payload))
        return framed(*framing);
    if (Inflater::isCompressed(payload)) {
        Inflater inflater(LargestPayload);
        const auto unpacked = inflater.unpack(payload);
        const char *compression = payload.front() == '\x1F' ? "gzip" : "zstd";
        BrowsedMessage inner;
        if (unpacked && !Inflater::isCompressed(*unpacked)) {
            inner.payload = *unpacked;
            look = lookAt(inner);
        } else {
            look.kind = PayloadLook::Kind::Packed;
        }
        look.compression = compression;
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
    case PayloadLook::Kind::Packed:
        return SG_TR("compressed and cannot be unpacked");
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
