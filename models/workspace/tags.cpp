#include "workspace/reading.h"

#include "core/text.h"
#include "workspace/tables.h"

#include <algorithm>

namespace sg {

namespace {

constexpr Field RootFields[] = {{.key = "format", .type = FieldType::Any}, {.key = "tags", .type = FieldType::Any}};
constexpr Field TagFields[] = {
    {.key = "series", .type = FieldType::Selector, .isRequired = true, .label = SG_TR("Series")},
    {.key = "name", .type = FieldType::Text, .label = SG_TR("Name"), .help = SG_TR("{label} stands for the label of the path.")},
    {.key = "unit", .type = FieldType::Text, .label = SG_TR("Unit")},
    {.key = "area", .type = FieldType::Text, .label = SG_TR("Area")},
    {.key = "range",
     .type = FieldType::Any,
     .label = SG_TR("Range"),
     .help = SG_TR("What a percent deadband, a gauge and the y axis mean: [0, 120].")},
    {.key = "decimals", .type = FieldType::Integer, .label = SG_TR("Decimals")},
    {.key = "stale_after",
     .type = FieldType::Duration,
     .label = SG_TR("Stale after"),
     .help = SG_TR("From this age on a value looks old.")},
};

Result<std::pair<double, double>> rangeOf(const Node &node)
{
    if (node.kind != Node::Kind::List || node.list.size() != 2)
        return node.error(SG_TR("range takes two numbers, e.g. [0, 120]"));
    const auto low = readNumber(node.list[0], "range");
    if (!low)
        return low.error();
    const auto high = readNumber(node.list[1], "range");
    if (!high)
        return high.error();
    if (*low >= *high)
        return node.error(SG_TR("range: %1 is not below %2"), {formatNumber(*low), formatNumber(*high)});
    return std::pair(*low, *high);
}

std::optional<TagItem> readTag(Reading &reading, Node item)
{
    std::vector<Error> errors;
    for (const char *key : {"name", "area"})
        if (auto error = chooseLanguage(item, key))
            errors.push_back(*error);
    if (errors.empty())
        errors = check(item, TagFields);
    if (errors.empty())
        if (auto error = reading.checkSelector(item["series"]))
            errors.push_back(*error);
    Tag tag{item.text("name"), item.text("unit"), item.text("area"), {}, {}, {}};
    if (errors.empty() && item.has("range")) {
        if (const auto range = rangeOf(item["range"]))
            tag.range = *range;
        else
            errors.push_back(range.error());
    }
    if (errors.empty() && item.has("decimals")) {
        const auto decimals = readNumber(item["decimals"], "decimals");
        if (decimals && *decimals >= 0 && *decimals <= 12)
            tag.decimals = static_cast<int>(*decimals);
        else
            errors.push_back(item["decimals"].error(SG_TR("decimals: '%1' is not within 0 and 12"), {shown(item.text("decimals"))}));
    }
    if (errors.empty() && item.has("stale_after")) {
        const auto staleAfter = readDuration(item["stale_after"], "stale_after");
        if (staleAfter && staleAfter->count() > 0)
            tag.staleAfter = *staleAfter;
        else
            errors.push_back(
                item["stale_after"].error(SG_TR("stale_after: '%1' is not longer than nothing"), {shown(item.text("stale_after"))}));
    }
    if (!reading.add(std::move(errors)))
        return std::nullopt;
    return TagItem{*Selector::parse(item.text("series")), std::move(tag)};
}

}

Fields tagFields()
{
    return TagFields;
}

void readTags(Reading &reading)
{
    std::vector<TagItem> items;
    if (std::find(reading.files.names.begin(), reading.files.names.end(), "tags.yaml") != reading.files.names.end()) {
        const auto text = reading.text("tags.yaml");
        const auto root = text ? reading.document("tags.yaml", *text, RootFields) : Result<Node>(text.error());
        if (!root) {
            reading.add(root.error());
        } else {
            if (auto error = checkIsList(*root, "tags"))
                reading.add(*error);
            for (const Node &item : (*root)["tags"].list)
                if (auto tag = readTag(reading, item))
                    items.push_back(std::move(*tag));
        }
    }
    reading.workspace.tags = std::make_shared<const Tags>(std::move(items));
}

}
