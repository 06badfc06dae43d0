#pragma once

#include <string>
#include <string_view>

namespace hw::broker {

// A Sparkplug Aware MQTT Server (Sparkplug 3.0, 10.1.4) stores the births that pass through it and
// offers them as retained messages below this prefix, so that a host application that comes late
// needs to ask nobody for a rebirth.
inline constexpr std::string_view certificates_prefix = "$sparkplug/certificates/";

// NBIRTH or DBIRTH.
bool is_birth_topic(std::string_view topic);
inline std::string certificate_topic(std::string_view birth_topic) {
    return std::string(certificates_prefix).append(birth_topic);
}

}  // namespace hw::broker
