#pragma once

#include "core/types.h"

#include <optional>
#include <string>
#include <string_view>

namespace sg {

// One message as the spool holds it. SPOOL.md has its bytes. The views are into the bytes that it was read from.
struct MqttRecord
{
    std::uint64_t seq = 0; // of the spool, without holes
    Time arrival{}; // this machine's clock
    std::uint32_t connection = 0; // counted from 1 over all runs
    std::uint16_t packet = 0; // the broker's id of it, valid within a session
    std::uint8_t qos = 0;
    bool isRetained = false;
    bool isDuplicate = false; // the broker has sent it before, as far as it knows
    bool beginsSession = false; // no message: what came before `connection` belongs to another session
    std::string_view topic;
    std::string_view headers; // as writeHeaders() writes them
    std::string_view payload;
};

constexpr std::size_t MqttRecordHead = 8; // length and checksum

void writeRecord(const MqttRecord &record, std::string &bytes); // replaces what was in `bytes`
// The record at the front and its size; nothing when it is torn, damaged or not there.
std::optional<MqttRecord> readRecord(std::string_view bytes, std::size_t &size);
// The size that the record at the front claims to have; 0 when there is none.
std::size_t sizeOfRecord(std::string_view head);

template <class Number> void putNumber(std::string &bytes, Number number) // little-endian
{
    for (std::size_t i = 0; i < sizeof number; ++i)
        bytes += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i) & 0xFFU);
}
template <class Number> Number getNumber(std::string_view bytes, std::size_t at)
{
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        number |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    return static_cast<Number>(number);
}

}
