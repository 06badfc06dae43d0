#pragma once

#include "base/error.h"
#include "wire/sparkplug/payload.h"

namespace hw::sparkplug {

// Reads through the protobuf wire form without keeping anything: checks the form and the limits, so
// that a small payload cannot make the decoder allocate much.
Result<void> scan_payload(BytesView bytes, const Limits& limits);

}  // namespace hw::sparkplug
