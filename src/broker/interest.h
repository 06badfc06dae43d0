#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hw::broker {

// Tells a cached route whether subscriptions that may concern its topic have changed since, in
// three loads. A filter without a wildcard in its first two levels counts up one slot of those it
// hashes to, one with a wildcard in its second a slot by its first level, others the slot of
// everybody; counters only grow, so the sum of a topic's three stands for all of them. Thus the
// coming and going of subscribers below one device does not touch the routes of others. 16 KiB.
class Interest {
  public:
    // Where a topic's counters are; kept with its route.
    struct Place {
        uint16_t first = 0;
        uint16_t second = 0;
    };

    static Place place(std::string_view topic);
    void changed(std::string_view filter);
    uint64_t stamp(Place place) const {
        return everybody_ + first_[place.first] + second_[place.second];
    }

  private:
    static constexpr size_t slots = 1024;

    uint64_t everybody_ = 1;
    std::array<uint64_t, slots> first_{};
    std::array<uint64_t, slots> second_{};
};

}  // namespace hw::broker
