#include "core/batch.h"

namespace sg {

std::size_t Batch::bytes() const
{
    std::size_t total = sizeof(Batch) + rows() * (sizeof(LocalId) + sizeof(Time) + sizeof(double) + 2 + sizeof(std::int64_t));
    for (const auto &[row, stream] : runs)
        total += 48 + stream.size();
    for (const auto &series_ : newSeries)
        total += 64 + series_.path.size();
    for (const auto &text : newTexts)
        total += 64 + text.text.size();
    for (const auto &note : notes)
        total += 96 + note.key.size() + note.text.size();
    for (const auto &[stream, bytes] : after)
        total += 96 + stream.size() + bytes.size();
    return total + marks.size() * 128;
}

}
