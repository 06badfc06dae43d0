#include "app/server_twin.h"

#include <utility>

#include "app/twin_orders_port.h"
#include "app/twin_tables.h"
#include "scenario/settings.h"
#include "scenario/waterworks.h"
#include "twin/order/settings.h"
#include "twin/settings.h"
#include "twin/watch/settings.h"

namespace hw::app {

namespace {

constexpr size_t topics_limit = 10'000;  // orders by MQTT that wait for their answer

template <class Operations>
api::Extension extension(std::unique_ptr<Operations>& operations, std::string_view schemas) {
    return {[&operations](std::vector<api::Operation>& all) { operations->add_to(all); }, schemas};
}

}  // namespace

TwinRooms::TwinRooms(const Config& config, Rooms rooms)
    : rooms_(std::move(rooms)),
      settings_(twin::settings_from(config)),
      columns_(rooms_.history, rooms_.points) {}

Result<std::unique_ptr<TwinRooms>> TwinRooms::open(const Config& config, Rooms rooms) {
    std::unique_ptr<TwinRooms> made(new TwinRooms(config, std::move(rooms)));
    HW_TRY(made->build(config));
    return made;
}

Result<void> TwinRooms::build(const Config& config) {
    twins_ = HW_TRY(twin::Twins::open(
        settings_,
        {rooms_.database, rooms_.audit, rooms_.history, rooms_.points, rooms_.clock, rooms_.metrics,
         rooms_.functions, [history = &rooms_.history](model::SampleBatch batch) {
             history->submit(std::move(batch), nullptr);
         }}));
    publisher_ = std::make_unique<TwinPublisher>(
        TwinPublisher::Rooms{rooms_.mqtt, rooms_.broker, rooms_.metrics});
    twins_->add_follower(*publisher_);
    watches_ = HW_TRY(twin::WatchManager::open(
        twin::watch_settings_from(config),
        {rooms_.database, rooms_.audit, *twins_, rooms_.functions, rooms_.clock, rooms_.metrics,
         [this](std::string_view point) { return last_sample(point); }, publisher_.get()}));
    orders_ = HW_TRY(twin::Orders::open(
        twin::order_settings_from(config),
        {rooms_.database, rooms_.audit, *twins_, rooms_.clock, rooms_.metrics, rooms_.functions,
         twin_order_ports(rooms_.mqtt, rooms_.broker, rooms_.gateway)}));
    past_ = std::make_unique<twin::Past>(twin::Past::Rooms{*twins_, rooms_.history, rooms_.points,
                                                           rooms_.audit, rooms_.functions,
                                                           rooms_.clock, settings_});
    scene_store_ = HW_TRY(twin::SceneStore::open(rooms_.database));
    scenes_ = std::make_unique<twin::Scenes>(
        twin::Scenes::Rooms{*scene_store_, rooms_.audit, rooms_.clock, references()});
    return build_scenarios(config);
}

Result<void> TwinRooms::build_scenarios(const Config& config) {
    models_.add(std::make_unique<scenario::WaterworksModel>());
    scenario_store_ = HW_TRY(scenario::ScenarioStore::open(rooms_.database));
    scenarios_ = HW_TRY(scenario::ScenarioManager::open(
        scenario::settings_from(config),
        {*scenario_store_, models_, rooms_.audit, rooms_.clock, columns_,
         [this](const std::string& site, std::optional<Time> at) {
             twin::Scope scope;  // the site and all that is part of it
             scope.root = site;
             scope.along = {"partOf"};
             scope.incoming = true;
             return at ? past_->at(scope, *at) : twins_->snapshot(scope);
         }}));
    return {};
}

std::optional<Time> TwinRooms::last_sample(std::string_view point) const {
    const auto id = rooms_.points.find(point);
    const auto state = id ? rooms_.history.point_state(*id) : std::nullopt;
    return state ? std::optional(state->last.time) : std::nullopt;
}

twin::SceneReferences TwinRooms::references() const {
    using Answer = twin::SceneReferences::Answer;
    const auto model_of = [this](std::string_view id) -> twin::InterfacePtr {
        const auto* name = twins_->name(id);
        return name != nullptr ? twins_->model_of(*name) : nullptr;
    };
    return {[model_of](std::string_view id, std::string_view path) {
                const auto model = model_of(id);
                if (!model) return Answer::no_twin;
                return model->slot(path) ? Answer::known : Answer::no_property;
            },
            [model_of](std::string_view id) { return model_of(id) != nullptr; }, nullptr};
}

broker::Observer& TwinRooms::observer(broker::Observer* inner) {
    observer_ = std::make_unique<TopicObserver>(
        inner, [this](std::string_view filter, Time now) { publisher_->subscribed(filter, now); });
    return *observer_;
}

void TwinRooms::add_topics(broker::Broker& broker,
                           std::function<std::string(std::string_view)> actor_of) {
    topics_ = std::make_unique<TwinTopics>(rooms_.mqtt, broker, *orders_, topics_limit);
    topics_->name_actors(std::move(actor_of));
}

void TwinRooms::start() {
    twins_->load();
    twins_->start();
    watches_->start();
    publisher_->start(*twins_,
                      [this](std::function<void()> task) { watches_->run(std::move(task)); });
    scenarios_->start();
    started_ = true;
}

void TwinRooms::stop() {
    if (!started_) return;
    started_ = false;
    scenarios_->stop();
    orders_->stop();
    watches_->stop();
    twins_->stop();
}

void TwinRooms::close_streams() {
    if (watch_operations_) watch_operations_->close_all();
}

void TwinRooms::add_tables(sql::batch::Engine& engine) {
    add_twin_tables(engine, *twins_,
                    [this](const twin::Scope& scope, Time time) { return past_->at(scope, time); });
}

void TwinRooms::add_sockets(io::HttpServer& server, io::Reactor& http) {
    server.websocket_text(
        std::string(api::TwinWatchOperations::socket_path),
        api::TwinWatchOperations::socket_message_limit, http,
        [this](std::unique_ptr<io::Stream> stream) { watch_operations_->open(std::move(stream)); });
}

Result<twin::Snapshot> TwinRooms::states(const std::vector<std::string>& ids,
                                         std::optional<Time> at) const {
    twin::Snapshot all;
    all.time = at.value_or(rooms_.clock.now());
    for (const auto& id : ids) {
        auto state = at ? past_->twin_at(id, *at) : twins_->get(id);
        if (state) {
            all.twins.push_back(std::move(*state));
        } else if (state.error().code() != ErrorCode::not_found) {
            return fail(state.error());
        }
    }
    return all;
}

std::vector<api::Extension> TwinRooms::extensions(const api::Settings& settings) {
    const auto past = [this](const twin::Scope& scope, Time time) {
        return past_->at(scope, time);
    };
    operations_ = std::make_unique<api::TwinOperations>(
        settings,
        api::TwinOperations::Rooms{*twins_, rooms_.points, rooms_.clock, past, &rooms_.devices});
    watch_operations_ = std::make_unique<api::TwinWatchOperations>(
        api::TwinWatchOperations::Rooms{*watches_, rooms_.http});
    order_operations_ = std::make_unique<api::TwinOrderOperations>(
        settings, api::TwinOrderOperations::Rooms{*orders_, rooms_.clock});
    past_operations_ = std::make_unique<api::TwinPastOperations>(
        settings,
        api::TwinPastOperations::Rooms{*past_, rooms_.history, rooms_.points, rooms_.clock});
    scene_operations_ = std::make_unique<api::TwinSceneOperations>(api::TwinSceneOperations::Rooms{
        scenes_.get(), rooms_.clock,
        [this](const std::vector<std::string>& ids, std::optional<Time> at) {
            return states(ids, at);
        }});
    scenario_operations_ = std::make_unique<api::ScenarioOperations>(
        api::ScenarioOperations::Rooms{*scenarios_, rooms_.clock});
    return {extension(operations_, api::twin_schemas()),
            extension(watch_operations_, api::twin_watch_schemas()),
            extension(order_operations_, api::twin_order_schemas()),
            extension(past_operations_, api::twin_past_schemas()),
            extension(scene_operations_, api::twin_scene_schemas()),
            extension(scenario_operations_, api::scenario_schemas())};
}

}  // namespace hw::app
