#pragma once

#include "core/result.h"

namespace sg {

// A file that appears under its name only when it is complete: written beside it under another name, and removed when it is given up.
// One thread.
class NewFile
{
public:
    explicit NewFile(std::string path);
    ~NewFile();
    NewFile(const NewFile &) = delete;
    NewFile &operator=(const NewFile &) = delete;

    Result<Done> open();
    bool write(std::string_view bytes); // false after an error, which commit() returns
    Result<Done> commit(); // on disk, then under its name

private:
    [[nodiscard]] Error failure() const;
    void close();

    const std::string m_path, m_temporary;
    int m_fd = -1;
    int m_errno = 0; // of the first failure
    bool m_isThere = false; // the temporary file
};

}
