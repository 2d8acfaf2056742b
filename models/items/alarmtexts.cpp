#include "items/alarmtexts.h"

#include "core/selector.h"
#include "items/texts.h"

namespace sg {

namespace {

std::optional<QString> valueOf(const std::string &name, const AlarmView &alarm, const Workspace &workspace)
{
    if (name == "source")
        return textOf(decodeSegment(sourceOf(alarm.key)));
    if (name == "field")
        return textOf(decodeSegment(alarm.field));
    if (name == "value")
        return alarm.valueText.empty() ? valueText(alarm.value, nullptr) : textOf(alarm.valueText);
    if (name == "limit")
        return valueText(alarm.limit, nullptr);
    if (name == "unit")
        return workspace.tags ? textOf(workspace.tags->of(alarm.path).unit) : QString();
    const auto labels = workspace.pathLabels.find(std::string(sourceOf(alarm.key)));
    if (labels == workspace.pathLabels.end())
        return std::nullopt;
    const auto segments = segmentsOf(alarm.key);
    for (std::size_t i = 0; i < labels->second.size() && i + 1 < segments.size(); ++i)
        if (labels->second[i] == name)
            return textOf(decodeSegment(segments[i + 1]));
    return std::nullopt;
}

}

QString filledIn(const std::string &text, const AlarmView &alarm, const Workspace &workspace)
{
    QString out;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto open = text.find('{', at);
        const auto close = open == std::string::npos ? open : text.find('}', open);
        if (close == std::string::npos)
            break;
        const auto value = valueOf(text.substr(open + 1, close - open - 1), alarm, workspace);
        out += textOf(std::string_view(text).substr(at, open - at));
        out += value ? *value : textOf(std::string_view(text).substr(open, close - open + 1));
        at = close + 1;
    }
    return out + textOf(std::string_view(text).substr(std::min(at, text.size())));
}

QString stagedText(const std::string &staged, const Snapshot &snapshot, const Workspace &workspace)
{
    for (std::size_t i = 0; i < snapshot.alarms.size(); ++i)
        if (const auto &alarm = snapshot.alarms.at(i).alarm; alarm.rule && staged == alarm.rule->name + ": " + alarm.path)
            return filledIn(alarm.rule->name, alarm, workspace) + QStringLiteral(" (") + textOf(alarm.path) + u')';
    return textOf(staged);
}

}
