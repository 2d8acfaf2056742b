#include "agent/trials.h"

#include "catalog/catalog.h"

#include "core/json.h"
#include "core/text.h"

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace sg {

namespace {

constexpr std::size_t AtOnce = 8;
constexpr auto Patience = std::chrono::seconds(20); // of one; then it is told to stop
constexpr auto Grace = std::chrono::seconds(5); // to stop in

using Say = std::function<void(const Error &step)>;

struct Trial
{
    std::string who; // "source press"
    std::function<Result<Done>(const Say &say, std::stop_token stop)> run; // empty: `why` says why there is none
    std::optional<Error> why;
    bool isAsWanted = false; // of one that is not tried: that is no failure

    std::vector<std::string> steps;
    std::optional<Error> failed;
    bool isOver = false;
    bool isHung = false; // it did not even stop
};

// Shared with threads that may outlive it: a client library that hangs keeps its thread for itself.
struct Trials
{
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Trial> all; // guarded by mutex, as is all below
    std::size_t next = 0;
};

template <class Kind> void add(Trials &trials, const char *what, const SourceSpec &target, const Consents &consents, const Kind *kind)
{
    Trial trial;
    trial.who = what + (" " + target.id);
    if (const auto waits = consents.whyItWaits(target)) {
        trial.why = *waits;
    } else if (isStopped(target)) {
        trial.why = Error{SG_TR("is stopped and not tried"), {}, {}};
        trial.isAsWanted = true;
    } else if (kind == nullptr || kind->test == nullptr) {
        trial.why = Error{SG_TR("connects nowhere"), {}, {}};
        trial.isAsWanted = true;
    } else {
        trial.run = [test = kind->test, target](const Say &say, std::stop_token stop) { return test(target, say, std::move(stop)); };
    }
    trials.all.push_back(std::move(trial));
}

template <class Catalog> auto *kindIn(const Catalog &catalog, const std::string &name)
{
    const auto found = catalog.find(name);
    return found == catalog.end() ? nullptr : &found->second;
}

void runOne(const std::shared_ptr<Trials> &trials, std::size_t n, const std::stop_token &stop)
{
    const auto run = trials->all[n].run; // set before the threads began
    const Say say = [&](const Error &step) {
        const std::lock_guard guard(trials->mutex);
        trials->all[n].steps.push_back(step.plain());
    };
    std::optional<Error> failed;
    try {
        if (const auto result = run(say, stop); !result)
            failed = result.error();
    } catch (const Refusal &refusal) {
        failed = refusal.error;
    } catch (const std::exception &error) {
        failed = Error{SG_TR("the connector failed: %1"), {shown(error.what())}, {}};
    }
    const std::lock_guard guard(trials->mutex);
    trials->all[n].failed = std::move(failed);
    trials->all[n].isOver = true;
    trials->changed.notify_all();
}

void print(const Trial &trial, bool isJson)
{
    const char *state = trial.why ? (trial.isAsWanted ? "skipped" : "waits") : trial.failed ? "failed" : "reached";
    const std::string why = trial.why ? trial.why->plain() : trial.failed ? trial.failed->plain() : std::string();
    if (isJson) {
        std::string steps;
        for (const std::string &step : trial.steps)
            steps += (steps.empty() ? "" : ",") + jsonText(step);
        std::printf("{\"tried\":%s,\"outcome\":\"%s\",\"steps\":[%s],\"why\":%s}\n", jsonText(trial.who).c_str(), state, steps.c_str(),
                    jsonText(why).c_str());
    } else {
        std::printf("%s: %s%s%s\n", trial.who.c_str(), state, why.empty() ? "" : ": ", why.c_str());
        for (const std::string &step : trial.steps)
            std::printf("  %s\n", step.c_str());
    }
    std::fflush(stdout);
}

// One after another on this thread's account, each on a thread of its own: one that does not end is left to itself.
void work(const std::shared_ptr<Trials> &trials)
{
    std::unique_lock lock(trials->mutex);
    while (trials->next < trials->all.size()) {
        const std::size_t n = trials->next++;
        if (trials->all[n].why) {
            trials->all[n].isOver = true;
            trials->changed.notify_all();
            continue;
        }
        std::stop_source stop;
        std::thread([trials, n, token = stop.get_token()] { runOne(trials, n, token); }).detach();
        const auto isOver = [&] { return trials->all[n].isOver; };
        if (!trials->changed.wait_for(lock, Patience, isOver)) {
            stop.request_stop();
            if (!trials->changed.wait_for(lock, Grace, isOver)) {
                trials->all[n].failed = Error{SG_TR("did not answer within %1 s, and did not stop either"), {"20"}, {}};
                trials->all[n].isOver = trials->all[n].isHung = true;
                trials->changed.notify_all();
            }
        }
    }
}

}

bool tryAll(const Workspace &workspace, const Consents &consents, bool isJson)
{
    const auto trials = std::make_shared<Trials>();
    for (const SourceSpec &source : workspace.sources)
        add(*trials, "source", source, consents, kindIn(sourceCatalog(), source.kind));
    for (const RouteSpec &route : workspace.routes.routes)
        add(*trials, "route", route.target, consents, kindIn(senderCatalog(), route.target.kind));
    for (const HeartbeatSpec &heartbeat : workspace.routes.heartbeats)
        add(*trials, "heartbeat", heartbeat.target, consents, kindIn(senderCatalog(), heartbeat.target.kind));
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < std::min(AtOnce, trials->all.size()); ++i)
        workers.emplace_back([trials] { work(trials); });
    bool isAllWell = true, isHung = false;
    for (std::size_t n = 0; n < trials->all.size(); ++n) {
        std::unique_lock lock(trials->mutex);
        trials->changed.wait(lock, [&] { return trials->all[n].isOver; });
        const Trial trial = trials->all[n];
        lock.unlock();
        print(trial, isJson);
        isAllWell = isAllWell && !trial.failed && (!trial.why || trial.isAsWanted);
        isHung = isHung || trial.isHung;
    }
    workers.clear();
    if (isHung)
        std::_Exit(1); // a library that hangs would hold up the end as well; everything was printed
    return isAllWell;
}

}
