#pragma once

#include "sim/plant/mixed_volume.h"
#include "sim/plant/river.h"

namespace hw::sim {

// What settled water has left of the turbidity that came in, NTU: the better the flocs and the
// lower the surface load (m/h; 1.0 here is the design), the less. 5 to 60 NTU give 1 to 3.
double settled_turbidity(double raw, double surface_load, double penalty);

// A horizontal settling tank with a sludge hopper and a weir. Water level stores what the weir has
// not let go; solids that settle stay in the hopper until the desludging valve opens.
class SettlingTank {
  public:
    SettlingTank(double turbidity, double desludge_phase);

    void step(const Water& in, double coagulant_dose, double penalty, double dt);

    // Opens the desludging valve now, for one cycle.
    void request_desludge() { cycle_ = 0; }
    // A stuck desludging valve stays as it is, open or shut.
    void set_valve_stuck(bool stuck) { valve_stuck_ = stuck; }

    const Water& out() const { return out_; }
    double flow_in() const { return flow_in_; }
    double level() const { return volume_ / area; }  // m
    double volume() const { return volume_; }        // m3
    bool desludging() const { return desludging_; }
    double sludge_flow() const { return sludge_flow_; }        // m3/s
    double sludge_volume() const { return sludge_volume_; }    // m3 since the start
    double sludge_mass() const { return sludge_mass_; }        // kg in the hopper
    double sludge_removed() const { return sludge_removed_; }  // kg since the start
    double sludge_made() const { return sludge_made_; }        // kg since the start
    // Blanket height: the hopper's 120 m2 at 20 kg of dry solids a cubic metre.
    double blanket() const { return sludge_mass_ / (120 * 20); }

    static constexpr double area = 420;        // m2
    static constexpr double weir_crest = 3.6;  // m
    static constexpr double weir_length = 16;  // m
    static constexpr double desludge_every = 2 * 3600;
    static constexpr double desludge_for = 180;
    // Above it the blanket reaches the flow, which carries flocs over the weir.
    static constexpr double blanket_limit = 0.5;  // m

  private:
    void desludge(double dt);

    double volume_;
    MixedVolume settled_;  // turbidity of the upper water, its lag of about an hour
    double flow_in_ = 0;
    double sludge_flow_ = 0;
    double sludge_volume_ = 0;
    double sludge_mass_ = 180;
    double sludge_removed_ = 0;
    double sludge_made_ = 0;
    double cycle_;
    bool desludging_ = false;
    bool valve_stuck_ = false;
    Water out_;
};

}  // namespace hw::sim
