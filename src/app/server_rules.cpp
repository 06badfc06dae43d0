#include "app/server_rules.h"

#include <utility>

#include "app/connectors.h"
#include "app/rule_tables.h"
#include "base/log.h"
#include "io/posix_disk.h"
#include "rules/settings.h"
#include "sql/functions/functions.h"

namespace hw::app {

namespace {

constexpr Duration outlets_grace = seconds(3);

}  // namespace

RulesRooms::RulesRooms(const Config& config, Rooms rooms)
    : rooms_(std::move(rooms)), settings_(rules::settings_from(config)), ports_(rooms_.ports) {}

Result<std::unique_ptr<RulesRooms>> RulesRooms::open(const Config& config,
                                                     const std::string& data_folder, Rooms rooms) {
    std::unique_ptr<RulesRooms> made(new RulesRooms(config, std::move(rooms)));
    HW_TRY(made->build(data_folder));
    return made;
}

std::optional<rules::ConnectorSpec> RulesRooms::find_connector(std::string_view name) const {
    if (name.empty() || !manager_) return std::nullopt;
    auto found = manager_->get_connector(name);
    if (!found) return std::nullopt;
    return std::move(*found);
}

Result<void> RulesRooms::build(const std::string& folder) {
    sql::add_builtin_functions(functions_);
    sql::user::UserFunctionsOptions users;
    users.folder =
        settings_.functions_folder.empty() ? folder + "/functions" : settings_.functions_folder;
    users.limits.call = settings_.function_limit;
    user_functions_ = std::make_unique<sql::user::UserFunctions>(users, rooms_.clock);
    user_functions_->add_to(functions_);
    connector_rooms_.emplace(connector::Rooms{rooms_.clock, folder, folder + "/secrets"});
    connector_rooms_->push = &push_hub_;
    disk_ = HW_TRY(io::PosixDisk::open(folder + "/rules"));
    buffers_ = HW_TRY(io::PosixDisk::open(folder + "/rules/outlets"));
    const auto find = [this](std::string_view name) { return find_connector(name); };
    outlets_ =
        std::make_unique<RuleOutlets>(connectors(), *connector_rooms_, *buffers_, find, refused_);
    schemas_ = HW_TRY(RuleSchemas::open(rooms_.database));
    store_ = HW_TRY(rules::RuleStore::open(rooms_.database));
    rules::Worker::Rooms worker{settings_, rooms_.clock, *disk_, functions_, rooms_.points, ports_};
    worker.outlets = outlets_.get();
    worker.refused = &refused_;
    worker.schemas = &schemas_->registry();
    worker.unit = [this](model::PointId id) {
        const auto state = rooms_.history.point_state(id);
        return state ? state->unit : std::string();
    };
    worker.last = [this](model::PointId id) { return rooms_.history.point_state(id); };
    worker.tables = [this, find](const sql::StreamDefinition& table) {
        return make_rule_table(table, connectors(), *connector_rooms_, find);
    };
    runtime_ = HW_TRY(rules::Runtime::open(std::move(worker), rooms_.metrics));
    sources_ = std::make_unique<RuleSources>(*runtime_, connectors(), *connector_rooms_, find);
    manager_ = std::make_unique<rules::Manager>(rules::Manager::Rooms{
        *store_, *runtime_, rooms_.audit, rooms_.clock, settings_,
        [this](const rules::ConnectorSpec& spec) { return outlets_->check(spec); },
        [this](std::string_view name, const rules::ConnectorSpec*) {
            sources_->connector_changed(name);
        },
        [this](std::string_view name, const sql::StreamDefinition* stream) {
            sources_->stream_changed(name, stream);
        }});
    observer_ = std::make_unique<RuleObserver>(runtime_->interest(), runtime_->add_lane("mqtt"),
                                               rooms_.clock, "headworks");
    samples_ = &runtime_->add_lane("samples");
    devices_ = &runtime_->add_lane("devices");
    point_interest_ = std::make_unique<rules::PointInterest>(runtime_->interest(), rooms_.points);
    return {};
}

Result<void> RulesRooms::load() {
    return manager_->start();
}

Result<void> RulesRooms::start() {
    HW_TRY(runtime_->start());
    started_ = true;
    return {};
}

void RulesRooms::stop() {
    if (!started_) return;
    started_ = false;
    sources_->stop();
    runtime_->stop();
    outlets_->stop(outlets_grace,
                   [this] { runtime_->call([](rules::Worker& w) { w.give_refused(); }); });
}

void RulesRooms::tap(std::span<const model::SampleBatch* const> batches) {
    for (const auto* batch : batches)
        for (size_t i = 0; i < batch->size(); ++i) {
            const auto wanted = point_interest_->of(batch->points()[i]);
            if (wanted.any) samples_->add_sample(*batch, i, wanted);
        }
    if (samples_->gathered() > 0) samples_->offer();
}

void RulesRooms::link_changed(std::string_view device, std::string_view driver, bool up,
                              std::string_view reason) {
    const std::string_view name = up ? "device/link_up" : "device/link_down";
    const auto wanted = runtime_->interest().event(name);
    if (!wanted.any) return;
    const Time now = rooms_.clock.now();
    sql::Datum columns = sql::Datum::object({});
    columns.put("device", sql::Datum::text(device));
    columns.put("driver", sql::Datum::text(driver));
    if (!reason.empty()) columns.put("reason", sql::Datum::text(reason));
    columns.put("timestamp", sql::Datum::integer(now.ns / milliseconds(1).ns));
    columns.put("node", sql::Datum::text("headworks"));
    auto event = rules::server_event(name, now, columns);
    event.durable = wanted.durable;
    devices_->add(std::move(event));
    devices_->offer();
}

api::RulesOperations::Rooms RulesRooms::api_rooms() {
    return {
        .manager = manager_.get(),
        .runtime = runtime_.get(),
        .connectors = &connectors(),
        .functions = &functions_,
        .history = rooms_.history,
        .points = rooms_.points,
        .clock = rooms_.clock,
        .settings = &settings_,
        .tables =
            [this](const sql::StreamDefinition& table) {
                return make_rule_table(
                    table, connectors(), *connector_rooms_,
                    [this](std::string_view name) { return find_connector(name); });
            },
        .test_connector = [this](const rules::ConnectorSpec& spec) { return outlets_->test(spec); },
        .schemas = &schemas_->registry(),
        .put_schema = [this](const sql::SchemaDefinition& schema) { return schemas_->put(schema); },
        .remove_schema = [this](std::string_view name) { return schemas_->remove(name); },
        .push =
            [this](connector::Received message, std::function<void()> kept) {
                return push_hub_.push(std::move(message), std::move(kept));
            }};
}

}  // namespace hw::app
