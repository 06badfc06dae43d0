#pragma once

#include "connector/connector.h"

namespace hw::connector::postgresql {

// PostgreSQL and what speaks its protocol (TimescaleDB, CockroachDB, AlloyDB), through libpq. The
// sink runs one prepared statement a row, a batch in one transaction and one round trip; the source
// polls a query; tables look rows up.
const Kind& kind();

}  // namespace hw::connector::postgresql
