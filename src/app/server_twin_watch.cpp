#include "app/server_twin_watch.h"

#include <string>
#include <utility>

namespace hw::app {

TwinWatchRooms::TwinWatchRooms(Rooms rooms)
    : rooms_(std::move(rooms)), publisher_({rooms_.mqtt, rooms_.broker, rooms_.metrics}) {}

Result<std::unique_ptr<TwinWatchRooms>> TwinWatchRooms::open(const Config& config, Rooms rooms) {
    std::unique_ptr<TwinWatchRooms> made(new TwinWatchRooms(std::move(rooms)));
    const auto& own = made->rooms_;
    made->watches_ = HW_TRY(twin::WatchManager::open(
        twin::watch_settings_from(config),
        {own.database, own.audit, own.twins, own.functions, own.clock, own.metrics,
         [&history = own.history,
          &points = own.points](std::string_view point) -> std::optional<Time> {
             const auto id = points.find(point);
             if (!id) return {};
             const auto state = history.point_state(*id);
             return state ? std::optional(state->last.time) : std::nullopt;
         },
         &made->publisher_}));
    own.twins.add_follower(made->publisher_);
    made->operations_ = std::make_unique<api::TwinWatchOperations>(
        api::TwinWatchOperations::Rooms{*made->watches_, own.http});
    return made;
}

broker::Observer& TwinWatchRooms::observer(broker::Observer* rules) {
    observer_ = std::make_unique<TopicObserver>(
        rules, [this](std::string_view filter, Time now) { publisher_.subscribed(filter, now); });
    return *observer_;
}

api::Extension TwinWatchRooms::extension() {
    return {[this](std::vector<api::Operation>& operations) { operations_->add_to(operations); },
            api::twin_watch_schemas()};
}

void TwinWatchRooms::serve(io::HttpServer& server) {
    server.websocket_text(std::string(api::TwinWatchOperations::socket_path),
                          api::TwinWatchOperations::socket_message_limit, rooms_.http,
                          [this](std::unique_ptr<io::Stream> stream) {
                              operations_->open(std::move(stream));
                          });
}

void TwinWatchRooms::start() {
    watches_->start();
    publisher_.start(rooms_.twins,
                     [this](std::function<void()> task) { watches_->run(std::move(task)); });
}

void TwinWatchRooms::stop() {
    watches_->stop();
    rooms_.http.post([this] { operations_->close_all(); });
}

}  // namespace hw::app
