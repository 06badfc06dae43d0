#include "history/plant_mix.h"

#include <bit>
#include <cmath>
#include <numbers>

namespace hw::history {

using model::ValueType;

std::string_view to_string(PlantKind kind) {
    switch (kind) {
        case PlantKind::rounded:
            return "rounded";
        case PlantKind::unrounded:
            return "unrounded";
        case PlantKind::counter:
            return "counter";
        case PlantKind::state:
            return "state";
        case PlantKind::set_point:
            return "set_point";
    }
    return "?";
}

PlantKind plant_kind(uint64_t point) {
    const uint64_t i = point % 20;
    return i < 12   ? PlantKind::rounded
           : i < 15 ? PlantKind::unrounded
           : i < 17 ? PlantKind::counter
           : i < 19 ? PlantKind::state
                    : PlantKind::set_point;
}

PlantPoint::PlantPoint(uint64_t seed, uint64_t point, int64_t step_ns)
    : random_(seed * 0x9e3779b97f4a7c15 + point), kind_(plant_kind(point)), step_ns_(step_ns) {
    const int decimals = point % 3 == 0 ? 3 : 2;
    scale_ = decimals == 3 ? 1000 : 100;
    level_ = 5 + 195 * random_.uniform();
    if (decimals == 3) level_ /= 10;
    swing_ = level_ * (0.02 + 0.1 * random_.uniform());
    phase_ = 2 * std::numbers::pi * random_.uniform();
    const double digits = 2 + 4 * random_.uniform();
    noise_ = kind_ == PlantKind::unrounded ? level_ * 1e-3 : digits / scale_;
    drift_step_ = noise_ / 5;
    if (kind_ == PlantKind::counter) {
        type_ = ValueType::int64;
        rate_ = 0.5 + 8 * random_.uniform();
        held_ = random_.below(1'000'000);
    }
    if (kind_ == PlantKind::state) {
        type_ = point % 2 == 0 ? ValueType::boolean : ValueType::int64;
        rate_ = 1.0 / 600;
    }
    if (kind_ == PlantKind::set_point) {
        rate_ = 1.0 / 1800;
        held_ = std::bit_cast<uint64_t>(std::round(level_ * 10) / 10);
    }
}

double PlantPoint::process() {
    const double day = 2 * std::numbers::pi * static_cast<double>(step_ns_) / 86'400e9;
    phase_ += day;
    drift_ = drift_ * 0.999 + drift_step_ * random_.normal();
    return level_ + swing_ * std::sin(phase_) + drift_ + noise_ * random_.normal();
}

uint64_t PlantPoint::poisson() {
    const double limit = std::exp(-rate_);
    uint64_t count = 0;
    for (double product = random_.uniform(); product > limit; product *= random_.uniform())
        ++count;
    return count;
}

uint64_t PlantPoint::next() {
    switch (kind_) {
        case PlantKind::rounded:
            return std::bit_cast<uint64_t>(std::round(process() * scale_) / scale_);
        case PlantKind::unrounded:
            return std::bit_cast<uint64_t>(process());
        case PlantKind::counter:
            return held_ += poisson();
        case PlantKind::state:
            if (!random_.chance(rate_)) return held_;
            return held_ = type_ == ValueType::boolean ? held_ ^ 1 : random_.below(5);
        case PlantKind::set_point:
            if (random_.chance(rate_))
                held_ =
                    std::bit_cast<uint64_t>(std::round(level_ * (8 + 4 * random_.uniform())) / 10);
            return held_;
    }
    return 0;
}

void PlantPoint::append(int64_t time_ns, size_t count, Columns& out) {
    for (size_t i = 0; i < count; ++i, time_ns += step_ns_)
        out.append(time_ns, type_, next());
}

}  // namespace hw::history
