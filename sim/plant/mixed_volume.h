#pragma once

namespace hw::sim {

// One dissolved thing in a fully mixed volume (a continuous stirred tank reactor), kept as mass so
// that what goes in is what comes out or stays. Stable while a step moves less than the volume.
class MixedVolume {
  public:
    MixedVolume(double volume, double concentration)
        : volume_(volume), mass_(volume * concentration) {}

    // `in` m3/s at `concentration` flows in, `out` m3/s leaves at the mixed concentration.
    // Returns the mass that left, g (with mg/l = g/m3).
    double step(double in, double concentration, double out, double dt) {
        const double left = this->concentration() * out * dt;
        mass_ += in * concentration * dt - left;
        volume_ += (in - out) * dt;
        return left;
    }
    // First-order decay at `rate` 1/s. Returns the mass that vanished.
    double decay(double rate, double dt) {
        const double gone = mass_ * rate * dt;
        mass_ -= gone;
        return gone;
    }

    double concentration() const { return volume_ > 0 ? mass_ / volume_ : 0.0; }
    double mass() const { return mass_; }
    double volume() const { return volume_; }

  private:
    double volume_;
    double mass_;
};

}  // namespace hw::sim
