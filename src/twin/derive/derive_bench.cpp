#include <benchmark/benchmark.h>

#include "base/random.h"
#include "sql/functions/functions.h"
#include "twin/derive/accumulator.h"
#include "twin/derive/derivation.h"

namespace {

using hw::sql::Datum;
using hw::twin::Accumulator;
using hw::twin::Derivation;
using hw::twin::RollUpFunction;

// One change of one member of 10,000, and the result read after it.
void change(benchmark::State& state) {
    const auto roll_up = Accumulator::make(static_cast<RollUpFunction>(state.range(0)));
    const bool truth = state.range(0) >= static_cast<int>(RollUpFunction::any);
    hw::Random random(1);
    const auto value = [&] {
        return truth ? Datum::boolean(random.next() & 1)
                     : Datum::real(static_cast<double>(random.next() % 100'000) / 1'000);
    };
    for (uint32_t i = 0; i < 10'000; ++i)
        roll_up->set(i * 37, value(), hw::model::Quality::good, false);
    for (auto _ : state) {
        const auto member = static_cast<uint32_t>(random.next() % 10'000) * 37;
        roll_up->set(member, value(), hw::model::Quality::good, false);
        benchmark::DoNotOptimize(roll_up->result());
    }
    state.counters["bytes_a_member"] = static_cast<double>(roll_up->bytes()) / 10'000;
}
BENCHMARK(change)->DenseRange(0, 6)->ArgName("function");

void evaluate(benchmark::State& state, const char* text) {
    hw::sql::FunctionTable functions;
    hw::sql::add_builtin_functions(functions);
    hw::sql::Services services;
    const auto made = Derivation::compile(text, functions, services);
    if (!made) return state.SkipWithError(made.error().text().c_str());
    const std::vector<Datum> own((*made)->own().size(), Datum::real(3.25));
    const std::vector<Datum> rolled((*made)->roll_ups().size(), Datum::real(12.5));
    std::string error;
    for (auto _ : state)
        benchmark::DoNotOptimize((*made)->evaluate(own, rolled, hw::Time{1}, error));
}
BENCHMARK_CAPTURE(evaluate, product, "a * b + 1");
BENCHMARK_CAPTURE(evaluate, roll_up, "sum(intakes.flow) - sum(outlets.flow)");
BENCHMARK_CAPTURE(evaluate, choice, "CASE WHEN a > 3 AND b < 9 THEN round(a / b, 2) ELSE 0 END");

void contribution(benchmark::State& state) {
    hw::sql::FunctionTable functions;
    hw::sql::add_builtin_functions(functions);
    hw::sql::Services services;
    const auto made =
        Derivation::compile("sum(p.power * 2) FILTER (WHERE p.running)", functions, services);
    const std::vector<Datum> values = {Datum::real(3), Datum::boolean(true)};
    for (auto _ : state)
        benchmark::DoNotOptimize((*made)->contribution(0, values, hw::Time{1}));
}
BENCHMARK(contribution);

}  // namespace
