#include "app/commands.h"
#include "app/note_command.h"
#include "app/scenario_command.h"

namespace hw::app {

std::span<const Command> commands() {
    static constexpr Command all[] = {
        {"serve", "Run the server", define_serve},
        {"points", "List points with their last values", define_points},
        {"history", "Print samples or figures of points", define_history},
        {"sql", "Ask in SQL over history, points and devices", define_sql},
        {"export", "Write samples to a Parquet or CSV file", define_export},
        {"import", "Take the samples of a Parquet or CSV file in", define_import},
        {"devices", "List devices and how they do", define_devices},
        {"device", "Create, change, read and copy devices", define_device},
        {"drivers", "List drivers, or show one's settings and addresses", define_drivers},
        {"rule", "Create, change, test and follow rules", define_rule},
        {"twin", "Model the plant: twins, relationships, values as they are and were", define_twin},
        {"scenario", "Ask what would be: change an input, see the next hours", define_scenario},
        {"note", "Write down what happened, and read what others wrote", define_note},
        {"stream", "Create and list streams and tables for rules", define_stream},
        {"connector", "Create, test and list connections to foreign systems", define_connector},
        {"write", "Write a value to the device that has a point", define_write},
        {"user", "Create, change and list who may sign in", define_user},
        {"key", "Create, list and remove the API keys of programs", define_key},
        {"audit", "List what was changed, by whom", define_audit},
        {"pub", "Publish messages over MQTT", define_pub},
        {"sub", "Subscribe to messages over MQTT and print them", define_sub},
        {"replay", "Publish a recording, as a device would", define_replay},
        {"bench", "Measure a broker, a server or the historian", define_bench},
        {"backup", "Copy what is kept, while the server runs", define_backup},
        {"restore", "Make a data folder of a backup", define_restore},
        {"upstream", "Show the link to the centre and its gaps", define_upstream},
        {"config", "Check or show the configuration", define_config},
        {"completion", "Print a shell's completions", define_completion},
    };
    return all;
}

}  // namespace hw::app
