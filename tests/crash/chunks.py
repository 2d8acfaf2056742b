"""Sealed readings as models/store/FORMAT.md says; nothing of Sightglass is imported."""
import struct
import zlib

WORD = 1 << 64
UNITS = (1, 1000, 1_000_000)  # microseconds


def signed(word):
    word %= WORD
    return word - WORD if word >> 63 else word


def unzigzag(word):
    return (word >> 1) ^ -(word & 1)


class Bytes:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        word = shift = 0
        while True:
            byte = self.byte()
            word |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return word

    def run(self, count):
        """A run of numbers."""
        way, width, patched = self.byte(), self.byte(), self.byte()
        base, slope = unzigzag(self.varint()), unzigzag(self.varint())
        patches = []
        for _ in range(patched):
            row = self.byte()
            patches.append((row, self.varint()))
        rests_count = count if way == 0 else count - 1
        size = (rests_count * width + 7) // 8
        packed = int.from_bytes(self.data[self.at:self.at + size], "little")
        self.at += size
        rests = [(packed >> (i * width)) & ((1 << width) - 1) for i in range(rests_count)]
        for row, high in patches:
            rests[row] |= high << width
        if way == 0:
            return [signed(base + (signed(slope * i) >> 16) + rest) for i, rest in enumerate(rests)]
        numbers = [signed(base)]
        for rest in rests:
            numbers.append(signed(numbers[-1] + slope + (unzigzag(rest) if way == 1 else rest)))
        return numbers


def block(data, first, count):
    head = Bytes(data)
    flags, places, _, odd_count = head.byte(), head.byte(), head.byte(), head.byte()
    unit = UNITS[flags >> 4]
    head.at += 2
    times = [first + unit * number for number in head.run(count)]
    numbers = head.run(count)
    if flags & 1:
        values = [struct.unpack("<d", struct.pack("<Q", (number << places) % WORD))[0] for number in numbers]
    else:
        values = [number / 10 ** places for number in numbers]
    for _ in range(odd_count):
        row = head.byte()
        (values[row],) = struct.unpack_from("<d", data, head.at)
        head.at += 8
    return list(zip(times, values))


def rows(data):
    """(microseconds, value) of a chunk, in order."""
    if data[:4] != b"SGC1":
        raise SystemExit("oracle: a chunk of another format")
    head_sum, count, _ = struct.unpack_from("<IIq", data, 4)
    blocks = (count + 255) // 256
    at = 20 + 16 * blocks
    if zlib.crc32(data[8:at]) != head_sum:
        raise SystemExit("oracle: the head of a chunk is damaged")
    out = []
    for number in range(blocks):
        first, size, block_sum = struct.unpack_from("<qII", data, 20 + 16 * number)
        if zlib.crc32(data[at:at + size]) != block_sum:
            raise SystemExit("oracle: a block of a chunk is damaged")
        out += block(data[at:at + size], first, min(256, count - 256 * number))
        at += size
    return out
