#include "workspace/reading.h"

#include "core/text.h"
#include "workspace/tables.h"

#include <charconv>

namespace sg {

namespace {

constexpr Field HistoryFields[] = {
    {.key = "keep",
     .type = FieldType::Duration,
     .label = SG_TR("Keep"),
     .help = SG_TR("Readings that are older go; without it only the size counts.")},
    {.key = "max_size",
     .type = FieldType::Text,
     .byDefault = "10GB",
     .label = SG_TR("Size"),
     .help = SG_TR("Of the stored readings on disk; the oldest go above it.")},
};
constexpr Micros LeastAge = std::chrono::minutes(1);
constexpr std::uint64_t LeastBytes = 1U << 20U;

// "500MB", "10GB", "1.5TB"; binary units.
Result<std::uint64_t> readSize(const Node &node, std::string_view key)
{
    const std::string &text = node.scalar;
    double number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const double factor = unit == "MB" ? 0x1p20 : unit == "GB" ? 0x1p30 : unit == "TB" ? 0x1p40 : 0;
    const double bytes = number * factor;
    if (node.kind != Node::Kind::Scalar || fault != std::errc() || factor == 0 || !(bytes >= LeastBytes && bytes <= 0x1p60))
        return node.error(SG_TR("%1: '%2' is no size; expected a number and a unit, at least 1MB: 500MB, 10GB, 1TB"),
                          {std::string(key), shown(text)});
    return static_cast<std::uint64_t>(bytes);
}

}

Fields historyFields()
{
    return HistoryFields;
}

void readHistory(Reading &reading, const Node &root)
{
    const Node &node = root["history"];
    if (node.isMissing())
        return;
    if (!reading.add(check(node, HistoryFields)))
        return;
    HistoryBounds bounds;
    if (const Node &keep = node["keep"]; !keep.isMissing()) {
        const auto age = readDuration(keep, "keep");
        if (!age) {
            reading.add(age.error());
            return;
        }
        if (*age < LeastAge) {
            reading.add(keep.error(SG_TR("keep: '%1' is too short; expected at least 1min"), {shown(keep.scalar)}));
            return;
        }
        bounds.age = *age;
    }
    if (const Node &size = node["max_size"]; !size.isMissing()) {
        const auto bytes = readSize(size, "max_size");
        if (!bytes) {
            reading.add(bytes.error());
            return;
        }
        bounds.bytes = *bytes;
    }
    reading.workspace.history = bounds;
}

}
