#include <algorithm>
#include <limits>

#include "sql/query/window_kind.h"

namespace hw::sql {

namespace {

// Session windows. One session at a time: it ends `timeout` after its last row, or at the first
// multiple of `longest` since 1970 at which it has lasted that long; then, if the next row comes
// within the timeout of the last one, the next session starts where this one ended (or at the last
// multiple before the row).
class SessionWindows final : public WindowKind {
  public:
    explicit SessionWindows(WindowCore& core)
        : core_(core), timeout_(core.plan().hop), longest_(core.plan().length) {}

    void push(IncomingRow& row) override {
        if (!content_) {
            start_ = row.time;
            // The session goes on: from its cut, or the multiple after that.
            if (cut_ && row.time < last_ + timeout_)
                start_.ns -= (row.time - *cut_).ns % longest_.ns;
            cut_.reset();
            content_ = core_.make_content();
        }
        core_.add(*content_, row);
        if (content_->empty())
            content_.reset();  // the first row was refused
        else if (!row.broken)
            last_ = row.time;
    }

    bool push_late(IncomingRow& row) override {
        if (core_.plan().allowed_lateness == Duration{}) return false;
        if (!content_ || row.time < start_) return false;
        core_.add(*content_, row);
        return true;
    }

    void advance(Time time) override {
        while (content_ && end() <= time)
            close();
    }

    std::optional<Time> next_due() const override {
        if (!content_) return std::nullopt;
        return end();
    }

    void finish() override {
        if (content_) close();
    }

    void save(ByteWriter& out) const override {
        out.u8(static_cast<uint8_t>((content_ ? 1 : 0) | (cut_ ? 2 : 0)));
        out.signed_varint(start_.ns);
        out.signed_varint(last_.ns);
        if (cut_) out.signed_varint(cut_->ns);
        if (content_) content_->save(out);
    }

    void load(ByteReader& in) override {
        const uint8_t flags = in.u8();
        start_ = load_time(in);
        last_ = load_time(in);
        if (flags > 3 || start_ > last_) return in.fail();
        if ((flags & 2) != 0) cut_ = load_time(in);
        if (cut_ && (longest_ == Duration{} || (flags & 1) != 0)) return in.fail();
        if ((flags & 1) == 0 || in.failed()) return;
        content_ = core_.make_content();
        content_->load(in);
        if (content_->empty()) in.fail();
    }

  private:
    // Times far enough from the ends of what there is that sums of durations do not overflow.
    static Time load_time(ByteReader& in) {
        const Time time{in.signed_varint()};
        if (clamp_time(time) != time) in.fail();
        return in.failed() ? Time{} : time;
    }

    Time longest_end() const {
        if (longest_ == Duration{}) return Time{std::numeric_limits<int64_t>::max()};
        const int64_t least = start_.ns + longest_.ns;
        const int64_t beyond = ((least % longest_.ns) + longest_.ns) % longest_.ns;
        return Time{beyond == 0 ? least : least - beyond + longest_.ns};
    }
    Time end() const { return std::min(last_ + timeout_, longest_end()); }

    void close() {
        const WindowBounds bounds{start_, end()};
        if (bounds.end < last_ + timeout_) cut_ = bounds.end;
        const WindowContent* content = content_.get();
        core_.emit(bounds, {&content, 1});
        content_.reset();
    }

    WindowCore& core_;
    const Duration timeout_, longest_;
    WindowContentPtr content_;  // of the session that is open
    Time start_, last_;
    std::optional<Time> cut_;  // where the last session ended by its length
};

// Without a window every row is one of its own.
class SingleRows final : public WindowKind {
  public:
    explicit SingleRows(WindowCore& core) : core_(core) {}

    void push(IncomingRow& row) override {
        StoredRow stored;
        if (row.passes && core_.store(row, stored) != nullptr) {
            const StoredRow* rows = &stored;
            core_.emit_rows({row.time, row.time}, {&rows, 1});
        }
    }
    bool push_late(IncomingRow& row) override {
        push(row);
        return true;
    }
    void advance(Time) override {}
    std::optional<Time> next_due() const override { return std::nullopt; }
    void finish() override {}
    void save(ByteWriter&) const override {}
    void load(ByteReader&) override {}

  private:
    WindowCore& core_;
};

}  // namespace

std::unique_ptr<WindowKind> make_session_windows(WindowCore& core) {
    return std::make_unique<SessionWindows>(core);
}

std::unique_ptr<WindowKind> make_single_rows(WindowCore& core) {
    return std::make_unique<SingleRows>(core);
}

}  // namespace hw::sql
