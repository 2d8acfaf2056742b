#include "agent/commands.h"
#include "agent/output.h"
#include "catalog/catalog.h"

#include "alarms/kpi.h"
#include "core/text.h"
#include "core/times.h"
#include "export/kpiexport.h"
#include "state/historyreader.h"
#include "state/kpireader.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace sg {

namespace {

constexpr std::size_t MostShownRows = 20; // of a table on the screen; the CSV file has all

std::string textOf(double value)
{
    if (std::isnan(value))
        return "-";
    char text[32];
    std::snprintf(text, sizeof text, std::abs(value - std::round(value)) < 1e-9 ? "%.0f" : "%.2f", value);
    return text;
}

std::string textOf(const KpiCell &cell)
{
    if (const auto *text = std::get_if<std::string>(&cell))
        return shown(*text);
    if (const auto *number = std::get_if<double>(&cell))
        return textOf(*number);
    const Time t = std::get<Time>(cell);
    return t == NoTime ? "-" : formatUtc(t);
}

std::string rangeOf(const Kpi &kpi)
{
    if (!kpi.rows || kpi.rows->empty())
        return "no records";
    return std::to_string(kpi.rows->size()) + " of seq " + std::to_string(kpi.rows->front()) + " to " + std::to_string(kpi.rows->back());
}

void print(const KpiTable &table)
{
    if (table.rows.empty())
        return;
    std::vector<std::size_t> widths;
    for (const char *column : table.columns)
        widths.push_back(std::string_view(column).size());
    const std::size_t rows = std::min(table.rows.size(), MostShownRows);
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < widths.size(); ++c)
            widths[c] = std::min<std::size_t>(60, std::max(widths[c], textOf(table.rows[r][c]).size()));
    std::printf("\n%s (%s.csv)\n", table.title, table.id.c_str());
    for (std::size_t c = 0; c < widths.size(); ++c)
        std::printf("  %-*s", static_cast<int>(widths[c]), table.columns[c]);
    std::puts("");
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t c = 0; c < widths.size(); ++c)
            std::printf("  %-*s", static_cast<int>(widths[c]), textOf(table.rows[r][c]).c_str());
        std::puts("");
    }
    if (table.rows.size() > rows)
        std::printf("  ... and %zu more; --csv DIR has all\n", table.rows.size() - rows);
}

void print(const KpiReport &report)
{
    std::printf("KPI report, %s to %s (%s)%s\n", formatUtc(report.from).c_str(), formatUtc(report.to).c_str(),
                formatDuration(report.to - report.from).c_str(), report.isIndicative ? "  INDICATIVE: less than 30 days were watched" : "");
    std::printf("%llu records, seq %llu to %llu; watched %s, not watched %s\n", static_cast<unsigned long long>(report.records),
                static_cast<unsigned long long>(report.firstSeq), static_cast<unsigned long long>(report.lastSeq),
                formatDuration(report.watched).c_str(), formatDuration(report.to - report.from - report.watched).c_str());
    std::printf("%zu annunciations count; of the raises %zu were suppressed, %zu came and went while a source caught up, %zu are no "
                "operator's\n\n",
                report.annunciated, report.suppressed, report.caughtUp, report.notForOperators);
    std::printf("%-14s  %-64s  %10s %-2s  %-10s  %-12s  %s\n", "area", "", "value", "", "target", "grade", "--rows, and how many records");
    for (const Kpi &kpi : report.scorecard)
        std::printf("%-14s  %-64s  %10s %-2s  %-10s  %-12s  %s (%s)\n", kpi.area.empty() ? "all" : shown(kpi.area).c_str(), kpi.title,
                    textOf(kpi.value).c_str(), kpi.unit, kpi.target.c_str(), nameOf(kpi.grade), kpi.id.c_str(), rangeOf(kpi).c_str());
    for (const KpiTable &table : report.tables)
        print(table);
    std::puts("");
    for (const Error &one : report.notComputed)
        std::printf("not computed: %s\n", one.plain().c_str());
}

int printRows(const std::string &stateFolder, const KpiReport &report, const std::string &id)
{
    const auto kpi
        = std::find_if(report.scorecard.begin(), report.scorecard.end(), [&](const Kpi &one) { return one.id == id && one.area.empty(); });
    if (kpi == report.scorecard.end())
        return fail({SG_TR("--rows: there is no number '%1' in the scorecard"), {id}, {}});
    const auto reader = StateReader::open(stateFolder);
    if (!reader)
        return fail(reader.error());
    const auto rows = recordsOf(**reader, kpi->rows ? std::span<const std::uint64_t>(*kpi->rows) : std::span<const std::uint64_t>());
    if (!rows)
        return fail(rows.error());
    for (const JournalRow &row : *rows)
        std::printf("%llu  %s\n", static_cast<unsigned long long>(row.seq), lineOf(row).c_str());
    return ExitDone;
}

}

int kpiCommand(const Arguments &arguments)
{
    if (arguments.rest.size() > 1 || (!arguments.rest.empty() && arguments.has("--state"))) {
        std::fprintf(stderr, "usage: sightglass-agent kpi [STATE] [options]\n");
        return ExitUsage;
    }
    Arguments known = arguments;
    if (!arguments.rest.empty())
        known.values["--state"] = arguments.rest.front();
    const auto stateFolder = stateFolderOf(known);
    const auto from = timeOption(arguments, "--from", NoTime), to = timeOption(arguments, "--to", Time::max());
    if (!stateFolder)
        return fail(stateFolder.error());
    if (!from || !to)
        return fail(!from ? from.error() : to.error());
    KpiOptions options;
    options.from = *from;
    options.to = *to;
    ExportOptions csv;
    csv.zone = "UTC";
    csv.version = SG_VERSION;
    csv.made = std::chrono::floor<Micros>(std::chrono::system_clock::now());
    csv.filter = "KPI report";
    if (arguments.has("--workspace")) {
        const auto workspace = openWorkspace(arguments.value("--workspace"), *stateFolder);
        if (!workspace)
            return fail(workspace.error());
        options.rules = (*workspace)->rules;
        csv.workspace = (*workspace)->name;
        csv.isDemo = (*workspace)->isDemo;
    }
    const auto report = readKpi(*stateFolder, options);
    if (!report)
        return fail(report.error());
    if (arguments.has("--rows"))
        return printRows(*stateFolder, *report, arguments.value("--rows"));
    print(*report);
    if (!arguments.has("--csv"))
        return ExitDone;
    csv.path = arguments.value("--csv");
    if (const auto written = exportKpi(*report, csv); !written)
        return fail(written.error());
    std::printf("%zu tables in %s\n", report->tables.size() + 1, shown(csv.path).c_str());
    return ExitDone;
}

}
