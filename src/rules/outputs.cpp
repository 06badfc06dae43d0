#include "rules/outputs.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/assert.h"
#include "base/log.h"

namespace hw::rules {

namespace {

constexpr Duration retry_after = seconds(1);
constexpr size_t publishes_at_once = 1'024;
constexpr size_t samples_at_once = 65'536;
constexpr size_t message_bytes = 200;

}  // namespace

// Completions come on any thread and may outlive the Outputs.
struct Outputs::Shared {
    Mutex mutex;
    std::set<uint64_t> open HW_LOCKING(guarded_by(mutex));  // not safe yet
    std::vector<std::pair<uint64_t, Error>> failed_keeps HW_LOCKING(guarded_by(mutex));
    std::set<uint64_t> kept HW_LOCKING(guarded_by(mutex));
    size_t bytes HW_LOCKING(guarded_by(mutex)) = 0;
    std::function<void()> progress HW_LOCKING(guarded_by(mutex));

    void close(uint64_t number, size_t released) {
        std::function<void()> call;
        {
            MutexLock lock(mutex);
            open.erase(number);
            bytes -= std::min(bytes, released);
            call = progress;
        }
        if (call) call();
    }
    void begin(uint64_t number, size_t taken) {
        MutexLock lock(mutex);
        open.insert(number);
        bytes += taken;
    }
};

Outputs::Outputs(Ports& ports, const Clock& clock, size_t bytes_limit)
    : ports_(ports),
      clock_(clock),
      bytes_limit_(bytes_limit),
      shared_(std::make_shared<Shared>()) {}

Outputs::~Outputs() {
    on_progress({});
}

void Outputs::count(std::vector<Share>& shares, const std::shared_ptr<ActionFigures>& figures) {
    if (shares.empty() || shares.back().figures != figures) shares.push_back({figures, 0});
    ++shares.back().rows;
}

void Outputs::publish(Publish message, uint8_t hops, std::shared_ptr<ActionFigures> figures) {
    if (!message.direct) hops_.note(HopBook::key_of_message(message.topic, message.payload), hops);
    publishes_.push_back(std::move(message));
    count(publish_shares_, figures);
    if (publishes_.size() >= publishes_at_once) hand_publishes();
}

Result<void> Outputs::keep(std::string_view path, const model::Sample& sample,
                           std::string_view unit, uint8_t hops,
                           std::shared_ptr<ActionFigures> figures) {
    const model::PointId point = HW_TRY(ports_.point(path));
    hops_.note(HopBook::key_of_sample(point, sample.time), hops);
    samples_.add(point, sample);
    if (!unit.empty()) ports_.describe(point, unit);
    count(sample_shares_, figures);
    if (samples_.size() >= samples_at_once) hand_samples();
    return {};
}

void Outputs::write(WriteOrder order, std::shared_ptr<ActionFigures> figures) {
    const uint64_t number = ++last_;
    shared_->begin(number, 0);
    const auto done = [shared = shared_, number, figures,
                       clock = &clock_](const Result<void>& result) {
        if (result) {
            figures->sent.fetch_add(1, std::memory_order_relaxed);
        } else {
            figures->fail(clock->now(), result.error().text());
        }
        shared->close(number, 0);
    };
    ports_.write(std::move(order), done);
}

void Outputs::hand_publishes() {
    if (publishes_.empty()) return;
    const uint64_t number = ++last_;
    size_t bytes = 0;
    for (const auto& message : publishes_)
        bytes += message_bytes + message.topic.size() + message.payload.size();
    shared_->begin(number, bytes);
    auto done = [shared = shared_, number, bytes, clock = &clock_,
                 shares = std::exchange(publish_shares_, {})](const Result<void>& result) {
        for (const auto& share : shares) {
            if (result) {
                share.figures->sent.fetch_add(share.rows, std::memory_order_relaxed);
            } else {
                share.figures->fail(clock->now(), result.error().text(), share.rows);
            }
        }
        shared->close(number, bytes);
    };
    ports_.publish(std::exchange(publishes_, {}), std::move(done));
}

void Outputs::hand_samples() {
    if (samples_.empty()) return;
    Kept& kept = kept_.emplace_back();
    kept.number = ++last_;
    kept.batch = std::exchange(samples_, {});
    kept.shares = std::exchange(sample_shares_, {});
    shared_->begin(kept.number, kept.batch.bytes());
    // Behind one that history would not take: in its order.
    const bool waits =
        std::any_of(kept_.begin(), kept_.end(), [](const Kept& one) { return one.failed; });
    kept.failed = waits;
    if (!waits) submit(kept);
}

void Outputs::submit(Kept& kept) {
    kept.failed = false;
    auto done = [shared = shared_, number = kept.number](const Result<void>& result) {
        std::function<void()> call;
        {
            MutexLock lock(shared->mutex);
            if (result) {
                shared->kept.insert(number);
            } else {
                shared->failed_keeps.emplace_back(number, result.error());
            }
            call = shared->progress;
        }
        if (call) call();
    };
    ports_.keep(kept.batch, std::move(done));
}

void Outputs::settle(const Kept& kept) {
    MutexLock lock(shared_->mutex);
    shared_->open.erase(kept.number);
    shared_->bytes -= std::min(shared_->bytes, kept.batch.bytes());
}

// History will never take it: a text that is too long, for instance.
void Outputs::give_up(uint64_t number, Time now, const Error& error) {
    const auto at = std::find_if(kept_.begin(), kept_.end(),
                                 [&](const Kept& one) { return one.number == number; });
    if (at == kept_.end()) return;
    for (const auto& share : at->shares)
        share.figures->fail(now, error.text(), share.rows);
    settle(*at);
    kept_.erase(at);
}

// What history answered since the last time.
void Outputs::collect(Time now) {
    std::set<uint64_t> kept;
    std::vector<std::pair<uint64_t, Error>> failed;
    {
        MutexLock lock(shared_->mutex);
        kept.swap(shared_->kept);
        failed.swap(shared_->failed_keeps);
    }
    for (const auto& [number, error] : failed) {
        if (error.code() == ErrorCode::invalid_argument ||
            error.code() == ErrorCode::limit_exceeded) {
            give_up(number, now, error);
            continue;
        }
        for (auto& one : kept_)
            if (one.number == number) one.failed = true;
        if (retry_) continue;
        log_warning("rules",
                    "history does not take the rows of rules now, they wait: " + error.text());
        retry_ = now + retry_after;
    }
    std::erase_if(kept_, [&](const Kept& one) {
        if (!kept.contains(one.number)) return false;
        for (const auto& share : one.shares)
            share.figures->sent.fetch_add(share.rows, std::memory_order_relaxed);
        settle(one);
        return true;
    });
}

void Outputs::flush(Time now) {
    hand_publishes();
    hand_samples();
    collect(now);
    if (!retry_ || now < *retry_) return;
    retry_.reset();
    for (auto& one : kept_)
        if (one.failed) submit(one);
}

Done Outputs::expect() {
    const uint64_t number = ++last_;
    shared_->begin(number, 0);
    return [shared = shared_, number](const Result<void>&) { shared->close(number, 0); };
}

uint64_t Outputs::safe() {
    MutexLock lock(shared_->mutex);
    return shared_->open.empty() ? last_ : *shared_->open.begin() - 1;
}

bool Outputs::overloaded() const {
    {
        MutexLock lock(shared_->mutex);
        if (shared_->bytes > bytes_limit_) return true;
    }
    return ports_.overloaded();
}

bool Outputs::idle() {
    return publishes_.empty() && samples_.empty() && safe() == last_;
}

std::optional<Time> Outputs::next_retry() const {
    return retry_;
}

void Outputs::on_progress(std::function<void()> call) {
    MutexLock lock(shared_->mutex);
    shared_->progress = std::move(call);
}

}  // namespace hw::rules
