#include "twin/derive/accumulator.h"

#include <utility>
#include <vector>

#include "base/assert.h"
#include "twin/derive/exact_sum.h"
#include "twin/derive/member_table.h"

namespace hw::twin {

namespace {

using model::Quality;
using model::QualityFamily;
using sql::Datum;
using sql::Kind;

// What all functions share: the members, and how many of them are usable, doubtful (bad, uncertain
// or of a kind that the function cannot take) and stale. A member without a contribution and of
// good quality was left out by a FILTER, or has no such property: it makes nothing doubtful.
class Kept : public Accumulator {
  public:
    bool set(uint32_t member, const Datum& contribution, Quality quality, bool stale) final;
    bool remove(uint32_t member) final;
    size_t members() const final { return table_.size(); }
    Quality quality() const final {
        if (doubtful_ == 0) return Quality::good;
        return usable_ == 0 ? Quality::bad : Quality::uncertain_sub_normal;
    }
    bool stale() const final { return stale_ > 0; }
    size_t bytes() const final {
        return sizeof(Kept) + table_.bytes() + heap_bytes_ + more_bytes();
    }

  protected:
    using Entry = MemberTable::Entry;

    virtual bool fits(const Datum& value) const = 0;
    // An entry that has become usable or will no longer be. True: the result may be another one.
    virtual bool put_in(size_t at) = 0;
    virtual bool take_out(size_t at) = 0;
    // The entry that was last lies at `at` now; `last` is empty. Called between take_out() of what
    // was at `at` and anything else.
    virtual void moved([[maybe_unused]] size_t last, [[maybe_unused]] size_t at) {}
    virtual size_t more_bytes() const { return 0; }

    const MemberTable& table() const { return table_; }
    size_t usable() const { return usable_; }

  private:
    void count(const Entry& entry, int sign);

    MemberTable table_;
    size_t usable_ = 0, doubtful_ = 0, stale_ = 0;
    size_t heap_bytes_ = 0;
};

void Kept::count(const Entry& entry, int sign) {
    const auto by = static_cast<size_t>(sign);  // wraps for -1
    const bool unfit = !entry.value.is_null() && !entry.usable;
    if (entry.usable) usable_ += by;
    if (entry.usable && entry.stale) stale_ += by;
    if (unfit || model::family(entry.quality) != QualityFamily::good) doubtful_ += by;
    if (entry.value.kind() >= Kind::text) heap_bytes_ += by * entry.value.heap_bytes();
}

bool Kept::set(uint32_t member, const Datum& contribution, Quality quality, bool stale) {
    const auto found = table_.find(member);
    const Quality quality_before = this->quality();
    const bool stale_before = this->stale();
    const size_t at = found ? *found : table_.add(member);
    Entry& entry = table_[at];
    bool changed = !found;
    if (found) {
        if (entry.quality == quality && entry.stale == stale &&
            entry.value.kind() == contribution.kind() && entry.value == contribution)
            return false;
        count(entry, -1);
        if (entry.usable) changed = take_out(at);
    }
    entry.value = contribution;
    entry.quality = quality;
    entry.stale = stale;
    entry.usable = model::family(quality) != QualityFamily::bad && !contribution.is_null() &&
                   fits(contribution);
    count(entry, 1);
    if (entry.usable) changed = put_in(at) || changed;
    return changed || this->quality() != quality_before || this->stale() != stale_before;
}

bool Kept::remove(uint32_t member) {
    const auto at = table_.find(member);
    if (!at) return false;
    const Quality quality_before = quality();
    const bool stale_before = stale();
    count(table_[*at], -1);
    bool changed = table_[*at].usable && take_out(*at);
    const size_t last = table_.size() - 1;
    table_.remove(*at);
    moved(last, *at);
    return changed || quality() != quality_before || stale() != stale_before;
}

class Count final : public Kept {
  public:
    Datum result() const override { return Datum::integer(static_cast<int64_t>(usable())); }

  private:
    bool fits(const Datum&) const override { return true; }
    bool put_in(size_t) override { return true; }
    bool take_out(size_t) override { return true; }
};

// sum and avg. A NaN is no number that could be added: it counts as unknown.
class Total final : public Kept {
  public:
    explicit Total(bool mean) : mean_(mean) {}
    Datum result() const override {
        int64_t whole = 0;
        if (!mean_) {
            if (reals_ == 0 && sum_.whole(whole)) return Datum::integer(whole);
            return Datum::real(sum_.value());
        }
        if (usable() == 0) return {};
        return Datum::real(sum_.value() / static_cast<double>(usable()));
    }

  private:
    bool fits(const Datum& value) const override {
        if (value.kind() == Kind::float64) return value.as_real() == value.as_real();
        return value.kind() == Kind::int64 || value.kind() == Kind::boolean;
    }
    bool put_in(size_t at) override {
        const Datum& value = table()[at].value;
        if (value.kind() == Kind::float64) {
            sum_.add(value.as_real());
            ++reals_;
        } else {
            sum_.add(whole_of(value));
        }
        return true;
    }
    bool take_out(size_t at) override {
        const Datum& value = table()[at].value;
        if (value.kind() == Kind::float64) {
            sum_.subtract(value.as_real());
            --reals_;
        } else {
            sum_.subtract(whole_of(value));
        }
        return true;
    }
    size_t more_bytes() const override { return sizeof(ExactSum) + sum_.bytes(); }
    static int64_t whole_of(const Datum& value) {
        return value.kind() == Kind::boolean ? value.as_boolean() : value.as_integer();
    }

    const bool mean_;
    size_t reals_ = 0;
    ExactSum sum_;
};

// any and all, of booleans.
class Truth final : public Kept {
  public:
    explicit Truth(bool every) : every_(every) {}
    Datum result() const override { return Datum::boolean(every_ ? true_ == usable() : true_ > 0); }

  private:
    bool fits(const Datum& value) const override { return value.kind() == Kind::boolean; }
    bool put_in(size_t at) override {
        if (table()[at].value.as_boolean()) ++true_;
        return true;
    }
    bool take_out(size_t at) override {
        if (table()[at].value.as_boolean()) --true_;
        return true;
    }

    const bool every_;
    size_t true_ = 0;
};

// min and max: a tournament over the entries' places. Each node of the heap-shaped tree has the
// better one of the two below it; a change plays its way up again and stops where the winner stays
// what it was.
class Extreme final : public Kept {
  public:
    explicit Extreme(bool greatest) : greatest_(greatest) {}
    Datum result() const override { return winner() == none ? Datum() : table()[winner()].value; }

  private:
    static constexpr uint32_t none = UINT32_MAX;

    bool fits(const Datum& value) const override {
        if (value.kind() == Kind::float64) return value.as_real() == value.as_real();
        return value.kind() != Kind::bytes && value.kind() < Kind::array;
    }
    bool put_in(size_t at) override {
        if (at >= leaves_) grow(at + 1);
        tree_[leaves_ + at] = static_cast<uint32_t>(at);
        play(at);
        return winner() == at;
    }
    bool take_out(size_t at) override {
        const bool won = winner() == at;
        tree_[leaves_ + at] = none;
        play(at);
        return won;
    }
    void moved(size_t last, size_t at) override {
        if (last >= leaves_) return;  // never was usable
        const bool playing = tree_[leaves_ + last] != none;
        tree_[leaves_ + last] = none;
        if (last != at && playing) tree_[leaves_ + at] = static_cast<uint32_t>(at);
        play(last);
        if (last != at) play(at);
    }
    size_t more_bytes() const override { return tree_.capacity() * sizeof(uint32_t); }

    uint32_t winner() const { return leaves_ == 0 ? none : tree_[1]; }
    // Equal values of two kinds (1 and 1.0): always the same one, whoever came first.
    uint32_t better(uint32_t a, uint32_t b) const {
        if (a == none || b == none) return a == none ? b : a;
        const Datum &x = table()[a].value, &y = table()[b].value;
        const auto order = sql::order(x, y);
        if (order != 0) return (order < 0) != greatest_ ? a : b;
        return y.kind() < x.kind() ? b : a;
    }
    void play(size_t leaf) {
        for (size_t node = (leaves_ + leaf) / 2; node > 0; node /= 2) {
            const uint32_t won = better(tree_[2 * node], tree_[2 * node + 1]);
            // Where another one had won and still does, nothing above can be another.
            if (tree_[node] == won && won != leaf) break;
            tree_[node] = won;
        }
    }
    void grow(size_t least) {
        size_t leaves = leaves_ == 0 ? 2 : leaves_;
        while (leaves < least)
            leaves *= 2;
        std::vector<uint32_t> tree(2 * leaves, none);
        for (size_t i = 0; i < leaves_; ++i)
            tree[leaves + i] = tree_[leaves_ + i];
        tree_ = std::move(tree);
        leaves_ = leaves;
        for (size_t node = leaves_ - 1; node > 0; --node)
            tree_[node] = better(tree_[2 * node], tree_[2 * node + 1]);
    }

    const bool greatest_;
    size_t leaves_ = 0;  // a power of two
    std::vector<uint32_t> tree_;
};

}  // namespace

std::unique_ptr<Accumulator> Accumulator::make(RollUpFunction function) {
    switch (function) {
        case RollUpFunction::count:
            return std::make_unique<Count>();
        case RollUpFunction::sum:
            return std::make_unique<Total>(false);
        case RollUpFunction::avg:
            return std::make_unique<Total>(true);
        case RollUpFunction::min:
            return std::make_unique<Extreme>(false);
        case RollUpFunction::max:
            return std::make_unique<Extreme>(true);
        case RollUpFunction::any:
            return std::make_unique<Truth>(false);
        case RollUpFunction::all:
            return std::make_unique<Truth>(true);
    }
    HW_ASSERT(false);
    return nullptr;
}

}  // namespace hw::twin
