#include "ingest/ingest.h"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

// CPU time per sample of each decoder on known points; items are samples.
namespace {

using hw::ingest::Decoded;
using hw::ingest::Ingest;

constexpr size_t topics = 1'000;
constexpr size_t round_messages = 256;

void decode_all(benchmark::State& state, const std::vector<std::string>& payloads) {
    hw::Metrics metrics;
    hw::model::PointDirectory points(1'000'000);
    Ingest ingest({}, points, metrics);
    std::vector<std::string> names;
    std::vector<Ingest::Plan> plans;
    for (size_t i = 0; i < topics; ++i) {
        names.push_back("plant1/area" + std::to_string(i % 10) + "/asset" + std::to_string(i));
        plans.push_back(ingest.classify(names.back()));
    }
    Decoded out;
    size_t next = 0;
    int64_t samples = 0;
    for (auto _ : state) {
        const size_t topic = next % topics;
        ingest.decode(plans[topic], names[topic], hw::as_bytes(payloads[next % payloads.size()]),
                      hw::Time{static_cast<int64_t>(next)}, out);
        if (++next % round_messages == 0) {
            samples += static_cast<int64_t>(out.batch.size());
            ingest.publish_figures();
            out.batch.clear();
        }
    }
    state.SetItemsProcessed(samples);
}

void scalar_double(benchmark::State& state) {
    decode_all(state, {"0.0265878", "17.25", "-3.5", "233.062", "1013.25"});
}
void scalar_integer(benchmark::State& state) {
    decode_all(state, {"32", "0", "-5", "68321"});
}
void json_of_8(benchmark::State& state) {
    decode_all(state, {R"({"flow":12.5,"pressure":3.25,"level":1.875,"run":true,"speed":1480,)"
                       R"("power":35.5,"temp":21.75,"hours":12345,"ts":1700000000123})"});
}
void neuron_of_8(benchmark::State& state) {
    decode_all(state, {R"({"timestamp":1700000000123,"node":"plc1","group":"filters","values":)"
                       R"({"flow":12.5,"pressure":3.25,"level":1.875,"run":true,"speed":1480,)"
                       R"("power":35.5,"temp":21.75,"hours":12345},"errors":{},"metas":{}})"});
}

// 10,000 points in bodies of 10,000 lines, as the HTTP bar has it.
void line_protocol(benchmark::State& state) {
    hw::Metrics metrics;
    hw::model::PointDirectory points(1'000'000);
    Ingest ingest({}, points, metrics);
    std::string body;
    for (size_t i = 0; i < 10'000; ++i)
        body += "plant,site=s" + std::to_string(i % 20) + ",tag=T" + std::to_string(i) +
                " value=" + std::to_string(static_cast<double>(i) / 8) + " 1700000000000000000\n";
    int64_t samples = 0;
    for (auto _ : state) {
        const auto lines = ingest.write_lines(body, hw::lineprotocol::Precision::ns, hw::Time{});
        samples += static_cast<int64_t>(lines.report.samples);
    }
    state.SetItemsProcessed(samples);
}

BENCHMARK(scalar_double);
BENCHMARK(scalar_integer);
BENCHMARK(json_of_8);
BENCHMARK(neuron_of_8);
BENCHMARK(line_protocol);

}  // namespace
