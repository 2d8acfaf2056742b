#include "export/occurrenceexport.h"

#include "core/text.h"
#include "export/csvfile.h"

namespace sg {

namespace {

void write(CsvWriter &csv, const Occurrence &one)
{
    csv.time(one.begin);
    csv.time(one.end);
    csv.text(one.begin == NoTime ? "" : nameOf(one.highest));
    csv.text(one.id != 0 ? hex(one.id) : std::string());
}

}

Result<Exported> exportOccurrences(std::span<const Occurrence> occurrences, Time from, Time to, const ExportOptions &options)
{
    CsvFile file(options, "backtest", {"rule", "key", "field", "begin", "end", "level", "occurrence"});
    if (auto opened = file.open(); !opened)
        return opened.error();
    for (const Occurrence &one : occurrences) {
        for (const std::string *text : {&one.rule, &one.key, &one.field})
            file.csv.text(*text);
        write(file.csv, one);
        if (!file.endRow())
            break;
    }
    return file.finish(from, to);
}

Result<Exported> exportChanges(std::span<const OccurrenceChange> changes, Time from, Time to, const ExportOptions &options)
{
    CsvFile file(options, "backtest-differences",
                 {"change", "rule", "key", "field", "begin", "end", "level", "occurrence", "edited_begin", "edited_end", "edited_level",
                  "edited_occurrence"});
    if (auto opened = file.open(); !opened)
        return opened.error();
    for (const OccurrenceChange &change : changes) {
        const Occurrence &one = change.kind == OccurrenceChange::Kind::Added ? change.after : change.before;
        file.csv.text(nameOf(change.kind));
        for (const std::string *text : {&one.rule, &one.key, &one.field})
            file.csv.text(*text);
        write(file.csv, change.before);
        write(file.csv, change.after);
        if (!file.endRow())
            break;
    }
    return file.finish(from, to);
}

}
