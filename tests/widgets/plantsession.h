#pragma once

#include "alarms/plant.h"
#include "support/fakesession.h"

namespace sg {

// A session around a real alarm engine, whose clock and samples are a test's.
class PlantSession : public FakeSession
{
public:
    PlantSession()
    {
        now = plant.now;
        auto made = std::make_shared<Workspace>(*space);
        made->pathLabels["press"] = {"line", "device"};
        space = made;
        for (const auto &text : {"id: hot\nname: Press {device} too hot\narea: Shop\npriority: high\nseries: press/*/*/temp\n"
                                 "high: { limit: 80 }\nhigh_high: { limit: 95, priority: urgent }\naction: Cool {device}\n",
                                 "id: latched\nname: Valve {device} stuck\narea: Shop\npriority: low\nseries: press/*/*/valve\n"
                                 "high: { limit: 5 }\nlatch: until_reset\n",
                                 "id: stream\nname: Stream of {device} is noisy\narea: Shop\npriority: medium\naudience: engineer\n"
                                 "series: press/*/*/noise\nhigh: { limit: 5 }\n"})
            plant.rules->rules.push_back(*test::ruleOf(text));
        made->rules = plant.rules;
        plant.apply();
    }

    SeriesId add(const std::string &path) { return plant.add(path); }
    void send(SeriesId id, double value)
    {
        plant.send(plant.sample(id, now, value));
        show();
    }
    void storm(const std::vector<SeriesId> &ids, double value)
    {
        for (const auto id : ids)
            plant.send(plant.sample(id, now, value));
        show();
    }
    void wait(Micros span)
    {
        plant.elapseTo(plant.now + span);
        now = plant.now;
        show();
    }
    void show()
    {
        plant.collect();
        for (const auto n : plant.engine->takeChanged())
            setAlarm(n, plant.engine->view(n).value_or(AlarmView()));
        next.floods = plant.engine->floods();
        for (std::size_t i = 0; i < plant.journal.size(); ++i)
            plant.journal[i].seq = i + 1;
        next.journalSeq = plant.journal.size();
        publish();
    }

    void submit(Command command) override
    {
        const auto *action = std::get_if<OperatorAction>(&command.what);
        if (action == nullptr)
            return;
        actions.push_back(*action);
        const auto outcome = refusal ? *refusal : plant.engine->act(*action, plant.now);
        show();
        command.reply(outcome);
    }
    void journal(JournalQuery query, std::function<void(Result<std::vector<JournalRow>>)> reply) override
    {
        asked.push_back(query);
        std::vector<JournalRow> rows;
        for (const auto &row : plant.journal)
            if (row.seq > query.afterSeq && (query.beforeSeq == 0 || row.seq < query.beforeSeq)
                && (query.occurrence == 0 || row.occurrence == query.occurrence))
                rows.push_back(row);
        if (query.isNewestFirst)
            std::reverse(rows.begin(), rows.end());
        rows.resize(std::min(rows.size(), query.limit));
        reply(std::move(rows));
    }

    test::Plant plant;
    std::vector<OperatorAction> actions;
    std::vector<JournalQuery> asked;
    std::optional<Outcome> refusal; // of whatever is done
};

}
