#include "alarms/expectedkeys.h"

#include "core/text.h"

#include <algorithm>
#include <set>

namespace sg {

namespace {

constexpr std::size_t MaxKeys = 100'000;

Error at(const char *text, std::vector<std::string> args, const std::string &file, int line)
{
    return {text, std::move(args), file + ":" + std::to_string(line)};
}

// For every path label its column; without known labels the columns as they stand.
Result<std::vector<std::size_t>> orderOf(const std::vector<std::string> &header, const std::vector<std::string> &labels,
                                         const std::string &file, int line)
{
    std::vector<std::size_t> order;
    if (labels.empty()) {
        for (std::size_t i = 0; i < header.size(); ++i)
            order.push_back(i);
        return order;
    }
    std::string wanted;
    for (const std::string &label : labels)
        wanted += (wanted.empty() ? "" : ",") + label;
    for (const std::string &label : labels) {
        const auto found = std::find(header.begin(), header.end(), label);
        if (found == header.end())
            return at(SG_TR("column '%1' is missing; expected the columns %2"), {label, wanted}, file, line);
        order.push_back(static_cast<std::size_t>(found - header.begin()));
    }
    if (header.size() != labels.size())
        return at(SG_TR("%1 columns where the source's path has %2; expected %3"),
                  {std::to_string(header.size()), std::to_string(labels.size()), wanted}, file, line);
    return order;
}

}

// The cells of one line; quotes as in RFC 4180, but no line break inside a cell: labels have none.
std::vector<std::string> csvCells(std::string_view line)
{
    std::vector<std::string> cells(1);
    bool isQuoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (isQuoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
            cells.back() += '"';
            ++i;
        } else if (c == '"' && (isQuoted || cells.back().empty())) {
            isQuoted = !isQuoted;
        } else if (c == ',' && !isQuoted) {
            cells.emplace_back();
        } else {
            cells.back() += c;
        }
    }
    return cells;
}

bool matchesKey(const Selector &series, std::string_view key)
{
    const std::string &last = series.segments().back();
    const bool isNamed = !series.isOpenEnded() && last != "*" && !last.starts_with('{');
    return series.matches(std::string(key) + "/" + (isNamed ? last : "x"));
}

Result<std::vector<KeyLabels>> readExpectedKeys(std::string_view text, const std::string &file, const std::vector<std::string> &labels,
                                                const Selector &series)
{
    if (!isUtf8(text))
        return Error{SG_TR("the file is not UTF-8"), {}, file};
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    std::vector<KeyLabels> out;
    std::set<std::string> seen;
    std::vector<std::string> header;
    std::vector<std::size_t> order;
    int number = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        ++number;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (line.empty())
            continue;
        std::vector<std::string> cells = csvCells(line);
        if (header.empty()) {
            if (cells.size() == 1 && line.find(';') != std::string_view::npos)
                return at(SG_TR("the columns are separated by ';', as Excel writes it in some countries; expected ','"), {}, file, number);
            const auto columns = orderOf(cells, labels, file, number);
            if (!columns)
                return columns.error();
            header = std::move(cells);
            order = *columns;
            continue;
        }
        if (cells.size() != header.size())
            return at(SG_TR("%1 cells, expected %2"), {std::to_string(cells.size()), std::to_string(header.size())}, file, number);
        KeyLabels key;
        std::string path = series.source();
        for (const std::size_t column : order) {
            if (cells[column].empty())
                return at(SG_TR("label '%1' is empty"), {header[column]}, file, number);
            path.append(1, '/').append(encodeSegment(cells[column]));
            key.emplace_back(header[column], cells[column]);
        }
        if (!matchesKey(series, path))
            return at(SG_TR("key '%1' is not one of %2"), {path, series.text()}, file, number);
        if (!seen.insert(path).second)
            return at(SG_TR("key '%1' stands there twice"), {path}, file, number);
        if (seen.size() > MaxKeys)
            return at(SG_TR("more than %1 keys"), {std::to_string(MaxKeys)}, file, number);
        out.push_back(std::move(key));
    }
    if (header.empty())
        return Error{SG_TR("the file is empty; expected a line of column names"), {}, file};
    return out;
}

}
