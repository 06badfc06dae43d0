#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/exchange.h"
#include "api/operations.h"
#include "api/settings.h"
#include "base/clock.h"
#include "gateway/manager.h"
#include "model/point_directory.h"
#include "twin/twins.h"

namespace hw::api {

// Models, twins and relationships over HTTP. All run on worker threads.
class TwinOperations {
  public:
    struct Rooms {
        twin::Twins& twins;
        const model::PointDirectory& points;
        const Clock& clock;
        // The twins as they were.
        std::function<Result<twin::Snapshot>(const twin::Scope&, Time)> at;
        const gateway::Manager* devices;  // null where there are none
    };

    // What is pointed to outlives it.
    TwinOperations(const Settings& settings, Rooms rooms)
        : settings_(settings), rooms_(std::move(rooms)) {}

    void add_to(std::vector<Operation>& operations);

  private:
    void add_models(std::vector<Operation>& operations);
    void add_twins(std::vector<Operation>& operations);
    void add_relationships(std::vector<Operation>& operations);
    void add_bulk(std::vector<Operation>& operations);

    void list_models(Exchange exchange) const;
    void get_model(Exchange exchange) const;
    void put_models(Exchange exchange);
    void validate_models(Exchange exchange) const;
    void remove_model(Exchange exchange);
    void library(Exchange exchange) const;
    void install_library(Exchange exchange);

    void list(Exchange exchange) const;
    void get(Exchange exchange) const;
    void put(Exchange exchange);
    void patch(Exchange exchange);
    void remove(Exchange exchange);
    void description(Exchange exchange) const;
    void thing(Exchange exchange) const;
    void property(Exchange exchange) const;
    void versions(Exchange exchange) const;
    void figures(Exchange exchange) const;

    void list_relationships(Exchange exchange) const;
    void get_relationship(Exchange exchange) const;
    void put_relationship(Exchange exchange);
    void remove_relationship(Exchange exchange);

    void import_twins(Exchange exchange);
    void export_twins(Exchange exchange) const;
    void apply_template(Exchange exchange);

    void answer_put(Exchange& exchange, std::span<const std::string_view> documents,
                    std::span<const std::string> warnings);
    Result<twin::Snapshot> snapshot(const twin::Scope& scope, std::optional<Time> at) const;

    const Settings& settings_;
    const Rooms rooms_;
};

// Who asks, as the audit will have it, and the revision that If-Match names.
Result<twin::Change> twin_change_of(const io::HttpRequest& request);
// 412 where If-Match named another revision.
void refuse_twin(Exchange& exchange, const Error& error, const twin::Change& change);
// The parameters filter, model, root, along, incoming, depth of a list of twins.
Result<twin::Scope> scope_of(const io::HttpRequest& request);
extern const std::vector<Parameter> scope_parameters;

}  // namespace hw::api
