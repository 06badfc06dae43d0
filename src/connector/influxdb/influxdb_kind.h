#pragma once

#include "connector/connector.h"

namespace hw::connector::influxdb {

// InfluxDB 1.x and 2.x through their HTTP write API.
const Kind& kind();

}  // namespace hw::connector::influxdb
