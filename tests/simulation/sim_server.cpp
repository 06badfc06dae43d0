#include "simulation/sim_server.h"

#include <algorithm>

namespace hw::simulation {

namespace {

constexpr size_t points_most = 100;
// A connection may still hand over what one read brought when its publisher is paused.
constexpr size_t queue_slack_bytes = 64 << 10;
constexpr size_t memory_slack_bytes = 3 << 20;

ingest::Settings ingest_settings() {
    ingest::Settings settings;
    settings.rules = {ingest::Rule{.filter = "n/#", .keep = false},
                      ingest::Rule{.filter = "w/#", .keep = false}, ingest::Rule{.filter = "#"}};
    return settings;
}

}  // namespace

SimServer::SimServer(uint64_t seed, Settings settings, const ManualClock& clock, Messages& messages,
                     HistoryModel& model, Judge& judge)
    : settings_(std::move(settings)),
      clock_(clock),
      messages_(messages),
      model_(model),
      judge_(judge),
      disk_(seed),
      store_(seed + 1) {}

SimServer::~SimServer() = default;

void SimServer::Seen::add(const Seen& other) {
    memory_bytes = std::max(memory_bytes, other.memory_bytes);
    queue_bytes = std::max(queue_bytes, other.queue_bytes);
    chunks += other.chunks;
    pauses += other.pauses;
    takeovers += other.takeovers;
    dropped += other.dropped;
}

void SimServer::note_seen() {
    const auto& figures = broker_->figures();
    seen_.chunks += engine_->chunks_written();
    seen_.pauses += figures.publisher_pauses;
    seen_.takeovers += figures.takeovers;
    seen_.dropped += figures.dropped();
}

void SimServer::start() {
    metrics_ = std::make_unique<Metrics>();
    points_ = std::make_unique<model::PointDirectory>(points_most);
    history::Engine::Opened opened;
    auto engine = history::Engine::open(settings_.history, disk_, store_, *points_, opened);
    if (!engine) {
        judge_.note("the server does not start: {}", engine.error().text());
        judge_.expect(engine.error().code() == ErrorCode::io_failed ||
                          engine.error().code() == ErrorCode::no_space,
                      "history does not open: {}", engine.error().text());
        return;
    }
    for (const std::string& damage : opened.damages)
        judge_.fail("history finds damage: {}", damage);
    engine_ = std::move(*engine);
    if (const auto wrong = model_.check_after_crash(*engine_, *points_))
        judge_.fail("after a start: {}", *wrong);
    ingest_ = std::make_unique<ingest::Ingest>(ingest_settings(), *points_, *metrics_);
    keeper_ = std::make_unique<SimKeeper>(*ingest_, *engine_, messages_, model_, judge_, clock_,
                                          settings_.keeper_bytes_limit, settings_.mutant);
    broker_ = std::make_unique<broker::Broker>(settings_.broker, clock_, *keeper_, gate_, *metrics_,
                                               "simulation");
    was_overloaded_ = false;
    judge_.note("the server is up, with {} points", opened.points);
}

void SimServer::crash(Crash kind) {
    judge_.note("the server crashes: {}", kind == Crash::power ? "power" : "process");
    if (up()) note_seen();
    broker_.reset();
    keeper_.reset();
    ingest_.reset();
    engine_.reset();
    points_.reset();
    metrics_.reset();
    if (kind == Crash::process) return;
    disk_.crash();
    store_.crash();
}

void SimServer::end_round() {
    if (!up()) return;
    broker_->round_end();
    if (was_overloaded_ && !keeper_->overloaded()) {
        broker_->resume_reading();
        broker_->round_end();
    }
    was_overloaded_ = keeper_->overloaded();
    check_limits();
}

void SimServer::tick() {
    if (!up()) return;
    broker_->tick();
    end_round();
}

void SimServer::check_limits() {
    seen_.queue_bytes = std::max(seen_.queue_bytes, keeper_->waiting_bytes());
    seen_.memory_bytes = std::max(seen_.memory_bytes, engine_->memory_bytes());
    judge_.expect(keeper_->waiting_bytes() <= settings_.keeper_bytes_limit + queue_slack_bytes,
                  "{} bytes wait for their commit", keeper_->waiting_bytes());
    judge_.expect(
        engine_->memory_bytes() <= 4 * settings_.history.head_bytes_limit + memory_slack_bytes,
        "history takes {} bytes of memory", engine_->memory_bytes());
    const auto& figures = broker_->figures();
    judge_.expect(figures.protocol_errors == 0, "the broker counts {} protocol errors",
                  figures.protocol_errors);
    judge_.expect(figures.connects_refused == 0, "the broker refused {} connections",
                  figures.connects_refused);
    if (settings_.mutant == Mutant::early_ack) return;
    judge_.expect(broker_->totals().uncommitted_rounds == keeper_->waiting() + keeper_->answers(),
                  "the broker has {} open rounds, the keeper {} and {} answers",
                  broker_->totals().uncommitted_rounds, keeper_->waiting(), keeper_->answers());
}

// As the commit thread, which waits while too much is in memory.
bool SimServer::make_room() {
    for (int tries = 0; engine_->crowded() && tries < 20; ++tries) {
        const auto sealed = engine_->seal_some();
        if (!sealed) return false;
    }
    return !engine_->crowded();
}

void SimServer::commit_some(Random& random) {
    if (!up() || keeper_->waiting() == 0 || !make_room()) return;
    keeper_->commit_some(1 + random.below(keeper_->waiting()));
    if (engine_->sealing_wanted() && random.chance(0.8)) [[maybe_unused]]
        const auto sealed = engine_->seal_some();
}

void SimServer::commit_all() {
    if (!up() || keeper_->waiting() == 0) return;
    if (make_room()) keeper_->commit_some(keeper_->waiting());
}

void SimServer::deliver_answers(size_t most) {
    if (!up()) return;
    for (size_t i = 0; i < most; ++i) {
        const auto answer = keeper_->take_answer();
        if (!answer) break;
        broker_->committed(answer->ticket, answer->result);
    }
    end_round();
}

void SimServer::keep_house(Random& random) {
    if (!up()) return;
    const auto tell = [&](std::string_view what, const Result<void>& result) {
        judge_.note("{}: {}", what, result ? "done" : result.error().text());
    };
    switch (random.below(8)) {
        case 0:
            return tell("seal late", engine_->seal_late());
        case 1:
            return tell("seal all", engine_->seal_all());
        case 2:
            return tell("merge small", engine_->merge_small());
        case 3:
            return tell("probe", engine_->probe());
        case 4:
        case 5:
            return tell("release journal", engine_->release_journal());
        default: {
            const auto sealed = engine_->seal_some();
            tell("seal some", sealed ? Result<void>() : hw::fail(sealed.error()));
        }
    }
}

void SimServer::seal_all() {
    if (const auto sealed = engine_->seal_all(); !sealed)
        judge_.fail("sealing on a sound disk fails: {}", sealed.error().text());
    if (const auto merged = engine_->merge_small(); !merged)
        judge_.fail("merging on a sound disk fails: {}", merged.error().text());
    if (const auto released = engine_->release_journal(); !released)
        judge_.fail("releasing the journal on a sound disk fails: {}", released.error().text());
}

void SimServer::spoil(double odds, uint64_t room) {
    judge_.note("the disk fails with odds {} and has room for {}", odds, room);
    disk_.set_faults({.append_fails = odds, .sync_fails = odds});
    store_.set_faults(odds, odds);
    disk_.set_capacity(room == UINT64_MAX ? room : disk_.used_bytes() + room);
}

void SimServer::heal() {
    disk_.set_faults({});
    store_.set_faults(0, 0);
    disk_.set_capacity(UINT64_MAX);
}

void SimServer::check_history() {
    if (!up()) return;
    if (const auto wrong = model_.check(*engine_, *points_)) judge_.fail("{}", *wrong);
}

void SimServer::check_buckets(Random& random) {
    if (const auto wrong = model_.check_buckets(*engine_, *points_, random, clock_.now()))
        judge_.fail("{}", *wrong);
}

}  // namespace hw::simulation
