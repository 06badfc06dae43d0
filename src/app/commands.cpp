#include "app/commands.h"

namespace hw::app {

std::span<const Command> commands() {
    static constexpr Command all[] = {
        {"serve", "Run the server", define_serve},
        {"points", "List points with their last values", define_points},
        {"history", "Print samples or figures of points", define_history},
        {"config", "Check or show the configuration", define_config},
    };
    return all;
}

}  // namespace hw::app
