#pragma once

#include "engine/session.h"

namespace sg {

// A session without an engine: a test makes its snapshots by hand. Everything happens at once, on the caller's thread.
class FakeSession : public Session
{
public:
    FakeSession()
    {
        auto made = std::make_shared<Workspace>();
        made->folder = "/nowhere";
        made->name = "test";
        made->rules = std::make_shared<RuleSet>();
        made->tags = std::make_shared<Tags>();
        space = made;
        publish();
    }

    // Changes what the next publish() shows.
    void setSeries(std::size_t number, const std::string &path, double value, Time t)
    {
        SeriesRow row;
        if (!path.empty())
            row.path = std::make_shared<const std::string>(path);
        row.value = value;
        row.t = row.arrived = t;
        next.series.set(number, std::move(row), next.version);
    }
    void setAlarm(std::size_t instance, AlarmView alarm) { next.alarms.set(instance, AlarmRow{std::move(alarm)}, next.version); }
    void publish()
    {
        next.reference = now;
        slot.publish(std::make_shared<const Snapshot>(next));
        ++next.version;
    }

    [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const override { return slot.newest(); }
    void submit(Command command) override
    {
        if (command.reply)
            command.reply(answer);
        submitted.push_back(std::move(command));
    }
    void query(const SeriesView &view, Time from, Time to, int width, std::stop_token stop, std::function<void(Columns)> reply) override
    {
        reply(queryColumns(view, from, to, width, stop));
    }
    void run(std::function<void()> work) override { work(); }
    void journal(JournalQuery, std::function<void(Result<std::vector<JournalRow>>)> reply) override { reply(std::vector<JournalRow>()); }
    [[nodiscard]] Time referenceNow() const override { return now; }
    [[nodiscard]] std::shared_ptr<const Workspace> workspace() const override { return space; }
    [[nodiscard]] const std::string &stateFolder() const override { return folder; }

    Snapshot next;
    Time now = Time(std::chrono::hours(24 * 365 * 50));
    std::vector<Command> submitted;
    Outcome answer{true, {}};
    std::shared_ptr<const Workspace> space;
    std::string folder;

private:
    SnapshotSlot slot;
};

// An alarm of a rule that no file holds.
inline AlarmView alarmOf(const std::string &rule, Priority priority, Time raised, AckRegion ack = AckRegion::Unacked,
                         ConditionRegion condition = ConditionRegion::Active)
{
    static std::uint64_t occurrence = 0;
    const auto map = [](std::vector<std::pair<std::string, Node>> entries) {
        Node node;
        node.kind = Node::Kind::Map;
        node.map = std::move(entries);
        return node;
    };
    const auto item = map({{"id", Node::ofScalar("any")},
                           {"series", Node::ofScalar("press/*/temp")},
                           {"priority", Node::ofScalar("low")},
                           {"high", map({{"limit", Node::ofScalar("80")}})}});
    const auto read = readRule(item, Node(), {});
    auto made = std::make_shared<Rule>(**read);
    made->id = made->name = rule;
    made->priority = priority;
    AlarmView view;
    view.rule = made;
    view.key = "press/L1";
    view.field = "temp";
    view.path = "press/L1/temp";
    view.priority = priority;
    view.regions.condition = condition;
    view.regions.ack = ack;
    view.regions.quality = QualityRegion::Good;
    view.regions.raised = raised;
    view.regions.seq = 1;
    view.regions.occurrence = ++occurrence;
    return view;
}

}
