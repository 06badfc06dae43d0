// What taking DTDL documents costs.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "twin/model/models.h"

namespace hw::twin {
namespace {

constexpr std::string_view contexts =
    R"("@context": ["dtmi:dtdl:context;3", "dtmi:headworks:twin;1",
        "dtmi:dtdl:extension:quantitativeTypes;1"])";

// `contents` telemetries with units; every tenth interface extends the one before.
std::string interface_text(int number, int contents) {
    std::string text = fmt::format(R"({{{}, "@id": "dtmi:bench:I{};1", "@type": "Interface",
  "displayName": "Interface {}", "contents": [)",
                                   contexts, number, number);
    for (int i = 0; i < contents; ++i)
        text += fmt::format(R"({}
    {{"@type": ["Telemetry", "Temperature"], "name": "v{}x{}", "displayName": "Value {}",
      "schema": "double", "unit": "degreeCelsius", "point": "${{id}}/t/${{name}}"}})",
                            i == 0 ? "" : ",", number, i, i);
    text += "]";
    if (number % 10 == 9) text += fmt::format(R"(, "extends": "dtmi:bench:I{};1")", number - 1);
    return text + "}";
}

std::vector<std::string> texts_of(int interfaces, int contents) {
    std::vector<std::string> texts;
    for (int i = 0; i < interfaces; ++i)
        texts.push_back(interface_text(i, contents));
    return texts;
}

std::shared_ptr<const Models> with(const Models& models, const std::vector<std::string>& texts) {
    std::vector<ModelFlaw> flaws;
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    return models.with(views, flaws);
}

// All at once, from nothing.
void take(benchmark::State& state) {
    const auto texts = texts_of(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
    size_t bytes = 0;
    for (const auto& text : texts)
        bytes += text.size();
    for (auto _ : state) {
        const auto models = with(*Models::none(), texts);
        if (models == nullptr) return state.SkipWithError("refused");
        benchmark::DoNotOptimize(models);
    }
    state.SetBytesProcessed(static_cast<int64_t>(bytes) * state.iterations());
}
BENCHMARK(take)->Args({1'000, 50})->Args({5'000, 50})->Unit(benchmark::kMillisecond);

// One more beside many.
void take_one_more(benchmark::State& state) {
    const auto models = with(*Models::none(), texts_of(static_cast<int>(state.range(0)), 50));
    const std::vector<std::string> more = {interface_text(static_cast<int>(state.range(0)), 50)};
    for (auto _ : state) {
        const auto made = with(*models, more);
        if (made == nullptr) return state.SkipWithError("refused");
        benchmark::DoNotOptimize(made);
    }
}
BENCHMARK(take_one_more)->Arg(0)->Arg(1'000)->Arg(5'000)->Unit(benchmark::kMillisecond);

// Interfaces that each extend the same wide and deep hierarchy, up to the limit of its edges.
void wide_hierarchies(benchmark::State& state) {
    std::vector<std::string> texts;
    for (int i = 0; i < 500; ++i)
        texts.push_back(
            fmt::format(R"({{{}, "@id": "dtmi:bench:B{};1", "@type": "Interface"}})", contexts, i));
    for (int i = 0; i < state.range(0); ++i) {
        std::string text = fmt::format(
            R"({{{}, "@id": "dtmi:bench:W{};1", "@type": "Interface", "extends": [)", contexts, i);
        for (int j = 0; j < 500; ++j)
            text += fmt::format(R"({}"dtmi:bench:B{};1")", j == 0 ? "" : ",", j);
        texts.push_back(text + "]}");
    }
    for (auto _ : state) {
        const auto models = with(*Models::none(), texts);
        if (models == nullptr) return state.SkipWithError("refused");
        benchmark::DoNotOptimize(models);
    }
}
BENCHMARK(wide_hierarchies)->Arg(1'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hw::twin
