#pragma once

#include "alarms/kpi.h"

#include <map>
#include <set>

// What the KPI report is computed of. Only for models/alarms/kpi*.cpp.
namespace sg {

constexpr Micros KpiDay = std::chrono::hours(24);

struct KpiAlarm
{
    std::string rule, path, area, source;
    bool isForOperators = true;
};

struct KpiRaise // an annunciation
{
    Time t{}, detected{};
    std::uint64_t seq = 0;
    std::uint32_t alarm = 0;
    std::string priority;
    bool isBegin = false; // RAISED; else escalated or annunciated again
    bool isBad = false; // on a value of doubtful quality
};

struct KpiEpisode // one occurrence
{
    std::uint32_t alarm = 0;
    std::uint64_t occurrence = 0, seq = 0;
    Time begin{}, end = NoTime, detected{};
    Time over = NoTime; // when that was found out, on the reference clock
    Time acked = NoTime; // on the reference clock
    Time calls{}; // since when an acknowledgement was wanted: of one that supersedes what nobody had acknowledged, since that one was
    std::optional<std::size_t> supersedes{}; // another episode
    bool isSuperseded = false; // the acknowledgement that it wanted is that of a later one
    std::string priority;
    bool isAnnunciated = false, isActedOn = false;
};

struct KpiSuppression
{
    enum class Kind : std::uint8_t { Shelf, Design, OutOfService };
    Kind kind = Kind::Shelf;
    std::uint32_t alarm = 0;
    std::uint64_t seq = 0;
    Time from{}, to = NoTime;
    std::string by, reason;
};

struct KpiChange // of a rule or of what is suppressed
{
    Time t{};
    std::uint64_t seq = 0;
    std::string event, rule, path, by, reason;
};

struct KpiFacts
{
    KpiOptions options;
    Time from = NoTime, to = NoTime;
    std::vector<KpiExcluded> excluded; // disjoint, rising
    std::vector<KpiAlarm> alarms;
    std::vector<KpiRaise> raises; // annunciated ones, by time
    std::vector<KpiEpisode> episodes;
    std::vector<KpiSuppression> suppressions;
    std::vector<KpiChange> changes;
    std::vector<std::pair<Time, std::uint64_t>> acks; // by operators
    std::map<std::string, std::vector<Micros>> delays; // by source: t_detect - t_event of raises
    std::map<std::string, std::vector<std::uint64_t>> delayed; // by source: seqs of these
    std::vector<std::uint64_t> late; // seqs of raises that were found out late
    std::map<std::string, Micros> bad; // by rule: how long qualities were bad
    std::size_t begins = 0; // raises of any kind, the late ones too

    [[nodiscard]] bool isWatched(Time a, Time b) const; // all of it
    [[nodiscard]] Micros watched(Time a, Time b) const; // how much of it
};

struct KpiFlood
{
    Time start{}, end = NoTime; // NoTime: lasts
    std::size_t count = 0, peak = 0;
    std::uint32_t firstOut = 0;
};
// More than 10 within 10 min begin one, fewer than 5 end it. `raises` by time.
std::vector<KpiFlood> floodsOf(const std::vector<const KpiRaise *> &raises, Time end);
// Highest number of raises within `width` that ends anywhere.
std::size_t mostWithin(const std::vector<const KpiRaise *> &raises, Micros width);
struct KpiChatter
{
    std::size_t episodes = 0;
    std::vector<const KpiRaise *> raises; // of them
};
std::map<std::uint32_t, KpiChatter> chatterOf(const std::vector<const KpiRaise *> &raises); // by alarm
double quantile(std::vector<Micros> values, double share); // seconds; NaN of none

std::vector<Kpi> scorecardOf(const KpiFacts &facts, const std::string &area, bool isWhole);
std::vector<KpiTable> tablesOf(const KpiFacts &facts);

}
