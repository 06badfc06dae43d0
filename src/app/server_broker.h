#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "api/broker_operations.h"
#include "api/operations.h"
#include "app/mqtt_bans.h"
#include "app/mqtt_traces.h"
#include "base/clock.h"
#include "broker/gate.h"
#include "broker/observer.h"
#include "catalog/audit.h"
#include "catalog/database.h"
#include "io/reactor.h"
#include "model/point_directory.h"

namespace hw::app {

// What stands around the broker for those who run it: bans, traces and their way to the API. Part
// of the server's composition.
class BrokerRooms {
  public:
    struct Rooms {
        catalog::Database& database;
        catalog::AuditLog& audit;
        model::PointDirectory& points;
        const Clock& clock;
        io::Reactor& mqtt;
    };

    // `inner` is asked whoever is not banned. Errors: the catalogue cannot be read.
    static Result<std::unique_ptr<BrokerRooms>> open(Rooms rooms, broker::Gate& inner);

    broker::Gate& gate() { return gate_; }
    // See MqttTraces. Once, before the broker runs.
    broker::Observer& observer(broker::Observer* inner, std::function<void()> touch);
    // What the API serves of the broker. Once, behind observer().
    api::Extension extension(
        api::BrokerAdmin& broker,
        std::function<std::vector<api::BrokerOperations::Listener>()> listeners);

  private:
    BrokerRooms(Rooms rooms, std::unique_ptr<MqttBans> bans, broker::Gate& inner)
        : rooms_(rooms), bans_(std::move(bans)), gate_(*bans_, inner) {}

    const Rooms rooms_;
    const std::unique_ptr<MqttBans> bans_;
    BanGate gate_;
    std::unique_ptr<MqttTraces> traces_;
    std::unique_ptr<api::BrokerOperations> operations_;
};

}  // namespace hw::app
