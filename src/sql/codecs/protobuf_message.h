#pragma once

#include <cstddef>
#include <string>

#include "base/error.h"
#include "sql/datum.h"

namespace google::protobuf {
class Message;
}

namespace hw::sql {

// The message as an object (see compile_protobuf). limit_exceeded: more than so many values.
Result<Datum> from_message(const google::protobuf::Message& message, size_t values_limit);
// Sets the message's fields from the object's members. invalid_argument names the field that does
// not fit.
Result<void> to_message(const Datum& value, google::protobuf::Message& message);

}  // namespace hw::sql
