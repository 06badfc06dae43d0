#pragma once

#include "sql/datum.h"
#include "twin/model/interface.h"

namespace hw::twin {

// The value as the slot's schema keeps it: numbers become what the schema says where nothing is
// lost, 0 and 1 booleans, JSON texts the structures that they are. False: it does not fit; then it
// stays as it was. Null fits everywhere.
bool fit_to_slot(const Content& content, sql::Datum& value);

}  // namespace hw::twin
