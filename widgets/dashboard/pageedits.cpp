#include "widgets/dashboard/pageedits.h"

namespace sg {

namespace {

std::string listOf(const std::vector<std::string> &texts)
{
    std::string out = "[";
    for (const auto &text : texts)
        out += (out.size() > 1 ? ", " : "") + ("\"" + text + "\""); // paths hold no quote: their segments are percent-encoded
    return out + "]";
}

std::string placeOf(const QRect &cells)
{
    return "[" + std::to_string(cells.x()) + ", " + std::to_string(cells.y()) + ", " + std::to_string(cells.width()) + ", "
        + std::to_string(cells.height()) + "]";
}

}

EditStack::Maker addChartTile(const std::string &file, const std::string &id, const QRect &cells, const std::vector<std::string> &series)
{
    return [=](const std::string &text) -> Result<TextEdit> {
        const auto item
            = "id: " + id + "\nat: " + placeOf(cells) + "\nchart: { series: " + listOf(series) + ", span: 15min, limits: true }";
        if (!text.empty())
            return addItem(file, text, "tiles", item);
        TextEdit made;
        made.file = file;
        made.after = "format: 1\nname: Overview\ntiles:\n  - id: " + id + "\n    at: " + placeOf(cells)
            + "\n    chart: { series: " + listOf(series) + ", span: 15min, limits: true }\n";
        return made;
    };
}

EditStack::Maker setTileSeries(const std::string &file, const std::string &id, const std::vector<std::string> &series)
{
    return [=](const std::string &text) { return setValue(file, text, "tiles", id, "chart/series", listOf(series)); };
}

EditStack::Maker setChartKey(const std::string &file, const std::string &id, const std::string &key, const std::string &value)
{
    return [=](const std::string &text) { return setValue(file, text, "tiles", id, "chart/" + key, value); };
}

EditStack::Maker setTilePlace(const std::string &file, const std::string &id, const QRect &cells)
{
    return [=](const std::string &text) { return setValue(file, text, "tiles", id, "at", placeOf(cells)); };
}

EditStack::Maker removeTileOf(const std::string &file, const std::string &id)
{
    return [=](const std::string &text) { return removeItem(file, text, "tiles", id); };
}

}
