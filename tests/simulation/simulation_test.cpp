// Broker, ingest and history in one thread, driven from a seed.
//
//   simulation_test [--from N] [--seeds COUNT] [--seed N] [--trace] [--mutant NAME]
//
// Each seed is a world of its own (world.h). A failure prints the seed; `--seed N --trace` runs it
// again and tells what happens. With a mutant (early_ack, no_sync, ack_on_error) the keeper is
// broken on purpose, and the run is good if a seed shows it.

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "simulation/world.h"

namespace {

using hw::simulation::Mutant;
using hw::simulation::World;

struct Options {
    uint64_t from = 1;
    uint64_t seeds = 300;
    bool tracing = false;
    Mutant mutant = Mutant::none;
    std::string_view mutant_name;
};

// What to say when an assert trips, made before since a signal handler may not.
std::string farewell;

void on_abort(int) {
    [[maybe_unused]] const auto written = write(STDOUT_FILENO, farewell.data(), farewell.size());
}

std::string how_to_rerun(uint64_t seed, const Options& options) {
    return fmt::format("seed {}; to see it again: simulation_test --seed {} --trace{}{}\n", seed,
                       seed, options.mutant == Mutant::none ? "" : " --mutant ",
                       options.mutant_name);
}

bool parse(int argc, char** argv, Options& options) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--trace") {
            options.tracing = true;
            continue;
        }
        if (i + 1 == argc) return false;
        const std::string_view value = argv[++i];
        if (name == "--mutant") {
            const auto mutant = hw::simulation::parse_mutant(value);
            if (!mutant) return false;
            options.mutant = *mutant;
            options.mutant_name = value;
            continue;
        }
        uint64_t number = 0;
        const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
        if (read.ec != std::errc() || read.ptr != value.data() + value.size()) return false;
        if (name == "--seed") {
            options.from = number;
            options.seeds = 1;
        } else if (name == "--from") {
            options.from = number;
        } else if (name == "--seeds") {
            options.seeds = number;
        } else {
            return false;
        }
    }
    return true;
}

double cpu_s() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void add(World::Totals& sum, const World::Totals& one) {
    sum.messages += one.messages;
    sum.acknowledged += one.acknowledged;
    sum.failed += one.failed;
    sum.samples += one.samples;
    sum.crashes += one.crashes;
    sum.owed += one.owed;
    sum.seen.add(one.seen);
}

// What the first seed that fails says.
std::optional<std::string> run(const Options& options) {
    World::Totals sum;
    for (uint64_t seed = options.from; seed < options.from + options.seeds; ++seed) {
        farewell = "an assert tripped with " + how_to_rerun(seed, options);
        World world(seed, options.mutant, options.tracing);
        world.run();
        if (!world.wrong().empty())
            return fmt::format("{}\n{}", world.wrong(), how_to_rerun(seed, options));
        add(sum, world.totals());
    }
    const double used_s = cpu_s();
    fmt::print(
        "{} seeds in {:.2f} s of CPU, {:.2f} ms each\n"
        "{} messages, {} acknowledged, {} with a failed commit, {} deliveries owed, {} "
        "dropped, {} takeovers, {} pauses\n"
        "{} samples, {} chunks, {} crashes, at most {} bytes of heads and {} queued\n",
        options.seeds, used_s, used_s * 1000 / static_cast<double>(options.seeds), sum.messages,
        sum.acknowledged, sum.failed, sum.owed, sum.seen.dropped, sum.seen.takeovers,
        sum.seen.pauses, sum.samples, sum.seen.chunks, sum.crashes, sum.seen.memory_bytes,
        sum.seen.queue_bytes);
    return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    if (!parse(argc, argv, options)) {
        fmt::print(stderr,
                   "usage: simulation_test [--from N] [--seeds COUNT] [--seed N] "
                   "[--trace] [--mutant early_ack|no_sync|ack_on_error]\n");
        return 2;
    }
    std::signal(SIGABRT, on_abort);
    const auto wrong = run(options);
    if (wrong) fmt::print("{}", *wrong);
    if (options.mutant == Mutant::none) return wrong ? 1 : 0;
    if (!wrong) fmt::print("the mutant {} was not found\n", options.mutant_name);
    return wrong ? 0 : 1;
}
