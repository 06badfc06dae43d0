#pragma once

#include "connector/connector.h"

namespace hw::connector::clickhouse {

// ClickHouse through its HTTP interface: INSERT ... FORMAT JSONEachRow.
const Kind& kind();

}  // namespace hw::connector::clickhouse
