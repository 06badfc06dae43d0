#include "app/bench_many_rules.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "io/posix_disk.h"
#include "model/point_directory.h"
#include "rules/event.h"
#include "rules/runtime.h"
#include "sql/functions/functions.h"

namespace hw::app {

namespace {

// Counts what rules publish.
class CountingPorts final : public rules::Ports {
  public:
    void publish(std::vector<rules::Publish> messages, rules::Done done) override {
        published += messages.size();
        done({});
    }
    void keep(model::SampleBatch, rules::Done done) override { done({}); }
    void describe(model::PointId, std::string_view) override {}
    void write(rules::WriteOrder, rules::Done done) override { done({}); }
    Result<model::PointId> point(std::string_view) override {
        return fail(ErrorCode::unsupported, "nothing is kept here");
    }
    bool overloaded() override { return false; }

    std::atomic<uint64_t> published{0};
};

// All that rules need, in a folder of its own.
struct Surroundings {
    std::string folder;
    SystemClock clock;
    Metrics metrics;
    model::PointDirectory points{1000};
    sql::FunctionTable functions;
    rules::Settings settings;
    CountingPorts ports;
    std::unique_ptr<io::Disk> disk;
    std::unique_ptr<rules::Runtime> runtime;

    ~Surroundings() {
        runtime.reset();
        std::error_code error;
        std::filesystem::remove_all(folder, error);
    }
};

rules::RuleSpec rule_of(uint64_t number) {
    rules::RuleSpec rule;
    rule.id = fmt::format("r{}", number);
    rule.sql = fmt::format(
        "SELECT payload.id AS id, payload.temperature AS t FROM \"plant1/+/climate\" WHERE "
        "payload.id = {} AND payload.temperature > -10",
        number);
    rules::ActionSpec action;
    action.type = "republish";
    action.settings = sql::Datum::object({});
    action.settings.put("topic", sql::Datum::text("alerts/${id}"));
    action.settings.put("payload", sql::Datum::text("{\"t\":${t}}"));
    rule.actions.push_back(std::move(action));
    return rule;
}

Result<std::unique_ptr<Surroundings>> surroundings(const RulesBenchOptions& options) {
    auto made = std::make_unique<Surroundings>();
    made->folder = (std::filesystem::temp_directory_path() /
                    fmt::format("headworks-bench-rules-{}", ::getpid()))
                       .string();
    made->settings.rules_limit = options.rules;
    sql::add_builtin_functions(made->functions);
    made->disk = HW_TRY(io::PosixDisk::open(made->folder));
    made->runtime = HW_TRY(
        rules::Runtime::open(rules::Worker::Rooms{made->settings, made->clock, *made->disk,
                                                  made->functions, made->points, made->ports},
                             made->metrics));
    return made;
}

Result<void> put_rules(Surroundings& place, uint64_t count) {
    Result<void> put;
    place.runtime->call([&](rules::Worker& worker) {
        for (uint64_t i = 0; i < count && put; ++i)
            put = worker.put(std::make_shared<const rules::RuleSpec>(rule_of(i)), 1);
    });
    return put;
}

// Offers events a millisecond's worth at a time; how many.
uint64_t feed(rules::Lane& lane, const Clock& clock, const RulesBenchOptions& options) {
    Random random(1);
    const sql::Datum node = sql::Datum::text("bench");
    uint64_t sent = 0;
    const auto begin = std::chrono::steady_clock::now();
    for (;;) {
        const auto elapsed = std::chrono::steady_clock::now() - begin;
        if (elapsed >= std::chrono::nanoseconds(options.length.ns)) return sent;
        const auto due = static_cast<uint64_t>(std::chrono::duration<double>(elapsed).count() *
                                               static_cast<double>(options.rate));
        for (; sent < due; ++sent) {
            const std::string payload =
                fmt::format(R"({{"id":{},"temperature":{:.1f},"humidity":50,"status":"running"}})",
                            random.below(options.rules), 20 + random.uniform() * 10);
            rules::MessageFields fields;
            fields.topic = "plant1/line1/climate";
            fields.payload = as_bytes(payload);
            fields.client_id = "bench";
            fields.id = sent + 1;
            lane.add(rules::message_event(fields, clock.now(), node));
        }
        lane.offer();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

}  // namespace

Result<RulesFigure> bench_many_rules(const RulesBenchOptions& options) {
    auto place = HW_TRY(surroundings(options));
    const uint64_t before = process_resident_bytes();
    HW_TRY(put_rules(*place, options.rules));
    RulesFigure figure;
    figure.name = fmt::format("{} rules on one stream", options.rules);
    figure.rules = options.rules;
    const uint64_t after = process_resident_bytes();
    figure.rule_bytes = after > before ? after - before : 0;
    auto& lane = place->runtime->add_lane("bench");
    HW_TRY(place->runtime->start());
    const double cpu_before = process_cpu_seconds();
    const auto begin = std::chrono::steady_clock::now();
    figure.events = feed(lane, place->clock, options);
    place->runtime->stop();
    figure.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    figure.cpu_seconds = process_cpu_seconds() - cpu_before;
    figure.memory_bytes = process_resident_bytes();
    figure.rows = place->ports.published;
    figure.dropped = figure.events - figure.rows;  // each event is one rule's
    return figure;
}

}  // namespace hw::app
