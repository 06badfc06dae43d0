// Rates and sizes of chunks on the plant mix. CPU time; "B/sample" counts chunk and summary.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>

#include "history/chunk.h"
#include "history/plant_mix.h"

namespace {

using namespace hw;           // NOLINT
using namespace hw::history;  // NOLINT

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

BENCHMARK(encode_mix)->ArgsProduct({{-1, 0, 1, 2, 3, 4}, {2048}})->Args({-1, 4096});
BENCHMARK(decode_mix)->ArgsProduct({{-1, 0, 1, 2, 3, 4}, {2048}})->Args({-1, 4096});
BENCHMARK(summarise_values);

}  // namespace
