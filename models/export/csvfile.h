#pragma once

#include "export/exporter.h"
#include "export/newfile.h"

#include <QCryptographicHash>

namespace sg {

// A CSV file under way, with the meta file that goes beside it.
class CsvFile
{
public:
    CsvFile(const ExportOptions &options, const char *kind, std::vector<const char *> columns);

    Result<Done> open(); // writes the head
    // The column `workspace`, and the end of the row. Writes to disk now and then; false after an error, which finish() returns.
    bool endRow();
    Result<Exported> finish(Time from, Time to);

    CsvWriter csv;

private:
    bool flush();
    [[nodiscard]] std::string meta(Time from, Time to) const;

    const ExportOptions &m_options;
    const char *m_kind;
    const std::vector<const char *> m_columns;
    const std::string m_workspace;
    NewFile m_file;
    QCryptographicHash m_hash{QCryptographicHash::Sha256};
    Exported m_done;
};

const char *textOf(Quality quality);
Error cancelled(const ExportOptions &options);

}
