#include "rules/settings.h"

namespace hw::rules {

const std::vector<Property> properties = {
    {"rules.enabled", PropertyType::boolean, "true",
     "Whether rules run; false keeps them and leaves them alone"},
    {"rules.rules_limit", PropertyType::integer, "20000", "Most rules", 1, 1e6},
    {"rules.actions_limit", PropertyType::integer, "16", "Most actions of one rule", 1, 1000},
    {"rules.streams_limit", PropertyType::integer, "10000", "Most streams and tables", 1, 1e6},
    {"rules.connectors_limit", PropertyType::integer, "1000", "Most named connections", 1, 1e6},
    {"rules.versions_limit", PropertyType::integer, "20",
     "Versions kept of each rule; the oldest go first", 1, 10000},
    {"rules.queue_bytes", PropertyType::bytes, "64MiB",
     "Events that wait for the rules; beyond it those of rules with a guarantee are read back from "
     "the input log, the others are dropped and counted",
     65536, 1e12},
    {"rules.output_bytes", PropertyType::bytes, "64MiB",
     "Rows on their way into history or the broker; at the limit the rules wait", 65536, 1e12},
    {"rules.state_bytes", PropertyType::bytes, "512MiB",
     "Windows and joins of all rules together; at the limit no rule with windows is added", 1 << 20,
     1e13},
    {"rules.topics_limit", PropertyType::integer, "200000",
     "Topics whose rules are remembered; beyond it they are looked up anew", 1000, 1e8},
    {"rules.log_bytes", PropertyType::bytes, "1GiB",
     "Input log of rules with a guarantee; when it is full the oldest part is given up and counted",
     1 << 20, 1e13},
    {"rules.log_sync", PropertyType::boolean, "false",
     "Whether the input log is synced before a message is acknowledged: then not even a power cut "
     "loses it"},
    {"rules.checkpoint_interval", PropertyType::duration, "10s",
     "How often the state of rules with a guarantee is saved", 0.1, 86400},
    {"rules.hops_limit", PropertyType::integer, "8",
     "How often what rules make may go through rules again before it is dropped as a loop", 1, 200},
    {"rules.trace_events", PropertyType::integer, "10000", "Traced events kept in memory", 1, 1e6},
    {"rules.prometheus_rules", PropertyType::integer, "200",
     "Rules with figures of their own in /metrics; the others are in the totals", 0, 1e5},
    {"rules.time_zone", PropertyType::text, "UTC",
     "Time zone of date functions and schedules that name none, e.g. Europe/London"},
    {"rules.functions_folder", PropertyType::text, "",
     "Folder of functions of your own (*.so and *.worker); empty is `functions` in the data "
     "folder"},
    {"rules.function_limit", PropertyType::duration, "1s",
     "How long a call of a worker program may take before the program is ended and started again",
     0.01, 60},
};

Settings settings_from(const Config& config) {
    const auto count = [&](std::string_view key) {
        return static_cast<size_t>(config.integer(key));
    };
    Settings settings;
    settings.enabled = config.boolean("rules.enabled");
    settings.rules_limit = count("rules.rules_limit");
    settings.actions_limit = count("rules.actions_limit");
    settings.streams_limit = count("rules.streams_limit");
    settings.connectors_limit = count("rules.connectors_limit");
    settings.versions_limit = count("rules.versions_limit");
    settings.queue_bytes = config.bytes("rules.queue_bytes");
    settings.output_bytes = config.bytes("rules.output_bytes");
    settings.state_bytes = config.bytes("rules.state_bytes");
    settings.topics_limit = count("rules.topics_limit");
    settings.log_bytes = config.bytes("rules.log_bytes");
    settings.log_sync = config.boolean("rules.log_sync");
    settings.checkpoint_interval = config.duration("rules.checkpoint_interval");
    settings.hops_limit = count("rules.hops_limit");
    settings.trace_events = count("rules.trace_events");
    settings.prometheus_rules = count("rules.prometheus_rules");
    settings.time_zone = config.text("rules.time_zone");
    settings.functions_folder = config.text("rules.functions_folder");
    settings.function_limit = config.duration("rules.function_limit");
    return settings;
}

}  // namespace hw::rules
