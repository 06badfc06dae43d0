#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hw::sparkplug {

// What a host application says of itself, retained, on spBv1.0/STATE/<host> (Sparkplug 3.0, 4.3).
struct HostState {
    bool online = false;
    uint64_t timestamp = 0;  // ms since 1970; the same in the birth and in its will

    friend bool operator==(const HostState&, const HostState&) = default;
};

// {"online":true,"timestamp":1668114759262}
std::string format_state(const HostState& state);
// A flat JSON object with both members; others are passed over. nullopt: it is none.
std::optional<HostState> parse_state(std::string_view text);

}  // namespace hw::sparkplug
