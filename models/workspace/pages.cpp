#include "workspace/reading.h"

#include "core/text.h"
#include "workspace/chartlook.h"

#include <algorithm>
#include <set>

namespace sg {

namespace {

constexpr Field RootFields[] = {
    {.key = "format", .type = FieldType::Any},
    {.key = "name", .type = FieldType::Any},
    {.key = "tiles", .type = FieldType::Any},
};
constexpr Field AlarmsFields[] = {
    {.key = "area", .type = FieldType::Text, .label = SG_TR("Area"), .help = SG_TR("Empty: alarms of all areas.")},
};
constexpr int GridColumns = 24;
constexpr int MaxRow = 10'000;

const TileKind *tileKind(std::string_view name)
{
    const auto kinds = tileKinds();
    const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const TileKind &kind) { return name == kind.name; });
    return found == kinds.end() ? nullptr : &*found;
}

std::optional<Error> placeTile(TileSpec &tile, const Node &item)
{
    const Node &at = item["at"];
    if (at.isMissing())
        return item.error(SG_TR("tile '%1': 'at' is missing, e.g. at: [0, 0, 12, 6]"), {tile.id});
    if (at.kind != Node::Kind::List || at.list.size() != 4)
        return at.error(SG_TR("tile '%1': at takes column, row, width and height, e.g. [0, 0, 12, 6]"), {tile.id});
    int numbers[4] = {};
    for (std::size_t i = 0; i < 4; ++i) {
        const auto number = readNumber(at.list[i], "at");
        if (!number)
            return number.error();
        if (*number < 0 || *number > MaxRow || *number != static_cast<int>(*number))
            return at.list[i].error(SG_TR("at: '%1' is not a whole number from 0 to %2"),
                                    {shown(at.list[i].scalar), std::to_string(MaxRow)});
        numbers[i] = static_cast<int>(*number);
    }
    tile.column = numbers[0];
    tile.row = numbers[1];
    tile.width = numbers[2];
    tile.height = numbers[3];
    if (tile.width < 1 || tile.height < 1 || tile.column + tile.width > GridColumns)
        return at.error(
            SG_TR("tile '%1' does not fit: column %2 and width %3 on a grid of %4 columns, height %5"),
            {tile.id, std::to_string(tile.column), std::to_string(tile.width), std::to_string(GridColumns), std::to_string(tile.height)});
    return std::nullopt;
}

std::vector<Error> checkTile(const Reading &reading, const TileSpec &tile)
{
    const TileKind *kind = tileKind(tile.kind);
    if (!kind)
        return {}; // made by a newer version: it keeps its text and shows a placeholder
    std::vector<Error> errors = check(tile.settings, kind->fields);
    if (!errors.empty() || tile.kind != "chart")
        return errors;
    const Node &series = tile.settings["series"];
    for (const Node &selector : series.kind == Node::Kind::List ? series.list : std::vector<Node>{series})
        if (auto error = reading.checkSelector(selector))
            errors.push_back(*error);
    readChartLook(tile.settings, &errors);
    return errors;
}

std::optional<TileSpec> readTile(Reading &reading, const Node &item, std::set<std::string> &ids)
{
    if (item.kind != Node::Kind::Map || item.text("id").empty()) {
        reading.add(item.error(SG_TR("a tile is a map with 'id', 'at' and one kind, e.g. chart")));
        return std::nullopt;
    }
    TileSpec tile;
    tile.id = item.text("id");
    if (!isId(tile.id)) {
        reading.add(
            item["id"].error(SG_TR("the tile id '%1' must be small letters, digits, _ and -, and begin with a letter"), {shown(tile.id)}));
        return std::nullopt;
    }
    if (!ids.insert(tile.id).second) {
        reading.add(item["id"].error(SG_TR("the tile id '%1' is taken already on this page"), {tile.id}));
        return std::nullopt;
    }
    if (auto error = placeTile(tile, item)) {
        reading.add(*error);
        return std::nullopt;
    }
    for (const auto &[key, value] : item.map) {
        if (key == "id" || key == "at")
            continue;
        if (!tile.kind.empty()) {
            reading.add(value.error(SG_TR("tile '%1' has both %2 and %3; it shows one"), {tile.id, shown(tile.kind), shown(key)}));
            return std::nullopt;
        }
        tile.kind = key;
        tile.settings = value;
        if (tile.settings.kind == Node::Kind::Scalar && tile.settings.scalar.empty())
            tile.settings.kind = Node::Kind::Map; // `alarms:` and nothing behind it
    }
    if (tile.kind.empty()) {
        reading.add(item.error(SG_TR("tile '%1' does not say what it shows: expected chart or alarms"), {tile.id}));
        return std::nullopt;
    }
    if (auto error = chooseLanguage(tile.settings, "area")) {
        reading.add(*error);
        return std::nullopt;
    }
    if (!reading.add(checkTile(reading, tile)))
        return std::nullopt;
    return tile;
}

}

std::span<const TileKind> tileKinds()
{
    static const TileKind kinds[] = {
        {"chart", SG_TR("Chart"), chartFields()},
        {"alarms", SG_TR("Alarms"), AlarmsFields},
    };
    return kinds;
}

void readPages(Reading &reading)
{
    for (const std::string &name : reading.namesBelow("dashboards/")) {
        const auto text = reading.text(name);
        auto root = text ? reading.document(name, *text, RootFields) : Result<Node>(text.error());
        if (!root) {
            reading.add(root.error());
            continue;
        }
        if (auto error = chooseLanguage(*root, "name"))
            reading.add(*error);
        if (auto error = checkIsList(*root, "tiles"))
            reading.add(*error);
        PageSpec page;
        page.file = name;
        const std::size_t begin = name.find('/') + 1;
        page.name = root->text("name", name.substr(begin, name.size() - begin - std::string_view(".yaml").size()));
        std::set<std::string> ids;
        for (const Node &item : (*root)["tiles"].list)
            if (auto tile = readTile(reading, item, ids))
                page.tiles.push_back(std::move(*tile));
        reading.workspace.pages.push_back(std::move(page));
    }
}

}
