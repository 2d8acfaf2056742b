#include "widgets/rules/watched.h"

#include "items/texts.h"
#include "widgets/main/desk.h"

namespace sg {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(sg::Watched)
};

using Choice = std::vector<std::pair<std::string, std::vector<std::string>>>;

Choice choiceOf(const Node &node)
{
    Choice out;
    for (const auto &[label, values] : node.map)
        out.emplace_back(label, readTexts(values));
    return out;
}

// Whether the key has one of the values of every label, or, for `except`, of any.
bool meets(const Choice &choice, const std::vector<std::string> &labels, const std::vector<std::string_view> &segments, bool isEvery)
{
    for (const auto &[label, values] : choice) {
        const auto at = static_cast<std::size_t>(std::find(labels.begin(), labels.end(), label) - labels.begin()) + 1;
        const auto isMet = at < segments.size() && std::find(values.begin(), values.end(), decodeSegment(segments[at])) != values.end();
        if (isMet != isEvery)
            return !isEvery;
    }
    return isEvery;
}

}

Watched watchedBy(const RuleDraft &draft, Desk &desk)
{
    Watched out;
    const auto &workspace = *desk.workspace();
    const auto selector = Selector::parse(draft.rule ? draft.rule->series.text() : draft.item.text("series"));
    if (!selector || (draft.rule && !draft.rule->hasSeries))
        return out;
    if (const auto labels = workspace.pathLabels.find(selector->source()); labels != workspace.pathLabels.end())
        out.subject.labels = labels->second;
    const auto only = choiceOf(draft.item["only"]), except = choiceOf(draft.item["except"]);
    const auto &rows = desk.feed().current()->series;
    std::optional<std::string> unit;
    for (const auto id : desk.matching(selector->text(), MostWatched)) {
        const auto &row = rows.at(number(id));
        const auto segments = segmentsOf(*row.path);
        if (!meets(only, out.subject.labels, segments, true) || (!except.empty() && meets(except, out.subject.labels, segments, false)))
            continue;
        if (draft.rule && !isAbout(*draft.rule, *row.path))
            continue;
        out.series.push_back(id);
        if (row.kind != ValueKind::Number)
            continue;
        const auto own = row.tag ? row.tag->unit : std::string();
        out.haveOneUnit = out.haveOneUnit && unit.value_or(own) == own;
        unit = own;
    }
    if (out.haveOneUnit && unit)
        out.subject.unit = textOf(*unit);
    if (out.series.size() == 1)
        out.subject.name = seriesName(desk, out.series.front());
    return out;
}

SentenceSubject subjectOf(const Rule &rule, Desk &desk)
{
    SentenceSubject out;
    const auto &all = desk.workspace()->pathLabels;
    if (const auto labels = all.find(rule.series.source()); labels != all.end())
        out.labels = labels->second;
    const auto first = rule.hasSeries ? desk.matching(rule.series.text(), 1) : std::vector<SeriesId>();
    if (first.empty())
        return out;
    const auto &row = desk.feed().current()->series.at(number(first.front()));
    if (row.kind == ValueKind::Number && row.tag)
        out.unit = textOf(row.tag->unit);
    return out;
}

QString seriesName(Desk &desk, SeriesId id)
{
    const auto &row = desk.feed().current()->series.at(number(id));
    return row.tag && !row.tag->name.empty() ? textOf(row.tag->name)
        : row.path                           ? keyText(*row.path) + QStringLiteral(" / ") + fieldText(*row.path)
                                             : QString();
}

QString watchedText(const Watched &watched, Desk &desk)
{
    constexpr std::size_t Most = 3; // names
    QStringList names;
    for (std::size_t i = 0; i < watched.series.size() && i < Most; ++i)
        names << seriesName(desk, watched.series[i]);
    const auto list = names.join(QStringLiteral(", "));
    if (names.isEmpty())
        return Words::tr("Watches nothing that is known now.");
    auto text = watched.series.size() == 1 ? Words::tr("Watches 1 series: %1.").arg(list)
        : watched.series.size() <= Most
        ? Words::tr("Watches %1 series: %2.").arg(QString::number(watched.series.size()), list)
        : Words::tr("Watches %1 series: %2 and %3 more.")
              .arg(QString::number(watched.series.size()), list, QString::number(watched.series.size() - Most));
    if (!watched.haveOneUnit)
        text += u' ' + Words::tr("Their units are not the same: one limit can hardly fit all.");
    return text;
}

}
