#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace hw::physics {

// A centrifugal pump with a variable speed, speed as a share of the rated one. The affinity laws
// carry the curves of full speed to others: flow goes with s, head with s^2, power with s^3
// (Karassik, Pump Handbook, 2.1).
struct PumpCurve {
    double shutoff_head = 0;  // a, m: h = a s^2 - b Q^2
    double droop = 0;         // b, m/(m3/s)^2
    // Efficiency from wire to water, a parabola through zero: e(x) = x (c - d x), x = Q/s.
    double efficiency_slope = 0;  // c, 1/(m3/s)
    double efficiency_droop = 0;  // d, 1/(m3/s)^2

    double head(double flow, double speed) const;
    // Against `head`; 0 where the pump cannot lift so far (its check valve is shut).
    double flow(double head, double speed) const;
    double efficiency(double flow, double speed) const;
    // kW from the wire. With e(x) as above it is rho g H s / (c - d x), which has a value at no
    // flow too.
    double power(double flow, double head, double speed) const;
    double best_flow() const;        // at full speed
    double best_efficiency() const;  // at best_flow()
};

struct PumpUnit {
    std::string name;
    PumpCurve curve;
};

// When a station starts and stops pumps that share one header at one common speed.
struct Staging {
    double least_speed = 0.5;
    double most_speed = 1;
    double up_speed = 0.96;     // one more starts when the speed stays at or above this
    double up_seconds = 60;     // for so long
    double down_load = 0.95;    // one stops when the others would carry the flow at this share of
    double down_seconds = 600;  // their best flow, for so long
};

struct StationParameters {
    std::vector<PumpUnit> pumps;
    Staging staging;
};

// What is wanted of one pump at one moment.
struct PumpWish {
    bool available = true;
    double manual_speed = -1;  // above 0: it runs at this speed; 0: it stands; below: automatic
};

struct PumpState {
    bool running = false;
    double hours = 0;
    int64_t starts = 0;  // since the model's start
};

// The working point of a station.
struct StationPoint {
    double flow = 0;                            // m3/s
    double head = 0;                            // m, over the pumps
    double speed = 0;                           // of those in automatic
    double power = 0;                           // kW
    bool short_of = false;                      // it could not give what was asked, at full speed
    std::vector<double> flows, speeds, powers;  // pump by pump
};

// A group of pumps between two levels. Owned by one run; no thread of its own. A step costs about
// thirty evaluations of the curves.
class Station {
  public:
    explicit Station(const StationParameters& parameters);

    // The head that the system asks for at a flow; rises with the flow.
    using System = std::function<double(double flow)>;
    // The working point that comes nearest to `wanted` flow with the pumps that run now. `blocked`:
    // an interlock holds all of them.
    const StationPoint& settle(double wanted, const System& asked, std::span<const PumpWish> wishes,
                               bool blocked);
    // Lets time pass at the settled point: hours, and pumps that start or stop. True where another
    // set of pumps runs now.
    bool pass(double seconds, std::span<const PumpWish> wishes, bool blocked);

    std::vector<PumpState>& pumps() { return pumps_; }
    const std::vector<PumpState>& pumps() const { return pumps_; }
    const StationPoint& point() const { return point_; }
    size_t running() const;
    // The seconds until a pump starts or stops if all stays as it is; infinite where none will.
    double until_change() const;

  private:
    double flow_against(double head, double speed, std::span<const PumpWish> wishes) const;
    double speed_of(size_t pump, double speed, std::span<const PumpWish> wishes) const;
    void share(double head, double speed, std::span<const PumpWish> wishes);
    void judge(bool blocked);
    bool start_one(std::span<const PumpWish> wishes);
    bool stop_one(std::span<const PumpWish> wishes);
    bool follow_wishes(std::span<const PumpWish> wishes);

    const StationParameters& parameters_;
    std::vector<PumpState> pumps_;
    StationPoint point_;
    bool high_ = false, low_ = false;
    double high_for_ = 0, low_for_ = 0;
};

}  // namespace hw::physics
