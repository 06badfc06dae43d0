#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/plant/river.h"

namespace hw::sim {

enum class FilterState : uint8_t { filtering, draining, air_scour, backwash, ripening };

std::string_view to_string(FilterState state);

// A rapid gravity sand filter of 25 m2. Solids held in the bed raise the head loss (Darcy through
// the clean bed, plus a term in the specific deposit); the outlet valve gives way to hold the level
// until it is fully open. A wash takes the solids out.
class Filter {
  public:
    // `deposit`: solids in the bed at the start, kg/m2. `hours`: how long the run has lasted.
    Filter(double deposit, double hours);

    // What the gallery gives it in this step.
    struct Supply {
        Water settled;    // flow = this filter's share
        double wash = 0;  // m3/s of backwash water
        double dt = 1;
        // What the outlet valve is told to hold, m3/s; none: it holds the level.
        std::optional<double> flow = std::nullopt;
    };
    void step(const Supply& supply);
    // What is wrong with it. A stuck outlet valve stays where it is; `bypass` is the share of the
    // water that passes the bed untreated.
    struct Trouble {
        bool valve_stuck = false;
        double bypass = 0;
    };
    void set_trouble(const Trouble& trouble) { trouble_ = trouble; }
    // Begins the washing sequence. Only when filtering.
    void wash();
    // Whether the run is over: head loss, turbidity or hours at their limit.
    bool wants_wash() const;

    FilterState state() const { return state_; }
    bool takes_water() const {
        return state_ == FilterState::filtering || state_ == FilterState::ripening;
    }
    // Wash water wanted, m3/s, and whether the air blower must run.
    double wash_wanted() const { return state_ == FilterState::backwash ? wash_rate : 0.0; }
    bool wants_air() const { return state_ == FilterState::air_scour; }

    double filtered_flow() const { return filtered_; }  // m3/s, to the clear well
    double waste_flow() const { return waste_; }        // m3/s, to the waste tank
    double through_flow() const { return through_; }    // m3/s, through the bed
    double turbidity() const { return turbidity_; }     // NTU of what leaves the bed
    double head_loss() const { return head_loss_; }     // m, bed only
    double level() const { return storage_ / area; }    // m above the bed
    double storage() const { return storage_; }         // m3
    double valve() const { return valve_; }             // outlet valve, 0 to 1
    double deposit() const { return deposit_; }         // kg/m2
    double captured() const { return captured_; }       // kg since the start
    double washed_out() const { return washed_out_; }   // kg since the start
    double run_hours() const { return run_seconds_ / 3600; }
    int64_t washes() const { return washes_; }
    double filtered_volume() const { return filtered_volume_; }  // m3 since the start
    double waste_volume() const { return waste_volume_; }        // m3 since the start
    double overflow() const { return overflow_; }                // m3 since the start

    static constexpr double area = 25;              // m2
    static constexpr double wash_rate = 0.278;      // m3/s, 40 m/h
    static constexpr double head_loss_limit = 2.4;  // m
    static constexpr double turbidity_limit = 0.3;  // NTU
    static constexpr double run_limit = 48 * 3600;  // s

  private:
    void enter(FilterState next);
    void run(const Supply& supply);
    double choose_flow(const Supply& supply, double per_flow);
    void wash_step(double wash, double dt);
    void advance(double dt);
    double out_turbidity(double in) const;

    FilterState state_ = FilterState::filtering;
    double in_state_ = 0;
    double storage_;
    double deposit_;
    double run_seconds_;
    double since_wash_;  // s since the bed was washed, for ripening
    double through_ = 0;
    double filtered_ = 0;
    double waste_ = 0;
    double turbidity_ = 0.1;
    double high_turbidity_for_ = 0;
    double head_loss_ = 0;
    double valve_ = 0;
    double captured_ = 0;
    double washed_out_ = 0;
    double filtered_volume_ = 0;
    double waste_volume_ = 0;
    double overflow_ = 0;
    int64_t washes_ = 0;
    Trouble trouble_;
};

// Head loss in m of a bed at `velocity` m/h holding `deposit` kg/m2 in water of `temperature`.
double bed_head_loss(double velocity, double deposit, double temperature);

}  // namespace hw::sim
