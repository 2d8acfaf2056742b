#include "export/csvfile.h"

#include "core/platform.h"
#include "core/text.h"
#include "core/times.h"

#include <QByteArray>

#include <cstdio>

namespace sg {

namespace {

constexpr std::size_t BufferBytes = 256U << 10U;

std::string quoted(const std::string &text)
{
    std::string out = "\"";
    for (const char c : isUtf8(text) ? text : shown(text, text.size())) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char code[8];
            std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
            out += code;
        } else {
            out += c;
        }
    }
    return out + '"';
}

}

const char *textOf(Quality quality)
{
    switch (quality) {
    case Quality::Good:
        return "good";
    case Quality::Uncertain:
        return "uncertain";
    case Quality::Bad:
        return "bad";
    }
    return "";
}

Error cancelled(const ExportOptions &options)
{
    return {SG_TR("export to '%1' was cancelled; nothing was written"), {options.path}, {}};
}

CsvFile::CsvFile(const ExportOptions &options, const char *kind, std::vector<const char *> columns)
    : csv(options.profile, options.zone)
    , m_options(options)
    , m_kind(kind)
    , m_columns(std::move(columns))
    , m_workspace(options.isDemo ? "DEMO" : options.workspace)
    , m_file(options.path)
{
}

Result<Done> CsvFile::open()
{
    for (const char *column : m_columns)
        csv.text(column);
    csv.text("workspace");
    csv.endRow();
    return m_file.open();
}

bool CsvFile::endRow()
{
    csv.text(m_workspace);
    csv.endRow();
    ++m_done.rows;
    return csv.out.size() < BufferBytes || flush();
}

bool CsvFile::flush()
{
    m_hash.addData(QByteArray::fromRawData(csv.out.data(), static_cast<qsizetype>(csv.out.size())));
    m_done.bytes += csv.out.size();
    const bool isGood = m_file.write(csv.out);
    csv.out.clear();
    return isGood;
}

std::string CsvFile::meta(Time from, Time to) const
{
    const auto time
        = [this](Time t) { return t == NoTime || t == Time::max() ? std::string("null") : quoted(formatLocal(t, m_options.zone)); };
    std::string columns;
    for (const char *column : m_columns)
        columns += quoted(column) + ", ";
    const std::pair<const char *, std::string> entries[] = {
        {"format", "1"},
        {"kind", quoted(m_kind)},
        {"program", quoted("Sightglass")},
        {"version", quoted(m_options.version)},
        {"workspace", quoted(m_options.workspace)},
        {"demo", m_options.isDemo ? "true" : "false"},
        {"filter", quoted(m_options.filter)},
        {"zone", m_options.zone.empty() ? quoted("local") : quoted(m_options.zone)},
        {"from", time(from)},
        {"to", time(to)},
        {"made", time(m_options.made)},
        {"columns", "[" + columns + quoted("workspace") + "]"},
        {"rows", std::to_string(m_done.rows)},
        {"bytes", std::to_string(m_done.bytes)},
        {"sha256", quoted(m_done.sha256)},
        {"profile", quoted(m_options.profile == CsvProfile::Excel ? "excel" : "data")},
        {"formula_defence", quoted("leading apostrophe on text that begins like a formula")},
    };
    std::string out;
    for (const auto &[key, value] : entries)
        out.append(out.empty() ? "{\n  " : ",\n  ").append(quoted(key)).append(": ").append(value);
    return out + "\n}\n";
}

Result<Exported> CsvFile::finish(Time from, Time to)
{
    const bool isGood = flush();
    m_done.sha256 = m_hash.result().toHex().toStdString();
    const std::string metaPath = m_options.path + ".meta.json";
    // The meta file first: a CSV under its final name is never without it.
    if (isGood)
        if (auto written = writeFileAtomically(metaPath, meta(from, to)); !written)
            return written.error();
    if (auto written = m_file.commit(); !written) {
        if (isGood)
            std::remove(metaPath.c_str());
        return written.error();
    }
    return m_done;
}

}
