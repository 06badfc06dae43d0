#include "ingest/decoded.h"

namespace hw::ingest {

std::string_view to_string(Reason reason) {
    constexpr std::array<std::string_view, reason_count> names = {
        "none",  "nothing", "empty",  "not_text", "text_bytes", "number_range", "json",
        "depth", "members", "neuron", "line",     "point",      "batch"};
    return names[static_cast<size_t>(reason)];
}

}  // namespace hw::ingest
