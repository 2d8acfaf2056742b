#pragma once

#include "widgets/main/editstack.h"

#include <QRect>

// Makers of a page's edits. Pool thread.
namespace sg {

EditStack::Maker addChartTile(const std::string &file, const std::string &id, const QRect &cells, const std::vector<std::string> &series);
EditStack::Maker setTileSeries(const std::string &file, const std::string &id, const std::vector<std::string> &series);
EditStack::Maker setChartKey(const std::string &file, const std::string &id, const std::string &key, const std::string &value);
EditStack::Maker setTilePlace(const std::string &file, const std::string &id, const QRect &cells);
EditStack::Maker removeTileOf(const std::string &file, const std::string &id);

}
