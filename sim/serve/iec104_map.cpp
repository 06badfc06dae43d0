#include "sim/serve/iec104_map.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace hw::sim {

std::vector<StationObject> make_station_objects(const Variables& variables) {
    std::vector<StationObject> objects;
    uint32_t next_real = 1001;
    uint32_t next_flag = 2001;
    uint32_t next_whole = 3001;
    for (size_t i = 0; i < variables.list().size(); ++i) {
        const auto& variable = variables.list()[i];
        if (variable.protocol != Protocol::iec104) continue;
        HW_ASSERT(variable.kind != Kind::text);
        uint32_t& next = variable.kind == Kind::real   ? next_real
                         : variable.kind == Kind::flag ? next_flag
                                                       : next_whole;
        objects.push_back({.variable = i, .address = next++, .kind = variable.kind});
    }
    std::sort(objects.begin(), objects.end(),
              [](const auto& a, const auto& b) { return a.address < b.address; });
    return objects;
}

std::string iec104_address(const StationObject& object, bool writable) {
    if (!writable) return std::to_string(object.address);
    return fmt::format("{}#{}", object.address, object.kind == Kind::flag ? "SC" : "NC");
}

}  // namespace hw::sim
