#pragma once

#include <functional>
#include <vector>

#include "physics/works_model.h"

namespace hw::physics {

// The filters of one run with the water over their beds. Water that comes in is shared by those
// that are open; one filter is washed at a time, with water of the wash tank. compute() says the
// flows that hold until the next event, advance() lets time pass.
class FilterGallery {
  public:
    FilterGallery(const FilterParameters& parameters, std::vector<FilterState> states);

    struct Flows {
        double filtered = 0;  // m3/s, to the clear well
        double waste = 0;
        double wash = 0;  // out of the wash tank
        bool blower = false;
    };
    // A filter begins its wash, or leaves or comes back into service. True where something changed;
    // `begun` gets the filter whose wash begins.
    bool decide(double wash_water, const std::function<bool(size_t)>& available,
                const std::function<void(size_t)>& begun);
    const Flows& compute(double in, double wash_water_in, bool wash_tank_empty);
    double until_event() const;  // s
    void advance(double seconds);

    double stored() const;  // m3 over the beds
    const std::vector<FilterState>& states() const { return states_; }
    double flow(size_t filter) const { return through_[filter]; }  // through the bed
    double head_loss(size_t filter) const;
    int64_t washes() const { return washes_; }
    static double resistance(const BedParameters& bed, double filtered);
    // The volume at which the bed has that resistance; 0 where it is cleaner than clean.
    static double filtered_at(const BedParameters& bed, double resistance);

  private:
    bool open(size_t filter) const;
    void compute_washing(size_t filter, double wash);
    void finish_phase(size_t filter);
    double phase_seconds(size_t filter) const;  // infinite where a level ends it

    const FilterParameters& parameters_;
    std::vector<FilterState> states_;
    std::vector<double> through_, box_rate_;
    Flows flows_;
    int64_t washes_ = 0;
};

}  // namespace hw::physics
