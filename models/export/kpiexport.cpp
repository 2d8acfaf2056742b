#include "export/kpiexport.h"

#include "core/platform.h"
#include "export/csvfile.h"

namespace sg {

namespace {

Result<Exported> exportTable(const KpiTable &table, const KpiReport &report, const ExportOptions &options)
{
    CsvFile file(options, "kpi", table.columns);
    if (auto opened = file.open(); !opened)
        return opened.error();
    for (const auto &row : table.rows) {
        for (const KpiCell &cell : row) {
            if (const auto *text = std::get_if<std::string>(&cell))
                file.csv.text(*text);
            else if (const auto *number = std::get_if<double>(&cell))
                file.csv.number(*number);
            else
                file.csv.time(std::get<Time>(cell));
        }
        if (!file.endRow())
            break;
    }
    return file.finish(report.from, report.to);
}

}

KpiTable scorecardTable(const KpiReport &report)
{
    KpiTable table{"scorecard",
                   SG_TR("scorecard"),
                   {"kpi", "title", "area", "value", "unit", "target", "grade", "records", "first_seq", "last_seq"},
                   {}};
    for (const Kpi &kpi : report.scorecard) {
        const bool hasRows = kpi.rows && !kpi.rows->empty();
        const auto number = [](std::uint64_t seq) { return KpiCell(static_cast<double>(seq)); };
        table.rows.push_back({kpi.id, std::string(kpi.title), kpi.area, kpi.value, std::string(kpi.unit), kpi.target,
                              std::string(nameOf(kpi.grade)), number(hasRows ? kpi.rows->size() : 0),
                              hasRows ? number(kpi.rows->front()) : KpiCell(std::string()),
                              hasRows ? number(kpi.rows->back()) : KpiCell(std::string())});
        table.records.push_back(kpi.rows);
    }
    return table;
}

Result<Exported> exportKpi(const KpiReport &report, const ExportOptions &options, const Progress &progress)
{
    if (const auto made = makeFolder(options.path); !made)
        return made.error();
    std::vector<KpiTable> tables = report.tables;
    tables.push_back(scorecardTable(report));
    Exported all;
    for (std::size_t i = 0; i < tables.size(); ++i) {
        ExportOptions own = options;
        own.path = options.path + "/" + tables[i].id + ".csv";
        const auto written = exportTable(tables[i], report, own);
        if (!written)
            return written.error();
        all.rows += written->rows;
        all.bytes += written->bytes;
        if (progress)
            progress(static_cast<double>(i + 1) / static_cast<double>(tables.size()));
    }
    return all;
}

}
