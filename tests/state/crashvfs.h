#pragma once

#include <sqlite3.h>

#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

// A disk for SQLite that can lose its power. Files live in memory, twice: as the program sees them, and as the platter holds them.
// A write, truncation, creation or deletion reaches the platter only by a sync (of the file; of the folder for names, which SQLite's
// unix VFS does with the first sync of a new log and with a synced deletion). crash() throws away everything else, or, as real disks
// may, lets an arbitrary part of it through. One thread; one connection that writes,
// others may read.
namespace sg::test {

class CrashDisk
{
public:
    explicit CrashDisk(const char *name)
        : m_name(name)
    {
        m_vfs.iVersion = 2;
        m_vfs.szOsFile = sizeof(Handle);
        m_vfs.mxPathname = 512;
        m_vfs.zName = m_name.c_str();
        m_vfs.pAppData = this;
        m_vfs.xOpen = open;
        m_vfs.xDelete = remove;
        m_vfs.xAccess = access;
        m_vfs.xFullPathname = fullPath;
        m_vfs.xRandomness = [](sqlite3_vfs *, int n, char *out) {
            std::memset(out, 42, static_cast<std::size_t>(n));
            return n;
        };
        m_vfs.xSleep = [](sqlite3_vfs *, int microseconds) { return microseconds; };
        m_vfs.xCurrentTime = [](sqlite3_vfs *, double *now) {
            *now = 2461000.5;
            return SQLITE_OK;
        };
        m_vfs.xCurrentTimeInt64 = [](sqlite3_vfs *, sqlite3_int64 *now) {
            *now = sqlite3_int64{212630443200000};
            return SQLITE_OK;
        };
        m_vfs.xGetLastError = [](sqlite3_vfs *, int, char *) { return 0; };
        sqlite3_vfs_register(&m_vfs, 0);
    }
    ~CrashDisk() { sqlite3_vfs_unregister(&m_vfs); }
    CrashDisk(const CrashDisk &) = delete;
    CrashDisk &operator=(const CrashDisk &) = delete;

    // The power fails just before the n-th sync from now (1: the next): from then on every call fails. 0: never.
    void failBeforeSync(int n) { m_syncsLeft = n; }
    void powerOff() { m_isOff = true; }
    [[nodiscard]] bool isOff() const { return m_isOff; }
    [[nodiscard]] int syncs() const { return m_syncs; }
    void fillUp(bool isFull) { m_isFull = isFull; } // every write that grows a file fails
    // The n-th write from now (1: the next) and all after it find no space, until fillUp(false). 0: none.
    void failAtWrite(int n) { m_writesLeft = n; }
    [[nodiscard]] bool isFull() const { return m_isFull; }

    // Power off and on again. `luck`: the share of what was not synced that happens to be on the platter all the same.
    void crash(double luck = 0, unsigned seed = 1)
    {
        std::mt19937 random(seed);
        const auto survives = [&] { return luck > 0 && std::uniform_real_distribution<double>(0, 1)(random) < luck; };
        for (auto &[path, file] : m_files) {
            for (const Change &change : file->unsynced)
                if (survives())
                    change.apply(file->platter);
            file->unsynced.clear();
            file->seen = file->platter;
        }
        // Names: what the folder held at its last sync.
        m_files = m_names;
        m_shared.clear();
        m_isOff = false;
        m_syncsLeft = 0;
    }

private:
    struct Change // a write, or a truncation when `bytes` is empty
    {
        std::size_t at = 0;
        std::string bytes;
        void apply(std::string &to) const
        {
            if (bytes.empty()) {
                to.resize(at);
                return;
            }
            if (to.size() < at + bytes.size())
                to.resize(at + bytes.size());
            to.replace(at, bytes.size(), bytes);
        }
    };
    struct File
    {
        std::string seen, platter;
        std::vector<Change> unsynced;
        int holders = 0; // handles with any lock
    };
    struct Handle
    {
        sqlite3_file base;
        CrashDisk *disk;
        std::shared_ptr<File> *file; // owned; sqlite3_file is raw memory
        std::string *path; // owned
        bool syncsFolder;
        bool deletesOnClose;
        int lock;
    };

    static Handle &of(sqlite3_file *file) { return *reinterpret_cast<Handle *>(file); }
    static CrashDisk &of(sqlite3_vfs *vfs) { return *static_cast<CrashDisk *>(vfs->pAppData); }

    static int open(sqlite3_vfs *vfs, const char *path, sqlite3_file *raw, int flags, int *outFlags)
    {
        CrashDisk &disk = of(vfs);
        raw->pMethods = nullptr;
        if (disk.m_isOff)
            return SQLITE_IOERR;
        const std::string name = path != nullptr ? path : "temporary-" + std::to_string(++disk.m_temporary);
        auto &file = disk.m_files[name];
        const bool isNew = !file;
        if (isNew && (flags & SQLITE_OPEN_CREATE) == 0) {
            disk.m_files.erase(name);
            return SQLITE_CANTOPEN;
        }
        if (isNew)
            file = std::make_shared<File>();
        Handle &handle = of(raw);
        handle.disk = &disk;
        handle.file = new std::shared_ptr<File>(file);
        handle.path = new std::string(name);
        handle.syncsFolder = isNew && (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL)) != 0;
        handle.deletesOnClose = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
        handle.lock = 0;
        handle.base.pMethods = methods();
        if (outFlags != nullptr)
            *outFlags = flags;
        return SQLITE_OK;
    }

    static int remove(sqlite3_vfs *vfs, const char *path, int syncsFolder)
    {
        CrashDisk &disk = of(vfs);
        if (disk.m_isOff)
            return SQLITE_IOERR_DELETE;
        if (disk.m_files.erase(path) == 0)
            return SQLITE_IOERR_DELETE_NOENT;
        return syncsFolder != 0 ? disk.syncFolder() : SQLITE_OK;
    }

    static int access(sqlite3_vfs *vfs, const char *path, int, int *result)
    {
        *result = of(vfs).m_files.count(path) != 0 ? 1 : 0;
        return SQLITE_OK;
    }

    static int fullPath(sqlite3_vfs *, const char *path, int size, char *out)
    {
        sqlite3_snprintf(size, out, "%s", path);
        return SQLITE_OK;
    }

    // False when the power fails at this sync.
    bool countSync()
    {
        if (m_isOff || (m_syncsLeft > 0 && --m_syncsLeft == 0)) {
            m_isOff = true;
            return false;
        }
        ++m_syncs;
        return true;
    }
    int syncFolder()
    {
        if (!countSync())
            return SQLITE_IOERR_DIR_FSYNC;
        m_names = m_files;
        return SQLITE_OK;
    }

    // Enough of locking for a second connection that reads: who closes must know that it is not the last.
    static int lock(sqlite3_file *raw, int level)
    {
        Handle &handle = of(raw);
        File &file = **handle.file;
        if (level >= SQLITE_LOCK_EXCLUSIVE && file.holders > (handle.lock > 0 ? 1 : 0))
            return SQLITE_BUSY;
        file.holders += handle.lock == 0 && level > 0 ? 1 : 0;
        handle.lock = std::max(handle.lock, level);
        return SQLITE_OK;
    }
    static int unlock(sqlite3_file *raw, int level)
    {
        Handle &handle = of(raw);
        (*handle.file)->holders -= handle.lock > 0 && level == 0 ? 1 : 0;
        handle.lock = std::min(handle.lock, level);
        return SQLITE_OK;
    }
    static int close(sqlite3_file *raw)
    {
        Handle &handle = of(raw);
        unlock(raw, 0);
        if (handle.deletesOnClose && !handle.disk->m_isOff)
            handle.disk->m_files.erase(*handle.path);
        delete handle.file;
        delete handle.path;
        return SQLITE_OK;
    }
    static int read(sqlite3_file *raw, void *out, int amount, sqlite3_int64 offset)
    {
        const Handle &handle = of(raw);
        if (handle.disk->m_isOff)
            return SQLITE_IOERR_READ;
        const std::string &bytes = (*handle.file)->seen;
        const auto at = static_cast<std::size_t>(offset), wanted = static_cast<std::size_t>(amount);
        const std::size_t there = at < bytes.size() ? std::min(wanted, bytes.size() - at) : 0;
        std::memcpy(out, bytes.data() + (there > 0 ? at : 0), there);
        std::memset(static_cast<char *>(out) + there, 0, wanted - there);
        return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
    }
    static int change(sqlite3_file *raw, Change what)
    {
        const Handle &handle = of(raw);
        if (handle.disk->m_isOff)
            return SQLITE_IOERR_WRITE;
        File &file = **handle.file;
        CrashDisk &disk = *handle.disk;
        if (disk.m_writesLeft > 0 && --disk.m_writesLeft == 0) {
            disk.m_isFull = true;
            return SQLITE_FULL;
        }
        if (disk.m_isFull && what.at + what.bytes.size() > file.seen.size())
            return SQLITE_FULL;
        what.apply(file.seen);
        file.unsynced.push_back(std::move(what));
        return SQLITE_OK;
    }
    static int write(sqlite3_file *raw, const void *bytes, int amount, sqlite3_int64 offset)
    {
        return change(raw,
                      {static_cast<std::size_t>(offset), std::string(static_cast<const char *>(bytes), static_cast<std::size_t>(amount))});
    }
    static int truncate(sqlite3_file *raw, sqlite3_int64 size) { return change(raw, {static_cast<std::size_t>(size), {}}); }
    static int sync(sqlite3_file *raw, int)
    {
        Handle &handle = of(raw);
        if (!handle.disk->countSync())
            return SQLITE_IOERR_FSYNC;
        File &file = **handle.file;
        file.platter = file.seen;
        file.unsynced.clear();
        if (!handle.syncsFolder)
            return SQLITE_OK;
        handle.syncsFolder = false;
        return handle.disk->syncFolder();
    }

    static const sqlite3_io_methods *methods()
    {
        static const sqlite3_io_methods table = [] {
            sqlite3_io_methods m = {};
            m.iVersion = 2;
            m.xClose = close;
            m.xRead = read;
            m.xWrite = write;
            m.xTruncate = truncate;
            m.xSync = sync;
            m.xFileSize = [](sqlite3_file *raw, sqlite3_int64 *size) {
                *size = static_cast<sqlite3_int64>((*of(raw).file)->seen.size());
                return SQLITE_OK;
            };
            m.xLock = lock;
            m.xUnlock = unlock;
            m.xCheckReservedLock = [](sqlite3_file *, int *result) {
                *result = 0;
                return SQLITE_OK;
            };
            m.xFileControl = [](sqlite3_file *, int, void *) { return SQLITE_NOTFOUND; };
            m.xSectorSize = [](sqlite3_file *) { return 4096; };
            m.xDeviceCharacteristics = [](sqlite3_file *) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; };
            m.xShmMap = [](sqlite3_file *raw, int page, int size, int extends, void volatile **out) {
                auto &pages = of(raw).disk->m_shared[*of(raw).path];
                const auto index = static_cast<std::size_t>(page);
                *out = nullptr;
                if (index >= pages.size()) {
                    if (extends == 0)
                        return SQLITE_OK;
                    while (pages.size() <= index)
                        pages.push_back(std::make_unique<std::vector<std::uint64_t>>(static_cast<std::size_t>(size) / 8));
                }
                *out = pages[index]->data();
                return SQLITE_OK;
            };
            m.xShmLock = [](sqlite3_file *, int, int, int) { return SQLITE_OK; };
            m.xShmBarrier = [](sqlite3_file *) {};
            m.xShmUnmap = [](sqlite3_file *raw, int isDeleted) {
                if (isDeleted != 0)
                    of(raw).disk->m_shared.erase(*of(raw).path);
                return SQLITE_OK;
            };
            return m;
        }();
        return &table;
    }

    std::string m_name;
    sqlite3_vfs m_vfs = {};
    std::map<std::string, std::shared_ptr<File>> m_files; // as the program sees the folder
    std::map<std::string, std::shared_ptr<File>> m_names; // as the platter holds it
    std::map<std::string, std::vector<std::unique_ptr<std::vector<std::uint64_t>>>> m_shared; // the log's index
    int m_syncsLeft = 0, m_syncs = 0, m_writesLeft = 0, m_temporary = 0;
    bool m_isOff = false, m_isFull = false;
};

}
