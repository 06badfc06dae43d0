#include "sim/publish/instruments.h"

#include <cmath>
#include <utility>

namespace hw::sim {

namespace {

constexpr double damping_seconds = 5;

double round_to(double value, int decimals) {
    const double scale = std::pow(10.0, decimals);
    return std::round(value * scale) / scale + 0.0;  // + 0.0 makes -0 to 0
}

}  // namespace

Instruments::Instruments(uint64_t seed, Duration interval)
    : random_(seed ^ 0x696e7374),
      keep_(std::exp(-static_cast<double>(interval.ns) / 1e9 / damping_seconds)),
      fresh_(std::sqrt(1 - keep_ * keep_)) {}

void Instruments::set_faults(Faults& faults, std::vector<std::string> paths) {
    faults_ = &faults;
    paths_ = std::move(paths);
}

void Instruments::begin_round(Time now) {
    now_ = now;
    readings_.clear();
}

void Instruments::asset(const Asset& /*asset*/, Form /*form*/) {
    trust_ = Trust::good;
}

void Instruments::analyzer(const Asset& /*asset*/, Form /*form*/, Trust trust) {
    trust_ = trust;
}

double Instruments::noise() {
    const size_t i = readings_.size();
    if (noises_.size() <= i) noises_.resize(i + 1, 0.0);
    noises_[i] = keep_ * noises_[i] + fresh_ * random_.normal();
    return noises_[i];
}

bool Instruments::tamper(double& value) {
    if (!faults_ || !faults_->any()) return true;
    const auto& path = paths_[readings_.size()];
    value = faults_->seen(path, value, now_);
    return !faults_->failed(path);
}

void Instruments::number(const Gauge& gauge, double value) {
    // A meter in maintenance shows what it held.
    const double added = gauge.noise > 0 ? gauge.noise * noise() : 0.0;
    if (trust_ != Trust::bad) value += added;
    const Trust trust = tamper(value) ? trust_ : Trust::bad;
    readings_.push_back({round_to(value, gauge.decimals), gauge.decimals, trust});
}

void Instruments::count(const Label& /*label*/, int64_t value) {
    readings_.push_back({value, 0, trust_});
}

void Instruments::flag(const Label& /*label*/, bool value) {
    readings_.push_back({value, 0, trust_});
}

void Instruments::text(const Label& /*label*/, std::string_view value) {
    readings_.push_back({value, 0, trust_});
}

}  // namespace hw::sim
