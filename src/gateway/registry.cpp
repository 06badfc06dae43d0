#include "gateway/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace hw::gateway {

namespace {

constexpr Property reconnect_interval = {"reconnect_interval",
                                         PropertyType::duration,
                                         "1s",
                                         "Wait before a lost link is tried again",
                                         0.01,
                                         3600};

const std::array tcp_client_settings = {
    Property{"host", PropertyType::text, "", "Name or address of the device"},
    Property{"port", PropertyType::integer, "0", "TCP port of the device", 0, 65535},
    Property{"connect_timeout", PropertyType::duration, "3s",
             "An attempt to connect ends after this", 0.01, 300},
    reconnect_interval,
};

const std::array serial_settings = {
    Property{"serial_port", PropertyType::text, "", "Path of the serial port, e.g. /dev/ttyUSB0"},
    Property{"baud_rate", PropertyType::integer, "9600", "Bits per second of the line", 300,
             1'152'000},
    Property{"data_bits", PropertyType::integer, "8", "Data bits of a character", 5, 8},
    Property{"parity", PropertyType::text, "none", "Parity of a character", 0, 0, true,
             "none|even|odd"},
    Property{"stop_bits", PropertyType::integer, "1", "Stop bits of a character", 1, 2},
    reconnect_interval,
};

const std::array tcp_server_settings = {
    Property{"listen_host", PropertyType::text, "127.0.0.1",
             "Address to listen on; anything but loopback must be set on purpose"},
    Property{"listen_port", PropertyType::integer, "0", "TCP port to listen on", 0, 65535},
    Property{"connections_limit", PropertyType::integer, "64", "Connections at once", 1, 10'000},
    reconnect_interval,
};

}  // namespace

std::span<const Property> link_settings(LinkKind kind) {
    switch (kind) {
        case LinkKind::tcp_client:
            return tcp_client_settings;
        case LinkKind::serial:
            return serial_settings;
        case LinkKind::tcp_server:
            return tcp_server_settings;
    }
    HW_UNREACHABLE();
}

void DriverRegistry::add(const DriverInfo& info) {
    Entry entry{&info, {}};
    const auto of_driver = [&](std::string_view key) {
        return std::any_of(info.settings.begin(), info.settings.end(),
                           [&](const auto& own) { return own.key == key; });
    };
    for (const auto& property : link_settings(info.link))
        if (!of_driver(property.key)) entry.settings.push_back(property);
    entry.settings.insert(entry.settings.end(), info.settings.begin(), info.settings.end());
    HW_ASSERT(!find(info.name).has_value());
    entries_.push_back(std::move(entry));
}

Result<const DriverRegistry::Entry*> DriverRegistry::find(std::string_view name) const {
    std::vector<std::string> names;
    for (const auto& entry : entries_) {
        if (entry.info->name == name) return &entry;
        names.emplace_back(entry.info->name);
    }
    const auto close = nearest(name, names);
    return fail(ErrorCode::not_found,
                fmt::format("there is no driver '{}'; {}", name,
                            close ? fmt::format("did you mean '{}'?", *close)
                                  : fmt::format("there are {}", fmt::join(names, ", "))));
}

}  // namespace hw::gateway
