#include <algorithm>
#include <deque>
#include <limits>

#include "base/assert.h"
#include "sql/query/window_grid.h"
#include "sql/query/window_kind.h"

namespace hw::sql {

namespace {

// Tumbling, hopping and count windows: windows of one length on a grid, the axis being time or the
// number of the row. Rows lie in buckets: panes, whose windows are put together from several, or,
// where the aggregates cannot merge, one bucket a window and each row in several.
class PaneWindows final : public WindowKind {
  public:
    explicit PaneWindows(WindowCore& core)
        : core_(core),
          counts_(core.plan().type == WindowType::count),
          grid_(make_grid(core.plan())),
          by_pane_(core.can_merge()),
          width_(by_pane_ ? grid_.pane() : grid_.length()),
          allowed_(counts_ ? 0 : core.plan().allowed_lateness.ns) {
        clock_ = counts_ ? 0 : -grid_.limit();
    }

    void push(IncomingRow& row) override {
        const int64_t position = counts_ ? clock_ : std::max(clock_, grid_.clamp(row.time.ns));
        if (active_ && !counts_ && position >= next_end_) close_until(position);
        if (!counts_) clock_ = position;
        if (by_pane_) {
            if (auto* bucket = bucket_at(position)) put(*bucket, row);
            drop_refused();
        } else {
            const int64_t last = grid_.last_start(position);
            for (int64_t start = first_start(position); start <= last; start += grid_.hop())
                put(bucket(start), row);
            drop_refused();
        }
        active_ = active_ && live();
        if (!active_) activate();
        if (counts_) close_until(clock_ + 1);
    }

    bool push_late(IncomingRow& row) override;

    void advance(Time time) override {
        if (counts_) return;
        const int64_t position = grid_.clamp(time.ns);
        if (position > clock_) close_until(position);
    }

    std::optional<Time> next_due() const override {
        if (!active_ || counts_) return std::nullopt;
        return Time{next_end_};
    }

    void finish() override {
        while (active_ && !counts_)
            close_until(next_end_);
        buckets_.clear();
        active_ = false;
    }

    void save(ByteWriter& out) const override;
    void load(ByteReader& in) override;

  private:
    struct Bucket {
        int64_t start;       // local, see WindowGrid
        int64_t begin, end;  // on the axis
        int64_t keep_until;  // when no window wants it any more
        Time first, last;    // of its rows, for the bounds of count windows
        WindowContentPtr content;
    };

    static WindowGrid make_grid(const WindowPlan& plan) {
        if (plan.type == WindowType::count) {
            const auto count = static_cast<int64_t>(plan.count);
            const auto every = static_cast<int64_t>(plan.every == 0 ? plan.count : plan.every);
            return {count, every, -(count % every)};
        }
        const int64_t hop = plan.type == WindowType::hopping ? plan.hop.ns : plan.length.ns;
        return {plan.length.ns, hop, 0, plan.zone_offset};
    }

    int64_t first_start(int64_t position) const {
        const int64_t start = grid_.first_start(position);
        if (!counts_ || start >= 0) return start;
        return start + (-start + grid_.hop() - 1) / grid_.hop() * grid_.hop();
    }
    int64_t end_of(int64_t start) const { return grid_.at(start + grid_.length()); }

    Bucket make_bucket(int64_t start) const;
    Bucket& bucket(int64_t start);
    Bucket* bucket_at(int64_t position);
    void put(Bucket& bucket, IncomingRow& row);
    void drop_refused();
    std::deque<Bucket>::iterator find(int64_t start) {
        return std::ranges::lower_bound(buckets_, start, {}, &Bucket::start);
    }
    // Whether the window at next_, or a later one, has a bucket.
    bool live() const {
        return !buckets_.empty() && buckets_.back().start + (by_pane_ ? width_ : 1) > next_;
    }
    void activate();
    void close_until(int64_t position);
    std::vector<Bucket*> parts_of(int64_t start);
    void emit(int64_t start, bool again);

    WindowCore& core_;
    const bool counts_;
    const WindowGrid grid_;
    const bool by_pane_;
    const int64_t width_;
    const int64_t allowed_;
    std::deque<Bucket> buckets_;  // by start
    int64_t clock_;               // all windows that end by then are closed
    // There are rows in windows that are not closed; the first of these, and its end.
    bool active_ = false;
    int64_t next_ = 0, next_end_ = 0;
};

PaneWindows::Bucket PaneWindows::make_bucket(int64_t start) const {
    const int64_t last = by_pane_ ? grid_.last_start_of_pane(start) : start;
    return {start, grid_.at(start),     grid_.at(start + width_), end_of(last) + allowed_, {},
            {},    core_.make_content()};
}

PaneWindows::Bucket& PaneWindows::bucket(int64_t start) {
    const auto at = find(start);
    if (at != buckets_.end() && at->start == start) return *at;
    return *buckets_.insert(at, make_bucket(start));
}

// The pane of a position; null in the gaps of windows that hop further than they are long.
PaneWindows::Bucket* PaneWindows::bucket_at(int64_t position) {
    if (!buckets_.empty() && buckets_.back().begin <= position && position < buckets_.back().end)
        return &buckets_.back();
    if (grid_.first_start(position) > grid_.last_start(position)) return nullptr;
    return &bucket(grid_.pane_start(position));
}

void PaneWindows::put(Bucket& bucket, IncomingRow& row) {
    if (counts_) {
        if (bucket.begin == clock_ || bucket.first == Time{}) bucket.first = row.time;
        bucket.last = row.time;
    }
    core_.add(*bucket.content, row);
}

// At a limit rows must not leave buckets behind.
void PaneWindows::drop_refused() {
    while (!counts_ && !buckets_.empty() && buckets_.back().content->empty())
        buckets_.pop_back();
}

// Invariant: while active, next_ is the first window that ends after the clock.
void PaneWindows::activate() {
    next_ = first_start(clock_);
    next_end_ = end_of(next_);
    active_ = live();
}

void PaneWindows::close_until(int64_t position) {
    clock_ = position;
    while (active_ && next_end_ <= position) {
        emit(next_, false);
        next_ += grid_.hop();
        next_end_ = end_of(next_);
        active_ = live();
    }
    while (!buckets_.empty() && buckets_.front().keep_until <= position)
        buckets_.pop_front();
}

std::vector<PaneWindows::Bucket*> PaneWindows::parts_of(int64_t start) {
    std::vector<Bucket*> parts;
    const int64_t end = start + (by_pane_ ? grid_.length() : 1);
    for (auto at = find(start); at != buckets_.end() && at->start < end; ++at)
        parts.push_back(&*at);
    return parts;
}

void PaneWindows::emit(int64_t start, bool again) {
    const auto parts = parts_of(start);
    std::vector<const WindowContent*> contents;
    for (const auto* part : parts)
        if (!part->content->empty()) contents.push_back(part->content.get());
    if (contents.empty()) return;
    WindowBounds bounds{Time{grid_.at(start)}, Time{end_of(start)}, again};
    if (counts_) bounds = {parts.front()->first, parts.back()->last, again};
    core_.emit(bounds, contents);
}

bool PaneWindows::push_late(IncomingRow& row) {
    if (allowed_ == 0 || counts_) return false;
    const int64_t position = std::min(clock_, grid_.clamp(row.time.ns));
    struct Taking {
        int64_t start;
        bool closed, again;
    };
    std::vector<Taking> windows;
    const int64_t last = grid_.last_start(position);
    for (int64_t start = grid_.first_start(position); start <= last; start += grid_.hop()) {
        const int64_t end = end_of(start);
        if (end + allowed_ <= clock_) continue;
        const bool again = std::ranges::any_of(
            parts_of(start), [](const Bucket* part) { return !part->content->empty(); });
        windows.push_back({start, end <= clock_, again});
    }
    if (windows.empty()) return false;
    if (by_pane_)
        put(bucket(grid_.pane_start(position)), row);
    else
        for (const auto& window : windows)
            put(bucket(window.start), row);
    if (!active_) activate();
    if (row.broken) return true;
    for (const auto& window : windows)
        if (window.closed) emit(window.start, window.again);
    return true;
}

void PaneWindows::save(ByteWriter& out) const {
    out.signed_varint(clock_);
    out.varint(buckets_.size());
    for (const auto& bucket : buckets_) {
        out.signed_varint(bucket.start);
        out.signed_varint(bucket.first.ns);
        out.signed_varint(bucket.last.ns);
        bucket.content->save(out);
    }
}

void PaneWindows::load(ByteReader& in) {
    clock_ = grid_.clamp(in.signed_varint());
    const uint64_t count = in.varint();
    if (clock_ < 0 && counts_) in.fail();
    for (uint64_t i = 0; i < count && !in.failed(); ++i) {
        const int64_t start = in.signed_varint();
        const Time first{in.signed_varint()}, last{in.signed_varint()};
        const int64_t step = by_pane_ ? width_ : grid_.hop();
        const bool known = grid_.clamp(start) == start && grid_.is_start(start, step);
        if (!known || (!buckets_.empty() && start <= buckets_.back().start)) return in.fail();
        auto bucket = make_bucket(start);
        // No row is of the future, and what nobody wants any more is not kept.
        if (bucket.begin > clock_ || bucket.keep_until <= clock_) return in.fail();
        bucket.first = first;
        bucket.last = last;
        bucket.content->load(in);
        buckets_.push_back(std::move(bucket));
    }
    if (!in.failed()) activate();
}

}  // namespace

std::unique_ptr<WindowKind> make_pane_windows(WindowCore& core) {
    return std::make_unique<PaneWindows>(core);
}

}  // namespace hw::sql
