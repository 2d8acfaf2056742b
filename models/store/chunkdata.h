#pragma once

#include "store/blockcoder.h"
#include "store/chunk.h"

namespace sg {

// The compressed rows of a chunk and the min/max pyramid above them. Immutable, any thread; read it through a ChunkReader.
class ChunkData
{
public:
    static std::shared_ptr<const ChunkData> of(std::span<const Row> rows); // 1 to Chunk::MaxRows of them, times strictly rising
    // `left` ends before `right` begins; together at most Chunk::MaxRows. Cheap when `left` ends with a full block.
    static std::shared_ptr<const ChunkData> joined(const ChunkData &left, const ChunkData &right);
    // As many rows over the same time, none with a value and all of Quality::Bad.
    static std::shared_ptr<const ChunkData> missing(const ChunkSummary &summary);

    [[nodiscard]] const ChunkSummary &summary() const { return m_summary; }
    [[nodiscard]] std::size_t bytes() const;

    [[nodiscard]] std::size_t blocks() const { return m_blocks.size(); }
    [[nodiscard]] Time blockFirst(std::size_t block) const { return m_blocks[block].first; }
    [[nodiscard]] std::size_t blockRows(std::size_t block) const
    {
        return std::min(Chunk::BlockRows, m_summary.rows - block * Chunk::BlockRows);
    }
    [[nodiscard]] std::string_view blockBytes(std::size_t block) const // IntPadding readable bytes follow
    {
        const std::size_t end = block + 1 < m_blocks.size() ? m_blocks[block + 1].begin : m_bytes.size() - IntPadding;
        return std::string_view(m_bytes).substr(m_blocks[block].begin, end - m_blocks[block].begin);
    }
    [[nodiscard]] const BlockParts *blockParts(std::size_t block) const // null: it has none
    {
        const std::uint32_t parts = m_blocks[block].parts;
        return parts == NoParts ? nullptr : &m_parts[parts];
    }
    // [0] over one block each, the others over FanOut nodes of the one below.
    [[nodiscard]] const std::vector<std::vector<Digest>> &levels() const { return m_levels; }
    static constexpr std::size_t FanOut = 8;

    // Puts a chunk together block by block: full ones but for the last.
    class Builder
    {
    public:
        Builder();
        void add(std::span<const Row> rows); // encodes them
        void add(std::span<const Row> rows, std::string_view encoded); // that are these bytes
        void add(const ChunkData &other); // all of it, when the last block so far is full
        std::shared_ptr<const ChunkData> take();

    private:
        void addParts();

        std::shared_ptr<ChunkData> m_data;
    };

private:
    static constexpr std::uint32_t NoParts = static_cast<std::uint32_t>(-1);
    struct Block
    {
        Time first;
        std::uint32_t begin = 0; // in m_bytes
        std::uint32_t parts = NoParts; // in m_parts
    };

    void note(std::span<const Row> rows);

    ChunkSummary m_summary;
    std::vector<Block> m_blocks;
    std::vector<BlockParts> m_parts; // of the blocks that have some
    std::string m_bytes;
    std::vector<std::vector<Digest>> m_levels;
};

// As many times between both (included) as there are rows, strictly rising when there is room for them.
std::vector<Row> missingRows(Time from, Time to, std::size_t count);

// All rows of a block; false: its bytes are none, or times do not rise from `first` to at most `last`.
[[nodiscard]] bool decodeRows(std::string_view block, Time first, Time last, std::size_t count, std::vector<Row> &out);

}
