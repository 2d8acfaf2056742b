// What history on disk costs: the commit at 100,000 samples a second, and opening a state that holds 10 GB of it.
//   bench_history            both, each side in a process of its own, A-B-A-B-A-B
// SIGHTGLASS_HISTORY_GB=1 makes the large state smaller, SIGHTGLASS_BENCH_DIR=DIR puts it on another disk (default: the current folder;
// a temporary file system would prove nothing).

#include "bench/peers.h"

#include "engine/evaluator.h"
#include "state/schema.h"
#include "state/sqlite.h"
#include "store/chunkbytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>

using namespace sg;

namespace {

using Clock = std::chrono::steady_clock;

double millisSince(Clock::time_point start)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double percentile(std::vector<double> values, double share)
{
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

std::string scratch()
{
    const char *given = std::getenv("SIGHTGLASS_BENCH_DIR");
    return std::string(given != nullptr ? given : ".") + "/history-bench";
}

// --- the commit ---

constexpr int Series = 1'000;
constexpr int RowsASecond = 100'000;
constexpr int Seconds = 120;

Batch batchOf(int second, int tenth, std::vector<double> &walk, std::mt19937 &random)
{
    Batch batch;
    batch.arrival = Mono(std::chrono::milliseconds(2'000 + second * 1'000 + tenth * 100 + 100));
    if (second == 0 && tenth == 0)
        for (int s = 0; s < Series; ++s)
            batch.newSeries.push_back(
                {LocalId(s), "press/L" + std::to_string(s % 10) + "/P-" + std::to_string(s) + "/temp", ValueKind::Number});
    std::normal_distribution<double> step(0, 0.05);
    const int rows = RowsASecond / 10;
    for (int i = 0; i < rows; ++i) {
        const auto s = static_cast<std::size_t>(i % Series);
        walk[s] += step(random);
        batch.series.push_back(LocalId(s));
        batch.stamp.push_back(Time(std::chrono::seconds(1'795'000'001 + second)) + Millis(tenth * 100 + i / Series * 10));
        batch.value.push_back(std::round(walk[s] * 100) / 100);
        batch.quality.push_back(Quality::Good);
        batch.isLive.push_back(1);
        batch.offset.push_back(second * RowsASecond + tenth * rows + i);
    }
    batch.runs = {{0, "orders/0"}};
    batch.after["orders/0"] = std::to_string(batch.offset.back() + 1);
    return batch;
}

// Every second's commit, and beside each a bare write and fsync of as many bytes as it made of readings.
void commits()
{
    const std::string folder = scratch() + "-commit";
    std::filesystem::remove_all(folder);
    auto file = StateFile::open(folder);
    bench::must(bool(file), "no state file");
    Evaluator evaluator(Mono(std::chrono::seconds(1)), Time(std::chrono::seconds(1'795'000'000)));
    auto saved = (*file)->load();
    evaluator.restore(std::move(*saved));
    auto workspace = std::make_shared<Workspace>();
    workspace->pathLabels["press"] = {"line", "device"};
    workspace->tags = std::make_shared<Tags>();
    workspace->rules = std::make_shared<RuleSet>();
    evaluator.apply(workspace, true, "bench", "start", Mono(std::chrono::seconds(1)));
    SourceSpec spec;
    spec.id = "press";
    const SourceId source = evaluator.open(spec, true);
    const int bare = open((folder + "/bare").c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
    bench::must(bare >= 0, "no bare file");

    std::mt19937 random(1);
    std::vector<double> walk(Series, 20.0), whole, collecting, writing, bareWriting;
    std::uint64_t rows = 0, chunks = 0;
    for (int second = 0; second < Seconds; ++second) {
        for (int tenth = 0; tenth < 10; ++tenth)
            evaluator.take(source, batchOf(second, tenth, walk, random));
        const auto start = Clock::now();
        const Commit commit = evaluator.collect(Mono(std::chrono::milliseconds(3'000 + second * 1'000)));
        const double collected = millisSince(start);
        bench::must(bool((*file)->write(commit)), "a commit failed");
        evaluator.noteCommitted(commit.journal.size(), (*file)->history());
        whole.push_back(millisSince(start));
        collecting.push_back(collected);
        writing.push_back(whole.back() - collected);
        rows += commit.rows.size();
        chunks += commit.chunks.size();
        std::size_t bytes = commit.rows.size() * 12;
        for (const StoredChunk &chunk : commit.chunks)
            bytes += chunk.bytes.size();
        const std::string same(bytes, 'x');
        const auto bareStart = Clock::now();
        bench::must(::write(bare, same.data(), same.size()) == static_cast<ssize_t>(same.size()) && fsync(bare) == 0, "bare write failed");
        bareWriting.push_back(millisSince(bareStart));
    }
    close(bare);
    std::printf("p50 %g\np99 %g\nmost %g\ncollect_p99 %g\nwrite_p99 %g\nbare_p99 %g\nbare_p50 %g\nrows %llu\nchunks %llu\nfile_mb %g\n",
                percentile(whole, 0.5), percentile(whole, 0.99), percentile(whole, 1), percentile(collecting, 0.99),
                percentile(writing, 0.99), percentile(bareWriting, 0.99), percentile(bareWriting, 0.5),
                static_cast<unsigned long long>(rows), static_cast<unsigned long long>(chunks),
                double(std::filesystem::file_size(folder + "/state.db")) / 0x1p20);
    std::filesystem::remove_all(folder);
}

// --- the first window ---

constexpr int LongSeries = 1'000;
constexpr std::uint32_t ChunkRows = 65'536;
constexpr Micros Period = Millis(500);

// A year or so of the same walk for each series: whole chunks, inserted as the evaluator's commits would leave them.
void make(const std::string &folder, double gigabytes)
{
    std::filesystem::remove_all(folder);
    {
        auto file = StateFile::open(folder);
        bench::must(bool(file), "no state file");
        Commit names;
        for (int s = 0; s < LongSeries; ++s)
            names.series.push_back({static_cast<SeriesId>(s), "press/L1/P-" + std::to_string(s) + "/temp", ValueKind::Number});
        bench::must(bool((*file)->write(names)), "no names");
    }
    if (gigabytes <= 0)
        return;
    Database database(folder + "/" + StateFileName, Database::Mode::ReadWrite);
    database.execute("PRAGMA journal_mode=OFF");
    database.execute("PRAGMA synchronous=OFF");
    database.execute("BEGIN");
    Statement index(database, "INSERT INTO chunk (place, series, t_last, up_to, bytes, summary) VALUES (?, ?, ?, ?, ?, ?)");
    Statement data(database, "INSERT INTO chunkdata (place, data) VALUES (?, ?)");
    std::mt19937 random(1);
    std::normal_distribution<double> step(0, 0.05);
    const auto wanted = static_cast<std::uint64_t>(gigabytes * 0x1p30);
    std::uint64_t bytes = 0;
    std::int64_t place = 0;
    double value = 20;
    std::vector<Row> rows(ChunkRows);
    for (std::int64_t n = 0; bytes < wanted; ++n) {
        for (std::uint32_t i = 0; i < ChunkRows; ++i) {
            value += step(random);
            rows[i]
                = {Time(std::chrono::seconds(1'700'000'000)) + Period * (n * ChunkRows + i), std::round(value * 100) / 100, Quality::Good};
        }
        const Chunk chunk(rows);
        const std::string encoded = encodeChunk(chunk), summary = encodeSummary(chunk.summary());
        for (int s = 0; s < LongSeries && bytes < wanted; ++s) {
            index.bind(place).bind(s).bind(static_cast<std::int64_t>(chunk.last().time_since_epoch().count())).bind(0);
            index.bind(static_cast<std::uint64_t>(encoded.size())).bindBlob(summary).run();
            data.bind(place++).bindBlob(encoded).run();
            bytes += encoded.size();
        }
    }
    Statement meta(database, "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)");
    meta.bind("chunks").bind(place).run();
    meta.bind("chunk_bytes").bind(bytes).run();
    database.execute("COMMIT");
    std::printf("chunks %lld\nbytes %llu\nrows %lld\n", static_cast<long long>(place), static_cast<unsigned long long>(bytes),
                static_cast<long long>(place) * ChunkRows);
}

// What the disk has to be asked for again.
void forgetCached(const std::string &folder)
{
    const int file = open((folder + "/" + StateFileName).c_str(), O_RDONLY);
    bench::must(file >= 0 && fsync(file) == 0, "no file to forget");
    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    close(file);
}

// From nothing to the columns of one hour of one series.
void firstWindow(const std::string &folder)
{
    forgetCached(folder);
    const auto start = Clock::now();
    auto file = StateFile::open(folder);
    bench::must(bool(file), "no state file");
    auto saved = (*file)->load();
    bench::must(bool(saved) && saved->troubles.empty(), "not loaded");
    const double loaded = millisSince(start);
    Evaluator evaluator(Mono(std::chrono::seconds(1)), Time(std::chrono::seconds(1'795'000'000)));
    evaluator.restore(std::move(*saved));
    const double restored = millisSince(start);
    auto workspace = std::make_shared<Workspace>();
    workspace->pathLabels["press"] = {"line", "device"};
    workspace->tags = std::make_shared<Tags>();
    workspace->rules = std::make_shared<RuleSet>();
    evaluator.apply(workspace, false, "bench", "start", Mono(std::chrono::seconds(1)));
    const auto snapshot = evaluator.snapshot(Mono(std::chrono::seconds(1)));
    const SeriesView view = snapshot->series.at(LongSeries / 2).view;
    std::uint64_t samples = 0;
    if (const auto extent = extentOf(view))
        samples = queryColumns(view, extent->second - std::chrono::hours(1), extent->second, 1'920).samples;
    std::printf("first %g\nloaded %g\nrestored %g\nsamples %llu\n", millisSince(start), loaded, restored,
                static_cast<unsigned long long>(samples));
}

void all()
{
    const bench::Figures made = [] {
        const char *given = std::getenv("SIGHTGLASS_HISTORY_GB");
        return bench::runSelf({"make", given != nullptr ? given : "10"});
    }();
    bench::runSelf({"make", "0"});
    std::vector<double> full, empty, loaded, restored, p99, bare, most;
    for (int run = 0; run < 3; ++run) {
        const auto a = bench::runSelf({"first", "full"});
        const auto b = bench::runSelf({"first", "empty"});
        bench::must(a.at("samples") > 7'000 && a.at("samples") < 7'400, "not one hour of samples");
        full.push_back(a.at("first"));
        empty.push_back(b.at("first"));
        loaded.push_back(a.at("loaded"));
        restored.push_back(a.at("restored"));
    }
    std::filesystem::remove_all(scratch() + "-full");
    std::filesystem::remove_all(scratch() + "-empty");
    std::printf("history: %g GB, %g chunks, %g readings\n", made.at("bytes") / 0x1p30, made.at("chunks"), made.at("rows"));
    bench::print("first window, full", "ms", bench::spreadOf(full));
    bench::print("  state loaded after", "ms", bench::spreadOf(loaded));
    bench::print("  store restored after", "ms", bench::spreadOf(restored));
    bench::print("first window, empty", "ms", bench::spreadOf(empty));
    for (int run = 0; run < 3; ++run) {
        const auto c = bench::runSelf({"commit"});
        bench::must(c.at("rows") == double(RowsASecond) * Seconds, "not every row was committed");
        std::printf("commit: p50 %g p99 %g most %g ms (collecting p99 %g, writing p99 %g); bare write and fsync p50 %g p99 %g ms; "
                    "%g chunks, file %g MB\n",
                    c.at("p50"), c.at("p99"), c.at("most"), c.at("collect_p99"), c.at("write_p99"), c.at("bare_p50"), c.at("bare_p99"),
                    c.at("chunks"), c.at("file_mb"));
        p99.push_back(c.at("p99"));
        bare.push_back(c.at("bare_p99"));
    }
    bench::figure("history_gb", made.at("bytes") / 0x1p30, "GB");
    bench::figure("history_10gb_first_window_ms", bench::spreadOf(full).median, "ms");
    bench::figure("history_empty_first_window_ms", bench::spreadOf(empty).median, "ms");
    bench::figure("commit_p99_ms", bench::spreadOf(p99).median, "ms");
    bench::figure("commit_bare_fsync_p99_ms", bench::spreadOf(bare).median, "ms");
}

}

int main(int argc, char **argv)
{
    const std::string what = argc > 1 ? argv[1] : "";
    const std::string which = argc > 2 ? argv[2] : "";
    if (what == "commit")
        commits();
    else if (what == "make")
        make(scratch() + (std::atof(which.c_str()) > 0 ? "-full" : "-empty"), std::atof(which.c_str()));
    else if (what == "first")
        firstWindow(scratch() + "-" + which);
    else
        all();
}
