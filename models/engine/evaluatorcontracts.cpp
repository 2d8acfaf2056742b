#include "engine/evaluator.h"

#include "alarms/condition.h"
#include "core/text.h"

// The promises of sources: journaled when one is broken and when it is kept again, saved, and shown with the source.
namespace sg {

namespace {

constexpr std::size_t MostShown = 5, MostNamed = 3;
constexpr const char *Prefix = "+"; // of their names among the blobs by source; see evaluatorhistory.cpp

const char *eventOf(DataContracts::Change::Kind kind)
{
    using Kind = DataContracts::Change::Kind;
    switch (kind) {
    case Kind::NoData:
        return "NO_DATA";
    case Kind::DataBack:
        return "DATA_BACK";
    case Kind::DecodeErrors:
        return "DECODE_ERRORS";
    case Kind::DecodeOk:
        return "DECODE_OK";
    case Kind::FieldMissing:
        return "FIELD_MISSING";
    case Kind::FieldBack:
        return "FIELD_BACK";
    }
    return "";
}

// A rule about whole keys needs none of their fields, unless it names it.
bool needs(const Rule &rule, std::string_view path)
{
    const ConditionKind *kind = conditionKind(rule.kind);
    const bool isOfKeys = kind && kind->isPerKey;
    if (rule.hasSeries && isAbout(rule, path) && (!isOfKeys || rule.series.segments().back() == fieldOf(path)))
        return true;
    return std::any_of(rule.inputs.begin(), rule.inputs.end(),
                       [&](const RuleInput &input) { return input.series && input.series->matches(path); });
}

bool shows(const PageSpec &page, std::string_view path)
{
    return std::any_of(page.tiles.begin(), page.tiles.end(), [&](const TileSpec &tile) {
        const std::vector<std::string> texts = tile.kind == "chart" ? readTexts(tile.settings["series"]) : std::vector<std::string>();
        return std::any_of(texts.begin(), texts.end(), [&](const std::string &text) {
            const auto selector = Selector::parse(text);
            return selector && selector->matches(path);
        });
    });
}

}

std::string Evaluator::neededBy(std::string_view path) const
{
    if (!m_workspace)
        return {};
    std::vector<std::string> names;
    if (m_workspace->rules)
        for (const auto &rule : m_workspace->rules->rules)
            if (rule->isEnabled && needs(*rule, path))
                names.push_back("rule " + rule->id);
    for (const PageSpec &page : m_workspace->pages)
        if (shows(page, path))
            names.push_back("page " + shown(page.name));
    if (names.size() > MostNamed) {
        const std::size_t more = names.size() - MostNamed;
        names.resize(MostNamed);
        names.push_back(std::to_string(more) + " more");
    }
    std::string out;
    for (std::size_t n = 0; n < names.size(); ++n)
        out += (n == 0 ? "" : n + 1 == names.size() ? " and " : ", ") + names[n];
    return out;
}

void Evaluator::noteContracts(Time now)
{
    m_contracts.elapse(now, [this](std::string_view path) { return !neededBy(path).empty(); });
    std::set<std::uint32_t> changed;
    for (const DataContracts::Change &change : m_contracts.takeChanges()) {
        changed.insert(change.number);
        journal({.event = eventOf(change.kind),
                 .source = change.source,
                 .tEvent = change.since,
                 .tDetect = now,
                 .reason = sentenceOf(change, change.path.empty() ? std::string() : neededBy(change.path)).plain()});
    }
    for (const std::uint32_t n : changed) {
        m_sources[n].areContractsToShow = true;
        saveContracts(m_sources[n]);
    }
}

// Into the commit under way, once for each name of a source: it may have been opened anew since the last.
void Evaluator::saveContracts(const OpenSource &source)
{
    const std::string name = Prefix + source.spec.id;
    std::erase_if(m_next.timing, [&](const TimingState &state) { return state.source == name; });
    m_savedContracts[source.spec.id] = m_contracts.save(static_cast<std::uint32_t>(&source - m_sources.data()));
    m_next.timing.push_back({name, m_savedContracts[source.spec.id]});
}

void Evaluator::showContracts(OpenSource &source) const
{
    const auto broken = m_contracts.broken(static_cast<std::uint32_t>(&source - m_sources.data()));
    source.broken.clear();
    for (std::size_t n = 0; n < std::min(broken.size(), MostShown); ++n)
        source.broken.push_back(sentenceOf(broken[n], broken[n].path.empty() ? std::string() : neededBy(broken[n].path)));
    if (broken.size() > MostShown)
        source.broken.push_back({SG_TR("%1 more fields are missing"), {std::to_string(broken.size() - MostShown)}, {}});
}

}
