#include "app/server_gateway.h"

#include <fmt/format.h>

#include "app/drivers.h"
#include "base/log.h"
#include "catalog/settings.h"
#include "gateway/settings.h"
#include "gateway/write_message.h"

namespace hw::app {

namespace {

std::string json_of(const std::optional<model::Value>& value) {
    std::string text;
    if (value) gateway::append_value_json(text, *value);
    return text;
}

}  // namespace

GatewayRooms::GatewayRooms(const Config& config, Rooms rooms)
    : rooms_(rooms),
      settings_(gateway::settings_from(config)),
      lost_(rooms.metrics.counter("headworks_gateway_samples_lost_total",
                                  "Samples of devices that history could not keep")) {
    register_drivers(drivers_);
}

Result<std::unique_ptr<GatewayRooms>> GatewayRooms::open(const Config& config,
                                                         const std::string& data_folder,
                                                         Rooms rooms) {
    std::unique_ptr<GatewayRooms> made(new GatewayRooms(config, rooms));
    if (made->settings_.devices_folder.empty())
        made->settings_.devices_folder = data_folder + "/devices.d";
    made->database_ = HW_TRY(catalog::Database::open(fmt::format("{}/{}", data_folder, file_name)));
    made->audit_ = HW_TRY(catalog::AuditLog::open(*made->database_, catalog::settings_from(config),
                                                  rooms.clock, rooms.metrics));
    made->store_ = HW_TRY(gateway::DeviceStore::open(*made->database_));
    gateway::Manager::Rooms manager{*made->store_, made->drivers_, *made->audit_,
                                    rooms.clock,   nullptr,        nullptr};
    if (made->settings_.enabled) {
        auto* self = made.get();
        made->gateway_ = std::make_unique<gateway::Gateway>(
            made->settings_,
            gateway::Gateway::Rooms{
                made->reactor_, rooms.points, rooms.clock, rooms.metrics,
                [self](model::SampleBatch batch) { self->submit(std::move(batch)); },
                [self] { return self->rooms_.history.overloaded(); },
                [self](model::PointId point, std::string_view unit) {
                    self->rooms_.history.describe(point, unit);
                },
                [self](const gateway::WriteRecord& record) { self->record(record); },
                [self](model::PointId point) -> std::optional<model::Sample> {
                    auto state = self->rooms_.history.point_state(point);
                    if (!state) return std::nullopt;
                    return std::move(state->last);
                },
                [self](const gateway::WriteOrder& order,
                       gateway::Answer<gateway::WriteResult> done) {
                    self->go_elsewhere(order, std::move(done));
                },
                [self](std::string_view device, std::string_view driver, bool up,
                       std::string_view reason) {
                    if (self->link_) self->link_(device, driver, up, reason);
                }});
        manager.apply = [self](gateway::CheckedDevice device) {
            return self->gateway_->apply(std::move(device));
        };
        manager.remove = [self](std::string_view name) { return self->gateway_->remove(name); };
    }
    made->manager_ = std::make_unique<gateway::Manager>(std::move(manager));
    return made;
}

Result<void> GatewayRooms::start() {
    thread_ = std::thread([this] { reactor_.run(); });
    return manager_->start(settings_.devices_folder);
}

void GatewayRooms::stop() {
    if (!thread_.joinable()) return;
    if (gateway_) gateway_->stop();
    reactor_.stop();
    thread_.join();
}

void GatewayRooms::submit(model::SampleBatch batch) {
    if (tap_) tap_(batch);
    const size_t samples = batch.size();
    rooms_.history.submit(std::move(batch), [this, samples](const Result<void>& kept) {
        if (kept) {
            losing_.store(false, std::memory_order_relaxed);
            return;
        }
        lost_.add(samples);
        // Once until it goes well again; the counter tells how many.
        if (!losing_.exchange(true, std::memory_order_relaxed))
            log_error("gateway",
                      fmt::format("samples of devices are lost: {}", kept.error().text()));
    });
}

void GatewayRooms::go_elsewhere(const gateway::WriteOrder& order,
                                gateway::Answer<gateway::WriteResult> done) {
    if (elsewhere_) return elsewhere_(order, std::move(done));
    done(fail(ErrorCode::not_found,
              fmt::format("no device has the point '{}'; only points of devices can be written",
                          order.point)));
}

void GatewayRooms::record(const gateway::WriteRecord& record) {
    catalog::AuditRecord kept;
    kept.time = record.time;
    kept.actor = record.order.actor;
    kept.origin = record.order.origin;
    kept.action = "point.write";
    kept.target = record.order.point;
    kept.new_value = json_of(record.order.value);
    kept.detail = record.order.reason;
    if (record.result) {
        kept.result = "ok";
        kept.old_value = json_of(record.result->old_value);
    } else {
        kept.result = to_string(record.result.error().code());
        kept.detail = kept.detail.empty()
                          ? record.result.error().text()
                          : fmt::format("{} ({})", record.result.error().text(), kept.detail);
    }
    audit_->append(std::move(kept));
}

Result<void> GatewayRooms::backup(const std::string& folder) const {
    return database_->backup(fmt::format("{}/{}", folder, file_name));
}

}  // namespace hw::app
