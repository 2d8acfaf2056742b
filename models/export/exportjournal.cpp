#include "export/csvfile.h"
#include "export/exporter.h"

#include "core/notes.h"
#include "core/text.h"

namespace sg {

namespace {

constexpr std::size_t PageRows = 5000;

// In the order of the columns below.
void write(CsvWriter &csv, const JournalRow &row)
{
    csv.integer(row.seq);
    csv.time(row.tEvent != NoTime ? row.tEvent : row.tDetect);
    csv.text(row.event);
    csv.text(row.source);
    csv.text(row.rule);
    csv.text(row.key);
    csv.text(row.field);
    csv.text(row.level);
    csv.text(row.priority);
    csv.text(row.area);
    csv.text(row.from);
    csv.text(row.to);
    csv.number(row.value);
    csv.text(row.valueText);
    csv.number(row.limit);
    csv.text(textOf(row.quality));
    csv.text(row.actor);
    csv.text(row.reason);
    csv.time(row.tStamp);
    csv.time(row.tDetect);
    csv.text(row.occurrence != 0 ? hex(row.occurrence) : std::string());
    csv.text(row.ruleHash != 0 ? hex(row.ruleHash) : std::string());
    csv.text(row.origin);
    csv.text(row.notes.empty() ? std::string() : notesJson(row.notes));
}

}

Result<Exported> exportJournal(const StateReader &state, const JournalQuery &query, const ExportOptions &options, const Progress &progress,
                               std::stop_token stop)
{
    CsvFile file(options, "journal", {"seq",      "time",   "event", "source",   "rule",       "key",          "field",  "level",
                                      "priority", "area",   "from",  "to",       "value",      "text",         "limit",  "quality",
                                      "actor",    "reason", "stamp", "detected", "occurrence", "rule_version", "origin", "notes"});
    if (auto opened = file.open(); !opened)
        return opened.error();

    JournalQuery newest = query;
    newest.isNewestFirst = true;
    newest.limit = 1;
    const auto last = state.journal(newest);
    if (!last)
        return last.error();
    // Records that come while this runs are not in it, so it ends.
    const std::uint64_t lastSeq = last->empty() ? 0 : last->front().seq;

    JournalQuery page = query;
    page.isNewestFirst = false;
    page.limit = PageRows;
    while (page.afterSeq < lastSeq) {
        const auto rows = state.journal(page);
        if (!rows)
            return rows.error();
        if (rows->empty())
            break;
        for (const JournalRow &row : *rows) {
            if (row.seq > lastSeq)
                break;
            write(file.csv, row);
            if (!file.endRow())
                return file.finish(query.from, query.to);
        }
        page.afterSeq = rows->back().seq;
        if (stop.stop_requested())
            return cancelled(options);
        if (progress)
            progress(std::min(1.0, static_cast<double>(page.afterSeq) / static_cast<double>(lastSeq)));
    }
    if (stop.stop_requested())
        return cancelled(options);
    return file.finish(query.from, query.to);
}

}
