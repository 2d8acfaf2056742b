#pragma once

#include "engine/session.h"

#include <QtGlobal>

#include <cmath>

namespace sg::test {

// A source whose readings a test hands over, and the workspace that watches it.
class Hand
{
public:
    // Number, or State where `text` is given. Seconds count from a day in the past.
    void row(const std::string &path, double seconds, double value, const std::string &text = {})
    {
        const std::lock_guard guard(m_mutex);
        Batch &batch = m_batch;
        const auto [known, isNew] = m_series.try_emplace(path, LocalId(m_series.size()));
        if (isNew)
            batch.newSeries.push_back({known->second, path, text.empty() ? ValueKind::Number : ValueKind::State});
        if (!text.empty()) {
            const auto [code, isNewText] = m_texts.try_emplace(text, static_cast<std::uint32_t>(m_texts.size()));
            if (isNewText)
                batch.newTexts.push_back({code->second, text});
            value = code->second;
        }
        batch.series.push_back(known->second);
        batch.stamp.push_back(time(seconds));
        batch.value.push_back(value);
        batch.quality.push_back(Quality::Good);
        batch.isLive.push_back(1);
        batch.offset.push_back(m_offset++);
    }
    void send()
    {
        const std::lock_guard guard(m_mutex);
        if (m_batch.rows() == 0)
            return;
        m_batch.runs = {{0, "t/0"}};
        m_batch.after["t/0"] = std::to_string(m_offset);
        m_batch.messages = m_batch.rows();
        m_ready.push_back(std::exchange(m_batch, {}));
    }
    std::optional<Batch> take()
    {
        const std::lock_guard guard(m_mutex);
        if (m_ready.empty())
            return std::nullopt;
        Batch batch = std::move(m_ready.front());
        m_ready.pop_front();
        return batch;
    }

    static Time time(double seconds) { return start() + Micros(std::llround(seconds * 1e6)); }
    static Time start()
    {
        static const Time at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) - std::chrono::hours(24);
        return at;
    }
    static Hand &only()
    {
        static Hand hand;
        return hand;
    }
    // For another session in the same process: it names its series again.
    void startAfresh()
    {
        const std::lock_guard guard(m_mutex);
        m_series.clear();
        m_texts.clear();
        m_ready.clear();
        m_batch = {};
    }

private:
    std::mutex m_mutex;
    Batch m_batch;
    std::deque<Batch> m_ready;
    std::map<std::string, LocalId> m_series;
    std::map<std::string, std::uint32_t> m_texts;
    std::int64_t m_offset = 0;
};

class HandSource final : public Source
{
public:
    Error run(Lane &lane, const Positions &, std::stop_token stop) override
    {
        SourceStatus status;
        status.state = SourceStatus::State::Live;
        lane.report(status);
        while (!stop.stop_requested()) {
            auto batch = Hand::only().take();
            if (!batch) {
                std::this_thread::sleep_for(Millis(2));
                continue;
            }
            batch->arrival = Mono::clock::now();
            while (!lane.push(*batch) && !stop.stop_requested())
                lane.waitForRoom(stop);
        }
        return {};
    }
};

inline const SourceCatalog &handCatalog()
{
    static const SourceCatalog catalog = [] {
        SourceKind kind;
        kind.name = "hand";
        kind.label = "Hand";
        kind.make = [](const SourceSpec &) -> std::unique_ptr<Source> { return std::make_unique<HandSource>(); };
        return SourceCatalog{{"hand", kind}};
    }();
    return catalog;
}

// Watches press/*/*/temp above 80.
inline std::shared_ptr<const Workspace> handWorkspace(const std::string &limit = "80")
{
    auto workspace = std::make_shared<Workspace>();
    workspace->folder = "/nowhere/press-shop";
    workspace->name = "by hand";
    workspace->pathLabels = {{"press", {"line", "device"}}};
    SourceSpec source;
    source.id = "press";
    source.kind = "hand";
    workspace->sources = {source};
    Selector all = *Selector::parse("press/*/*/temp");
    Tag tag;
    tag.unit = "°C";
    tag.name = "Press {device}";
    tag.range = std::pair(0.0, 100.0);
    workspace->tags = std::make_shared<Tags>(std::vector<TagItem>{{all, tag}});
    auto rules = std::make_shared<RuleSet>();
    const auto root = parseYaml(
        "rules:\n  - id: hot\n    name: Too hot\n    series: press/*/*/temp\n    priority: high\n    high: { limit: " + limit + " }\n",
        "rules/hot.yaml");
    RuleSurroundings around;
    around.pathLabels = &workspace->pathLabels;
    auto rule = readRule((*root)["rules"].list.front(), Node(), "hot", around);
    if (!rule)
        qFatal("%s", rule.error().plain().c_str());
    rules->rules.push_back(*rule);
    workspace->rules = rules;
    return workspace;
}

}
