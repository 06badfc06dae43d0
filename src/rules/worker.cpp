#include "rules/worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/log.h"

namespace hw::rules {

namespace {

constexpr size_t groups_between_flushes = 16;

store::SegmentLogSettings log_settings(const Settings& settings) {
    store::SegmentLogSettings out;
    out.folder = "input";
    out.bytes_limit = settings.log_bytes;
    out.segment_bytes = std::clamp<uint64_t>(settings.log_bytes / 64, 4096, 8 << 20);
    out.sync_each = settings.log_sync;
    return out;
}

}  // namespace

Worker::Worker(Rooms rooms)
    : rooms_(std::move(rooms)),
      outputs_(rooms_.ports, rooms_.clock, rooms_.settings.output_bytes),
      streams_([this](const sql::StreamDefinition& table) { return make_table(table); }),
      tracer_(rooms_.settings.trace_events),
      checkpoints_(rooms_.disk) {
    services_.time_zone = rooms_.settings.time_zone;
    services_.schemas = rooms_.schemas;
    engine_ = std::make_unique<Engine>(Engine::Rooms{
        rooms_.settings, rooms_.functions, services_, rooms_.points, interest_, streams_, outputs_,
        ActionRooms{rooms_.outlets}, tracer_, rooms_.unit, rooms_.compile});
    log_ = std::make_unique<store::SegmentLog>(rooms_.disk, log_settings(rooms_.settings));
    Inlet::Limits limits;
    limits.queue_bytes = rooms_.settings.queue_bytes;
    inlet_ = std::make_unique<Inlet>(limits, rooms_.clock, log_.get());
    outputs_.on_progress([this] { inlet_->wake(); });
    if (rooms_.refused != nullptr) rooms_.refused->on_added([this] { inlet_->wake(); });
}

Worker::~Worker() {
    if (rooms_.refused != nullptr) rooms_.refused->on_added({});
    outputs_.on_progress({});
}

Result<void> Worker::open() {
    loaded_ = HW_TRY(checkpoints_.load());
    const auto repair = HW_TRY(log_->open(loaded_.position));
    if (!repair.clean())
        log_warning("rules", fmt::format("the input log was damaged: {} bytes cut at its end, {} "
                                         "records lost",
                                         repair.cut_bytes, repair.lost_records));
    position_ = std::max(loaded_.position, log_->begin());
    replay_next_ = position_;
    replay_end_ = log_->end();
    return {};
}

Result<void> Worker::put(std::shared_ptr<const RuleSpec> spec, int64_t version, sql::Flaw* flaw) {
    engine_->set_wall(rooms_.clock.now());
    const std::string id = spec->id;
    const bool durable = spec->options.qos != Guarantee::none;
    const bool again = begun_ && engine_->version(id) == version;
    HW_TRY(engine_->put(std::move(spec), version, flaw));
    if (again) return {};
    checkpoints_.forget(id);
    // Before begin() the checkpoint decides from where it goes on.
    if (!begun_ || !durable) return {};
    const uint64_t since = inlet_->log_end();
    engine_->set_since(id, since);
    auto noted = checkpoints_.note_begin(id, version, since);
    if (noted) noted = checkpoints_.sync();
    if (!noted) count_failure(noted.error());
    return {};
}

bool Worker::remove(std::string_view id) {
    checkpoints_.forget(id);
    return engine_->remove(id);
}

Result<std::unique_ptr<sql::LookupTable>> Worker::make_table(
    const sql::StreamDefinition& table) const {
    if (is_points_table(table)) {
        if (!rooms_.last) return fail(ErrorCode::unsupported, "there are no points here");
        return std::make_unique<PointsTable>(std::string(stream_option(table, "DATASOURCE")),
                                             rooms_.points, rooms_.last);
    }
    if (!rooms_.tables) return fail(ErrorCode::unsupported, "lookup tables are not run here");
    return rooms_.tables(table);
}

Result<void> Worker::check(const RuleSpec& spec, sql::Flaw* flaw) {
    return engine_->check(std::make_shared<const RuleSpec>(spec), flaw);
}

Result<void> Worker::begin_rule(const Engine::State& state) {
    const auto at = loaded_.rules.find(state.id);
    if (at == loaded_.rules.end() || at->second.version != state.version) {
        engine_->set_since(state.id, replay_end_);
        return checkpoints_.note_begin(state.id, state.version, replay_end_);
    }
    engine_->set_since(state.id, at->second.since);
    checkpoints_.adopt(state.id, state.version, at->second.since);
    if (at->second.state.empty()) return {};
    const auto restored = engine_->restore({state.id, state.version, at->second.state});
    if (restored) return {};
    ++figures_.begun_anew;
    log_warning("rules",
                fmt::format("rule '{}' begins anew: {}", state.id, restored.error().text()));
    return {};
}

Result<void> Worker::begin() {
    HW_ASSERT(!begun_);
    begun_ = true;
    engine_->set_wall(rooms_.clock.now());
    for (const auto& state : engine_->take_states(true))
        HW_TRY(begin_rule(state));
    HW_TRY(checkpoints_.sync());
    loaded_ = {};
    next_checkpoint_ = rooms_.clock.now() + rooms_.settings.checkpoint_interval;
    return {};
}

void Worker::push(const Group& group, bool replayed) {
    engine_->set_wall(rooms_.clock.now());
    engine_->push(group, replayed);
    if (group.position != 0) position_ = group.position + 1;
}

// Some of the log that was there at the start; false when all of it is done.
bool Worker::replay() {
    if (replay_next_ >= replay_end_) return false;
    auto part = inlet_->replay(replay_next_);
    if (!part) {
        count_failure(part.error());
        replay_next_ = replay_end_;
        return false;
    }
    for (const auto& group : part->groups) {
        if (group.position >= replay_end_) break;
        push(group, true);
        figures_.replayed += group.size();
    }
    replay_next_ = std::max(part->next, replay_next_ + 1);
    position_ = std::max(position_, std::min(replay_next_, replay_end_));
    return true;
}

bool Worker::take() {
    auto taken = inlet_->take();
    engine_->miss(taken.missed);
    size_t since_flush = 0;
    for (const auto& group : taken.groups) {
        push(group, false);
        if (++since_flush < groups_between_flushes) continue;
        outputs_.flush(rooms_.clock.now());
        since_flush = 0;
    }
    engine_->set_wall(rooms_.clock.now());
    engine_->advance(taken.until);
    return taken.more;
}

void Worker::give_refused() {
    if (rooms_.refused == nullptr || rooms_.refused->empty()) return;
    engine_->set_wall(rooms_.clock.now());
    engine_->give_refused(*rooms_.refused);
    outputs_.flush(rooms_.clock.now());
}

bool Worker::round() {
    HW_ASSERT(begun_);
    give_refused();
    outputs_.flush(rooms_.clock.now());
    stalled_ = outputs_.overloaded();
    bool more = false;
    if (!stalled_) more = replay() || take();
    outputs_.flush(rooms_.clock.now());
    checkpoint(false);
    return more;
}

std::optional<Time> Worker::next_wake() {
    std::optional<Time> wake = engine_->next_due();
    const auto sooner = [&](std::optional<Time> time) {
        if (time && (!wake || *time < *wake)) wake = time;
    };
    sooner(outputs_.next_retry());
    if (checkpoints_.any()) sooner(next_checkpoint_);
    return wake;
}

bool Worker::settle() {
    if (round() || !outputs_.idle()) return false;
    if (rooms_.refused != nullptr && !rooms_.refused->empty()) return false;
    if (checkpoints_.any() && position_ != saved_position_) {
        checkpoint(true);
        return false;
    }
    return !barrier_;
}

void Worker::checkpoint(bool now) {
    if (barrier_) {
        if (outputs_.safe() >= barrier_->output) finish_checkpoint();
        return;
    }
    if (!now && rooms_.clock.now() < next_checkpoint_) return;
    next_checkpoint_ = rooms_.clock.now() + rooms_.settings.checkpoint_interval;
    engine_->count_state();
    if (checkpoints_.any()) {
        begin_checkpoint();
        if (outputs_.safe() >= barrier_->output) finish_checkpoint();
    } else if (auto trimmed = inlet_->trim(position_); !trimmed) {
        count_failure(trimmed.error());
    }
}

// At an event's boundary: the states, and what must be safe before they may count.
void Worker::begin_checkpoint() {
    Barrier& barrier = barrier_.emplace();
    barrier.whole = checkpoints_.wants_all();
    barrier.states = engine_->take_states(barrier.whole);
    barrier.position = position_;
    engine_->flush_outlets([this] { return outputs_.expect(); });
    outputs_.flush(rooms_.clock.now());
    barrier.output = outputs_.last();
}

void Worker::finish_checkpoint() {
    const Barrier barrier = std::move(*barrier_);
    barrier_.reset();
    // Nothing has happened since the last one.
    if (!barrier.whole && barrier.states.empty() && barrier.position == saved_position_) return;
    if (auto saved = checkpoints_.save(barrier.position, barrier.states, barrier.whole); !saved) {
        count_failure(saved.error());
        return;
    }
    saved_position_ = barrier.position;
    ++figures_.checkpoints;
    figures_.checkpoint_bytes = checkpoints_.bytes();
    figures_.last_checkpoint = rooms_.clock.now();
    if (auto trimmed = inlet_->trim(barrier.position); !trimmed) count_failure(trimmed.error());
}

void Worker::count_failure(const Error& error) {
    ++figures_.checkpoint_failures;
    figures_.last_failure = error.text();
    log_warning("rules", "the state of rules could not be saved: " + error.text());
}

}  // namespace hw::rules
