#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/serve/iec104_map.h"
#include "sim/serve/modbus_map.h"
#include "sim/serve/s7_map.h"

namespace hw::sim {

// The works with everything that serves them, for this folder's tests.
struct TestWorks {
    TestWorks() : telemetry({.start = {1'772'409'600'000'000'000}, .seed = 7}) { run(1); }

    void run(int seconds) {
        for (int i = 0; i < seconds; ++i)
            telemetry.advance();
    }
    size_t find(std::string_view path) const { return variables.find(path).value(); }
    double number(std::string_view path) const {
        return as_number(variables.read(find(path))).value();
    }

    Telemetry telemetry;
    Variables variables{telemetry};
    std::vector<ModbusUnit> units = make_modbus_units(variables);
    std::vector<DataBlock> blocks = make_data_blocks(variables);
    std::vector<StationObject> objects = make_station_objects(variables);
};

}  // namespace hw::sim
