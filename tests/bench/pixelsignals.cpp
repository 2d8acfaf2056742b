#include "bench/pixelsignals.h"

#include "store/columns.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace sg::bench {

namespace {

using Random = std::mt19937_64;

std::int64_t pick(Random &random, std::int64_t below)
{
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(below));
}

oracle::Signal made(Random &random, int samples, std::int64_t usualStep, std::int64_t pause, const std::function<double(int)> &value)
{
    oracle::Signal out;
    std::int64_t t = 1'700'000'000'000'000 + pick(random, 1'000'000);
    int gap = 0;
    int doubtful = 0;
    int quality = 0;
    for (int i = 0; i < samples; ++i) {
        t += 1 + pick(random, usualStep);
        if (pick(random, 2'000) == 0)
            t += pick(random, pause);
        if (gap == 0 && pick(random, 900) == 0)
            gap = static_cast<int>(pick(random, 5) == 0 ? pick(random, 2'000) : 1 + pick(random, 4));
        if (doubtful == 0 && pick(random, 1'500) == 0) {
            doubtful = static_cast<int>(1 + pick(random, 400));
            quality = static_cast<int>(1 + pick(random, 2));
        }
        const double sample = value(i);
        out.times.push_back(t);
        if (gap > 0) {
            --gap;
            out.values.push_back(pick(random, 9) ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity());
            out.qualities.push_back(2);
        } else {
            out.values.push_back(sample);
            out.qualities.push_back(doubtful > 0 ? quality : 0);
        }
        doubtful -= doubtful > 0 ? 1 : 0;
        if (pick(random, 3'000) == 0)
            t += pick(random, 60) * usualStep; // a silence that no gap explains: the line goes on
    }
    return out;
}

void append(SeriesStore &store, SeriesId id, oracle::Signal &signal, Random &random)
{
    const auto row = [&](std::size_t i) {
        return Row{Time(Micros(signal.times[i])), signal.values[i], static_cast<Quality>(signal.qualities[i])};
    };
    std::vector<Row> late;
    for (std::size_t i = 0; i < signal.times.size();) {
        std::vector<Row> portion;
        for (const auto end = std::min(signal.times.size(), i + 1 + static_cast<std::size_t>(pick(random, 3'000))); i < end; ++i) {
            if (pick(random, 200) == 0) {
                late.push_back(row(i));
                continue;
            }
            if (pick(random, 500) == 0) // another value of the same time came before
                portion.push_back({Time(Micros(signal.times[i])), 12'345.0, Quality::Good});
            portion.push_back(row(i));
        }
        store.append(id, portion);
        if (pick(random, 4) == 0) {
            std::shuffle(late.begin(), late.end(), random);
            store.insertLate(id, late);
            late.clear();
        }
    }
    store.insertLate(id, late);
    // The store keeps late rows apart until others have paid for the merge, so some more follow.
    const auto isWhole = [&] {
        const auto end = Time(Micros(signal.times.back() + 1));
        return queryColumns(store.view(id), Time(Micros(signal.times.front())), end, 1).samples == signal.times.size();
    };
    while (!isWhole()) {
        signal.times.push_back(signal.times.back() + 50);
        signal.values.push_back(1);
        signal.qualities.push_back(0);
        const Row last = row(signal.times.size() - 1);
        store.append(id, {&last, 1});
    }
}

}

std::pair<double, double> StoredSignal::rangeWithin(std::int64_t from, std::int64_t to) const
{
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (const bool isAll : {false, true}) {
        for (std::size_t i = 0; i < signal.times.size(); ++i) {
            if (std::isfinite(signal.values[i]) && (isAll || (signal.times[i] >= from && signal.times[i] < to))) {
                low = std::min(low, signal.values[i]);
                high = std::max(high, signal.values[i]);
            }
        }
        if (low <= high)
            break;
    }
    return {low, high};
}

std::vector<StoredSignal> storedSignals(SeriesStore &store, Random &random)
{
    constexpr int Samples = 120'000;
    std::normal_distribution<double> normal(0, 1);
    double walk = 50;
    double level = 3;
    double decades = 0;
    std::vector<StoredSignal> out(6);
    out[0] = {"walk", false, made(random, Samples, 40, 3'000, [&](int) { return std::round((walk += normal(random)) * 100) / 100; }), {}};
    out[1] = {"noise", false, made(random, Samples, 2'000, 100'000, [&](int) { return normal(random) * 17.3 - 2; }), {}};
    out[2] = {"steps",
              false,
              made(random, Samples, 100, 20'000,
                   [&](int) {
                       if (pick(random, 300) == 0)
                           level = static_cast<double>(pick(random, 8));
                       return level;
                   }),
              {}};
    out[3] = {"spikes",
              false,
              made(random, Samples, 100, 20'000,
                   [&](int) {
                       return pick(random, 700) == 0 ? static_cast<double>(pick(random, 2'000)) - 1'000
                                                     : 0.25 * static_cast<double>(pick(random, 3));
                   }),
              {}};
    out[4]
        = {"bursts", false, made(random, Samples, 3, 5'000'000, [&](int i) { return std::sin(i * 0.01) * 5 + normal(random) * 0.2; }), {}};
    out[5] = {"decades",
              true,
              made(random, Samples, 500, 3'000,
                   [&](int) {
                       decades = std::clamp(decades + normal(random) * 0.03, -6.0, 6.0);
                       return std::pow(10, decades);
                   }),
              {}};
    std::uint32_t id = 0;
    for (auto &stored : out) {
        append(store, SeriesId{id}, stored.signal, random);
        stored.view = store.view(SeriesId{id++});
    }
    return out;
}

}
