#pragma once

#include "core/result.h"
#include "core/types.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sg {

// What a view held when it was looked at last, row by row, for the next look to be compared with; also over a restart, so what changed
// while nobody looked is one sample, and what did not change is none. The cells are kept as the query gave them: a row that is gone is told
// with the values that it had. One thread.
class SnapshotBook
{
public:
    static constexpr std::size_t MostRows = 5'000; // of one look, and as many that are gone
    static constexpr std::size_t MostBytes = 4U << 20U; // of all cells of one look
    static constexpr Micros UnknownLag = Micros::max();
    using Cells = std::vector<std::optional<std::string>>;
    struct Row
    {
        Cells cells;
        Time gone = NoTime; // when it was missed first, in the time of its own stamps as far as they tell; NoTime: it is there
        Micros lag = UnknownLag; // least age of its stamps when a look met them
        bool isRead = true; // false: it could not be made samples of, so there is nothing to be said of it
        std::uint64_t look = 0; // number of the last look that saw it
    };

    // `columns` says which cells these are, so that those of an altered view are told from ours.
    explicit SnapshotBook(std::string columns)
        : m_columns(std::move(columns))
    {
    }

    std::map<std::string, Row, std::less<>> rows; // by key
    void forgetOldest(); // of the rows that are gone, past the bound

    [[nodiscard]] std::string bytes() const;
    // An Error when the bytes are of other columns or another version, or damaged.
    Result<Done> restore(std::string_view bytes);

private:
    const std::string m_columns;
};

}
