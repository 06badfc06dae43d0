#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "io/sim_disk.h"
#include "model/point_directory.h"
#include "rules/worker.h"
#include "sql/function.h"
#include "sql/functions/functions.h"

namespace hw::rules {

// The rest of the server, as rules see it, in memory.
class FakePorts : public Ports {
  public:
    explicit FakePorts(model::PointDirectory& directory) : points(directory) {}

    void publish(std::vector<Publish> messages, Done done) override {
        for (auto& message : messages)
            published.push_back(std::move(message));
        done({});
    }
    void keep(model::SampleBatch batch, Done done) override {
        if (history_full) {
            done(fail(ErrorCode::no_space, "the disk is full"));
            return;
        }
        for (size_t i = 0; i < batch.size(); ++i) {
            const auto path = std::string(points.path(batch.points()[i]));
            kept[{path, batch.times_ns()[i]}] = batch.sample(i).value;
        }
        done({});
    }
    void describe(model::PointId, std::string_view text) override { unit = text; }
    void write(WriteOrder order, Done done) override {
        written.push_back(std::move(order));
        done(write_fails ? fail(ErrorCode::timed_out, "the device does not answer")
                         : Result<void>());
    }
    Result<model::PointId> point(std::string_view path) override { return points.intern(path); }
    bool overloaded() override { return busy; }

    model::PointDirectory& points;
    std::vector<Publish> published;
    std::map<std::pair<std::string, int64_t>, model::Value> kept;
    std::vector<WriteOrder> written;
    std::string unit;
    bool history_full = false;
    bool write_fails = false;
    bool busy = false;
};

inline constexpr Time test_begin{1'767'225'600'000'000'000};  // 2026-01-01T00:00:00Z

inline RuleSpec rule_spec(std::string id, std::string sql, std::vector<ActionSpec> actions = {}) {
    RuleSpec spec;
    spec.id = std::move(id);
    spec.sql = std::move(sql);
    spec.actions = std::move(actions);
    return spec;
}

inline ActionSpec action_spec(std::string type, std::string_view settings) {
    ActionSpec spec;
    spec.type = std::move(type);
    sql::JsonReader reader;
    spec.settings = *reader.read(settings);
    return spec;
}

// An outlet that refuses what the test says, as a foreign system would.
struct FakeOutlets final : OutletMaker {
    struct Way final : Outlet {
        Way(FakeOutlets& all, const ActionSpec& spec, std::string_view rule)
            : outlets(all), fallback(spec.fallback), rule_id(rule) {}
        bool offer(connector::Item item) override {
            if (outlets.refuses && fallback)
                outlets.refused.add(std::move(item), fallback);
            else
                outlets.sent.push_back(std::move(item));
            return true;
        }
        void flush(Done done) override {
            if (fallback)
                outlets.refused.flush(rule_id, fallback, std::move(done));
            else
                done({});
        }
        Figures figures() const override { return {}; }

        FakeOutlets& outlets;
        const std::shared_ptr<const ActionSpec> fallback;
        const std::string rule_id;
    };
    Result<std::unique_ptr<Outlet>> make(const ActionSpec& action, std::string_view rule_id,
                                         Guarantee) override {
        return std::make_unique<Way>(*this, action, rule_id);
    }

    RefusedRows refused{4096};
    std::vector<connector::Item> sent;
    bool refuses = true;
};

// A worker with its disk, clock and ports; messages are published to it by hand.
struct Bench {
    explicit Bench(uint64_t seed = 1, bool with_outlets = false) : outer(with_outlets), disk(seed) {
        sql::add_builtin_functions(functions);
        open();
    }

    void open() {
        Worker::Rooms rooms{settings, clock, disk, functions, points, ports};
        if (outer) {
            rooms.outlets = &outlets;
            rooms.refused = &outlets.refused;
        }
        worker = std::make_unique<Worker>(std::move(rooms));
        lane = &worker->inlet().add_lane("mqtt");
        opened = worker->open();
        begun = false;
    }
    Result<void> put(const RuleSpec& spec, int64_t version = 1, sql::Flaw* flaw = nullptr) {
        return worker->put(std::make_shared<const RuleSpec>(spec), version, flaw);
    }
    void begin() {
        begun = true;
        began = worker->begin();
    }
    void message(std::string_view topic, std::string_view payload) {
        const Wanted wanted = worker->interest().message(topic);
        if (!wanted.any) return;
        MessageFields fields;
        fields.topic = topic;
        fields.payload = as_bytes(payload);
        fields.client_id = "c1";
        Event event = message_event(fields, clock.now(), sql::Datum::text("n1"));
        event.durable = wanted.durable;
        lane->add(std::move(event));
    }
    void sample(std::string_view path, double value, std::optional<Time> time = {}) {
        model::SampleBatch batch;
        batch.add_double(*points.intern(path), time.value_or(clock.now()), value);
        const Wanted wanted = worker->interest().point(path);
        if (wanted.any) lane->add_sample(batch, 0, wanted);
    }
    void run() {
        if (!begun) begin();
        lane->offer();
        while (worker->round() || !outlets.refused.empty()) {
        }
    }
    void send(std::string_view topic, std::string_view payload) {
        if (!begun) begin();
        message(topic, payload);
        run();
    }
    void pass(Duration time) {
        clock.advance(time);
        run();
    }
    std::vector<std::string> payloads() const {
        std::vector<std::string> out;
        for (const auto& message : ports.published)
            out.push_back(message.topic + " " + message.payload);
        return out;
    }
    RuleFigures figures(std::string_view id) const { return *worker->engine().figures(id); }

    const bool outer;
    Settings settings;
    ManualClock clock{test_begin};
    io::SimDisk disk;
    sql::FunctionTable functions;
    model::PointDirectory points{100'000};
    FakePorts ports{points};
    FakeOutlets outlets;
    std::unique_ptr<Worker> worker;
    Lane* lane = nullptr;
    Result<void> opened, began;
    bool begun = false;
};

}  // namespace hw::rules
