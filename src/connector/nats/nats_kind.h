#pragma once

#include "connector/connector.h"

namespace hw::connector::nats {

// NATS through libnats: core subjects, or JetStream, where the server acknowledges what it keeps
// and gives again what was not acknowledged.
const Kind& kind();

}  // namespace hw::connector::nats
