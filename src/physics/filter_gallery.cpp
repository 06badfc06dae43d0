#include "physics/filter_gallery.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/assert.h"

namespace hw::physics {

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double hair = 1e-9;  // m3, s

}  // namespace

FilterGallery::FilterGallery(const FilterParameters& parameters, std::vector<FilterState> states)
    : parameters_(parameters),
      states_(std::move(states)),
      through_(states_.size()),
      box_rate_(states_.size()) {
    HW_ASSERT(states_.size() == parameters.beds.size());
}

double FilterGallery::resistance(const BedParameters& bed, double filtered) {
    return bed.clean + bed.growth * filtered + bed.curve * filtered * filtered;
}

double FilterGallery::filtered_at(const BedParameters& bed, double resistance) {
    const double more = resistance - bed.clean;
    if (!(more > 0)) return 0;
    if (bed.curve <= 0) return bed.growth > 0 ? more / bed.growth : 0.0;
    return (-bed.growth + std::sqrt(bed.growth * bed.growth + 4 * bed.curve * more)) /
           (2 * bed.curve);
}

bool FilterGallery::open(size_t filter) const {
    const auto phase = states_[filter].phase;
    return phase == FilterPhase::filtering || phase == FilterPhase::ripening;
}

double FilterGallery::head_loss(size_t filter) const {
    return through_[filter] * resistance(parameters_.beds[filter], states_[filter].filtered);
}

double FilterGallery::stored() const {
    double volume = 0;
    for (const auto& state : states_)
        volume += state.box;
    return volume;
}

bool FilterGallery::decide(double wash_water, const std::function<bool(size_t)>& available,
                           const std::function<void(size_t)>& begun) {
    bool changed = false;
    bool washing = false;
    for (size_t i = 0; i < states_.size(); ++i) {
        auto& state = states_[i];
        const bool out = state.phase == FilterPhase::out;
        if (out == available(i)) {
            state.phase = out ? FilterPhase::filtering : FilterPhase::out;
            state.in_phase = 0;
            changed = true;
        }
        washing =
            washing || (state.phase != FilterPhase::filtering && state.phase != FilterPhase::out);
    }
    const double needed =
        parameters_.wash_reserve * parameters_.wash_flow * parameters_.wash_seconds;
    if (washing || wash_water < needed) return changed;
    size_t worst = states_.size();
    for (size_t i = 0; i < states_.size(); ++i) {
        if (states_[i].phase != FilterPhase::filtering) continue;
        const bool due = head_loss(i) >= parameters_.head_loss_limit ||
                         states_[i].run_seconds >= parameters_.run_seconds_limit;
        if (due && (worst == states_.size() || head_loss(i) > head_loss(worst))) worst = i;
    }
    if (worst == states_.size()) return changed;
    states_[worst].phase = FilterPhase::draining;
    states_[worst].in_phase = 0;
    ++washes_;
    begun(worst);
    return true;
}

double FilterGallery::phase_seconds(size_t filter) const {
    switch (states_[filter].phase) {
        case FilterPhase::air_scour:
            return parameters_.air_seconds;
        case FilterPhase::backwash:
            return parameters_.wash_seconds;
        case FilterPhase::ripening:
            return parameters_.ripening_seconds;
        case FilterPhase::filtering:
        case FilterPhase::draining:
        case FilterPhase::out:
            return infinite;
    }
    HW_UNREACHABLE();
}

const FilterGallery::Flows& FilterGallery::compute(double in, double wash_water_in,
                                                   bool wash_tank_empty) {
    flows_ = {};
    double takers = 0;
    for (size_t i = 0; i < states_.size(); ++i)
        takers += open(i) ? 1 : 0;
    const double share = takers > 0 ? in / takers : 0.0;
    if (takers == 0) flows_.waste += in;  // nowhere to go but over the weir
    const double full = parameters_.box_area * parameters_.normal_level;
    for (size_t i = 0; i < states_.size(); ++i) {
        through_[i] = 0;
        box_rate_[i] = 0;
        if (!open(i)) {
            const double most = wash_tank_empty ? wash_water_in : parameters_.wash_flow;
            compute_washing(i, std::min(parameters_.wash_flow, most));
            continue;
        }
        if (states_[i].box < full - hair) {  // fills up first
            box_rate_[i] = share;
            continue;
        }
        through_[i] = share;
        (states_[i].phase == FilterPhase::filtering ? flows_.filtered : flows_.waste) += share;
    }
    return flows_;
}

void FilterGallery::compute_washing(size_t filter, double wash) {
    const auto& state = states_[filter];
    switch (state.phase) {
        case FilterPhase::draining:
            box_rate_[filter] = -parameters_.drain_flow;
            flows_.waste += parameters_.drain_flow;
            return;
        case FilterPhase::air_scour:
            flows_.blower = true;
            return;
        case FilterPhase::backwash:
            flows_.wash += wash;
            if (state.box < parameters_.box_area * parameters_.trough_level - hair)
                box_rate_[filter] = wash;
            else
                flows_.waste += wash;
            return;
        case FilterPhase::filtering:
        case FilterPhase::ripening:
        case FilterPhase::out:
            return;
    }
}

double FilterGallery::until_event() const {
    double seconds = infinite;
    for (size_t i = 0; i < states_.size(); ++i) {
        const auto& state = states_[i];
        seconds = std::min(seconds, std::max(0.0, phase_seconds(i) - state.in_phase));
        const double area = parameters_.box_area;
        const double rate = box_rate_[i];
        if (rate < 0)
            seconds = std::min(
                seconds, std::max(0.0, (area * parameters_.drained_level - state.box) / rate));
        if (rate > 0) {
            const double level = state.phase == FilterPhase::backwash ? parameters_.trough_level
                                                                      : parameters_.normal_level;
            seconds = std::min(seconds, std::max(0.0, (area * level - state.box) / rate));
        }
    }
    return seconds;
}

void FilterGallery::advance(double seconds) {
    for (size_t i = 0; i < states_.size(); ++i) {
        auto& state = states_[i];
        state.box += box_rate_[i] * seconds;
        state.in_phase += seconds;
        if (open(i)) state.filtered += through_[i] * seconds;
        if (state.phase == FilterPhase::filtering) state.run_seconds += seconds;
        finish_phase(i);
    }
}

void FilterGallery::finish_phase(size_t filter) {
    auto& state = states_[filter];
    const bool over = state.in_phase + hair >= phase_seconds(filter);
    const auto enter = [&](FilterPhase next) {
        state.phase = next;
        state.in_phase = 0;
    };
    if (state.phase == FilterPhase::draining &&
        state.box <= parameters_.box_area * parameters_.drained_level + hair) {
        enter(FilterPhase::air_scour);
    } else if (state.phase == FilterPhase::air_scour && over) {
        enter(FilterPhase::backwash);
    } else if (state.phase == FilterPhase::backwash && over) {
        state.filtered = 0;
        enter(FilterPhase::ripening);
    } else if (state.phase == FilterPhase::ripening && over) {
        state.run_seconds = 0;
        enter(FilterPhase::filtering);
    }
}

}  // namespace hw::physics
