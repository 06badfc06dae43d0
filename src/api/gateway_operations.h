#pragma once

#include <vector>

#include "api/exchange.h"
#include "api/operations.h"
#include "api/settings.h"
#include "base/clock.h"
#include "catalog/audit.h"
#include "gateway/gateway.h"
#include "gateway/manager.h"
#include "gateway/registry.h"

namespace hw::api {

// Devices, drivers, templates, writes of points and the audit over HTTP. All run on worker threads
// but writes and test reads, which are answered from the gateway's thread when the device has.
class GatewayOperations {
  public:
    struct Rooms {
        gateway::Manager* devices;
        gateway::Gateway* gateway;  // null: devices are not run
        const gateway::DriverRegistry* drivers;
        catalog::AuditLog* audit;
        const Clock& clock;
    };

    // What is pointed to outlives it.
    GatewayOperations(const Settings& settings, Rooms rooms) : settings_(settings), rooms_(rooms) {}

    void add_to(std::vector<Operation>& operations);

  private:
    void add_devices(std::vector<Operation>& operations);
    void add_parts(std::vector<Operation>& operations);
    void add_actions(std::vector<Operation>& operations);
    void add_bulk(std::vector<Operation>& operations);
    void add_templates(std::vector<Operation>& operations);
    void add_drivers(std::vector<Operation>& operations);
    void add_points(std::vector<Operation>& operations);

    void list(Exchange exchange) const;
    void get(Exchange exchange) const;
    void create(Exchange exchange);
    void replace(Exchange exchange);
    void patch(Exchange exchange);
    void remove(Exchange exchange);
    void set_enabled(Exchange exchange, bool enabled);
    void copy(Exchange exchange);
    void get_group(Exchange exchange) const;
    void put_group(Exchange exchange);
    void remove_group(Exchange exchange);
    void get_tag(Exchange exchange) const;
    void put_tag(Exchange exchange);
    void patch_tag(Exchange exchange);
    void remove_tag(Exchange exchange);

    void state(Exchange exchange) const;
    void tags(Exchange exchange) const;
    void read(Exchange exchange);
    void write(Exchange exchange);

    void list_drivers(Exchange exchange) const;
    void get_driver(Exchange exchange) const;

    void import_devices(Exchange exchange);
    void export_devices(Exchange exchange) const;
    void list_templates(Exchange exchange) const;
    void get_template(Exchange exchange) const;
    void put_template(Exchange exchange);
    void remove_template(Exchange exchange);
    void make_instances(Exchange exchange);
    void audit(Exchange exchange) const;

    void answer(Exchange& exchange, const Result<gateway::Manager::Device>& device,
                const gateway::Change& change, unsigned status = 200) const;
    // Of a large device, the part that was changed is answered alone.
    void answer_group(Exchange& exchange, const Result<gateway::Manager::Device>& device,
                      const gateway::Change& change) const;
    void answer_tag(Exchange& exchange, const Result<gateway::Manager::Device>& device,
                    const gateway::Change& change, std::string_view group,
                    std::string_view tag) const;
    void refuse(Exchange& exchange, const Error& error, const gateway::Change& change) const;

    const Settings& settings_;
    const Rooms rooms_;
};

}  // namespace hw::api
