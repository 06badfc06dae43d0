#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "model/point_directory.h"
#include "model/value.h"
#include "rules/filter_tree.h"

namespace hw::rules {

// Whether any rule wants an event, and any of those with a guarantee.
struct Wanted {
    bool any = false;
    bool durable = false;
};

// What the rules together read: so that producers make and offer only events that are wanted. Any
// thread. An answer holds while stamp() stays as it is: keep it by topic (in the broker's route)
// and ask again when the stamp has changed. The stamp changes when a filter comes or goes, not with
// each rule on it.
class Interest {
  public:
    uint64_t stamp() const { return stamp_.load(std::memory_order_acquire); }  // never 0
    const std::atomic<uint64_t>& stamp_place() const { return stamp_; }

    // Lets everybody ask again, also those who ask somebody else by the same stamp.
    void touch() { stamp_.fetch_add(1, std::memory_order_acq_rel); }

    Wanted message(std::string_view topic) const;
    Wanted event(std::string_view name) const;  // without "$events/"
    Wanted ingress(std::string_view source) const;
    Wanted point(std::string_view path) const;

    enum class Kind : uint8_t { message, event, ingress, point };
    static constexpr size_t kind_count = 4;
    // The engine's: one reader more or less of the filter.
    void add(Kind kind, std::string_view filter, bool durable);
    void remove(Kind kind, std::string_view filter, bool durable);

  private:
    struct Readers {
        uint32_t filter = 0;
        uint64_t all = 0;
        uint64_t durable = 0;
    };
    struct Table {
        FilterTree tree;
        std::map<std::string, Readers, std::less<>> filters;
        std::vector<Readers*> by_number;
    };
    Wanted ask(Kind kind, std::string_view name) const;
    std::atomic<uint64_t> stamp_{1};
    mutable Mutex mutex_;
    Table tables_[kind_count] HW_LOCKING(guarded_by(mutex_));
};

// Answers for points by id, for who taps samples. One thread; one byte a point.
class PointInterest {
  public:
    PointInterest(const Interest& interest, const model::PointDirectory& points)
        : interest_(interest), points_(points) {}
    Wanted of(model::PointId id);

  private:
    const Interest& interest_;
    const model::PointDirectory& points_;
    uint64_t stamp_ = 0;
    std::vector<uint8_t> known_;  // 0: not asked yet
};

}  // namespace hw::rules
