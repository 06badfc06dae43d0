#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/system_operations.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "history/history.h"
#include "io/reactor.h"
#include "model/point_directory.h"

namespace hw::app {

// Watches the server itself: each second its use of CPU and how late its reactors are, every 5 s
// the key figures, for an hour: about 100 KB. Costs about half a millisecond each time that the
// figures are read. Begins when it is made; any thread may ask.
class SystemWatch final : public api::SystemPort {
  public:
    struct Rooms {
        history::History& history;
        const model::PointDirectory& points;
        const Clock& clock;
        const Metrics& metrics;
        io::Reactor& http;  // whose thread it runs on
        io::Reactor& mqtt;
        std::string folder;
    };
    static constexpr size_t rows_limit = 720;  // an hour

    SystemWatch(Rooms rooms, const Config& config);

    api::SystemFacts facts() override;
    std::vector<api::SettingRow> settings() const override;
    api::FigureTable figures(Duration last) const override;
    Time now() const override { return rooms_.clock.now(); }

  private:
    struct Cpu {
        Time time;  // monotonic
        Duration used;
    };
    struct Row {
        Time time;
        std::vector<double> values;
    };
    // How late a task of a reactor was, each second of the last minute.
    class LagMeter {
      public:
        void add(double ms);
        api::SystemFacts::Lag lag(std::string_view name) const;

      private:
        std::deque<double> last_;
    };
    using Sums = std::map<std::string, double, std::less<>>;

    void tick();
    void probe();
    void sample();
    double cpu_cores() const;
    void add_history(api::SystemFacts& facts);
    std::optional<Time> oldest_sample() const;
    void add_pressure(api::SystemFacts& facts, const Sums& sums) const;

    const Rooms rooms_;
    const Config config_;
    const Time started_;
    const Time started_monotonic_;

    // The HTTP reactor's.
    unsigned ticks_ = 0;
    Sums before_;
    Time sampled_;

    mutable Mutex mutex_;
    std::deque<Cpu> cpu_ HW_LOCKING(guarded_by(mutex_));
    std::deque<Row> rows_ HW_LOCKING(guarded_by(mutex_));
    LagMeter http_lag_ HW_LOCKING(guarded_by(mutex_));
    LagMeter mqtt_lag_ HW_LOCKING(guarded_by(mutex_));

    // What takes long to find, and when it was found.
    Mutex slow_mutex_;
    Time slow_until_ HW_LOCKING(guarded_by(slow_mutex_));
    std::optional<Time> oldest_ HW_LOCKING(guarded_by(slow_mutex_));
    uint64_t data_bytes_ HW_LOCKING(guarded_by(slow_mutex_)) = 0;
};

}  // namespace hw::app
