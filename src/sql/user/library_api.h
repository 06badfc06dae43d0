#pragma once

#include <headworks_function.h>

#include <deque>
#include <string>

#include "sql/function.h"
#include "sql/user/library.h"

// What stands behind the opaque types of headworks_function.h. A headworks_value is a Datum seen
// through another name.

struct headworks_call {
    hw::sql::CallContext& context;
    std::string_view function;
    hw::sql::Datum answer;
};

struct headworks_registry {
    std::deque<hw::sql::user::OwnedFunction>& functions;
    std::string error;  // of the first function that was refused
};

namespace hw::sql::user {

// One for the process.
const headworks_api& library_api();

}  // namespace hw::sql::user
