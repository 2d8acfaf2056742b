#include "decode/recordkey.h"

#include "core/fields.h"
#include "core/text.h"
#include "core/times.h"

namespace sg {

namespace {

constexpr std::size_t WindowBytes = 8;

struct NamedKind
{
    std::string_view name;
    RecordKeyForm::Kind kind;
};
constexpr NamedKind Kinds[] = {{"text", RecordKeyForm::Kind::Text},
                               {"json", RecordKeyForm::Kind::Json},
                               {"int32", RecordKeyForm::Kind::Int32},
                               {"int64", RecordKeyForm::Kind::Int64}};

std::uint64_t bigEndian(std::string_view bytes)
{
    std::uint64_t number = 0;
    for (const char byte : bytes)
        number = number << 8U | static_cast<unsigned char>(byte);
    return number;
}

void readWindow(const Node &node, RecordKeyForm &form, std::vector<Error> &faults)
{
    if (node.kind != Node::Kind::Map || node.map.size() != 1 || node.map[0].first != "window") {
        faults.push_back(node.error(SG_TR("key takes the length of its window, e.g. key: { text: { window: 60s } }")));
        return;
    }
    const auto length = readDuration(node["window"], "window");
    if (!length)
        faults.push_back(length.error());
    else if (*length <= Micros{0} || *length > std::chrono::days(366))
        faults.push_back(node["window"].error(SG_TR("window: '%1' is no length of a window"), {shown(node.text("window"), 40)}));
    else
        form.window = *length;
}

}

RecordKeyForm RecordKeyForm::read(const Node &node, std::vector<Error> &faults)
{
    RecordKeyForm form;
    if (node.isMissing())
        return form;
    const bool isMap = node.kind == Node::Kind::Map && node.map.size() == 1;
    const std::string &name = isMap ? node.map[0].first : node.scalar;
    for (const NamedKind &known : Kinds) {
        if (name != known.name)
            continue;
        form.kind = known.kind;
        if (isMap)
            readWindow(node.map[0].second, form, faults);
        return form;
    }
    faults.push_back(node.error(SG_TR("key takes text, json, int32 or int64, or one of them with a window: { text: { window: 60s } }")));
    return form;
}

Result<RecordKey> RecordKey::of(std::string_view bytes, const RecordKeyForm &form)
{
    RecordKey key{bytes, {}, {}};
    if (!form.window || bytes.empty())
        return key;
    if (bytes.size() < WindowBytes)
        return Error{SG_TR("record key: %1 bytes; a windowed key ends in %2 that tell its window"),
                     {std::to_string(bytes.size()), std::to_string(WindowBytes)},
                     {}};
    const auto millis = static_cast<std::int64_t>(bigEndian(bytes.substr(bytes.size() - WindowBytes)));
    key.start = fromEpoch(millis, "ms");
    if (!key.start)
        return Error{SG_TR("record key: its last %1 bytes do not tell the start of a window: '%2'"),
                     {std::to_string(WindowBytes), shown(bytes, 60)},
                     {}};
    key.end = *key.start + *form.window;
    key.bytes.remove_suffix(WindowBytes);
    return key;
}

Result<Value> RecordKey::number(const RecordKeyForm &form) const
{
    const std::size_t width = form.kind == RecordKeyForm::Kind::Int32 ? sizeof(std::int32_t) : sizeof(std::int64_t);
    if (bytes.size() != width)
        return Error{SG_TR("record key: %1 bytes; an %2 has %3"),
                     {std::to_string(bytes.size()), width == sizeof(std::int32_t) ? "int32" : "int64", std::to_string(width)},
                     {}};
    const std::uint64_t bits = bigEndian(bytes);
    const bool isNarrow = width == sizeof(std::int32_t);
    return Value::ofInteger(isNarrow ? static_cast<std::int32_t>(static_cast<std::uint32_t>(bits)) : static_cast<std::int64_t>(bits));
}

}
