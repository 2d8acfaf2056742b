#include "engine/advisor.h"

#include "core/fields.h"
#include "core/text.h"
#include "core/times.h"
#include "state/historyreader.h"
#include "store/columns.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

namespace sg {

namespace {

constexpr Micros MostDelay = std::chrono::seconds(60); // where the rule does not say within which time to respond
constexpr double ShareOfResponse = 0.2;
constexpr std::size_t NoiseRows = 200'000; // of each series, the newest of the range are not better than the oldest
constexpr const char *LevelKeys[] = {"high_high", "high", "low", "low_low"};

void put(Node &node, const char *key, const std::string &text)
{
    for (auto &[name, value] : node.map)
        if (name == key) {
            value = Node::ofScalar(text);
            return;
        }
    node.map.emplace_back(key, Node::ofScalar(text));
}

void remove(Node &node, const char *key)
{
    std::erase_if(node.map, [&](const auto &entry) { return entry.first == key; });
}

std::string textOf(Micros delay)
{
    return std::to_string(std::chrono::ceil<Millis>(delay).count()) + "ms";
}

// The delay of one of its levels, or of all.
Micros delayOf(const Rule &rule, const Node &level)
{
    const auto own = parseDuration(level.text("on_delay"));
    return own ? *own : rule.onDelay;
}

// The rule with one least delay and, where given, one deadband for all of its levels.
std::shared_ptr<const Rule> variantOf(const Rule &rule, Micros delay, std::optional<double> deadband)
{
    auto out = std::make_shared<Rule>(rule);
    out->onDelay = std::max(delay, rule.onDelay);
    put(out->settings, "on_delay", textOf(out->onDelay));
    if (deadband)
        put(out->settings, "deadband", formatNumber(*deadband));
    for (auto &[key, level] : out->settings.map)
        for (const char *name : LevelKeys)
            if (key == name && level.kind == Node::Kind::Map) {
                put(level, "on_delay", textOf(std::max(delay, delayOf(rule, level))));
                if (deadband)
                    remove(level, "deadband");
            }
    return out;
}

Micros leastDelay(const Rule &rule)
{
    std::optional<Micros> least;
    for (const char *name : LevelKeys)
        if (const Node &level = rule.settings[name]; level.kind == Node::Kind::Map) {
            const Micros delay = delayOf(rule, level);
            least = least ? std::min(*least, delay) : delay;
        }
    return least.value_or(rule.onDelay);
}

bool takes(const Rule &rule, const char *modifier)
{
    const ConditionKind *kind = conditionKind(rule.kind);
    return kind
        && std::any_of(kind->modifiers.begin(), kind->modifiers.end(), [&](const char *one) { return std::string_view(one) == modifier; });
}

// Mean moving range of two neighbours over 1.128, as in control charts for individual values (ISO 7870-2): the noise, without the
// slow movement below it.
double noiseOf(const Rule &rule, const BacktestData &data, Time from, Time to)
{
    double sum = 0;
    std::size_t count = 0;
    for (const BacktestSeries &series : data.series) {
        if (series.kind != ValueKind::Number || !isAbout(rule, series.path))
            continue;
        double before = std::nan("");
        std::size_t rows = 0;
        readRows(series.view, from, to, [&](const Row &row) {
            if (std::isfinite(row.value) && std::isfinite(before)) {
                sum += std::abs(row.value - before);
                ++count;
            }
            before = row.value;
            return ++rows < NoiseRows;
        });
    }
    return count == 0 ? 0 : sum / static_cast<double>(count) / 1.128;
}

// The widest deadband of the levels in numbers; 0: none, or in percent. What is narrower is no advice against noise.
double widestDeadband(const Rule &rule)
{
    const auto own = parseNumber(rule.settings.text("deadband"));
    double widest = 0;
    for (const char *name : LevelKeys)
        if (const Node &level = rule.settings[name]; level.kind == Node::Kind::Map)
            widest = std::max(widest, parseNumber(level.text("deadband")).value_or(own.value_or(0)));
    return widest;
}

double rounded(double value) // to two digits, as a person would write it into a rule
{
    char text[32];
    std::snprintf(text, sizeof text, "%.2g", value);
    return parseNumber(text).value_or(value);
}

std::vector<ActedOn> actedOn(std::span<const JournalRow> journal, const std::vector<Occurrence> &occurrences)
{
    std::vector<ActedOn> out;
    std::set<std::pair<std::size_t, std::string>> seen;
    for (const JournalRow &row : journal) {
        const bool isAct = row.event == "ACKNOWLEDGED" || row.event == "NOTE" || row.event == "SHELVED" || row.event == "OUT_OF_SERVICE";
        if (!isAct || row.actor.empty())
            continue;
        for (std::size_t i = 0; i < occurrences.size(); ++i) {
            const Occurrence &one = occurrences[i];
            if (one.rule != row.rule || one.key != row.key || one.field != row.field)
                continue;
            const bool isWithin = row.tDetect >= one.begin && (one.end == NoTime || row.tDetect <= one.end);
            if ((row.occurrence != 0 ? row.occurrence == one.id || isWithin : isWithin) && seen.insert({i, row.event}).second)
                out.push_back({one, row.event, row.actor, row.tDetect, false});
        }
    }
    return out;
}

// What of `before` stays in `row` (a raise that begins within it), what of it goes, and how much later it is found.
void weigh(const std::vector<Occurrence> &before, const std::vector<Occurrence> &after, const std::vector<ActedOn> &acted, AdviceRow &row)
{
    std::map<std::string, std::vector<const Occurrence *>> byAlarm; // in the order of their begins
    const auto nameOf = [](const Occurrence &one) { return one.key + '\0' + one.field; };
    for (const Occurrence &one : after)
        byAlarm[nameOf(one)].push_back(&one);
    Micros cost{0};
    std::size_t kept = 0;
    std::set<std::pair<std::string, Time>> gone, merged;
    for (const Occurrence &one : before) {
        const auto &mine = byAlarm[nameOf(one)];
        const auto at = std::lower_bound(mine.begin(), mine.end(), one.begin, [](const Occurrence *o, Time t) { return o->begin < t; });
        if (at != mine.end() && (one.end == NoTime || (*at)->begin <= one.end)) {
            const Micros later = std::max(Micros(0), (*at)->detected - one.detected);
            cost += later;
            row.mostCost = std::max(row.mostCost, later);
            ++kept;
            continue;
        }
        const bool isMerged = at != mine.begin() && ((*(at - 1))->end == NoTime || (*(at - 1))->end >= one.begin);
        (isMerged ? merged : gone).emplace(nameOf(one), one.begin);
    }
    row.raises = after.size();
    row.removed = before.empty() ? 0 : std::max(0.0, 1 - static_cast<double>(after.size()) / static_cast<double>(before.size()));
    row.cost = kept == 0 ? Micros(0) : cost / static_cast<std::int64_t>(kept);
    for (const ActedOn &one : acted) {
        const std::pair key(nameOf(one.occurrence), one.occurrence.begin);
        if (!gone.contains(key) && !merged.contains(key))
            continue;
        row.lost.push_back(one);
        row.lost.back().isMerged = merged.contains(key);
    }
}

void markBest(std::vector<AdviceRow> &rows)
{
    for (AdviceRow &row : rows)
        row.isBest = std::none_of(rows.begin(), rows.end(), [&](const AdviceRow &other) {
            const bool isAsGood = other.removed >= row.removed && other.cost <= row.cost && other.lost.size() <= row.lost.size();
            const bool isBetter = other.removed > row.removed || other.cost < row.cost || other.lost.size() < row.lost.size();
            return isAsGood && isBetter;
        });
}

}

Result<std::vector<JournalRow>> actsOn(const std::string &rule, const std::string &stateFolder, std::stop_token stop)
{
    const auto reader = StateReader::open(stateFolder);
    if (!reader)
        return reader.error();
    std::vector<JournalRow> out;
    const auto read = forEachRecord(
        **reader, {},
        [&](JournalRow &&row) {
            if (row.rule == rule && !row.actor.empty())
                out.push_back(std::move(row));
        },
        stop);
    return read ? Result<std::vector<JournalRow>>(std::move(out)) : read.error();
}

Result<Advice> advise(const Workspace &workspace, const BacktestData &data, std::span<const JournalRow> journal, const std::string &id,
                      const AdviceOptions &options)
{
    const std::shared_ptr<const RuleSet> rules = workspace.rules ? withInputs(*workspace.rules, id) : nullptr;
    if (!rules)
        return Error{SG_TR("there is no rule '%1' that could be run"), {id}, {}};
    const Rule &rule = *rules->rules.front();
    if (!takes(rule, "on_delay"))
        return Error{SG_TR("rule '%1' is of the kind %2, which takes neither deadband nor delay"), {id, rule.kind}, {}};
    Advice out;
    out.rule = id;
    out.onDelay = leastDelay(rule);
    out.mostDelay = MostDelay;
    if (const auto within = parseDuration(rule.settings.text("respond_within")); within && within->count() > 0) {
        out.mostDelay = Micros(static_cast<std::int64_t>(static_cast<double>(within->count()) * ShareOfResponse));
        out.hasRespondWithin = true;
    }

    BacktestOptions run;
    run.from = options.from;
    run.to = options.to;
    run.rule = id;
    run.stop = options.stop;
    Workspace changed = workspace;
    const auto runWith = [&](std::shared_ptr<const Rule> variant) {
        auto set = std::make_shared<RuleSet>(*rules);
        set->rules.front() = std::move(variant);
        changed.rules = std::move(set);
        return runBacktest(changed, data, run);
    };
    const auto told = [&](double share, const std::string &variant) {
        if (options.progress)
            options.progress(share, variant);
    };
    told(0, "as it is");
    auto base = runWith(rules->rules.front());
    if (!base)
        return base.error();
    out.from = run.from = base->from; // all over the same time
    out.to = run.to = base->to;
    out.samples = base->samples;
    out.troubles = base->troubles;
    out.isStopped = base->isStopped;
    out.occurrences = std::move(base->occurrences);
    out.acted = actedOn(journal, out.occurrences);
    out.noise = takes(rule, "deadband") && rule.measure.empty() ? noiseOf(rule, data, out.from, out.to) : 0;
    AdviceRow asItIs;
    asItIs.onDelay = out.onDelay;
    weigh(out.occurrences, out.occurrences, out.acted, asItIs);
    out.rows.push_back(std::move(asItIs));

    std::vector<Micros> delays{out.onDelay};
    for (const int seconds : {1, 2, 5, 10, 20, 30, 60, 120, 300, 600})
        if (const Micros delay = std::chrono::seconds(seconds); delay > out.onDelay && delay <= out.mostDelay)
            delays.push_back(delay);
    std::vector<std::optional<double>> deadbands{std::nullopt};
    if (out.noise > 0)
        for (const double times : {1.0, 2.0, 4.0, 8.0})
            deadbands.emplace_back(rounded(times * std::max(out.noise, widestDeadband(rule))));
    std::erase_if(deadbands, [&](const auto &deadband) { return deadband && *deadband <= widestDeadband(rule); });
    const std::size_t runs = delays.size() * deadbands.size();
    std::size_t n = 0;
    for (const Micros delay : delays) {
        for (const auto &deadband : deadbands) {
            if (++n == 1 || out.isStopped)
                continue;
            const std::string name
                = "on_delay " + formatDuration(delay) + (deadband ? ", deadband " + formatNumber(*deadband) : std::string());
            told(static_cast<double>(n - 1) / static_cast<double>(runs), name);
            auto result = runWith(variantOf(rule, delay, deadband));
            if (!result)
                return result.error();
            out.isStopped = result->isStopped;
            if (out.isStopped)
                break;
            AdviceRow row;
            row.onDelay = delay;
            row.deadband = deadband;
            weigh(out.occurrences, result->occurrences, out.acted, row);
            out.rows.push_back(std::move(row));
        }
    }
    markBest(out.rows);
    told(1, "done");
    return out;
}

}
