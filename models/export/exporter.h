#pragma once

#include "export/csv.h"
#include "state/statefile.h"
#include "store/seriesstore.h"

#include <functional>
#include <stop_token>

// CSV files. Any thread (the query pool's); memory does not grow with the number of rows. A file appears under its name only when it is
// complete, together with `<name>.meta.json`; a cancelled or failed export leaves neither.
namespace sg {

struct ExportOptions
{
    std::string path; // of the CSV file
    CsvProfile profile = CsvProfile::Data;
    std::string zone; // of the times; "" this machine's
    std::string workspace; // its name
    bool isDemo = false; // the column `workspace` says DEMO instead of the name, and the meta file says so too
    std::string version; // of Sightglass
    std::string filter; // what was selected, in words, for the meta file
    Time made = NoTime; // when, on the reference clock
};

struct ExportedSeries
{
    std::string path, name, unit;
    ValueKind kind = ValueKind::Number;
    SeriesView view;
};

struct Exported
{
    std::uint64_t rows = 0; // without the head
    std::uint64_t bytes = 0;
    std::string sha256; // of the CSV file, hexadecimal
};

using Progress = std::function<void(double done)>; // 0 to 1, from the exporting thread, some times a second

// Long shape, one series after the other, each in time order over [from, to), every stored row:
// time,series,name,value,unit,quality,workspace. `textOf` gives the text of a State's code.
struct SeriesExport
{
    std::vector<ExportedSeries> series;
    Time from = NoTime;
    Time to = Time::max();
    std::function<std::string(double code)> textOf;
};
Result<Exported> exportSeries(const SeriesExport &what, const ExportOptions &options, const Progress &progress = {},
                              std::stop_token stop = {});

// One row a record, oldest first; `query` selects, its limit and order do not count.
Result<Exported> exportJournal(const StateReader &state, const JournalQuery &query, const ExportOptions &options,
                               const Progress &progress = {}, std::stop_token stop = {});

}
