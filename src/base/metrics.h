#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace hw {

// Counts up. Any thread; an add costs one relaxed atomic addition.
class Counter {
  public:
    void add(uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
    uint64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<uint64_t> value_{0};
};

// Durations in fixed buckets from 10 us to 10 s, in steps of 1-2.5-5. Any thread.
class LatencyHistogram {
  public:
    static constexpr std::array<double, 19> bounds_s = {
        1e-5,   2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2,
        2.5e-2, 5e-2,   0.1,  0.25, 0.5,    1.0,  2.5,  5.0,    10.0};

    void observe_ns(int64_t ns);
    uint64_t bucket(size_t i) const { return buckets_[i].load(std::memory_order_relaxed); }
    uint64_t count() const { return count_.load(std::memory_order_relaxed); }
    int64_t sum_ns() const { return sum_ns_.load(std::memory_order_relaxed); }

  private:
    std::array<std::atomic<uint64_t>, bounds_s.size()> buckets_{};
    std::atomic<uint64_t> count_{0};
    std::atomic<int64_t> sum_ns_{0};
};

// Every figure of the process, by Prometheus name (headworks_<room>_<what>_<unit>[_total]) and
// labels. Asking again for the same name and labels yields the same object. Objects live as long as
// the registry. Registration locks; adding does not.
class Metrics {
  public:
    using Labels = std::vector<std::pair<std::string, std::string>>;

    Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
    LatencyHistogram& latency(std::string_view name, std::string_view help, Labels labels = {});
    // A gauge is read when asked for. The reader must stay valid as long as the registry; it is
    // called on the thread that renders, so it must be safe there.
    void gauge(std::string_view name, std::string_view help, std::function<double()> read,
               Labels labels = {});
    // As gauge, of a number that only grows and is counted elsewhere.
    void total(std::string_view name, std::string_view help, std::function<double()> read,
               Labels labels = {});

    // Figures of things that come and go (devices, links): asked for at each rendering, on the
    // thread that renders. A name must belong to one collector alone. The collector must stay
    // valid as long as the registry.
    struct Collected {
        std::string_view name;  // static texts
        std::string_view help;
        bool total = false;  // it only grows
        Labels labels;
        double value = 0;
    };
    using Collector = std::function<void(std::vector<Collected>&)>;
    void collect(Collector collector);

    // The Prometheus text exposition format, version 0.0.4; families sorted by name.
    std::string render() const;

  private:
    struct Family;
    struct Series;
    Series& series(std::string_view name, std::string_view help, std::string_view type,
                   Labels labels);

    mutable Mutex mutex_;
    std::vector<std::unique_ptr<Family>> families_ HW_LOCKING(guarded_by(mutex_));
    std::vector<Collector> collectors_ HW_LOCKING(guarded_by(mutex_));

  public:
    Metrics();
    ~Metrics();
};

}  // namespace hw
