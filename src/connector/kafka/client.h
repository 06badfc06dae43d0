#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connector/connector.h"

// librdkafka's own names, so that its header stays in .cpp files.
struct rd_kafka_s;
struct rd_kafka_message_s;

namespace hw::connector::kafka {

struct Destroy {
    void operator()(rd_kafka_s* client) const;
};
// Threads of its own; any thread may call it.
using Client = std::unique_ptr<rd_kafka_s, Destroy>;

enum class Role : uint8_t { producer, consumer };

// A client as the connection's settings say; nothing is sent yet. `extra` are librdkafka's own
// settings, laid over ours; `delivered` hears of each message that was
// produced. Errors: invalid_argument names the setting that librdkafka refuses;
// not_found: the file of a secret.
Result<Client> make_client(Role role, const Config::Table& settings, const Rooms& rooms,
                           const std::vector<std::pair<std::string, std::string>>& extra,
                           void (*delivered)(rd_kafka_s*, const rd_kafka_message_s*,
                                             void*) = nullptr);

// Asks the brokers for the topic's metadata (empty: any). Errors: unavailable names the brokers.
Result<void> ask_brokers(rd_kafka_s& client, const Config::Table& settings,
                         const std::string& topic, Duration timeout);

}  // namespace hw::connector::kafka
