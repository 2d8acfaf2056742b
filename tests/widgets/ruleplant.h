#pragma once

#include "support/fakesession.h"

// A small plant whose workspace is a real folder: what the tests of the rule editor work on.
namespace sg::test {

inline constexpr const char *PlantText = R"(format: 1
name: Plant
sources:
  - id: press
    hand: {}
    path: [line, device]
  - id: gateways
    hand: {}
    path: [gateway]
)";
inline constexpr const char *TagsText = R"(format: 1
tags:
  - series: press/*/*/temp
    name: "Press {device} temperature"
    unit: "°C"
    range: [0, 120]
  - series: press/*/*/oil_pressure
    name: "Press {device} oil pressure"
    unit: bar
)";
inline constexpr const char *RulesText = R"(format: 1
defaults: { area: Press shop }
rules:
  # why 80: the die warps above it
  - id: press-hot
    name: "Press {device} too hot"
    series: press/*/*/temp
    high: { limit: 80, deadband: 2 } # of the maker
    priority: high
    action: Check the cooling water
  - id: gateway-silent
    series: gateways/**
    absence: { timeout: 8s }
    priority: low
)";

inline const SourceCatalog &handCatalog()
{
    static const SourceCatalog catalog = [] {
        SourceKind kind;
        kind.name = "hand";
        kind.label = "Hand";
        return SourceCatalog{{"hand", kind}};
    }();
    return catalog;
}

inline Result<std::shared_ptr<const Workspace>> readFolder(const std::string &folder)
{
    auto read = readWorkspace(folder, handCatalog());
    if (!read)
        return read.error();
    return std::shared_ptr<const Workspace>(std::make_shared<Workspace>(std::move(*read)));
}

// A session on a real folder whose readings are made by hand; what is applied is in effect at once.
class FolderSession : public FakeSession
{
public:
    explicit FolderSession(const std::string &folderName)
    {
        const auto read = readFolder(folderName);
        if (read)
            apply(*read);
    }

    void put(std::size_t n, const std::string &path, std::span<const Row> rows)
    {
        store.append(SeriesId(n), rows);
        SeriesRow row;
        row.path = std::make_shared<const std::string>(path);
        row.tag = std::make_shared<const Tag>(space->tags->of(path, {{"device", std::string(segmentsOf(keyOf(path)).back())}}));
        row.t = row.arrived = rows.back().t;
        row.value = rows.back().value;
        row.view = store.view(SeriesId(n));
        next.series.set(n, std::move(row), next.version);
    }
    void apply(std::shared_ptr<const Workspace> workspace)
    {
        space = std::move(workspace);
        auto watches = std::make_shared<std::vector<RuleWatch>>();
        for (const auto &rule : space->rules->rules) {
            RuleWatch watch;
            watch.rule = rule;
            watches->push_back(watch);
        }
        next.watches = watches;
        publish();
    }
    void submit(Command command) override
    {
        if (const auto *applied = std::get_if<ApplyWorkspace>(&command.what))
            apply(applied->workspace);
        FakeSession::submit(std::move(command));
    }

    void run(std::function<void()> work) override
    {
        if (isBusy)
            waiting.push_back(std::move(work));
        else
            work();
    }
    void runWaiting()
    {
        isBusy = false;
        for (const auto &work : std::exchange(waiting, {}))
            work();
    }

    SeriesStore store;
    bool isBusy = false; // work waits for runWaiting()
    std::vector<std::function<void()>> waiting;
};

}
