#pragma once

#include "store/seriesstore.h"

namespace sg {

// The rows of a head that count: of several with one time only the last. Any thread, for a head and length of one SeriesView.
std::vector<Row> headRows(const HeadBlock *head, std::uint32_t count);

// The row at `index` < the view's headRows; replaced rows included.
const Row &headRow(const HeadBlock *head, std::uint32_t index);

}
