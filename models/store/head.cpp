#include "store/head.h"

#include <algorithm>

namespace sg {

std::vector<Row> headRows(const HeadBlock *head, std::uint32_t count)
{
    std::vector<Row> out;
    out.reserve(count);
    for (std::uint32_t left = count; left > 0; head = head->next.get()) {
        const std::uint32_t here = std::min(left, head->capacity);
        for (std::uint32_t i = 0; i < here; ++i) {
            if (!out.empty() && out.back().t == head->rows[i].t)
                out.back() = head->rows[i];
            else
                out.push_back(head->rows[i]);
        }
        left -= here;
        // The next pointer of the block that ends the view may be written by the ingest thread right now.
        if (left == 0)
            break;
    }
    return out;
}

const Row &headRow(const HeadBlock *head, std::uint32_t index)
{
    while (index >= head->capacity) {
        index -= head->capacity;
        head = head->next.get();
    }
    return head->rows[index];
}

}
