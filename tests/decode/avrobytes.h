#pragma once

#include <QByteArray>

#include <cstring>

// Avro's binary form, written by hand as its specification says.
namespace avro {

inline QByteArray whole(std::int64_t number)
{
    QByteArray out;
    for (std::uint64_t bits = static_cast<std::uint64_t>(number) << 1U ^ static_cast<std::uint64_t>(number >> 63U);; bits >>= 7U) {
        const bool isLast = bits < 0x80;
        out += static_cast<char>((bits & 0x7FU) | (isLast ? 0U : 0x80U));
        if (isLast)
            return out;
    }
}

inline QByteArray text(const QByteArray &text)
{
    return whole(text.size()) + text;
}

template <class T> QByteArray real(T number)
{
    QByteArray out(sizeof number, '\0');
    std::memcpy(out.data(), &number, sizeof number); // little-endian machines only, as these tests run on
    return out;
}

// As a registry's serializer frames it.
inline QByteArray framed(std::uint32_t id, const QByteArray &bytes)
{
    QByteArray out(1, '\0');
    for (int shift = 24; shift >= 0; shift -= 8)
        out += static_cast<char>(id >> shift);
    return out + bytes;
}

}
