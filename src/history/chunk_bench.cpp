// Rates and sizes of chunks on the plant mix. CPU time; "B/sample" counts chunk and summary.
#include "history/chunk.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/time.h"
#include "history/plant_mix.h"

namespace hw::history {
namespace {

constexpr size_t mix_points = 20;
constexpr size_t chunks_a_point = 4;
constexpr int64_t start_ns = 1'770'000'000'000'000'000;

std::vector<Columns> mix(size_t samples, std::optional<PlantKind> only = {}) {
    std::vector<Columns> chunks;
    for (uint64_t number = 0; number < mix_points; ++number) {
        if (only && plant_kind(number) != *only) continue;
        PlantPoint point(1, number);
        for (size_t i = 0; i < chunks_a_point; ++i) {
            Columns& rows = chunks.emplace_back();
            const auto offset = static_cast<int64_t>(i * samples) * 1'000'000'000;
            point.append(start_ns + offset, samples, rows);
        }
    }
    return chunks;
}

struct Encoded {
    std::vector<std::string> chunks;
    size_t samples = 0;
    size_t chunk_bytes = 0;
    size_t summary_bytes = 0;
};

Encoded encode(const std::vector<Columns>& rows) {
    EncodeScratch scratch;
    Encoded all;
    for (const Columns& chunk : rows) {
        std::string summary;
        encode_summary(encode_chunk(chunk, scratch, all.chunks.emplace_back()), summary);
        all.samples += chunk.size();
        all.chunk_bytes += all.chunks.back().size();
        all.summary_bytes += summary.size();
    }
    return all;
}

void report(benchmark::State& state, const Encoded& all) {
    const auto samples = static_cast<double>(all.samples);
    state.counters["samples/s"] = benchmark::Counter(
        samples * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
    state.counters["B/sample"] = static_cast<double>(all.chunk_bytes + all.summary_bytes) / samples;
    state.counters["summary_B"] =
        static_cast<double>(all.summary_bytes) / static_cast<double>(all.chunks.size());
}

std::optional<PlantKind> kind_of(int64_t argument) {
    if (argument < 0) return std::nullopt;
    return static_cast<PlantKind>(argument);
}

void encode_mix(benchmark::State& state) {
    const std::optional<PlantKind> kind = kind_of(state.range(0));
    const auto rows = mix(static_cast<size_t>(state.range(1)), kind);
    EncodeScratch scratch;
    std::string out;
    for (auto _ : state) {
        for (const Columns& chunk : rows) {
            out.clear();
            benchmark::DoNotOptimize(encode_chunk(chunk, scratch, out));
        }
    }
    state.SetLabel(kind ? std::string(to_string(*kind)) : "mix");
    report(state, encode(rows));
}

void decode_mix(benchmark::State& state) {
    const std::optional<PlantKind> kind = kind_of(state.range(0));
    const Encoded all = encode(mix(static_cast<size_t>(state.range(1)), kind));
    DecodeScratch scratch;
    NumericRows rows;
    for (auto _ : state) {
        for (const std::string& chunk : all.chunks) {
            if (!decode_numeric(as_bytes(chunk), false, scratch, rows)) state.SkipWithError("?");
            benchmark::DoNotOptimize(rows.values.data());
        }
    }
    state.SetLabel(kind ? std::string(to_string(*kind)) : "mix");
    report(state, all);
}

void summarise_values(benchmark::State& state) {
    const std::vector<Columns> rows = mix(2048, PlantKind::rounded);
    EncodeScratch encoder;
    DecodeScratch decoder;
    std::string chunk;
    encode_chunk(rows[0], encoder, chunk);
    NumericRows values;
    if (!decode_numeric(as_bytes(chunk), false, decoder, values)) state.SkipWithError("?");
    for (auto _ : state)
        benchmark::DoNotOptimize(summarise(values.first_time_ns, values.step_ns, values.values));
    state.SetItemsProcessed(static_cast<int64_t>(values.size()) * state.iterations());
}

// The columns of one recording in SKAB's form: times first, ';' between.
void read_recording(const std::filesystem::path& file, std::map<std::string, Columns>& points) {
    std::ifstream in(file);
    std::string line;
    std::vector<std::string> names;
    while (std::getline(in, line)) {
        if (line.ends_with('\r')) line.pop_back();
        std::vector<std::string> cells;
        std::istringstream row(line);
        for (std::string cell; std::getline(row, cell, ';');)
            cells.push_back(cell);
        if (names.empty()) {
            names = cells;
            continue;
        }
        const Result<Time> time = parse_rfc3339(cells.at(0));
        if (!time) continue;
        for (size_t i = 1; i < cells.size() && i < names.size(); ++i) {
            double value = 0;
            std::from_chars(cells[i].data(), cells[i].data() + cells[i].size(), value);
            points[names[i]].append(time->ns, model::ValueType::float64,
                                    std::bit_cast<uint64_t>(value));
        }
    }
}

// Recordings in data/skab of the working folder, where someone has put them.
void encode_skab(benchmark::State& state) {
    std::vector<Columns> rows;
    std::map<std::string, Encoded> by_name;
    const std::filesystem::path folder = "data/skab";
    if (!std::filesystem::exists(folder)) {
        state.SkipWithError("no folder data/skab");
        return;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".csv") continue;
        std::map<std::string, Columns> points;
        read_recording(entry.path(), points);
        for (auto& [name, point] : points) {
            point.sort();
            for (size_t from = 0; from < point.size(); from += 2048) {
                const size_t to = std::min(point.size(), from + 2048);
                rows.emplace_back().append_rows(point, from, to);
                const Encoded one = encode({rows.back()});
                by_name[name].samples += one.samples;
                by_name[name].chunk_bytes += one.chunk_bytes + one.summary_bytes;
            }
        }
    }
    EncodeScratch scratch;
    std::string out;
    for (auto _ : state) {
        for (const Columns& chunk : rows) {
            out.clear();
            benchmark::DoNotOptimize(encode_chunk(chunk, scratch, out));
        }
    }
    report(state, encode(rows));
    for (const auto& [name, all] : by_name)
        state.counters[name] =
            static_cast<double>(all.chunk_bytes) / static_cast<double>(all.samples);
}

BENCHMARK(encode_skab);
BENCHMARK(encode_mix)->ArgsProduct({{-1, 0, 1, 2, 3, 4}, {2048}})->Args({-1, 4096});
BENCHMARK(decode_mix)->ArgsProduct({{-1, 0, 1, 2, 3, 4}, {2048}})->Args({-1, 4096});
BENCHMARK(summarise_values);

}  // namespace
}  // namespace hw::history
