#pragma once

#include "connector/connector.h"

namespace hw::connector::mqtt {

// Another MQTT broker, 3.1.1 or 5.0, by TCP or TLS, through libmosquitto. The sink waits for the
// broker's acknowledgements; the source acknowledges what it has taken in.
const Kind& kind();

}  // namespace hw::connector::mqtt
