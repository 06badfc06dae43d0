#include "app/server.h"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include "api/api.h"
#include "api/note_operations.h"
#include "app/broker_bridge.h"
#include "app/data_folder.h"
#include "app/point_publisher.h"
#include "app/search_finders.h"
#include "app/server_access.h"
#include "app/server_broker.h"
#include "app/server_gateway.h"
#include "app/server_rules.h"
#include "app/server_twin.h"
#include "app/sql_tables.h"
#include "app/system_watch.h"
#include "app/version.h"
#include "app/write_router.h"
#include "app/write_topics.h"
#include "base/log.h"
#include "broker/broker.h"
#include "history/history.h"
#include "ingest/ingest.h"
#include "ingest/keeper.h"
#include "ingest/sparkplug_host.h"
#include "ingest/sparkplug_settings.h"
#include "io/http.h"
#include "io/reactor.h"
#include "model/point_directory.h"
#include "note/notes.h"
#include "sql/batch/engine.h"
#include "sql/batch/known_tables.h"
#include "sql/functions/functions.h"
#include "upstream/sparkplug_edge.h"
#include "upstream/upstream.h"

namespace hw::app {

namespace {

constexpr size_t write_topics_limit = 10'000;  // orders by MQTT that wait for their answer

// Members are in the order of the data's way; they are destroyed against it.
class ServerRooms final : public Server {
  public:
    ServerRooms(DataFolder folder, broker::Settings mqtt, api::Settings http,
                history::Settings history, upstream::Settings upstream)
        : folder_(std::move(folder)),
          mqtt_settings_(std::move(mqtt)),
          http_settings_(std::move(http)),
          history_settings_(std::move(history)),
          upstream_settings_(std::move(upstream)),
          points_(history_settings_.points_limit) {}

    ~ServerRooms() override { stop(); }

    Result<void> open(const Config& config);

    uint16_t mqtt_port() const override { return listener_->port(); }
    uint16_t http_port() const override { return http_server_->port(); }
    void stop() override;

  private:
    Result<void> open_history(const Config& config);
    Result<void> open_upstream();
    Result<void> open_sparkplug(const Config& config);
    Result<void> open_sparkplug_edge(const Config& config);
    Result<void> open_devices(const Config& config);
    Result<void> open_rules(const Config& config);
    Result<void> open_twins(const Config& config);
    Result<void> open_mqtt();
    void open_sql(const Config& config);
    Result<void> open_http(const Config& config);
    std::vector<api::Extension> extensions(const Config& config);
    void add_process_gauges();
    std::vector<api::BrokerOperations::Listener> listeners() const;
    std::string not_ready() const;
    // History answers in order, so an empty batch comes back behind all that was submitted. Waits
    // 5 s at most.
    void wait_for_history();
    // Asks on the MQTT thread, every 10 ms, until the answer is yes or the limit is reached; waits.
    void on_mqtt_thread(std::function<bool()> task, Duration limit);

    const DataFolder folder_;
    const broker::Settings mqtt_settings_;
    const api::Settings http_settings_;
    const history::Settings history_settings_;
    const upstream::Settings upstream_settings_;
    SystemClock clock_;
    Metrics metrics_;
    model::PointDirectory points_;
    std::unique_ptr<upstream::Upstream> upstream_;             // none without upstream.broker
    std::unique_ptr<upstream::SparkplugEdge> sparkplug_edge_;  // none without its broker
    std::unique_ptr<history::History> history_;
    std::unique_ptr<ingest::Ingest> ingest_;
    // The HTTP reactor outlives the other, whose last tasks may hold answers to HTTP requests.
    io::Reactor http_reactor_{"http"};
    io::Reactor mqtt_reactor_{"mqtt"};
    std::unique_ptr<GatewayRooms> devices_;
    std::unique_ptr<RulesRooms> rules_;                 // null where they are switched off
    sql::FunctionTable functions_;                      // where there are no rules
    std::unique_ptr<TwinRooms> twins_;                  // null where they are switched off
    std::unique_ptr<ingest::SparkplugHost> sparkplug_;  // null where it is switched off
    std::unique_ptr<ingest::Keeper> keeper_;
    std::unique_ptr<AccessRooms> access_;
    std::unique_ptr<note::Notes> notes_;
    std::unique_ptr<api::NoteOperations> note_operations_;
    std::unique_ptr<BrokerRooms> broker_rooms_;
    std::unique_ptr<broker::Broker> broker_;
    std::unique_ptr<PointPublisher> publisher_;
    std::unique_ptr<WriteTopics> write_topics_;  // these two: null where devices are not run
    std::unique_ptr<WriteRouter> write_router_;
    std::unique_ptr<io::TcpListener> listener_;
    std::unique_ptr<BrokerBridge> bridge_;
    std::unique_ptr<SystemWatch> system_;
    std::unique_ptr<api::SystemOperations> system_operations_;
    std::unique_ptr<api::SearchOperations> search_operations_;
    sql::batch::Settings sql_settings_;
    std::unique_ptr<sql::batch::Engine> engine_;
    std::unique_ptr<api::Api> api_;
    std::unique_ptr<io::HttpServer> http_server_;
    std::thread mqtt_thread_;
    std::thread http_thread_;
    bool stopped_ = false;
};

Result<void> ServerRooms::open_history(const Config& config) {
    history_ = HW_TRY(
        history::History::open(history_settings_, folder_.path(), points_, clock_, metrics_));
    const auto settings = HW_TRY(ingest::settings_from(config));
    ingest_ = std::make_unique<ingest::Ingest>(settings, points_, metrics_);
    return {};
}

Result<void> ServerRooms::open_sparkplug(const Config& config) {
    const auto settings = HW_TRY(ingest::sparkplug_settings_from(config));
    if (!settings.host_enabled) return {};
    sparkplug_ = std::make_unique<ingest::SparkplugHost>(
        settings.host, config.bytes("decode.text_bytes_limit"), points_, clock_, metrics_,
        [this](ingest::SparkplugMessage message) {
            mqtt_reactor_.post([this, message = std::move(message)] {
                const auto sent = broker_->publish({.topic = message.topic,
                                                    .payload = as_bytes(message.payload),
                                                    .qos = message.qos,
                                                    .retain = message.retain});
                if (!sent) log_warning("sparkplug", sent.error().text());
            });
        });
    mqtt_reactor_.post([this] { sparkplug_->start(); });
    mqtt_reactor_.every(milliseconds(250), [this] { keeper_->tick(); });
    return {};
}

Result<void> ServerRooms::open_sparkplug_edge(const Config& config) {
    auto settings = HW_TRY(upstream::sparkplug_edge_settings_from(config));
    if (!settings.enabled) return {};
    sparkplug_edge_ = HW_TRY(
        upstream::SparkplugEdge::open(std::move(settings), {points_, *history_, clock_, metrics_}));
    history_->add_tap([this](const model::SampleBatch& batch) { sparkplug_edge_->tap(batch); });
    return {};
}

Result<void> ServerRooms::open_upstream() {
    if (!upstream_settings_.enabled) return {};
    upstream_ = HW_TRY(upstream::Upstream::open(
        upstream_settings_, folder_.path(),
        {points_, clock_, metrics_,
         [this](model::SampleBatch batch) { history_->submit(std::move(batch), nullptr); }}));
    // Taps come before publishers are answered: what is acknowledged is in the queue.
    history_->add_group_tap([this](auto batches) { upstream_->tap(batches); });
    return {};
}

Result<void> ServerRooms::open_devices(const Config& config) {
    devices_ =
        HW_TRY(GatewayRooms::open(config, folder_.path(), {*history_, points_, clock_, metrics_}));
    devices_->on_samples([this](const model::SampleBatch& batch) { publisher_->offer(batch); });
    devices_->on_link([this](auto device, auto driver, bool up, auto reason) {
        if (rules_) rules_->link_changed(device, driver, up, reason);
        if (twins_) twins_->link_changed(up);
    });
    return {};
}

Result<void> ServerRooms::open_rules(const Config& config) {
    if (!config.boolean("rules.enabled")) return {};
    rules_ = HW_TRY(RulesRooms::open(
        config, folder_.path(),
        {devices_->database(), devices_->audit(), *history_, points_, clock_, metrics_,
         RulePorts::Rooms{mqtt_reactor_, [this]() -> broker::Broker& { return *broker_; },
                          [this]() -> PointPublisher& { return *publisher_; }, *history_, points_,
                          devices_->gateway()}}));
    // Before publishers are answered: what is acknowledged is in the rules' log.
    history_->add_group_tap([this](auto batches) { rules_->tap(batches); });
    return {};
}

Result<void> ServerRooms::open_twins(const Config& config) {
    if (!config.boolean("twin.enabled")) return {};
    if (!rules_) sql::add_builtin_functions(functions_);
    twins_ = HW_TRY(TwinRooms::open(
        config,
        {devices_->database(), devices_->audit(), *history_, points_, clock_, metrics_,
         rules_ ? rules_->functions() : functions_, devices_->manager(), devices_->gateway(),
         mqtt_reactor_, [this]() -> broker::Broker& { return *broker_; }, http_reactor_}));
    // Before publishers are answered: a read behind the answer sees the value.
    history_->add_group_tap([this](auto batches) { twins_->tap(batches); });
    return {};
}

Result<void> ServerRooms::open_mqtt() {
    keeper_ = std::make_unique<ingest::Keeper>(
        *ingest_, *history_,
        [this](broker::Ticket ticket, const Result<void>& result) {
            mqtt_reactor_.post([this, ticket, result] { broker_->committed(ticket, result); });
        },
        sparkplug_.get());
    broker_rooms_ = HW_TRY(
        BrokerRooms::open({devices_->database(), devices_->audit(), points_, clock_, mqtt_reactor_},
                          access_->gate()));
    broker_ = std::make_unique<broker::Broker>(
        mqtt_settings_, clock_, *keeper_, broker_rooms_->gate(), metrics_, std::string(version));
    const auto actor_of = [this](std::string_view client_id) {
        return access_->gate().actor_of(client_id);
    };
    auto* observer = rules_ ? &rules_->observer() : nullptr;
    if (twins_) observer = &twins_->observer(observer);
    std::function<void()> touch;
    if (rules_) touch = [this] { rules_->touch_observer(); };
    broker_->set_observer(broker_rooms_->observer(observer, std::move(touch)));
    if (twins_) twins_->add_topics(*broker_, actor_of);
    history_->on_relief([this] { mqtt_reactor_.post([this] { broker_->resume_reading(); }); });
    publisher_ = std::make_unique<PointPublisher>(mqtt_reactor_, *broker_, points_);
    keeper_->set_onlooker(*publisher_);
    if (auto* gateway = devices_->gateway()) {
        write_topics_ =
            std::make_unique<WriteTopics>(mqtt_reactor_, *broker_, *gateway, write_topics_limit);
        write_topics_->name_actors(actor_of);
        write_router_ = std::make_unique<WriteRouter>(mqtt_reactor_, *broker_, points_,
                                                      ingest_->origins(), sparkplug_.get(), clock_);
        write_router_->set_gateway(*gateway);
        devices_->on_elsewhere([this](const auto& order, auto done) {
            write_router_->elsewhere(order, std::move(done));
        });
        if (upstream_) upstream_->set_write_handler(*write_router_);
        if (sparkplug_edge_) sparkplug_edge_->set_write_handler(*write_router_);
    }
    if (upstream_) upstream_->start();
    if (sparkplug_edge_) sparkplug_edge_->start();
    mqtt_reactor_.on_round_end([this] {
        broker_->round_end();
        publisher_->look();
    });
    mqtt_reactor_.every(seconds(1), [this] { broker_->tick(); });
    mqtt_reactor_.every(seconds(2), [this] { access_->gate().tick(*broker_); });
    listener_ = HW_TRY(io::TcpListener::open(
        mqtt_reactor_, mqtt_settings_.host, mqtt_settings_.port, mqtt_settings_.connections_limit,
        metrics_,
        [this](std::unique_ptr<io::Stream> stream) { broker_->open(std::move(stream)); }));
    return {};
}

void ServerRooms::open_sql(const Config& config) {
    sql_settings_ = sql::batch::settings_from(config);
    engine_ = sql::batch::Engine::make(sql_settings_, folder_.path() + "/sql",
                                       {*history_, points_, clock_, metrics_});
    engine_->add_table(sql::batch::audit_table(devices_->audit()));
    add_device_tables(*engine_, devices_->manager());
    if (rules_) add_rule_tables(*engine_, rules_->manager());
    if (twins_) twins_->add_tables(*engine_);
}

std::vector<api::Extension> ServerRooms::extensions(const Config& config) {
    auto all = twins_ ? twins_->extensions(http_settings_) : std::vector<api::Extension>();
    all.push_back(broker_rooms_->extension(*bridge_, [this] { return listeners(); }));
    system_ = std::make_unique<SystemWatch>(
        SystemWatch::Rooms{*history_, points_, clock_, metrics_, http_reactor_, mqtt_reactor_,
                           folder_.path()},
        config);
    system_operations_ = std::make_unique<api::SystemOperations>(*system_, metrics_);
    all.push_back({[this](auto& operations) { system_operations_->add_to(operations); },
                   api::system_schemas()});
    note_operations_ = std::make_unique<api::NoteOperations>(
        http_settings_, api::NoteOperations::Rooms{*notes_, clock_});
    all.push_back(
        {[this](auto& operations) { note_operations_->add_to(operations); }, api::note_schemas()});
    std::vector<api::SearchOperations::Finder> finders = {device_finder(devices_->manager())};
    if (twins_) finders.push_back(twin_finder(twins_->twins()));
    if (rules_) finders.push_back(rule_finder(rules_->manager()));
    search_operations_ = std::make_unique<api::SearchOperations>(
        api::SearchOperations::Rooms{points_, *bridge_, std::move(finders)});
    all.push_back({[this](auto& operations) { search_operations_->add_to(operations); },
                   api::search_schemas()});
    return all;
}

Result<void> ServerRooms::open_http(const Config& config) {
    bridge_ = std::make_unique<BrokerBridge>(mqtt_reactor_, *broker_, http_reactor_);
    api_ = std::make_unique<api::Api>(
        http_settings_,
        api::Api::Rooms{*history_,
                        points_,
                        *ingest_,
                        *bridge_,
                        http_reactor_,
                        metrics_,
                        clock_,
                        std::string(version),
                        [this] { return not_ready(); },
                        upstream_ ? std::function<std::string()>([this] {
                            return upstream::status_json(upstream_->status());
                        })
                                  : nullptr,
                        &devices_->manager(),
                        devices_->gateway(),
                        &devices_->drivers(),
                        &devices_->audit(),
                        [this](const std::string& folder) { return devices_->backup(folder); },
                        rules_ ? std::optional(rules_->api_rooms()) : std::nullopt,
                        engine_.get(),
                        sql_settings_,
                        extensions(config),
                        &access_->access()});
    history_->add_tap([this](const model::SampleBatch& batch) { api_->live().tap(batch); });
    http_server_ = HW_TRY(io::HttpServer::open(
        http_reactor_, http_settings_.http, metrics_,
        [this](io::HttpRequest request, std::unique_ptr<io::HttpResponder> responder) {
            api_->handle(std::move(request), std::move(responder));
        }));
    http_server_->guard_upgrades(
        [this](const io::HttpRequest& request) { return api_->admit_upgrade(request); });
    http_server_->websocket(
        "/mqtt", "mqtt, mqttv3.1", mqtt_reactor_,
        [this](std::unique_ptr<io::Stream> stream) { broker_->open(std::move(stream)); });
    if (twins_) twins_->add_sockets(*http_server_, http_reactor_);
    return {};
}

std::vector<api::BrokerOperations::Listener> ServerRooms::listeners() const {
    return {
        {"tcp", fmt::format("{}:{}", mqtt_settings_.host, listener_->port())},
        {"websocket", fmt::format("{}:{}/mqtt", http_settings_.http.host, http_server_->port())}};
}

std::string ServerRooms::not_ready() const {
    std::string reason;
    switch (history_->health(&reason)) {
        case history::Health::ok:
            return "";
        case history::Health::disk_full:
            return "the disk is full: " + reason;
        case history::Health::failing:
            return "history cannot write: " + reason;
    }
    return reason;
}

Result<void> ServerRooms::open(const Config& config) {
    HW_TRY(open_history(config));
    HW_TRY(open_upstream());
    HW_TRY(open_sparkplug(config));
    HW_TRY(open_sparkplug_edge(config));
    HW_TRY(open_devices(config));
    access_ = HW_TRY(AccessRooms::open(
        config, folder_.path(), {devices_->database(), devices_->audit(), clock_, metrics_}));
    notes_ = HW_TRY(note::Notes::open(note::settings_from(config),
                                      {devices_->database(), devices_->audit(), clock_}));
    HW_TRY(open_rules(config));
    HW_TRY(open_twins(config));
    HW_TRY(open_mqtt());
    open_sql(config);
    HW_TRY(open_http(config));
    // Before devices and clients bring anything.
    if (rules_) HW_TRY(rules_->load());
    if (twins_) twins_->start();
    HW_TRY(devices_->start());
    if (twins_) twins_->start_orders();
    history_->on_health([](history::Health health, const std::string& reason) {
        if (health == history::Health::ok) {
            log_info("history", "keeping samples again");
        } else {
            log_error("history", reason);
        }
    });
    mqtt_thread_ = std::thread([this] { mqtt_reactor_.run(); });
    // What the rules had not worked on comes out now, by way of the broker and history.
    if (rules_) HW_TRY(rules_->start());
    http_thread_ = std::thread([this] { http_reactor_.run(); });
    return {};
}

void ServerRooms::on_mqtt_thread(std::function<bool()> task, Duration limit) {
    // Shared, so that it outlives the call that fulfils it.
    const auto done = std::make_shared<std::promise<void>>();
    const auto timer = std::make_shared<io::Reactor::TimerId>(0);
    const Time deadline = clock_.monotonic() + limit;
    mqtt_reactor_.post([=, this] {
        *timer = mqtt_reactor_.every(milliseconds(10), [=, this] {
            if (!task() && clock_.monotonic() < deadline) return;
            mqtt_reactor_.cancel(*timer);
            done->set_value();
        });
    });
    done->get_future().wait();
}

void ServerRooms::wait_for_history() {
    const auto done = std::make_shared<std::promise<void>>();
    history_->submit({}, [done](const Result<void>&) { done->set_value(); });
    done->get_future().wait_for(std::chrono::seconds(5));
}

void ServerRooms::stop() {
    if (stopped_) return;
    stopped_ = true;
    if (mqtt_thread_.joinable() && http_thread_.joinable()) {
        http_reactor_.post([this] {
            api_->live().close_all();
            if (twins_) twins_->close_streams();
            http_server_->close(seconds(5));
        });
        mqtt_reactor_.post([this] {
            listener_->close();
            broker_->drain();
            if (sparkplug_) sparkplug_->stop();
        });
        // While the reactors run: a query waits for its client to read, or to be cut off.
        api_->finish();
        // Their last samples go to history, their open orders are answered.
        devices_->stop();
        // What clients have sent is committed and acknowledged before they are sent away.
        wait_for_history();
        if (rules_) rules_->stop();
        if (twins_) twins_->stop();
        wait_for_history();
        mqtt_reactor_.post([this] { broker_->shutdown(); });
        on_mqtt_thread([this] { return broker_->idle(); }, seconds(10));
        // Behind the answers that are on their way.
        http_reactor_.post([this] { http_reactor_.stop(); });
        mqtt_reactor_.post([this] { mqtt_reactor_.stop(); });
        http_thread_.join();
        mqtt_thread_.join();
    }
    if (devices_) devices_->stop();
    http_server_.reset();
    broker_.reset();
    // It has nothing to add any more, but still takes history's last commits.
    if (sparkplug_edge_) sparkplug_edge_->stop();
    if (upstream_) upstream_->stop();
    // Before the API, whose live streams see its last commits.
    history_.reset();
    api_.reset();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const Config& config, const std::string& folder) {
    api::Settings http = api::settings_from(config);
    // They bring others.
    http.http.unlimited_addresses = config.text_list("access.trusted_proxies");
    auto server = std::make_unique<ServerRooms>(
        HW_TRY(DataFolder::take(folder)), HW_TRY(broker::settings_from(config)), std::move(http),
        HW_TRY(history::settings_from(config)), HW_TRY(upstream::settings_from(config)));
    HW_TRY(server->open(config));
    return std::unique_ptr<Server>(std::move(server));
}

}  // namespace hw::app
