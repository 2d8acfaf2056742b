#include "export/csvfile.h"
#include "export/exporter.h"

#include "store/columns.h"

namespace sg {

namespace {

constexpr std::uint64_t RowsPerLook = 8192; // between two looks at the stop token

// How far a series is done, for ranges that may be open on either side.
class Span
{
public:
    Span(const SeriesView &view, Time from, Time to)
    {
        if (const auto extent = extentOf(view)) {
            m_from = static_cast<double>(std::max(from, extent->first).time_since_epoch().count());
            m_to = static_cast<double>(std::min(to, extent->second).time_since_epoch().count());
        }
    }
    [[nodiscard]] double shareAt(Time t) const
    {
        const double at = static_cast<double>(t.time_since_epoch().count());
        return m_to > m_from ? std::clamp((at - m_from) / (m_to - m_from), 0.0, 1.0) : 1.0;
    }

private:
    double m_from = 0, m_to = 0;
};

}

Result<Exported> exportSeries(const SeriesExport &what, const ExportOptions &options, const Progress &progress, std::stop_token stop)
{
    CsvFile file(options, "series", {"time", "series", "name", "value", "unit", "quality"});
    if (auto opened = file.open(); !opened)
        return opened.error();
    const auto count = static_cast<double>(what.series.size());
    std::uint64_t rows = 0;
    for (std::size_t i = 0; i < what.series.size(); ++i) {
        const ExportedSeries &series = what.series[i];
        const Span span(series.view, what.from, what.to);
        bool isGood = true;
        readRows(series.view, what.from, what.to, [&](const Row &row) {
            file.csv.time(row.t);
            file.csv.text(series.path);
            file.csv.text(series.name);
            if (series.kind != ValueKind::Number && what.textOf && row.value == row.value)
                file.csv.text(what.textOf(row.value));
            else
                file.csv.number(row.value);
            file.csv.text(series.unit);
            file.csv.text(textOf(row.quality));
            isGood = file.endRow();
            if (++rows % RowsPerLook != 0 || !isGood)
                return isGood;
            if (progress)
                progress((static_cast<double>(i) + span.shareAt(row.t)) / count);
            return !stop.stop_requested();
        });
        if (stop.stop_requested())
            return cancelled(options);
        if (!isGood)
            break; // finish() says why
    }
    auto done = file.finish(what.from, what.to);
    if (done && progress)
        progress(1);
    return done;
}

}
