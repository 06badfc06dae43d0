#pragma once

#include <span>
#include <string_view>

namespace hw::twin {

// The model library for water that comes with the program (docs/twin_models.md): documents in
// DTDL v3, each an array of interfaces in the namespace "dtmi:headworks:water". They belong
// together: interfaces of one extend those of another. Static, any thread.
std::span<const std::string_view> model_library();

}  // namespace hw::twin
