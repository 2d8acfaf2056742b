#include "agent/output.h"

#include "core/notes.h"
#include "core/text.h"
#include "core/times.h"
#include "export/csvfile.h"

namespace sg {

namespace {

void add(std::string &out, const char *name, const std::string &text)
{
    if (!text.empty())
        out += std::string(",\"") + name + "\":" + jsonText(text);
}

void addTime(std::string &out, const char *name, Time t)
{
    if (t != NoTime)
        out += std::string(",\"") + name + "\":\"" + formatUtc(t) + "\"";
}

void addNumber(std::string &out, const char *name, double value)
{
    const std::string text = formatNumber(value);
    if (!text.empty() && text != "inf" && text != "-inf")
        out += std::string(",\"") + name + "\":" + text;
}

}

std::string lineOf(const JournalRow &row)
{
    std::string out = formatUtc(row.tEvent == NoTime ? row.tDetect : row.tEvent) + "  " + row.event;
    const auto word = [&out](const std::string &text) {
        if (!text.empty())
            out += "  " + shown(text);
    };
    word(row.priority);
    word(row.rule);
    word(row.field.empty() ? row.key : row.key + "/" + row.field);
    word(row.source);
    if (!row.valueText.empty())
        out += "  value " + shown(row.valueText);
    else if (const std::string value = formatNumber(row.value); !value.empty())
        out += "  value " + value;
    if (const std::string limit = formatNumber(row.limit); !limit.empty())
        out += "  limit " + limit;
    if (!row.from.empty() || !row.to.empty())
        out += "  " + row.from + " -> " + row.to;
    if (row.occurrence != 0)
        out += "  " + hex(row.occurrence);
    if (!row.actor.empty())
        out += "  by " + shown(row.actor);
    if (!row.reason.empty())
        out += "  (" + shown(row.reason) + ")";
    if (!row.notes.empty())
        out += "  [" + notesText(row.notes) + "]";
    return out;
}

std::string jsonOf(const JournalRow &row)
{
    std::string out = "{\"event\":" + jsonText(row.event);
    if (row.seq != 0)
        out += ",\"seq\":" + std::to_string(row.seq);
    add(out, "rule", row.rule);
    add(out, "key", row.key);
    add(out, "field", row.field);
    add(out, "source", row.source);
    if (row.occurrence != 0)
        add(out, "occurrence", hex(row.occurrence));
    add(out, "from", row.from);
    add(out, "to", row.to);
    add(out, "level", row.level);
    add(out, "priority", row.priority);
    add(out, "area", row.area);
    addTime(out, "t_stamp", row.tStamp);
    addTime(out, "t_event", row.tEvent);
    addTime(out, "t_detect", row.tDetect);
    addNumber(out, "value", row.value);
    add(out, "value_text", row.valueText);
    addNumber(out, "limit", row.limit);
    add(out, "quality", textOf(row.quality));
    add(out, "actor", row.actor);
    add(out, "reason", row.reason);
    if (row.ruleHash != 0)
        add(out, "rule_version", hex(row.ruleHash));
    add(out, "origin", row.origin);
    if (!row.notes.empty())
        out += ",\"notes\":" + notesJson(row.notes);
    return out + "}";
}

}
