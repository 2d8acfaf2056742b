#pragma once

#include "core/selector.h"
#include "core/types.h"

namespace sg {

// What tags.yaml says of one series; empty or nothing where it says nothing.
struct Tag
{
    std::string name, unit, area;
    std::optional<std::pair<double, double>> range; // what a percent deadband, a gauge and the default y axis mean
    std::optional<int> decimals;
    std::optional<Micros> staleAfter;
};

struct TagItem
{
    Selector series;
    Tag tag;
};

// Names, units, areas, ranges of series. Later items win key by key. Immutable once read; shared between threads as const.
class Tags
{
public:
    Tags() = default;
    explicit Tags(std::vector<TagItem> items)
        : m_items(std::move(items))
    {
    }
    // `labels` fill {line} in names.
    [[nodiscard]] Tag of(std::string_view path, const std::vector<std::pair<std::string, std::string>> &labels = {}) const;

private:
    std::vector<TagItem> m_items;
};

}
