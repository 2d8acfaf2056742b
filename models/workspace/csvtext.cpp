#include "workspace/csvtext.h"

#include "alarms/expectedkeys.h"

#include <algorithm>

namespace sg {

namespace {

constexpr std::string_view Bom = "\xEF\xBB\xBF";

bool isEmpty(const std::vector<std::string> &cells)
{
    return std::all_of(cells.begin(), cells.end(), [](const std::string &cell) { return cell.empty(); });
}

}

CsvText CsvText::read(std::string_view text)
{
    CsvText out;
    if (text.starts_with(Bom)) {
        out.bom = Bom;
        text.remove_prefix(Bom.size());
    }
    bool isFirst = true;
    while (!text.empty()) {
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        std::string eol = end == std::string_view::npos ? "" : "\n";
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
            eol = "\r" + eol;
        }
        if (isFirst && eol.ends_with('\n'))
            out.eol = eol;
        isFirst = false;
        if (line.empty()) {
            out.blanks.push_back({out.lines.size(), eol});
            continue;
        }
        auto cells = csvCells(line);
        out.lines.push_back({cells, cells, std::string(line), eol});
    }
    return out;
}

std::string CsvText::text() const
{
    std::string out = bom;
    auto blank = blanks.begin();
    const auto addBlanks = [&](std::size_t before) {
        for (; blank != blanks.end() && blank->before <= before; ++blank)
            out += blank->text;
    };
    for (std::size_t i = 0; i < lines.size(); ++i) {
        addBlanks(i);
        const auto &line = lines[i];
        const auto isKept = !line.text.empty() && line.cells == line.was;
        if (!isKept && isEmpty(line.cells))
            continue;
        if (!out.empty() && out != bom && !out.ends_with('\n'))
            out += eol; // the last line of before had none
        out += isKept ? line.text : csvLine(line.cells);
        out += line.end;
    }
    addBlanks(lines.size());
    return out;
}

void CsvText::insert(std::size_t at, std::vector<std::string> cells)
{
    // Behind a last line without an end the new last one has none either.
    const auto isLast = at == lines.size() && !lines.empty() && lines.back().end.empty();
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), {std::move(cells), {}, {}, isLast ? std::string() : eol});
    for (auto &blank : blanks)
        blank.before += blank.before > at ? 1 : 0;
}

void CsvText::remove(std::size_t at)
{
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
    for (auto &blank : blanks)
        blank.before -= blank.before > at ? 1 : 0;
}

std::string csvLine(const std::vector<std::string> &cells)
{
    std::string out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        out += i > 0 ? "," : "";
        if (cells[i].find_first_of(",\"") == std::string::npos) {
            out += cells[i];
            continue;
        }
        out += '"';
        for (const auto c : cells[i])
            out += c == '"' ? std::string("\"\"") : std::string(1, c);
        out += '"';
    }
    return out;
}

}
