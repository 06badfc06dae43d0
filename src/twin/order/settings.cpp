#include "twin/order/settings.h"

namespace hw::twin {

const std::vector<Property> order_properties = {
    {"twin.desired_timeout", PropertyType::duration, "0",
     "How long a desired value that names no timeout may wait to be applied; 0 is for ever", 0,
     366 * 86400.0},
    {"twin.order_timeout", PropertyType::duration, "5s",
     "How long a device may take for one write of a desired value or command", 0.01, 600},
    {"twin.command_timeout", PropertyType::duration, "30s",
     "Time of a command where neither its caller nor the model says one", 0.1, 86400},
    {"twin.desired_limit", PropertyType::integer, "100000", "Most desired values that are followed",
     1, 1e7},
    {"twin.commands_limit", PropertyType::integer, "10000", "Most open commands", 1, 1e6},
    {"twin.commands_per_twin_limit", PropertyType::integer, "100", "Most open commands of one twin",
     1, 1e6},
    {"twin.order_writes_limit", PropertyType::integer, "256",
     "Writes of orders that are under way at a time; others wait their turn", 1, 1e5},
    {"twin.orders_kept", PropertyType::integer, "100000",
     "Orders that are over and still kept; the oldest go first", 0, 1e8},
    {"twin.orders_retention", PropertyType::duration, "30d",
     "How long orders that are over are kept", 60, 3650 * 86400.0},
};

OrderSettings order_settings_from(const Config& config) {
    const auto count = [&](std::string_view key) {
        return static_cast<size_t>(config.integer(key));
    };
    OrderSettings settings;
    settings.desired_timeout = config.duration("twin.desired_timeout");
    settings.order_timeout = config.duration("twin.order_timeout");
    settings.command_timeout = config.duration("twin.command_timeout");
    settings.desired_limit = count("twin.desired_limit");
    settings.commands_limit = count("twin.commands_limit");
    settings.commands_per_twin_limit = count("twin.commands_per_twin_limit");
    settings.writes_limit = count("twin.order_writes_limit");
    settings.orders_kept = count("twin.orders_kept");
    settings.orders_retention = config.duration("twin.orders_retention");
    return settings;
}

}  // namespace hw::twin
