#pragma once

#include "connectors/mqtt/mqttseen.h"
#include "connectors/mqtt/spooldisk.h"

#include <deque>
#include <mutex>
#include <span>

namespace sg {

// Messages that were acknowledged to the broker, or are about to be, until a commit holds what came of them. SPOOL.md describes the
// files. A record that append() took survives the end of this process, and a power cut once sync() has returned.
// append(): the receiving thread. sync(): any thread. All else: the source's thread.
class MqttSpool
{
public:
    struct Limits
    {
        std::uint64_t segmentBytes = 4U << 20U;
        std::uint64_t mostBytes = 256U << 20U; // then it is full; what still comes until the connection ends goes beyond
        std::uint64_t beyondBytes = 64U << 20U;
    };
    // `owner` names the session; files of another are removed. `next`: the position that the last commit holds, where there is one.
    // What `seen` must know of former runs is told to it. Fails when the disk does not serve, or the files are of a newer Sightglass.
    static Result<std::shared_ptr<MqttSpool>> open(std::unique_ptr<SpoolDisk> disk, std::string_view owner,
                                                   std::optional<std::uint64_t> next, Limits limits, MqttSeen &seen);
    ~MqttSpool();
    MqttSpool(const MqttSpool &) = delete;
    MqttSpool &operator=(const MqttSpool &) = delete;

    // Gives the record its number. False: it is not kept.
    [[nodiscard]] bool append(MqttRecord record);
    // What is appended so far. A position beyond it must not be committed before.
    [[nodiscard]] Result<Done> sync();

    struct Found
    {
        std::span<const MqttRecord> records; // valid until the next call
        std::uint64_t next = 0; // behind them
        bool isDamaged = false; // records before `next` cannot be read
    };
    // Whole records from `from` on, about `bytes` of them.
    [[nodiscard]] Found read(std::uint64_t from, std::size_t bytes);

    // Room ahead of time, so that the receiving thread makes no files. False: the spool is full, or the disk is.
    [[nodiscard]] bool prepare();
    void trim(std::uint64_t next); // what lies before is not needed any more, but for knowing repetitions

    [[nodiscard]] std::uint64_t first() const; // that it holds
    [[nodiscard]] std::uint64_t end() const;
    [[nodiscard]] std::uint32_t lastConnection() const { return m_lastConnection; } // of former runs
    [[nodiscard]] bool hasHole() const { return m_hasHole; } // a file was damaged as a whole; nobody knows what it held
    [[nodiscard]] const std::optional<Error> &trouble() const { return m_trouble; } // why prepare() failed, when it was the disk
    [[nodiscard]] std::uint64_t bytes() const; // on the disk

    // How long the receiving thread has to rest after so many bytes. Something only when the spool is full: then what lies beyond
    // lasts for BeyondLasts at least, and the source has that long to disconnect.
    static constexpr Millis BeyondLasts{4000};
    [[nodiscard]] Micros rest(std::size_t bytes) const;

private:
    struct Segment
    {
        std::string name;
        std::shared_ptr<SpoolFile> file;
        std::uint64_t begin = 0; // its first record
        std::uint64_t end = 0; // behind its last record
        std::uint64_t used = 0;
        std::uint64_t size = 0;
        bool isDirty = false;
    };

    MqttSpool(std::unique_ptr<SpoolDisk> disk, std::string_view owner, Limits limits);
    Result<Done> load(std::optional<std::uint64_t> next, MqttSeen &seen);
    Result<std::optional<std::uint64_t>> beginOf(const std::string &name); // nothing: of no use
    bool loadSegment(std::uint64_t begin, const std::string &name, MqttSeen &seen); // false: of no use
    Result<Segment> makeSegment(std::uint64_t size);
    bool rotate(std::uint64_t size);
    [[nodiscard]] std::uint64_t bytesLocked() const;

    const std::unique_ptr<SpoolDisk> m_disk;
    const Limits m_limits;
    const std::uint64_t m_owner;
    std::uint32_t m_lastConnection = 0;
    bool m_hasHole = false;
    std::optional<Error> m_trouble;

    mutable std::mutex m_mutex;
    std::deque<Segment> m_segments; // guarded by m_mutex, like all below
    std::optional<Segment> m_spare; // empty, and no reader of the folder knows it yet
    bool m_isWritable = false; // the last segment is ours to append to
    bool m_areNamesDirty = false;
    std::uint64_t m_end = 0;
    std::uint64_t m_nextName = 1;
    std::string m_scratch;

    // Of read(); the source's thread.
    std::shared_ptr<SpoolFile> m_readFile;
    std::uint64_t m_readSeq = 0;
    std::uint64_t m_readAt = 0;
    std::string m_buffer;
    std::vector<MqttRecord> m_records;
};

}
