#include <algorithm>
#include <deque>
#include <limits>

#include "sql/query/window_chunks.h"
#include "sql/query/window_kind.h"

namespace hw::sql {

namespace {

constexpr Time before_all{std::numeric_limits<int64_t>::min()};

// a - b, not beyond the first moment there is.
Time back(Time a, Duration b) {
    return a.ns < before_all.ns + b.ns ? before_all : a - b;
}

// Sliding windows: the rows of the last `length` (and of the delay, and as far back as late rows
// may reach), and the triggers whose windows have not ended or may still take late rows.
class SlidingWindows final : public WindowKind {
  public:
    explicit SlidingWindows(WindowCore& core)
        : core_(core),
          length_(core.plan().length),
          delay_(core.plan().delay),
          allowed_(core.plan().allowed_lateness),
          chunked_(core.plan().grouped && core.plan().joins.empty() && core.can_merge_groups() &&
                   allowed_ == Duration{}),
          chunks_(core, rows_) {}
    ~SlidingWindows() override { forget(rows_.size()); }

    void push(IncomingRow& row) override {
        const bool triggers = triggered(row);
        if (row.broken || !insert(row) || !triggers) return;
        if (delay_ == Duration{}) emit(row.time, false);
        if (delay_ > Duration{} || allowed_ > Duration{}) triggers_.push_back(row.time);
        if (delay_ == Duration{}) fired_ = triggers_.size();
    }

    bool push_late(IncomingRow& row) override;

    void advance(Time time) override {
        if (time <= clock_) return;
        clock_ = time;
        while (fired_ < triggers_.size() && triggers_[fired_] + delay_ <= time)
            emit(triggers_[fired_++], false);
        while (fired_ > 0 && triggers_.front() + delay_ + allowed_ <= time) {
            triggers_.pop_front();
            --fired_;
        }
        const Time oldest = back(time, length_ + delay_ + allowed_);
        size_t old = 0;
        while (old < rows_.size() && rows_[old].time <= oldest)
            ++old;
        forget(old);
    }

    std::optional<Time> next_due() const override {
        if (fired_ == triggers_.size()) return std::nullopt;
        return triggers_[fired_] + delay_;
    }

    void finish() override {
        while (fired_ < triggers_.size())
            emit(triggers_[fired_++], false);
        triggers_.clear();
        fired_ = 0;
        forget(rows_.size());
    }

    void save(ByteWriter& out) const override;
    void load(ByteReader& in) override;

  private:
    bool triggered(IncomingRow& row) {
        return !core_.plan().trigger || core_.holds(*core_.plan().trigger, row);
    }
    bool insert(IncomingRow& row);
    void forget(size_t count);
    void emit(Time trigger, bool again);

    WindowCore& core_;
    const Duration length_, delay_, allowed_;
    const bool chunked_;  // late rows would move what comes after them
    Time clock_ = before_all;
    std::deque<StoredRow> rows_;  // by time
    std::deque<Time> triggers_;   // by time
    WindowChunks chunks_;
    size_t fired_ = 0;  // so many of the triggers, from the front
};

// False: refused.
bool SlidingWindows::insert(IncomingRow& row) {
    if (!row.passes) return true;
    if (!core_.can_group(row)) return false;
    StoredRow stored;
    if (core_.store(row, stored) == nullptr) return false;
    ++core_.usage().rows;
    core_.usage().bytes += stored.bytes;
    if (rows_.empty() || rows_.back().time <= row.time) {
        rows_.push_back(std::move(stored));
        return true;
    }
    const auto at = std::ranges::upper_bound(rows_, row.time, {}, &StoredRow::time);
    rows_.insert(at, std::move(stored));
    return true;
}

void SlidingWindows::forget(size_t count) {
    auto& usage = core_.usage();
    chunks_.forget(count);
    for (; count > 0; --count) {
        --usage.rows;
        usage.bytes -= rows_.front().bytes;
        rows_.pop_front();
    }
}

// The rows of (trigger - length, trigger], or with a delay of (trigger - length, trigger + delay).
void SlidingWindows::emit(Time trigger, bool again) {
    const WindowBounds bounds{back(trigger, length_), trigger + delay_, again};
    auto at = std::ranges::upper_bound(rows_, bounds.start, {}, &StoredRow::time);
    const auto end = delay_ == Duration{}
                         ? std::ranges::upper_bound(rows_, bounds.end, {}, &StoredRow::time)
                         : std::ranges::lower_bound(rows_, bounds.end, {}, &StoredRow::time);
    const auto range = static_cast<size_t>(std::max<ptrdiff_t>(end - at, 0));
    if (chunked_ && range >= WindowChunks::worth_rows) {
        const auto first = static_cast<size_t>(at - rows_.begin());
        const auto groups = core_.make_table();
        chunks_.collect(first, first + range, *groups);
        return core_.emit_table(bounds, *groups);
    }
    std::vector<const StoredRow*> rows;
    for (; at < end; ++at)
        rows.push_back(&*at);
    if (!rows.empty()) core_.emit_rows(bounds, rows);
}

bool SlidingWindows::push_late(IncomingRow& row) {
    if (allowed_ == Duration{} || row.time + delay_ + allowed_ <= clock_) return false;
    const bool triggers = triggered(row);
    if (row.broken || !insert(row)) return true;
    const auto first_fired = [&] {
        const auto at = std::ranges::upper_bound(triggers_, row.time);
        return static_cast<size_t>(at - triggers_.begin());
    };
    size_t at = first_fired();
    if (triggers) {
        triggers_.insert(triggers_.begin() + static_cast<ptrdiff_t>(at), row.time);
        if (row.time + delay_ <= clock_) {
            ++fired_;
            emit(row.time, false);
        }
        ++at;
    }
    if (!row.passes) return true;  // it changes no other window
    // Triggers before the row have it only by their delay.
    while (at > 0 && delay_ > Duration{} && row.time < triggers_[at - 1] + delay_)
        --at;
    for (; at < fired_ && back(triggers_[at], length_) < row.time; ++at) {
        const Time end = triggers_[at] + delay_;
        const bool own = triggers && triggers_[at] == row.time;
        if (!own && end + allowed_ > clock_) emit(triggers_[at], true);
    }
    return true;
}

void SlidingWindows::save(ByteWriter& out) const {
    out.signed_varint(clock_.ns);
    out.varint(triggers_.size());
    for (const auto trigger : triggers_)
        out.signed_varint(trigger.ns);
    out.varint(fired_);
    out.varint(chunks_.forgotten());
    out.varint(rows_.size());
    for (const auto& row : rows_)
        save_row(out, row, core_.plan().kept_slots.size());
}

void SlidingWindows::load(ByteReader& in) {
    clock_ = Time{in.signed_varint()};
    if (clock_ != before_all && clock_ != clamp_time(clock_)) in.fail();
    const uint64_t count = in.varint();
    if (count > in.remaining()) in.fail();
    for (uint64_t i = 0; i < count && !in.failed(); ++i) {
        const Time trigger{in.signed_varint()};
        if (trigger > clock_ || trigger != clamp_time(trigger)) return in.fail();
        if (i > 0 && trigger < triggers_.back()) return in.fail();
        triggers_.push_back(trigger);
    }
    fired_ = in.varint();
    if (fired_ > triggers_.size()) return in.fail();
    const uint64_t forgotten = in.varint();
    if (forgotten > UINT64_MAX / 2) return in.fail();
    chunks_.set_forgotten(forgotten);
    for (auto& row : load_rows(in, core_.plan().shapes, core_.plan().kept_slots.size())) {
        if (!rows_.empty() && row.time < rows_.back().time) return in.fail();
        ++core_.usage().rows;
        core_.usage().bytes += row.bytes;
        rows_.push_back(std::move(row));
    }
}

}  // namespace

std::unique_ptr<WindowKind> make_sliding_windows(WindowCore& core) {
    return std::make_unique<SlidingWindows>(core);
}

}  // namespace hw::sql
