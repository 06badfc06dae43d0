#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/config.h"
#include "base/error.h"
#include "base/metrics.h"
#include "catalog/audit.h"
#include "catalog/database.h"
#include "gateway/device_store.h"
#include "gateway/gateway.h"
#include "gateway/manager.h"
#include "gateway/registry.h"
#include "history/history.h"
#include "io/reactor.h"
#include "model/point_directory.h"

namespace hw::app {

// The gateway and what it needs: the catalogue (<data>/catalog.db), the audit, the drivers, the
// devices, and the thread "gateway" that runs them. Part of the server's composition.
class GatewayRooms {
  public:
    struct Rooms {
        history::History& history;
        model::PointDirectory& points;
        const Clock& clock;
        Metrics& metrics;
    };

    // Opens all; nothing runs yet. Errors: the catalogue cannot be opened or is of a newer program.
    static Result<std::unique_ptr<GatewayRooms>> open(const Config& config,
                                                      const std::string& data_folder, Rooms rooms);
    ~GatewayRooms() { stop(); }

    // Sees each batch of samples before history does. Before start().
    void on_samples(std::function<void(const model::SampleBatch&)> tap) { tap_ = std::move(tap); }
    // Orders for points that no device here has. Before start().
    void on_elsewhere(
        std::function<void(const gateway::WriteOrder&, gateway::Answer<gateway::WriteResult>)> go) {
        elsewhere_ = std::move(go);
    }
    // A device's link came up or was lost. Before start(); the gateway's thread.
    void on_link(std::function<void(std::string_view device, std::string_view driver, bool up,
                                    std::string_view reason)>
                     tell) {
        link_ = std::move(tell);
    }
    // Starts the thread and the devices.
    Result<void> start();
    // Ends the devices; their last samples are submitted when it returns. Nobody may use the
    // manager or the gateway any more.
    void stop();

    gateway::Manager& manager() { return *manager_; }
    gateway::Gateway* gateway() { return gateway_.get(); }  // null where devices are not run
    const gateway::DriverRegistry& drivers() const { return drivers_; }
    catalog::AuditLog& audit() { return *audit_; }
    catalog::Database& database() { return *database_; }
    // Writes the catalogue into a backup's folder.
    Result<void> backup(const std::string& folder) const;

    static constexpr const char* file_name = "catalog.db";

  private:
    GatewayRooms(const Config& config, Rooms rooms);

    void submit(model::SampleBatch batch);
    void go_elsewhere(const gateway::WriteOrder& order, gateway::Answer<gateway::WriteResult> done);
    void record(const gateway::WriteRecord& record);

    const Rooms rooms_;
    gateway::Settings settings_;
    Counter& lost_;
    std::atomic<bool> losing_{false};
    std::function<void(const model::SampleBatch&)> tap_;
    std::function<void(std::string_view, std::string_view, bool, std::string_view)> link_;
    std::function<void(const gateway::WriteOrder&, gateway::Answer<gateway::WriteResult>)>
        elsewhere_;
    gateway::DriverRegistry drivers_;
    std::unique_ptr<catalog::Database> database_;
    std::unique_ptr<catalog::AuditLog> audit_;
    std::unique_ptr<gateway::DeviceStore> store_;
    io::Reactor reactor_{"gateway"};
    std::unique_ptr<gateway::Gateway> gateway_;
    std::unique_ptr<gateway::Manager> manager_;
    std::thread thread_;
};

}  // namespace hw::app
