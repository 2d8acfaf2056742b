// What a sample costs in memory and time, by kind of signal, and what a query of columns costs when a hundred times as many are visible.
#include "bench/gorilla.h"
#include "bench/peers.h"
#include "store/blockcoder.h"
#include "store/chunk.h"
#include "store/columns.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <functional>
#include <random>
#include <thread>

#include <time.h>

using namespace sg;

namespace {

using Signal = std::function<double(std::mt19937_64 &)>;

// Of one core, whatever else the machine does meanwhile.
double cpuSeconds()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

constexpr std::int64_t Start = 1'780'000'000'000'000; // in 2026, so that times are as long as they are

struct Kind
{
    const char *name;
    std::function<Signal()> signal;
};

// A sensor with two decimals: steps of about 0.2.
Signal walk()
{
    return [hundredths = std::int64_t(2'150)](std::mt19937_64 &random) mutable {
        hundredths += std::lround(std::normal_distribution<double>(0, 20)(random));
        return static_cast<double>(hundredths) / 100;
    };
}

Signal noise()
{
    return [](std::mt19937_64 &random) { return std::normal_distribution<double>(20, 5)(random); };
}

// A set point: one row in a thousand takes it elsewhere.
Signal steps()
{
    return [value = 40.0](std::mt19937_64 &random) mutable {
        if (random() % 1'000 == 0)
            value = static_cast<double>(random() % 1'000) / 10;
        return value;
    };
}

// A number of 32 bits in one of 64.
Signal singles()
{
    return [](std::mt19937_64 &random) { return static_cast<double>(std::normal_distribution<float>(20, 5)(random)); };
}

const Kind Kinds[] = {{"walk", walk}, {"noise", noise}, {"steps", steps}, {"singles", singles}};

struct Pace
{
    const char *name;
    std::function<std::vector<std::int64_t>(std::size_t, std::mt19937_64 &)> times;
};

// Every 10 ms to the microsecond; a poll that is late by some; stamps in milliseconds; events without any rhythm.
const Pace Paces[] = {
    {"even 10 ms",
     [](std::size_t count, std::mt19937_64 &) {
         std::vector<std::int64_t> out(count);
         for (std::size_t i = 0; i < count; ++i)
             out[i] = static_cast<std::int64_t>(i) * 10'000;
         return out;
     }},
    {"10 ms, jitter 200 us",
     [](std::size_t count, std::mt19937_64 &random) {
         std::vector<std::int64_t> out(count);
         for (std::size_t i = 0; i < count; ++i)
             out[i] = static_cast<std::int64_t>(i) * 10'000
                 + std::lround(std::clamp(std::normal_distribution<double>(0, 200)(random), -4e3, 4e3));
         return out;
     }},
    {"whole ms, jitter 3 ms",
     [](std::size_t count, std::mt19937_64 &random) {
         std::vector<std::int64_t> out(count);
         for (std::size_t i = 0; i < count; ++i)
             out[i] = (static_cast<std::int64_t>(i) * 10 + static_cast<std::int64_t>(random() % 7)) * 1'000;
         return out;
     }},
    {"no rhythm, in us",
     [](std::size_t count, std::mt19937_64 &random) {
         std::vector<std::int64_t> out(count);
         double at = 0;
         for (std::size_t i = 0; i < count; ++i) {
             at += 1 + std::exponential_distribution<double>(1e-4)(random);
             out[i] = static_cast<std::int64_t>(at);
         }
         return out;
     }},
};

std::vector<Row> rowsOf(const Kind &kind, const Pace &pace, std::size_t count)
{
    std::mt19937_64 random(7);
    const auto times = pace.times(count, random);
    const Signal signal = kind.signal();
    std::vector<Row> rows(count);
    for (std::size_t i = 0; i < count; ++i)
        rows[i] = {Time(Micros(Start + times[i])), signal(random), Quality::Good};
    return rows;
}

// Of one coder over blocks of Chunk::BlockRows: bytes a sample, nanoseconds a sample there and back. Stops when it does not come back.
template <class Encode, class Decode> void printCoder(const char *name, std::span<const Row> rows, Encode encode, Decode decode)
{
    std::vector<std::string> blocks;
    const double begin = cpuSeconds();
    for (std::size_t i = 0; i < rows.size(); i += Chunk::BlockRows) {
        encode(rows.subspan(i, std::min(Chunk::BlockRows, rows.size() - i)), blocks.emplace_back());
    }
    const double encoding = cpuSeconds() - begin;
    std::size_t bytes = 0;
    for (std::string &block : blocks) {
        bytes += block.size();
        block.append(IntPadding, '\0');
    }
    std::array<Row, Chunk::BlockRows> out;
    const double back = cpuSeconds();
    bool isSame = true;
    for (std::size_t i = 0, block = 0; i < rows.size(); i += Chunk::BlockRows, ++block) {
        const auto here = rows.subspan(i, std::min(Chunk::BlockRows, rows.size() - i));
        decode(std::string_view(blocks[block]).substr(0, blocks[block].size() - IntPadding), std::span(out).first(here.size()), here[0].t);
        for (std::size_t k = 0; k < here.size(); ++k)
            isSame = isSame && here[k].t == out[k].t && bench::bitsOf(here[k]) == bench::bitsOf(out[k]);
    }
    const double decoding = cpuSeconds() - back;
    const auto count = static_cast<double>(rows.size());
    std::printf("    %-8s %6.3f B  encode %6.1f ns  decode %6.1f ns%s\n", name, static_cast<double>(bytes) / count, encoding / count * 1e9,
                decoding / count * 1e9, isSame ? "" : "  NOT THE SAME");
    if (!isSame)
        std::exit(1);
}

void compareCoders()
{
    constexpr std::size_t count = 400'000;
    std::printf("coders, blocks of %zu rows alone (without index and pyramid), a sample:\n", Chunk::BlockRows);
    for (const Kind &kind : Kinds) {
        for (const Pace &pace : Paces) {
            const auto rows = rowsOf(kind, pace, count);
            std::printf("  %s, %s\n", kind.name, pace.name);
            printCoder("gorilla", rows, bench::gorillaEncode,
                       [](std::string_view block, std::span<Row> out, Time) { bench::gorillaDecode(block, out); });
            printCoder("ours", rows, encodeBlock, [](std::string_view block, std::span<Row> out, Time first) {
                BlockValues values;
                std::array<Time, Chunk::BlockRows> times;
                if (!values.decode(block, out.size()) || !decodeTimes(block, first, std::span(times).first(out.size())))
                    std::exit(1);
                values.reach(out.size());
                for (std::size_t i = 0; i < out.size(); ++i)
                    out[i] = {times[i], values.value(i), values.quality(i)};
            });
        }
    }
}

double appendAll(SeriesStore &store, SeriesId series, std::span<const Row> rows)
{
    constexpr std::size_t batch = 500; // what an ingest round brings of one busy series
    const double begin = cpuSeconds();
    for (std::size_t i = 0; i < rows.size(); i += batch)
        store.append(series, rows.subspan(i, std::min(batch, rows.size() - i)));
    return cpuSeconds() - begin;
}

void memoryAndAppend()
{
    constexpr std::size_t count = 4'000'000;
    std::printf("in the store, heads, index and pyramid included:\n");
    std::vector<double> perSecond;
    for (const Kind &kind : Kinds) {
        for (const Pace &pace : Paces) {
            const auto rows = rowsOf(kind, pace, count);
            SeriesStore store;
            const double seconds = appendAll(store, SeriesId{0}, rows);
            const double bytes = static_cast<double>(store.bytes()) / static_cast<double>(count);
            std::printf("  %-8s %-22s %6.3f B/sample  %5.1f M/s appended\n", kind.name, pace.name, bytes,
                        static_cast<double>(count) / seconds / 1e6);
            // Jittered stamps are the figures: even ones flatter, and no sensor with two decimals has less rhythm than that.
            if (&pace == &Paces[1] && &kind != &Kinds[3]) {
                bench::figure((std::string("bytes_per_sample_") + kind.name).c_str(), bytes, "B");
                if (&kind == &Kinds[0])
                    perSecond.push_back(static_cast<double>(count) / seconds);
            }
        }
    }
    const auto rows = rowsOf(Kinds[0], Paces[1], count);
    for (int i = 0; i < 4; ++i) {
        SeriesStore store;
        perSecond.push_back(static_cast<double>(count) / appendAll(store, SeriesId{0}, rows));
    }
    bench::figure("append_per_s", bench::spreadOf(perSecond).median, "1/s");
}

double queryMs(const SeriesView &view, Time from, Time to, int width)
{
    const double begin = cpuSeconds();
    const Columns columns = queryColumns(view, from, to, width);
    const double ms = (cpuSeconds() - begin) * 1e3;
    if (columns.columns.size() != static_cast<std::size_t>(width))
        std::exit(1);
    return ms;
}

// One series of 10^8 rows: all of it, and a hundredth, at the same number of columns.
void manyVisible()
{
    constexpr std::size_t count = 100'000'000, part = 1'000'000;
    constexpr int width = 1'920;
    SeriesStore store;
    const auto piece = rowsOf(Kinds[0], Paces[1], part);
    std::vector<Row> rows = piece;
    for (std::size_t i = 0; i < count; i += part) {
        for (std::size_t k = 0; k < part; ++k)
            rows[k].t = piece[k].t + Micros(static_cast<std::int64_t>(i) * 10'000);
        store.append(SeriesId{0}, rows);
    }
    const SeriesView view = store.view(SeriesId{0});
    const Time end = rows.back().t + Micros(1);
    const Time begin = piece.front().t;
    std::vector<double> all, few;
    for (int i = 0; i < 31; ++i) {
        all.push_back(queryMs(view, begin, end, width));
        const Time from = begin + Micros(static_cast<std::int64_t>(part) * 10'000 * (30 + i));
        few.push_back(queryMs(view, from, from + Micros(static_cast<std::int64_t>(part) * 10'000), width));
    }
    const double many = bench::spreadOf(all).median, some = bench::spreadOf(few).median;
    std::printf("10^8 rows in %.2f B each; %d columns of 10^8: %.2f ms, of 10^6: %.2f ms\n",
                static_cast<double>(store.bytes()) / static_cast<double>(count), width, many, some);
    bench::figure("columns_1e8_over_1e6", many / some, "");
}

// What a panned frame asks for, without any cache of columns: processor time of the busier thread.
void panned()
{
    constexpr std::size_t count = 10'000'000;
    constexpr std::uint32_t series = 10;
    SeriesStore store;
    std::vector<SeriesView> views;
    for (std::uint32_t i = 0; i < series; ++i) {
        const auto rows = rowsOf(Kinds[i % 3], Paces[i % 2], count);
        store.append(SeriesId{i}, rows);
        views.push_back(store.view(SeriesId{i}));
    }
    const auto span = static_cast<std::int64_t>(count) * 10'000;
    for (const int percent : {100, 10, 1}) {
        for (const std::size_t threads : {1U, 2U}) {
            std::vector<double> times;
            for (int frame = 0; frame < 31; ++frame) {
                const Time from = Time(Micros(Start + (percent == 100 ? 0 : span / 1'000 * frame) + frame * 1'234));
                const Time to = from + Micros(span * percent / 100);
                std::vector<double> each(threads);
                std::atomic<std::size_t> next = 0;
                {
                    std::vector<std::jthread> pool;
                    for (std::size_t t = 0; t < threads; ++t) {
                        pool.emplace_back([&, t] {
                            for (std::size_t i = next++; i < views.size(); i = next++)
                                each[t] += queryMs(views[i], from, to, 1'920);
                        });
                    }
                }
                times.push_back(*std::max_element(each.begin(), each.end()));
            }
            std::printf("10 series x 10^7, %3d %% visible, %zu threads: median %.2f ms\n", percent, threads, bench::spreadOf(times).median);
        }
    }
}

// A bad topic: every message a key of its own.
void manySeries()
{
    constexpr std::uint32_t series = 1'000'000;
    SeriesStore store;
    const double begin = cpuSeconds();
    for (std::uint32_t i = 0; i < series; ++i) {
        const Row row{Time(Micros(Start + i)), 1.5, Quality::Good};
        store.append(SeriesId{i}, {&row, 1});
    }
    std::printf("10^6 series of one row: %.0f B each, %.0f ns each\n", static_cast<double>(store.bytes()) / series,
                (cpuSeconds() - begin) / series * 1e9);
}

}

int main(int argc, char **argv)
{
    const std::string only = argc > 1 ? argv[1] : "";
    const std::pair<const char *, void (*)()> parts[]
        = {{"coders", compareCoders}, {"memory", memoryAndAppend}, {"series", manySeries}, {"pan", panned}, {"visible", manyVisible}};
    for (const auto &[name, run] : parts) {
        if (only.empty() || only == name)
            run();
        std::fflush(stdout);
    }
    return 0;
}
