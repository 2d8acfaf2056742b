#include "alarms/limitstable.h"

#include "alarms/expectedkeys.h"
#include "core/text.h"

#include <algorithm>
#include <set>

namespace sg {

namespace {

constexpr std::size_t MaxRows = 100'000;

std::optional<std::pair<std::string, std::string>> levelColumn(std::string_view name)
{
    for (const char *level : {"high_high", "high", "low", "low_low"}) {
        if (name == level)
            return std::pair(std::string(level), std::string("limit"));
        if (name == std::string(level) + ".deadband")
            return std::pair(std::string(level), std::string("deadband"));
    }
    return std::nullopt;
}

}

Result<std::shared_ptr<const LimitsTable>> LimitsTable::read(std::string_view text, const std::string &file,
                                                             const std::vector<std::string> &labels)
{
    auto out = std::make_shared<LimitsTable>();
    out->m_file = file;
    int number = 0;
    const auto fault = [&](const char *what, std::vector<std::string> args) {
        return Error{what, std::move(args), file + ":" + std::to_string(number)};
    };
    if (!isUtf8(text))
        return Error{SG_TR("the file is not UTF-8"), {}, file};
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    std::vector<std::size_t> labelAt, levelAt;
    std::size_t width = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        ++number;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (line.empty())
            continue;
        const std::vector<std::string> cells = csvCells(line);
        if (width == 0) {
            if (cells.size() == 1 && line.find(';') != std::string_view::npos)
                return fault(SG_TR("the columns are separated by ';', as Excel writes it in some countries; expected ','"), {});
            for (std::size_t c = 0; c < cells.size(); ++c) {
                if (auto column = levelColumn(cells[c])) {
                    out->m_columns.push_back(std::move(*column));
                    levelAt.push_back(c);
                } else if (labels.empty() || std::find(labels.begin(), labels.end(), cells[c]) != labels.end()) {
                    out->m_labels.push_back(cells[c]);
                    labelAt.push_back(c);
                } else {
                    return fault(SG_TR("column '%1' is neither a label of the rule's keys nor a level such as high or high.deadband"),
                                 {shown(cells[c])});
                }
            }
            for (const std::string &label : labels)
                if (std::count(out->m_labels.begin(), out->m_labels.end(), label) != 1)
                    return fault(SG_TR("column '%1' must stand there once: without it a row does not say which key it means"), {label});
            width = cells.size();
            continue;
        }
        if (cells.size() != width)
            return fault(SG_TR("%1 cells, expected %2"), {std::to_string(cells.size()), std::to_string(width)});
        KeyLabels key;
        for (std::size_t l = 0; l < labelAt.size(); ++l) {
            if (cells[labelAt[l]].empty())
                return fault(SG_TR("label '%1' is empty"), {out->m_labels[l]});
            key.emplace_back(out->m_labels[l], cells[labelAt[l]]);
        }
        std::vector<std::string> values;
        for (std::size_t c = 0; c < levelAt.size(); ++c) {
            const std::string &cell = cells[levelAt[c]];
            const bool isWord = cell.empty() || (cell == "-" && out->m_columns[c].second == "limit");
            const std::string_view bare = cell.ends_with('%') && out->m_columns[c].second == "deadband"
                ? std::string_view(cell).substr(0, cell.size() - 1)
                : std::string_view(cell);
            if (!isWord && !parseNumber(bare))
                return fault(SG_TR("%1: '%2' is not a number; empty means the rule's own, - no such level"),
                             {out->m_columns[c].first, shown(cell)});
            values.push_back(cell);
        }
        const auto [known, isNew] = out->m_rows.try_emplace(out->nameOf(key), number, std::move(values));
        if (!isNew)
            return fault(SG_TR("the key stands there twice, first in line %1"), {std::to_string(known->second.first)});
        if (out->m_rows.size() > MaxRows)
            return fault(SG_TR("more than %1 keys"), {std::to_string(MaxRows)});
    }
    if (width == 0)
        return Error{SG_TR("the file is empty; expected a line of column names"), {}, file};
    return std::shared_ptr<const LimitsTable>(std::move(out));
}

std::string LimitsTable::nameOf(const KeyLabels &labels) const
{
    std::string out;
    for (const std::string &label : m_labels) {
        const auto found = std::find_if(labels.begin(), labels.end(), [&](const auto &own) { return own.first == label; });
        out += (out.empty() ? "" : "/") + (found == labels.end() ? std::string() : encodeSegment(found->second));
    }
    return out;
}

std::optional<Node> LimitsTable::settingsFor(const Node &settings, const KeyLabels &labels) const
{
    const auto row = m_rows.find(nameOf(labels));
    if (row == m_rows.end())
        return std::nullopt;
    Node out = settings;
    for (std::size_t c = 0; c < m_columns.size(); ++c) {
        const std::string &cell = row->second.second[c];
        const auto &[level, key] = m_columns[c];
        if (cell.empty())
            continue;
        const auto isLevel = [&level = level](const auto &entry) { return entry.first == level; };
        if (cell == "-") {
            std::erase_if(out.map, isLevel);
            continue;
        }
        auto found = std::find_if(out.map.begin(), out.map.end(), isLevel);
        if (found == out.map.end()) {
            if (key == "deadband")
                continue; // of a level that this key does not have
            Node empty;
            empty.kind = Node::Kind::Map;
            empty.file = settings.file;
            empty.line = settings.line;
            found = out.map.insert(out.map.end(), {level, empty});
        }
        Node value = Node::ofScalar(cell);
        value.file = std::make_shared<const std::string>(m_file);
        value.line = row->second.first;
        auto &entries = found->second.map;
        std::erase_if(entries, [&key = key](const auto &entry) { return entry.first == key; });
        entries.emplace_back(key, std::move(value));
    }
    return out;
}

std::vector<std::string> LimitsTable::notSeen(const std::vector<const KeyLabels *> &seen, std::size_t most) const
{
    std::set<std::string> names;
    for (const KeyLabels *labels : seen)
        names.insert(nameOf(*labels));
    std::vector<std::string> out;
    for (const auto &[name, row] : m_rows)
        if (out.size() < most && !names.contains(name))
            out.push_back(name);
    return out;
}

void LimitsTable::addTo(StableHash &hash) const
{
    for (const auto &[level, key] : m_columns)
        hash.add(level).add(key);
    for (const auto &[name, row] : m_rows) {
        hash.add(name);
        for (const std::string &cell : row.second)
            hash.add(cell);
    }
}

}
