#pragma once

#include <span>
#include <vector>

#include "base/random.h"
#include "sim/plant/controls.h"
#include "sim/plant/filter.h"
#include "sim/plant/pump.h"
#include "sim/plant/tank.h"

namespace hw::sim {

// Six filters that share the settled water, the wash-water tank, its fill pump and the blower.
// One filter is washed at a time, the one with the most head loss first, and only with enough wash
// water in store.
class FilterGallery {
  public:
    explicit FilterGallery(Random& random);

    // `clear_well`: m3 there, from which the fill pump draws. `orders`: one a filter; a wash that
    // begins is struck off.
    void step(const Water& settled, double clear_well, double ambient,
              std::span<FilterOrder, filter_count> orders, double dt);
    void set_trouble(size_t filter, const Filter::Trouble& trouble) {
        filters_.at(filter).set_trouble(trouble);
    }

    const std::vector<Filter>& filters() const { return filters_; }
    Water filtered() const { return filtered_; }       // to the clear well, mixed
    double wash_draw() const { return wash_draw_; }    // m3/s out of the clear well
    double wash_flow() const { return wash_flow_; }    // m3/s to the filter in wash
    double waste_flow() const { return waste_flow_; }  // m3/s
    const Tank& wash_tank() const { return wash_tank_; }
    const Pump& fill_pump() const { return fill_pump_; }
    bool blower_running() const { return blower_running_; }
    double blower_power() const { return blower_running_ ? 36.0 : 0.0; }  // kW
    double power() const { return fill_pump_.power() + blower_power(); }
    // m3 since the start
    double waste_volume() const;
    double overflow() const;
    double storage() const;  // m3 in filters and wash tank

  private:
    void choose_wash(std::span<FilterOrder, filter_count> orders);
    void fill_wash_tank(double clear_well, double ambient, double dt);

    std::vector<Filter> filters_;
    Tank wash_tank_;
    Pump fill_pump_;
    Water filtered_;
    double wash_draw_ = 0;
    double wash_flow_ = 0;
    double waste_flow_ = 0;
    bool blower_running_ = false;
};

}  // namespace hw::sim
