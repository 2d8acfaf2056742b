#include "export/newfile.h"

#include "core/platform.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace sg {

NewFile::NewFile(std::string path)
    : m_path(std::move(path))
    , m_temporary(m_path + "." + randomName() + ".tmp")
{
}

NewFile::~NewFile()
{
    close();
    if (m_isThere)
        ::unlink(m_temporary.c_str());
}

void NewFile::close()
{
    if (m_fd >= 0)
        ::close(m_fd);
    m_fd = -1;
}

Error NewFile::failure() const
{
    if (m_errno == ENOSPC || m_errno == EDQUOT)
        return {SG_TR("'%1' cannot be written: disk full"), {m_path}, {}};
    return {SG_TR("'%1' cannot be written: %2"), {m_path, std::strerror(m_errno)}, {}};
}

Result<Done> NewFile::open()
{
    m_fd = ::open(m_temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (m_fd < 0) {
        m_errno = errno;
        return failure();
    }
    m_isThere = true;
    return Done();
}

bool NewFile::write(std::string_view bytes)
{
    while (m_errno == 0 && !bytes.empty()) {
        const ssize_t n = ::write(m_fd, bytes.data(), bytes.size());
        if (n >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(n));
        else if (errno != EINTR)
            m_errno = errno;
    }
    return m_errno == 0;
}

Result<Done> NewFile::commit()
{
    if (m_errno == 0 && ::fsync(m_fd) != 0)
        m_errno = errno;
    close();
    if (m_errno == 0 && std::rename(m_temporary.c_str(), m_path.c_str()) != 0)
        m_errno = errno;
    if (m_errno != 0)
        return failure();
    m_isThere = false;
    return Done();
}

}
