#pragma once

#include "connector/connector.h"

namespace hw::connector::kafka {

// Apache Kafka and what speaks its protocol (Redpanda, Event Hubs), through librdkafka. The sink
// writes with idempotence and waits for all in-sync replicas; the source is a member of a consumer
// group and moves its mark only when what it brought is kept.
const Kind& kind();

}  // namespace hw::connector::kafka
