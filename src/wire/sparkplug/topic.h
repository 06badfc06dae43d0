#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hw::sparkplug {

// Sparkplug 3.0, 4.1: spBv1.0/<group>/<verb>/<edge node>[/<device>], and 4.3:
// spBv1.0/STATE/<host>.
inline constexpr std::string_view topic_prefix = "spBv1.0/";

enum class Verb : uint8_t { nbirth, ndeath, dbirth, ddeath, ndata, ddata, ncmd, dcmd, state };

std::string_view to_string(Verb verb);  // "NBIRTH", ..., "STATE"
// DBIRTH, DDEATH, DDATA and DCMD have a device, the others none.
bool is_device_verb(Verb verb);

// Views of the topic. STATE has its host's id in `edge`.
struct Topic {
    Verb verb = Verb::state;
    std::string_view group = {};
    std::string_view edge = {};
    std::string_view device = {};

    friend bool operator==(const Topic&, const Topic&) = default;
};

// nullopt: no topic of Sparkplug B; an id is empty or holds a wildcard, a level too many or few.
std::optional<Topic> parse_topic(std::string_view text);
std::string format_topic(const Topic& topic);
// One level, not empty, without '+', '#', '/' and NUL (4.1.1).
bool is_id(std::string_view text);

}  // namespace hw::sparkplug
