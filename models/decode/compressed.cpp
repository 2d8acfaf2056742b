#include "decode/compressed.h"

#include "core/text.h"

#include <algorithm>

// The only file with the two libraries.
#include <zlib.h>
#include <zstd.h>

namespace sg {

namespace {

constexpr std::size_t Piece = 64U << 10U; // bytes unpacked at a time
constexpr int MostWindowBits = 23; // zstd: 8 MB of memory, as much as a payload may have
constexpr std::size_t KeptBytes = 1U << 20U; // of the buffer, between two messages

Error tooLarge(std::size_t most)
{
    return Error{SG_TR("a compressed payload of more than %1 bytes; at most so many are read"), {std::to_string(most)}, {}};
}

}

struct Inflater::Private
{
    Result<std::string_view> gzip(std::string_view payload);
    Result<std::string_view> zstd(std::string_view payload);
    // Room for the next piece behind `size` bytes; nothing when there may be no more.
    bool grow();

    std::size_t most = 0;
    std::string out;
    std::size_t size = 0; // of what is unpacked
    std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx *)> context{nullptr, ZSTD_freeDCtx};
};

Inflater::Inflater(std::size_t most)
    : d(std::make_unique<Private>())
{
    d->most = most;
}

Inflater::~Inflater() = default;

Result<std::string_view> Inflater::unpack(std::string_view payload)
{
    d->size = 0;
    if (d->out.size() > KeptBytes) {
        d->out.clear();
        d->out.shrink_to_fit();
    }
    return payload.starts_with(Gzip) ? d->gzip(payload) : d->zstd(payload);
}

// One byte more than allowed may be made, by which it is known that there is more.
bool Inflater::Private::grow()
{
    if (size > most)
        return false;
    if (out.size() < std::min(size + Piece, most + 1))
        out.resize(std::min(std::max(2 * out.size(), Piece), most + 1));
    return true;
}

Result<std::string_view> Inflater::Private::gzip(std::string_view payload)
{
    constexpr int gzipOnly = 15 + 16;
    z_stream stream{};
    if (inflateInit2(&stream, gzipOnly) != Z_OK)
        return Error{SG_TR("gzip: no memory to unpack a payload"), {}, {}};
    const std::unique_ptr<z_stream, int (*)(z_stream *)> end(&stream, inflateEnd);
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(payload.data())); // zlib reads it only
    stream.avail_in = static_cast<uInt>(payload.size());
    for (;;) {
        if (!grow())
            return tooLarge(most);
        stream.next_out = reinterpret_cast<Bytef *>(out.data() + size);
        stream.avail_out = static_cast<uInt>(out.size() - size);
        const int result = inflate(&stream, Z_NO_FLUSH);
        size = out.size() - stream.avail_out;
        if (result == Z_STREAM_END) {
            if (stream.avail_in == 0)
                break;
            if (inflateReset(&stream) == Z_OK) // another member follows
                continue;
        }
        if (result != Z_OK || (stream.avail_in == 0 && stream.avail_out > 0))
            return Error{SG_TR("gzip: the payload is damaged or cut off"), {}, {}};
    }
    if (size > most)
        return tooLarge(most);
    return std::string_view(out.data(), size);
}

Result<std::string_view> Inflater::Private::zstd(std::string_view payload)
{
    if (!context) {
        context.reset(ZSTD_createDCtx());
        if (!context || ZSTD_isError(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, MostWindowBits)))
            return Error{SG_TR("zstd: no memory to unpack a payload"), {}, {}};
    }
    ZSTD_DCtx_reset(context.get(), ZSTD_reset_session_only);
    ZSTD_inBuffer in{payload.data(), payload.size(), 0};
    for (;;) {
        if (!grow())
            return tooLarge(most);
        ZSTD_outBuffer piece{out.data() + size, out.size() - size, 0};
        const std::size_t result = ZSTD_decompressStream(context.get(), &piece, &in);
        size += piece.pos;
        if (ZSTD_isError(result))
            return Error{SG_TR("zstd: %1"), {shown(ZSTD_getErrorName(result), 80)}, {}};
        if (result == 0 && in.pos == in.size) // a frame is over, and there is no other
            break;
        if (result != 0 && in.pos == in.size && piece.pos < piece.size)
            return Error{SG_TR("zstd: the payload is cut off"), {}, {}};
    }
    if (size > most)
        return tooLarge(most);
    return std::string_view(out.data(), size);
}

}
