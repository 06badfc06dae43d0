#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "base/time.h"

namespace hw::sim {

enum class CustomerKind : uint8_t { house, flats, business };

// What the customers of one step share.
struct DemandFactors {
    double household;
    double business;
};

// A customer behind a meter. Use is made of single events (toilet, tap, shower, machine), each a
// rectangular pulse, drawn as a Poisson process that follows the day (Blokker 2010, SIMDEUM).
// Some have a dripping tap that never stops.
class Customer {
  public:
    Customer(CustomerKind kind, int people, double drip, int64_t reading_litres);

    // Draws new events and returns the flow wanted, m3/s.
    double want(const DemandFactors& factors, double dt, Random& random);
    // Books what was delivered, a share of what was wanted.
    void deliver(double share, double dt) { volume_ += flow_wanted_ * share * dt; }

    CustomerKind kind() const { return kind_; }
    int people() const { return people_; }
    double delivered() const { return volume_; }  // m3 since the start
    // The meter's register: whole litres.
    int64_t reading() const;

  private:
    struct Pulse {
        double flow;  // m3/s
        double left;  // s
    };

    CustomerKind kind_;
    int people_;
    double drip_;
    int64_t first_reading_;
    double volume_ = 0;
    double flow_wanted_ = 0;
    std::vector<Pulse> pulses_;
};

// The 200 customers of the metered district.
// Registers start as if each meter had counted its mean use since it was fitted, so that a new
// start later shows a higher reading.
std::vector<Customer> make_customers(Time start, Random& random);

}  // namespace hw::sim
