#include "app/server_broker.h"

namespace hw::app {

Result<std::unique_ptr<BrokerRooms>> BrokerRooms::open(Rooms rooms, broker::Gate& inner) {
    auto bans = HW_TRY(MqttBans::open(rooms.database, rooms.clock));
    return std::unique_ptr<BrokerRooms>(new BrokerRooms(rooms, std::move(bans), inner));
}

broker::Observer& BrokerRooms::observer(broker::Observer* inner, std::function<void()> touch) {
    traces_ = std::make_unique<MqttTraces>(inner, std::move(touch), rooms_.clock);
    rooms_.mqtt.every(seconds(1), [this] { traces_->tick(); });
    return *traces_;
}

api::Extension BrokerRooms::extension(
    api::BrokerAdmin& broker,
    std::function<std::vector<api::BrokerOperations::Listener>()> listeners) {
    operations_ = std::make_unique<api::BrokerOperations>(api::BrokerOperations::Rooms{
        broker, *bans_, *traces_, rooms_.audit, rooms_.points, rooms_.clock, std::move(listeners)});
    return {[this](std::vector<api::Operation>& all) { operations_->add_to(all); },
            api::broker_schemas()};
}

}  // namespace hw::app
