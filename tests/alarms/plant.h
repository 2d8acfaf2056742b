#pragma once

#include "alarms/alarmengine.h"
#include "core/text.h"

#include "ruletext.h"

#include <cmath>
#include <set>

// The little that surrounds an engine in tests: a clock, texts, series, and a state that survives a restart.
namespace sg::test {

constexpr Time Start{std::chrono::seconds(1'790'000'000)};
constexpr Time at(double seconds)
{
    return Start + Micros(static_cast<std::int64_t>(seconds * 1e6));
}

class FakeClock : public EventClock
{
public:
    std::map<SeriesId, Time> newest;
    std::set<std::string, std::less<>> lost;
    bool isBehind = false;

    Time at(SeriesId series, Time now) const override
    {
        const auto found = newest.find(series);
        const Time watermark = found == newest.end() ? NoTime : found->second;
        return isBehind ? watermark : std::max(watermark, now); // a usual delay of 0
    }
    bool isCatchingUp(SeriesId) const override { return isBehind; }
    bool isSourceLost(std::string_view source) const override { return lost.find(source) != lost.end(); }
};

class Plant
{
public:
    struct Series
    {
        std::string path;
        ValueKind kind = ValueKind::Number;
        KeyLabels labels;
    };

    FakeClock clock;
    std::vector<Series> series;
    std::vector<std::string> texts;
    std::shared_ptr<RuleSet> rules = std::make_shared<RuleSet>();
    std::vector<TagItem> tagItems;
    std::vector<JournalRow> journal;
    std::unique_ptr<AlarmEngine> engine;
    Time now = Start;

    Plant() { make(); }

    void make()
    {
        engine = std::make_unique<AlarmEngine>([this](double code) { return textOf(code); },
                                               [this](std::string_view text) { return codeOf(text); });
    }

    std::uint32_t codeOf(std::string_view text)
    {
        const auto found = std::find(texts.begin(), texts.end(), text);
        if (found == texts.end())
            texts.emplace_back(text);
        return static_cast<std::uint32_t>(std::find(texts.begin(), texts.end(), text) - texts.begin());
    }
    std::string textOf(double code) const
    {
        return code >= 0 && code < static_cast<double>(texts.size()) ? texts[static_cast<std::size_t>(code)] : "";
    }

    SeriesId add(const std::string &path, ValueKind kind = ValueKind::Number, KeyLabels labels = {})
    {
        if (labels.empty()) { // a, b ... unless the test cares
            const auto segments = segmentsOf(path);
            for (std::size_t i = 1; i + 1 < segments.size(); ++i)
                labels.emplace_back(std::string(i == 1 ? "line" : "device"), decodeSegment(segments[i]));
        }
        const SeriesId id{static_cast<std::uint32_t>(series.size())};
        series.push_back({path, kind, labels});
        engine->bind(id, path, kind, labels);
        return id;
    }

    void apply(const std::string &actor = {}, const std::string &reason = {})
    {
        engine->apply(std::make_shared<RuleSet>(*rules), std::make_shared<Tags>(tagItems), now, actor, reason);
    }

    Sample sample(SeriesId id, Time t, double value, Quality quality = Quality::Good) const
    {
        Sample s;
        s.series = id;
        s.t = s.stamp = t;
        s.value = value;
        s.quality = std::isfinite(value) ? quality : Quality::Bad;
        return s;
    }

    void send(const Sample &s)
    {
        Time &newest = clock.newest.try_emplace(s.series, s.t).first->second;
        newest = std::max(newest, s.t);
        engine->advance({{&s, 1}, {}, clock, now});
    }

    void elapseTo(Time t)
    {
        while (engine->due() && *engine->due() < t) {
            now = std::max(now, *engine->due());
            engine->elapse(clock, now);
        }
        now = t;
        engine->elapse(clock, now);
    }

    void collect()
    {
        auto changes = engine->collect();
        for (InstanceState &state : changes.instances) {
            const auto name = std::make_tuple(state.rule, state.key, state.field);
            if (state.isGone)
                m_saved.erase(name);
            else
                m_saved[name] = std::move(state);
        }
        journal.insert(journal.end(), changes.rows.begin(), changes.rows.end());
        for (auto &[name, bytes] : changes.facts)
            m_facts[name] = std::move(bytes);
    }

    void restart()
    {
        collect();
        make();
        std::vector<InstanceState> states;
        for (const auto &[name, state] : m_saved)
            states.push_back(state);
        engine->restore(std::move(states), m_facts);
        apply();
        for (std::size_t n = 0; n < series.size(); ++n)
            engine->bind(SeriesId(n), series[n].path, series[n].kind, series[n].labels, newestOf(SeriesId(n)));
    }

    std::vector<AlarmView> views() const
    {
        std::vector<AlarmView> out;
        for (std::uint32_t n = 0; n < engine->instances(); ++n)
            if (auto view = engine->view(n))
                out.push_back(std::move(*view));
        return out;
    }

    Outcome acknowledge(std::vector<ShownOccurrence> shown)
    {
        OperatorAction action;
        action.shown = std::move(shown);
        action.actor = "ann@desk-3";
        return engine->act(action, now);
    }

private:
    Time newestOf(SeriesId id) const
    {
        const auto known = clock.newest.find(id);
        return known == clock.newest.end() ? NoTime : known->second;
    }

    AlarmEngine::Facts m_facts;
    std::map<std::tuple<std::string, std::string, std::string>, InstanceState> m_saved;
};

// The columns by which journals are compared.
inline std::vector<std::string> compared(const std::vector<JournalRow> &journal)
{
    std::vector<std::string> out;
    for (const JournalRow &row : journal)
        if (row.event != "CATCHUP_SUMMARY")
            out.push_back(row.rule + " " + row.key + " " + row.field + " " + hex(row.occurrence) + " " + row.event + " " + row.from + ">"
                          + row.to + " " + std::to_string(row.tStamp.time_since_epoch().count()) + " " + formatNumber(row.value)
                          + row.valueText + " " + formatNumber(row.limit) + " " + std::to_string(static_cast<int>(row.quality)));
    return out;
}

}
